"""Counted orders: which orders count, what each is worth on the program's spend basis, and what a refund leaves of it.

The rules are those of the design's section on exact figures; tests/specification says them again, one order at a time.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals.stable.v2 as nw

from vip_rules.metrics.figure import Where
from vip_rules.model import SpendBasis

Frame = nw.LazyFrame[Any]

COUNTED_STATUSES: Final = ("paid", "partially_refunded", "refunded")


def counted_orders(orders: Frame, gift_cards: Frame | None, basis: SpendBasis) -> Frame:
    """The counted orders, those that were refunded whole among them (`real` is false).

    `gift_cards` are lines, those of gift cards among them; None: there are none. Columns: order_id, customer_id, day,
    channel, and in minor units `before_refund` (the counted value), `refunded` (capped at it), `value` (what is left),
    `discount`, `before_discount`.
    """
    counted = nw.col("total")
    if not basis.includes_tax:
        counted = counted - nw.col("tax")
    if not basis.includes_shipping:
        counted = counted - nw.col("shipping")
    frame = orders.filter(nw.col("status").is_in(COUNTED_STATUSES) & ~nw.col("test"))
    if gift_cards is not None:
        amounts = (
            gift_cards.filter(nw.col("gift_card")).group_by("order_id").agg(gifts=nw.col("amount").sum())
        )
        frame = frame.join(amounts, on="order_id", how="left")
        counted = counted - nw.col("gifts").cast(nw.Int64).fill_null(0)
    unsaid = nw.col("refunded").is_null() & (nw.col("status") == "refunded")
    back = nw.when(unsaid).then(nw.col("total")).otherwise(nw.col("refunded").fill_null(0))
    worth, given_back, discount = (
        nw.col("before_refund"),
        nw.col("given_back"),
        nw.col("discount").fill_null(0),
    )
    return frame.with_columns(before_refund=_at_least_zero(counted), given_back=back).select(
        "order_id",
        "customer_id",
        "day",
        "channel",
        "before_refund",
        real=_real(given_back, worth),
        refunded=_smaller(given_back, worth),
        value=_at_least_zero(worth - given_back),
        discount=discount,
        before_discount=worth + discount,
    )


def counted_lines(counted: Frame, lines: Frame) -> Frame:
    """The lines of counted orders, without gift cards, each with its share of the order's refunds.

    Columns: those of the line, `refunded` being at most `amount`; of the order, its customer, day, channel and `real`.
    """
    of_orders = (
        lines.filter(~nw.col("gift_card"))
        .with_columns(refunded=_smaller(nw.col("refunded"), nw.col("amount")))
        .join(
            counted.select("order_id", "customer_id", "day", "channel", "real", order_refunded="refunded"),
            on="order_id",
            how="inner",
        )
    )
    untouched = of_orders.filter(nw.col("real") & (nw.col("order_refunded") == 0))
    refunded_whole = of_orders.filter(~nw.col("real")).with_columns(refunded=nw.col("amount"))
    partly = _spread(of_orders.filter(nw.col("real") & (nw.col("order_refunded") > 0)))
    columns = untouched.collect_schema().names()
    return nw.concat([untouched, refunded_whole.select(columns), partly.select(columns)])


def narrowed_orders(lines: Frame, where: Where) -> Frame:
    """Orders as only their lines that match see them; an order without such a line is none."""
    return (
        lines.filter(matches(where))
        .group_by("order_id", "customer_id", "day", "channel", "real")
        .agg(before_refund=nw.col("amount").sum(), refunded=nw.col("refunded").sum())
        .with_columns(nw.col("before_refund", "refunded").cast(nw.Int64))
        .with_columns(
            value=nw.col("before_refund") - nw.col("refunded"),
            real=nw.col("real") & _real(nw.col("refunded"), nw.col("before_refund")),
        )
    )


def kept_lines(lines: Frame, where: Where) -> Frame:
    """The lines of real orders that match and weren't refunded whole, with the `units` that were kept."""
    # Quantities go up to 10^9 and amounts to 10^13: their product needs more than 64 bits.
    quantity, refunded, amount = (nw.col(name).cast(nw.Int128) for name in ("quantity", "refunded", "amount"))
    back = (quantity * refunded // amount).cast(nw.Int64)
    frame = lines if not where else lines.filter(matches(where))
    return frame.filter(nw.col("real") & _real(nw.col("refunded"), nw.col("amount"))).with_columns(
        units=nw.col("quantity") - back.fill_null(0)
    )


def matches(where: Where) -> nw.Expr:
    """Whether a row has one of the filter's values for each of its keys; a missing value never matches."""
    return nw.all_horizontal(
        *(nw.col(key).is_in(values).fill_null(False) for key, values in where.values), ignore_nulls=False
    )


def _spread(lines: Frame) -> Frame:
    """Refunds that name no line, spread pro rata to what each line has left, floored.

    The remainder goes to the largest line, then to the lines from the first, each up to what it has left.
    """
    left, order = nw.col("amount") - nw.col("refunded"), "order_id"
    frame = lines.with_columns(left=left, named=_sum_over("refunded"))
    frame = frame.with_columns(
        rest=_at_least_zero(nw.col("order_refunded") - nw.col("named")), all_left=_sum_over("left")
    )
    frame = frame.with_columns(rest=_smaller(nw.col("rest"), nw.col("all_left")))
    share = (
        nw.col("rest").cast(nw.Int128) * nw.col("left").cast(nw.Int128) // nw.col("all_left").cast(nw.Int128)
    )
    frame = frame.with_columns(share=share.cast(nw.Int64).fill_null(0))
    largest = nw.when(nw.col("amount") == nw.col("amount").max().over(order)).then(nw.col("line"))
    frame = frame.with_columns(remainder=nw.col("rest") - _sum_over("share"), largest=largest)
    frame = frame.with_columns(largest=nw.col("largest").min().over(order))
    room = nw.col("left") - nw.col("share")
    frame = frame.with_columns(
        more=nw.when(nw.col("line") == nw.col("largest"))
        .then(_smaller(nw.col("remainder"), room))
        .otherwise(0)
    )
    frame = frame.with_columns(room=room - nw.col("more"), remainder=nw.col("remainder") - _sum_over("more"))
    before = nw.col("room").cum_sum().over(order, order_by="line").cast(nw.Int64) - nw.col("room")
    last = _smaller(_at_least_zero(nw.col("remainder") - before), nw.col("room"))
    return frame.with_columns(refunded=nw.col("refunded") + nw.col("share") + nw.col("more") + last)


def _sum_over(column: str) -> nw.Expr:
    return nw.col(column).sum().over("order_id").cast(nw.Int64)


def _real(refunded: nw.Expr, value: nw.Expr) -> nw.Expr:
    return ~((refunded > 0) & (refunded >= value))


def _smaller(one: nw.Expr, other: nw.Expr) -> nw.Expr:
    return nw.min_horizontal(one, other)


def _at_least_zero(amount: nw.Expr) -> nw.Expr:
    return nw.max_horizontal(amount, nw.lit(0))
