"""Where a reading of the shop stands, as a short text: from it, another reader goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, get_args

from vip_rules_woocommerce.reading.lists import START, Position

Stage = Literal["customers", "orders", "newcomers", "done"]
"""What is read next. Newcomers are accounts that were made since the others were read."""

EARLIEST: Final = "1970-01-01T00:00:00"

_OVERLAP: Final = timedelta(seconds=10)
"""How far a reading of changes goes back behind the last one: a change is dated a moment before it is seen. The shop leaves
out what changed in the very second of the bound."""

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a reading stands. `since` is from when on changes are told; None: everything is.

    `next` is from when on the next reading has to tell changes. Both are the shop's own UTC time, without an offset.
    """

    stage: Stage
    next: str
    since: str | None = None
    customers: Position = START
    orders: Position = START

    def __str__(self) -> str:
        parts: dict[str, Any] = {
            "format": _FORMAT,
            "stage": self.stage,
            "next": self.next,
            "since": self.since,
        }
        for name, position in (("customers", self.customers), ("orders", self.orders)):
            parts[name] = [position.count, position.id]
        return json.dumps(parts, separators=(",", ":"))

    @classmethod
    def read(cls, text: str | None) -> Cursor | None:
        """The cursor that a text is; None for what isn't one, so that everything is read."""
        try:
            told = json.loads(text or "null")
            if told["format"] != _FORMAT or told["stage"] not in get_args(Stage):
                return None
            return cls(
                stage=told["stage"],
                next=_time(told["next"]),
                since=None if told["since"] is None else _time(told["since"]),
                customers=_position(*told["customers"]),
                orders=_position(*told["orders"]),
            )
        except (ValueError, TypeError, KeyError):
            return None


def bound(newest: datetime | None, now: datetime) -> str:
    """From when on changes have to be told to one who has seen all those up to the newest.

    A change that is dated in the future, as an import may, doesn't hide those that come before it.
    """
    if newest is None:
        return EARLIEST
    return (min(newest, now.astimezone(UTC)) - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%S")


def _time(text: str) -> str:
    return datetime.fromisoformat(text).replace(tzinfo=None).isoformat(timespec="seconds")


def _position(count: int, last: int) -> Position:
    if count < 0 or last < 0:
        raise ValueError("a position is from 0 on")
    return Position(count, last)
