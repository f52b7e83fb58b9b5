"""Amounts of other currencies in the program's, over whole frames: exact 128-bit integers, rounded half to even."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from vip_rules.model import LARGEST_AMOUNT, Currency
from vip_rules.rates import Rates, minor_ratio

NUMERATOR, DENOMINATOR = "numerator", "denominator"
"""The columns of a row's rate, as a ratio of minor units; null for the program's own currency and where there's no rate."""


def daily_rates(
    rates: Rates, sources: Iterable[str], target: Currency, first_day: int, last_day: int
) -> pl.DataFrame:
    """The rate of each foreign currency on each local day from the first that has one: foreign, day and the ratio."""
    found: list[pl.DataFrame] = []
    for code in sorted(sources):
        changes = rates.changes(code, target.code)
        for n, (since, rate) in enumerate(changes):
            until = changes[n + 1][0] - 1 if n + 1 < len(changes) else last_day
            numerator, denominator = minor_ratio(rate, Currency.of(code), target)
            found.append(
                pl.select(
                    pl.lit(code).alias("foreign"),
                    pl.int_range(max(since, first_day), min(until, last_day) + 1, dtype=pl.Int32).alias(
                        "day"
                    ),
                    pl.lit(numerator, dtype=pl.Int128).alias(NUMERATOR),
                    pl.lit(denominator, dtype=pl.Int128).alias(DENOMINATOR),
                )
            )
    schema = {"foreign": pl.String, "day": pl.Int32, NUMERATOR: pl.Int128, DENOMINATOR: pl.Int128}
    return pl.concat([pl.DataFrame(schema=schema), *found])


def converted(amount: str) -> pl.Expr:
    """A column of minor units converted by the row's ratio, as Rates.convert() does it; without a ratio it stays."""
    return (
        pl.when(pl.col(NUMERATOR).is_null()).then(pl.col(amount)).otherwise(_exchanged(amount)).alias(amount)
    )


def too_large(amounts: Iterable[str]) -> pl.Expr:
    """Whether any of some amounts leaves the bounds of an amount by its conversion."""
    return pl.any_horizontal(
        [_exchanged(amount, pl.Int128) > LARGEST_AMOUNT for amount in amounts]
    ).fill_null(False)


def _exchanged(amount: str, dtype: type[pl.DataType] = pl.Int64) -> pl.Expr:
    denominator = pl.col(DENOMINATOR)
    product = pl.col(amount).cast(pl.Int128) * pl.col(NUMERATOR)
    quotient, rest = product // denominator, product % denominator
    up = (2 * rest > denominator) | ((2 * rest == denominator) & (quotient % 2 == 1))
    return (quotient + up.cast(pl.Int128)).cast(dtype, strict=False)
