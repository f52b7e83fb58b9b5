"""A store's history as frames of integers and text: what evaluation sees, whatever file, platform or engine it came from.

Money is in minor units of the program's currency, days are local days of the program since 1970-01-01.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vip_rules.model import Customer, Event, Order

if TYPE_CHECKING:
    import polars as pl

TAG_MARK = "\x1f"
"""Stands before and after each tag in the column `tags`, so that one text holds a set on every engine."""

SMALL: Final = 10_000
"""The most rows of a frame that a history is small with."""

TEXT, DAY, AMOUNT, FLAG = "String", "Int32", "Int64", "Boolean"

CUSTOMERS = {
    "customer_id": TEXT,
    "created": DAY,
    "joined": DAY,
    "tags": TEXT,
    "current_tier": TEXT,
    "highest_tier": TEXT,
}
ORDERS = {
    "order_id": TEXT,
    "customer_id": TEXT,
    "day": DAY,
    "total": AMOUNT,
    "tax": AMOUNT,
    "shipping": AMOUNT,
    "refunded": AMOUNT,
    "discount": AMOUNT,
    "status": TEXT,
    "test": FLAG,
    "channel": TEXT,
}
LINES = {
    "order_id": TEXT,
    "line": AMOUNT,
    "sku": TEXT,
    "product": TEXT,
    "category": TEXT,
    "brand": TEXT,
    "quantity": AMOUNT,
    "amount": AMOUNT,
    "refunded": AMOUNT,
    "gift_card": FLAG,
}
EVENTS = {"customer_id": TEXT, "type": TEXT, "day": DAY}


@dataclass(frozen=True, slots=True)
class History:
    """Customers, orders, lines and events as native frames of one engine (Polars eager or lazy, DuckDB relations).

    Every frame has the columns of its table above; lines and events may be missing (None). Orders are not yet counted or
    netted: that depends on the program.
    """

    customers: Any
    orders: Any
    lines: Any = None
    events: Any = None

    @property
    def small(self) -> bool:
        """Whether it is in memory already and short: one customer's history, or a case's."""
        import polars as pl

        frames = (self.customers, self.orders, self.lines, self.events)
        return all(f is None or (isinstance(f, pl.DataFrame) and f.height <= SMALL) for f in frames)

    def order_days(self) -> tuple[int, int] | None:
        """The first and the last local day of an order, counted or not; None without one. For frames of Polars."""
        import polars as pl

        found = (
            self.orders.lazy()
            .select(pl.col("day").min(), last=pl.col("day").max())
            .collect(engine="streaming")
            .row(0)
        )
        return None if found[0] is None else found

    @property
    def may_have_gift_cards(self) -> bool:
        """Whether lines of gift cards have to be looked for; False where it is seen at once that there are none."""
        import polars as pl

        if isinstance(self.lines, pl.DataFrame):
            return bool(self.lines["gift_card"].any())
        return self.lines is not None

    @classmethod
    def of(
        cls, customers: Iterable[Customer], orders: Iterable[Order] = (), events: Iterable[Event] = ()
    ) -> History:
        """The history of some customers from typed rows, as Polars frames. Lines come inside their orders."""
        orders = list(orders)
        lines = [_line_row(o, n) for o in orders for n in range(len(o.lines))]
        return cls(
            _frame(CUSTOMERS, [_customer_row(c) for c in customers]),
            _frame(ORDERS, [_order_row(o) for o in orders]),
            _frame(LINES, lines),
            _frame(EVENTS, [(e.customer_id, e.type, e.day) for e in events]),
        )


def wrap_tags(tags: Iterable[str]) -> str | None:
    """Tags as the column `tags` holds them: each between marks, None for no tags."""
    tags = sorted(set(tags))
    return TAG_MARK + TAG_MARK.join(tags) + TAG_MARK if tags else None


def _frame(table: Mapping[str, str], rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        rows, schema={name: getattr(pl, dtype) for name, dtype in table.items()}, orient="row"
    )


def _customer_row(c: Customer) -> tuple[Any, ...]:
    joined = c.created if c.joined is None else c.joined
    return (c.id, c.created, joined, wrap_tags(c.tags), c.current_tier, c.highest_tier)


def _order_row(o: Order) -> tuple[Any, ...]:
    return (
        o.id,
        o.customer_id,
        o.day,
        o.total,
        o.tax,
        o.shipping,
        o.refunded,
        o.discount,
        o.status,
        o.test,
        o.channel,
    )


def _line_row(o: Order, n: int) -> tuple[Any, ...]:
    line = o.lines[n]
    return (
        o.id,
        n,
        line.sku,
        line.product,
        line.category,
        line.brand,
        line.quantity,
        line.amount,
        line.refunded,
        line.gift_card,
    )
