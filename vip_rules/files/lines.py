"""The file of order lines."""

from __future__ import annotations

import polars as pl

from vip_rules.files.amounts import FINEST, Amount, exponents
from vip_rules.files.columns import Flag, Identifier, Quantity, Setting, Text
from vip_rules.files.exchange import converted, too_large
from vip_rules.files.reading import LONGEST_LIST
from vip_rules.files.reasons import Reason
from vip_rules.files.sheet import LINE, Column, Rule, Sheet
from vip_rules.files.sifting import Sifted
from vip_rules.history import LINES
from vip_rules.model import LARGEST_AMOUNT

AMOUNTS = ("amount", "refunded")
_NAMES = ("sku", "product", "category", "brand")
_POSITION_BY = (*_NAMES, "quantity", "amount", "refunded", "gift_card")


def sheet(currency_known: bool) -> Sheet:
    """The sheet of lines, of which the currency is known or only their orders tell it."""
    amount = Amount(currency_known)
    return Sheet(
        "lines",
        (
            Column(
                "order_id", Identifier(reference=True), required=True, also=("order", "order_number", "name")
            ),
            *(Column(name, Text()) for name in _NAMES),
            Column("quantity", Quantity(), default=1, absent="every line counts as one unit"),
            Column("amount", amount, required=True, also=("total", "price", "line_total")),
            Column("refunded", amount, default=0),
            Column("gift_card", Flag(), default=False),
        ),
        (
            Rule(
                ("amount", "refunded"),
                lambda values: values["refunded"] > values["amount"],
                lambda row: Reason.of(
                    "refunded {} is more than the amount {}", row["refunded"], row["amount"]
                ),
            ),
        ),
    )


def exchange(lines: Sifted, ratios: pl.LazyFrame, setting: Setting) -> None:
    """Gives amounts in ten-thousandths the minor units of their order's currency, and converts them at its order's rate."""
    steps = {code: 10 ** (FINEST - exponent) for code, exponent in exponents().items()}
    code = pl.col("foreign").fill_null(setting.currency.code)
    rows = lines.rows.join(ratios, on="order_id", how="left", maintain_order="left").with_columns(
        code.replace_strict(steps, return_dtype=pl.Int64).alias("step"), code.alias("code")
    )
    inexact = pl.any_horizontal([pl.col(amount) % pl.col("step") != 0 for amount in AMOUNTS])
    minor = [pl.col(amount) // pl.col("step") for amount in AMOUNTS]
    large = pl.any_horizontal([amount > LARGEST_AMOUNT for amount in minor])
    lines.rows = rows
    _reject(lines, inexact, "an amount has more decimals than its order's currency {} has")
    _reject(lines, large, "an amount is too large for an amount of money in {}")
    lines.rows = lines.rows.with_columns(minor).with_columns(
        too_large(AMOUNTS).alias("too large"), *[converted(amount) for amount in AMOUNTS]
    )
    lines.rows = lines.rows.with_columns(pl.min_horizontal("refunded", "amount").alias("refunded"))
    _reject(lines, pl.col("too large"), "an amount is too large when it is converted from {}")


def _reject(lines: Sifted, where: pl.Expr, reason: str) -> None:
    found = lines.rows.filter(where).select(LINE, "code").collect(engine="streaming").sort(LINE)
    lines.reject(
        found, ((line, Reason.of(reason.format(code))) for line, code in found.head(LONGEST_LIST).iter_rows())
    )


def canonical(lines: Sifted, orders: pl.LazyFrame) -> pl.LazyFrame:
    """The parsed rows as evaluation sees them.

    The position of a line in its order only matters where a refund may have to be spread; it follows from what the lines
    say, so that their order in the file changes nothing.
    """
    refunded = orders.filter(
        pl.col("status").is_in(("refunded", "partially_refunded")) | (pl.col("refunded") > 0)
    ).select("order_id")
    spread = lines.rows.join(refunded, on="order_id", how="semi").select(LINE, "order_id", *_POSITION_BY)
    positions = (
        spread.collect(engine="streaming")
        .sort("order_id", *_POSITION_BY)
        .select(LINE, pl.int_range(pl.len()).over("order_id").alias("line"))
    )
    if not positions.height:
        return lines.rows.with_columns(pl.lit(0, dtype=pl.Int64).alias("line")).select(*LINES)
    placed = lines.rows.join(positions.lazy(), on=LINE, how="left", maintain_order="left")
    return placed.with_columns(pl.col("line").fill_null(0)).select(*LINES)
