"""Instants as the shop writes and reads them: whole seconds without suffix, once in its own time and once in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.woocommerce.calls import invalid_parameter

UTC_ZONE = ZoneInfo("UTC")
_WRITTEN = "%Y-%m-%dT%H:%M:%S"
_ASKED = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE)


def told(name: str, moment: datetime | None, zone: ZoneInfo) -> dict[str, str | None]:
    """The two fields of an instant: `name` in the shop's time, `name`_gmt in UTC."""
    if moment is None:
        return {name: None, f"{name}_gmt": None}
    return {name: moment.astimezone(zone).strftime(_WRITTEN), f"{name}_gmt": gmt(moment)}


def gmt(moment: datetime) -> str:
    """An instant in UTC; what comes later sorts later."""
    return moment.astimezone(UTC).strftime(_WRITTEN)


def read(text: str, zone: ZoneInfo) -> datetime:
    """An instant as a body gives it: with a suffix, or in a time zone without one. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def bound(name: str, text: str, *, gmt_wanted: bool, zone: ZoneInfo) -> str | None:
    """The bound of a filter in UTC. A suffix together with `dates_are_gmt` drops the filter without a word: None."""
    matched = _ASKED.fullmatch(text)
    if matched is None:
        raise invalid_parameter(name, "rest_invalid_date", "Invalid date.")
    bare, suffix = matched.groups()
    if suffix is not None:
        return None if gmt_wanted else gmt(datetime.fromisoformat(bare + suffix.upper()))
    return gmt(datetime.fromisoformat(bare).replace(tzinfo=UTC if gmt_wanted else zone))


def truth(value: Any) -> bool:
    """Whether a flag of a query or a body is set."""
    return str(value).lower() in {"1", "true"}
