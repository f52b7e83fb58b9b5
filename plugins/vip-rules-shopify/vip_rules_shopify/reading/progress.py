"""How far a reading has come, as the cursor that the core keeps: a short text of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from vip_rules.adapter import PlatformFailed

Kind = Literal["customers", "orders"]
KINDS: Final[tuple[Kind, ...]] = ("customers", "orders")

OBJECTS: Final[Mapping[Kind, str]] = {"customers": "Customer", "orders": "Order"}
"""What Shopify calls one of a kind."""

_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How far the customers, or the orders, are read. Instants are texts of `moment_text`.

    `since`: what was updated from then on is read; without it everything. `operation` is a bulk operation that reads it, begun
    at `begun`, and `row` the number of the object up to which its file is told. Without one, `after` is Shopify's cursor behind
    the last page. `newest` is the latest update that was told; `until`, after an interruption, the latest before it.
    """

    since: str | None = None
    operation: str | None = None
    begun: str | None = None
    row: int = 0
    after: str | None = None
    newest: str | None = None
    until: str | None = None
    done: bool = False

    @property
    def untouched(self) -> bool:
        """Whether nothing of it was read yet."""
        return not (self.operation or self.after or self.done)

    def told(self, newest: datetime | None) -> Part:
        """The same, after what was updated at some moment at the latest was told."""
        if newest is None:
            return self
        return replace(self, newest=max(moment_text(newest), self.newest or ""))

    def resumed(self) -> Part:
        """The same, to be gone on with: what came among the first pages since they were told is left to the next reading."""
        if not self.after or self.done:
            return self
        return replace(self, until=self.until or self.newest or self.since)

    def following(self) -> Part:
        """From where the next reading starts: before everything that this one can't have seen."""
        newest = max(self.newest or "", self.since or "")
        return Part(since=self.begun or min(newest, self.until or newest) or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a reading is. `full`: of everything, otherwise of what has changed; `done`: it told all."""

    full: bool
    customers: Part = field(default_factory=Part)
    orders: Part = field(default_factory=Part)

    @classmethod
    def of(cls, cursor: str | None, *, full: bool) -> Progress:
        """Where a cursor says to go on. Everything is read anew where it says nothing to us; changes can't be.

        Raises PlatformFailed.
        """
        if cursor is None:
            if full:
                return cls(full=True)
            raise PlatformFailed(
                "nothing was read of the shop yet: read everything first (vip-rules sync --full)"
            )
        try:
            told = json.loads(cursor)
            if told["version"] != _VERSION:
                raise ValueError
            found = cls(full=told["full"], **{kind: Part(**told[kind]) for kind in KINDS})
        except (ValueError, TypeError, KeyError):
            if full:
                return cls(full=True)
            raise PlatformFailed(
                "what was noted of the last reading is unreadable: read everything anew (vip-rules sync --full)"
            ) from None
        if found.full and not full:
            raise PlatformFailed(
                "the last full reading wasn't finished: go on with it (vip-rules sync --full)"
            )
        return found

    def part(self, kind: Kind) -> Part:
        """The customers' part, or the orders'."""
        return self.customers if kind == "customers" else self.orders

    def with_part(self, kind: Kind, part: Part) -> Progress:
        """The same with a part that has come further."""
        return replace(self, customers=part) if kind == "customers" else replace(self, orders=part)

    def resumed(self) -> Progress:
        """The same, to be gone on with."""
        return replace(self, customers=self.customers.resumed(), orders=self.orders.resumed())

    def following(self) -> Progress:
        """Where the next reading of changes starts."""
        return Progress(full=False, customers=self.customers.following(), orders=self.orders.following())

    @property
    def cursor(self) -> str:
        """The text to keep."""
        parts = {kind: _said(asdict(self.part(kind))) for kind in KINDS}
        return json.dumps({"version": _VERSION, "full": self.full, **parts}, separators=(",", ":"))


def moment_text(moment: datetime) -> str:
    """An instant as texts that sort as instants do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _said(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if value}
