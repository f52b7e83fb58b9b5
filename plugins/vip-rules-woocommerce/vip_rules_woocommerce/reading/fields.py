"""The fields of the shop's rows as values: amounts as minor units, times as instants, names as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape
from typing import Any, Final

from vip_rules.adapter import PlatformFailed
from vip_rules.errors import VipRulesError
from vip_rules.localdays import FIRST_YEAR, LAST_YEAR
from vip_rules.model import Currency, InvalidMoney

Row = Mapping[str, Any]
"""An object of the shop's, as its JSON tells it."""

_AMOUNT: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
_LONGEST: Final = 40


class Unusable(VipRulesError):
    """A row that can't be read. The message names the field, what it holds and what was expected."""


def rows(told: Any) -> list[dict[str, Any]]:
    """A list of rows, each with its id. Raises PlatformFailed for anything else."""
    if isinstance(told, list) and all(isinstance(row, dict) and _is_id(row.get("id")) for row in told):
        return told
    raise PlatformFailed(
        "the shop answered with something that isn't a list of its records: look whether a plugin changes the REST API"
    )


def within(row: Row, name: str) -> Sequence[Row]:
    """The rows inside a row: an order's lines; none where there is no such field."""
    inner = row.get(name)
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def number(row: Row, name: str) -> int:
    """An id that a row names; 0 for none."""
    value = row.get(name)
    return value if isinstance(value, int) and _is_id(value) else 0


def text(row: Row, name: str) -> str | None:
    """A name or a code, decoded: the shop tells `A &amp; B` for `A & B`. None where it is empty or missing."""
    value = row.get(name)
    return (unescape(value).strip() or None) if isinstance(value, str) else None


def amount(row: Row, name: str, currency: Currency) -> int:
    """An amount of money in minor units, exactly. Raises Unusable."""
    value = row.get(name)
    if not (isinstance(value, str) and _AMOUNT.fullmatch(value)):
        raise Unusable(f"{name} is {_shown(value)}; expected an amount such as 12.50")
    try:
        return currency.minor(Decimal(value))
    except InvalidMoney as error:
        raise Unusable(f"{name} is {_shown(value)}: {error}") from None


def instant(row: Row, name: str) -> datetime | None:
    """A time of UTC, which the shop writes without its offset; None where it has none. Raises Unusable."""
    value = row.get(name)
    if value is None:
        return None
    moment = _moment(value)
    if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Unusable(f"{name} is {_shown(value)}; expected a time such as 2026-11-21T22:56:34")
    return moment


def _moment(value: Any) -> datetime | None:
    """A text as a time of UTC; None for what is none, as a day that no month has."""
    if not (isinstance(value, str) and _TIME.fullmatch(value)):
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None


def meta(row: Row, key: str) -> Any:
    """The value of a row's own field of a key; of twins the first, None for none."""
    return next((each.get("value") for each in within(row, "meta_data") if each.get("key") == key), None)


def marked(row: Row, keys: Iterable[str]) -> bool:
    """Whether a row has one of some fields of its own, and it doesn't say no."""
    values = (meta(row, key) for key in keys)
    return any(value not in (None, False, 0, "", "0", "no", "false") and value != [] for value in values)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _shown(value: object) -> str:
    if not isinstance(value, str):
        return "missing" if value is None else f"no text ({type(value).__name__})"
    return repr(value if len(value) <= _LONGEST else value[:_LONGEST] + "…")
