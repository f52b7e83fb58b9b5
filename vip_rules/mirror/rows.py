"""Rows on their way into the mirror: the columns of the tables but for the shop, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple


class CustomerRow(NamedTuple):
    """A row of `customers`."""

    id: str
    created_at: int | None
    created: int
    joined_at: int | None
    joined: int
    tags: str | None
    birthday: str | None
    email: str | None
    language: str | None
    updated_at: int | None
    digest: int
    merged_into: str | None = None
    gone: bool = False
    redacted: bool = False


class OrderRow(NamedTuple):
    """A row of `orders`."""

    id: str
    customer_id: str | None
    placed_at: int | None
    day: int
    currency: str
    total: int
    tax: int
    shipping: int
    refunded: int | None
    discount: int | None
    status: str
    test: bool
    channel: str | None
    set_aside: bool
    updated_at: int | None
    digest: int


class LineRow(NamedTuple):
    """A row of `lines`."""

    order_id: str
    line: int
    sku: str | None
    product: str | None
    category: str | None
    brand: str | None
    quantity: int
    amount: int
    refunded: int
    gift_card: bool


class EventRow(NamedTuple):
    """A row of `events`."""

    id: str
    customer_id: str
    type: str
    happened_at: int | None
    day: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What a page of a store comes to: rows to keep, and what has gone. Orders come with their lines."""

    customers: Sequence[CustomerRow] = ()
    orders: Sequence[tuple[OrderRow, Sequence[LineRow]]] = ()
    events: Sequence[EventRow] = ()
    gone_customers: Sequence[str] = ()
    gone_orders: Sequence[str] = ()
    merged: Sequence[tuple[str, str]] = ()


@dataclass(slots=True)
class Tally:
    """What came of the rows of one kind. `older`: told before in a newer state; `redacted`: of somebody who was erased."""

    told: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    redacted: int = 0

    def add(self, other: Tally) -> None:
        """Count another's rows too."""
        for name in Tally.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Written:
    """What came of a batch, or of many."""

    customers: Tally = field(default_factory=Tally)
    orders: Tally = field(default_factory=Tally)
    events: Tally = field(default_factory=Tally)
    merged: int = 0
    gone_customers: int = 0
    gone_orders: int = 0
    gone_events: int = 0

    def add(self, other: Written) -> None:
        """Count another's too."""
        for tally in ("customers", "orders", "events"):
            getattr(self, tally).add(getattr(other, tally))
        for count in ("merged", "gone_customers", "gone_orders", "gone_events"):
            setattr(self, count, getattr(self, count) + getattr(other, count))


def tombstone(customer_id: str, *, merged_into: str | None = None, redacted: bool = False) -> CustomerRow:
    """A row that only says that somebody isn't here any more: merged into another, or redacted."""
    nothing = (None, 0, None, 0, None, None, None, None, None, 0)
    return CustomerRow(customer_id, *nothing, merged_into=merged_into, gone=True, redacted=redacted)


def digest(*content: Any) -> int:
    """A digest of what a store told (texts, whole numbers, flags, and tuples of them), as the signed 64 bits of a database."""
    # Three times as fast as JSON, and as good: the worst that another Python could do is to find everything changed once.
    hashed = blake2b(repr(content).encode("utf-8", "backslashreplace"), digest_size=8)
    return int.from_bytes(hashed.digest(), "big", signed=True)
