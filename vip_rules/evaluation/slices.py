"""Slices: customers and days in portions, so that evaluating many of them at once takes a bounded amount of memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from vip_rules.history import History

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS: Final = 5_000_000
"""So many rows, counted once for each day for which they are looked at, make a slice."""


def slices(history: History, pairs: pl.DataFrame) -> Iterator[tuple[History, pl.DataFrame]]:
    """The pairs of customer_id and day, in their order, a portion at a time, each with the history of its customers.

    At least one portion, which may be empty.
    """
    import polars as pl

    if history.small and pairs.height * _height(history) <= MOST_ROWS:
        yield history, pairs
        return
    rows = _rows_of_customers(history)
    weighed = pairs.join(rows, on="customer_id", how="left", maintain_order="left").with_columns(
        slice=(1 + pl.col("rows").fill_null(0)).cum_sum() // MOST_ROWS
    )
    portions = weighed.drop("rows").partition_by("slice", maintain_order=True, include_key=False)
    for portion in portions or [pairs]:
        yield (history, portion) if len(portions) < 2 else (_of_customers(history, portion), portion)


def _height(history: History) -> int:
    frames = (history.orders, history.lines, history.events)
    return sum(len(frame) for frame in frames if frame is not None)


def _rows_of_customers(history: History) -> pl.DataFrame:
    """How many rows each customer has, order lines by the order's."""
    import polars as pl

    owners: list[pl.LazyFrame] = [history.orders.lazy().select("order_id", "customer_id")]
    if history.lines is not None:
        owners.append(owners[0].join(history.lines.lazy().select("order_id"), on="order_id"))
    if history.events is not None:
        owners.append(history.events.lazy().select("customer_id"))
    counted = pl.concat([frame.select("customer_id") for frame in owners])
    return counted.group_by("customer_id").agg(rows=pl.len()).collect(engine="streaming")


def _of_customers(history: History, pairs: pl.DataFrame) -> History:
    """The history of only the customers of some pairs, in memory."""
    customers = pairs.lazy().select("customer_id").unique()

    def part(frame: Any, of: pl.LazyFrame, by: str) -> Any:
        return None if frame is None else frame.lazy().join(of, on=by, how="semi").collect(engine="streaming")

    orders = part(history.orders, customers, "customer_id")
    return History(
        part(history.customers, customers, "customer_id"),
        orders,
        part(history.lines, orders.lazy().select("order_id"), "order_id"),
        part(history.events, customers, "customer_id"),
    )
