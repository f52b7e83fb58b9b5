"""What Shopify's export doesn't tell plainly: an order's shipping without tax, and what its lines came to."""

from __future__ import annotations

from typing import Final

import polars as pl

from vip_rules.files.amounts import FINEST, exponents, text_of, units_of_text
from vip_rules.files.translation import ORDER
from vip_rules.model import Currency

_LARGEST: Final = 10**17
"""Ten-thousandths of a unit; the product of two such amounts fits into 128 bits."""


def tax() -> pl.Expr:
    """Taxes and duties; the text itself where there are no duties."""
    duties = _units("Duties").fill_null(0)
    both = text_of(_units("Taxes") + duties)
    return pl.when(duties > 0).then(pl.coalesce(both, "Taxes")).otherwise("Taxes").alias("tax")


def net_shipping(own: Currency) -> pl.Expr:
    """Shipping without tax.

    Where prices include taxes, subtotal and shipping make the total. The export doesn't tell how much of the taxes is the
    shipping's: it is taken to be in proportion.
    """
    shipping, taxes, total = (_units(name) for name in ("Shipping", "Taxes", "Total"))
    included = (taxes > 0) & (_units("Subtotal") + shipping == total)
    part = (taxes.cast(pl.Int128) * shipping.cast(pl.Int128) // total.cast(pl.Int128)).cast(pl.Int64)
    net = shipping - part // _step(own) * _step(own)
    return pl.when(included & (total > 0)).then(text_of(net)).otherwise("Shipping").alias("shipping")


def shared(lines: pl.DataFrame, own: Currency) -> pl.DataFrame:
    """The lines with their `amount`: the order's goods, without tax and shipping, shared out by the lines' prices.

    The prices alone aren't it: a discount on the whole order, and taxes that prices include, are the order's. What flooring
    leaves goes to the largest line, then the first. A price that can't be read stays, to be rejected.
    """
    price = _units("Lineitem price")
    quantity = pl.col("Lineitem quantity").str.extract("^([0-9]{1,9})$").cast(pl.Int128)
    weight = price.cast(pl.Int128) * quantity - _units("Lineitem discount").fill_null(0).cast(pl.Int128)
    goods = _units("Total") - _units("tax").fill_null(0) - _units("shipping").fill_null(0)
    bounded = pl.when(weight.is_between(0, _LARGEST)).then(weight).fill_null(0)
    weighed = lines.with_columns(
        _step(own).alias("step"),
        bounded.alias("weight"),
        goods.clip(0, _LARGEST).fill_null(0).alias("goods"),
    ).with_columns((pl.col("goods") // pl.col("step")).alias("goods"))
    all_weights = pl.col("weight").sum().over(ORDER)
    share = pl.when(all_weights > 0).then(
        pl.col("goods").cast(pl.Int128) * pl.col("weight") // all_weights.clip(1)
    )
    told = weighed.with_columns(share.fill_null(0).cast(pl.Int64).alias("share"))
    largest = pl.col("weight").arg_max().over(ORDER) == pl.int_range(pl.len()).over(ORDER)
    rest = pl.col("goods") - pl.col("share").sum().over(ORDER)
    units = (pl.col("share") + pl.when(largest).then(rest).otherwise(0)) * pl.col("step")
    return told.with_columns(
        pl.when(price.is_null()).then("Lineitem price").otherwise(text_of(units)).alias("amount")
    )


def _step(own: Currency) -> pl.Expr:
    """The minor unit of an order's currency, in ten-thousandths."""
    steps = {code: 10 ** (FINEST - exponent) for code, exponent in exponents().items()}
    return pl.col("Currency").fill_null(own.code).replace_strict(steps, default=1, return_dtype=pl.Int64)


def _units(column: str) -> pl.Expr:
    return units_of_text(pl.col(column))
