"""A history in frames, told as a store tells it: typed customers, orders and events, page by page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from vip_rules.files.damage import reading_of
from vip_rules.history import CUSTOMERS, DAY, EVENTS, LINES, ORDERS, TAG_MARK, History
from vip_rules.model import Currency, OrderLine
from vip_rules.store import Page, StoreCustomer, StoreEvent, StoreOrder

PAGE_ROWS: Final = 5_000
"""Rows of a page."""

BUCKET_ORDERS: Final = 500_000
"""Orders that are held in memory at a time, with their lines."""

Row = tuple[Any, ...]


def pages(history: History, currency: Currency, paths: list[Path]) -> Iterator[Page]:
    """Everything in a history whose lazy frames come from some files; amounts are in the program's currency.

    Raises InvalidInput for a file that turns out to be damaged.
    """
    found = _collected(history.customers.select(*_dated(CUSTOMERS), pl.exclude(*CUSTOMERS)), paths)
    personal = found.columns[len(CUSTOMERS) :]
    for rows in _slices(found):
        yield Page(customers=tuple(_customer(row, personal) for row in rows))
    for orders, lines in _buckets(history, paths):
        of_order: dict[str, list[OrderLine]] = {}
        for order_id, _, *line in lines.iter_rows():
            of_order.setdefault(order_id, []).append(OrderLine(*line))
        for rows in _slices(orders):
            yield Page(orders=tuple(_order(row, currency.code, of_order.pop(row[0], ())) for row in rows))
    if history.events is not None:
        for rows in _slices(_collected(history.events.select(*_dated(EVENTS)), paths)):
            yield Page(
                events=tuple(StoreEvent(customer_id=buyer, type=kind, at=day) for buyer, kind, day in rows)
            )


def _dated(table: Mapping[str, str]) -> list[pl.Expr]:
    """The columns of a table, its days as dates."""
    return [pl.col(name).cast(pl.Date) if kind == DAY else pl.col(name) for name, kind in table.items()]


def _collected(frame: pl.LazyFrame, paths: list[Path]) -> pl.DataFrame:
    with reading_of(*paths):
        return frame.collect(engine="streaming")


def _slices(frame: pl.DataFrame) -> Iterator[Iterator[Row]]:
    return (part.iter_rows() for part in frame.iter_slices(PAGE_ROWS))


def _buckets(history: History, paths: list[Path]) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The orders and their lines, some of the orders at a time: those whose ids have one remainder."""
    count = _collected(history.orders.select(pl.len()), paths).item()
    buckets = count // BUCKET_ORDERS + 1
    for remainder in range(buckets):
        here = pl.col("order_id").hash() % buckets == remainder if buckets > 1 else pl.lit(True)
        orders = _collected(history.orders.filter(here).select(*_dated(ORDERS)), paths)
        lines = pl.DataFrame(schema=list(LINES))
        if history.lines is not None:
            lines = _collected(history.lines.filter(here).select(*LINES), paths)
        yield orders, lines.sort("line", maintain_order=True)


def _customer(row: Row, personal: Sequence[str]) -> StoreCustomer:
    customer_id, created, joined, tags, _, _, *more = row
    return StoreCustomer(
        id=customer_id,
        created_at=created,
        joined_at=None if joined == created else joined,
        tags=tuple(tags.strip(TAG_MARK).split(TAG_MARK)) if tags else (),
        **dict(zip(personal, more, strict=True)),
    )


def _order(row: Row, currency: str, lines: Iterable[OrderLine]) -> StoreOrder:
    order_id, customer_id, day, total, tax, shipping, refunded, discount, status, test, channel = row
    return StoreOrder(
        id=order_id,
        customer_id=customer_id,
        placed_at=day,
        currency=currency,
        total=total,
        tax=tax,
        shipping=shipping,
        refunded=refunded,
        discount=discount,
        status=status,
        test=test,
        channel=channel,
        lines=tuple(lines),
    )
