"""The fields that may stand in a line of the log. What is no field, or isn't as its field has to be, is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vip_rules.logs.failures import cleaned, failure

LONGEST: Final = 100
"""How many characters a text has at most."""

Written = Callable[[Any], Any]
"""What is written of a value; None leaves it out."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field: what it tells, and how a value of it is written."""

    tells: str
    written: Written


def _text(pattern: str, longest: int = LONGEST) -> Written:
    fits = re.compile(pattern, re.ASCII).fullmatch
    return lambda value: value if isinstance(value, str) and len(value) <= longest and fits(value) else None


def _number(value: Any) -> int | None:
    return value if type(value) is int and abs(value) < 2**63 else None


def _seconds(value: Any) -> int | float | None:
    return round(value, 4) if type(value) in (int, float) and 0 <= value < 2**31 else None


def _status(value: Any) -> int | None:
    return value if type(value) is int and 100 <= value < 600 else None


def _instant(value: Any) -> str | None:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else None


def _message(value: Any) -> str | None:
    return cleaned(value) if isinstance(value, str) and value else None


def _shop(value: Any) -> str | None:
    fits = isinstance(value, str) and len(value) <= LONGEST and value.isprintable() and "@" not in value
    return value if fits else None


def _counts(value: Any) -> dict[str, int] | None:
    fits = isinstance(value, Mapping) and all(
        _name(name) and _number(count) is not None for name, count in value.items()
    )
    return dict(value) if fits else None


# A name of letters can't be the number of a customer, and has no room for an address.
_name: Final = _text(r"[A-Za-z]+([_./-][A-Za-z]+)*")

FIELDS: Final[Mapping[str, Field]] = {
    "at": Field("The instant, in UTC.", _instant),
    "level": Field("How much it matters: debug, info, warning, error.", _name),
    "event": Field("What happened.", _name),
    "shop": Field("The shop, by its name in the configuration.", _shop),
    "topic": Field("The store's name for what a webhook tells, such as `orders/updated`.", _name),
    "number": Field("The number of a webhook in the inbox.", _number),
    "part": Field("The part of the work: a stage, or a job by the clock.", _name),
    "outcome": Field("What came of it.", _name),
    "outcomes": Field("How many effects came to each state.", _counts),
    "count": Field("How many.", _number),
    "standings": Field("How many standings changed.", _number),
    "effects": Field("How many effects follow.", _number),
    "stale": Field("How many customers were skipped, because they had moved since the plan.", _number),
    "left": Field("How many are left.", _number),
    "seconds": Field("How long it took.", _seconds),
    "plan": Field("The hash of a plan.", _text(r"[0-9a-f]{64}")),
    "address": Field("Where the service listens.", _text(r"[0-9A-Za-z.:\[\]-]+:\d{1,5}")),
    "cause": Field("Why, in a word of ours, such as `signature`.", _name),
    "status": Field("The status of an answer.", _status),
    "logger": Field("The library, by the name of its logger.", _text(r"[A-Za-z_]+\d?(\.[A-Za-z_]+\d?)*")),
    "place": Field("Where in the library: file and line.", _text(r"[A-Za-z_]+\d?\.py:\d{1,6}")),
    "message": Field("The library's message before values are put in.", _message),
    "error": Field(
        "A failure: its class, what caused it, its places in the code; our own errors with their reason.",
        failure,
    ),
    "dropped": Field(
        "The names of fields that were left out, because nobody vouches for what they hold.",
        lambda names: names,
    ),
}
"""Every field that a line can have, in their order."""


def sifted(given: Mapping[str, Any]) -> dict[str, Any]:
    """What of the given fields may be written. What was left out is told by its name, and a name that is none by a "…"."""
    written = {
        name: held
        for name, field in FIELDS.items()
        if given.get(name) is not None and (held := field.written(given[name])) is not None
    }
    absent = {
        name
        for name, value in given.items()
        if name not in written and (value is not None or name not in FIELDS)
    }
    dropped = sorted({name if re.fullmatch(r"[a-z_]{1,30}", name) else "…" for name in absent})
    return written | ({"dropped": dropped} if dropped else {})
