"""Amounts of money in files: plain decimals of major units, read as integers of minor units, never through a binary float."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import polars as pl

from vip_rules.files.columns import Kind, Parsed, Row, Setting, filled, is_text
from vip_rules.model import LARGEST_AMOUNT, Currency, currency_codes

FINEST = 4
"""The most decimals that a currency of ISO 4217 has."""

TOO_FINE = f"has more decimals than any currency has ({FINEST})"

PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_EXACT = r"^-?0*[0-9]{1,14}(?:\.[0-9]{1,4}0*)?$"
"""Plain decimals that 18 digits with FINEST decimals hold exactly."""


@dataclass(frozen=True, slots=True)
class Amount(Kind):
    """Money, 0 or more, in minor units of the row's currency: the program's, or what its column `currency` says."""

    currency_known: bool = True
    """False: another row says the currency (a line's is its order's). The amount then is in ten-thousandths of a unit."""

    fits: ClassVar[str] = "decimal, an integer of major units, or text"
    dtype = pl.Int64

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The amount as an integer of minor units (or of ten-thousandths)."""
        wide = isinstance(dtype, pl.Decimal) and dtype.precision > 18
        if is_text(dtype):
            column = filled(column, dtype)
            units, scale = units_of_text(column), FINEST
        elif isinstance(dtype, pl.Decimal):
            units, scale = column.to_physical(), dtype.scale
            units = units if wide else units.cast(pl.Int64)
        elif dtype.is_integer():
            units, scale = column.cast(pl.Int64, strict=False), 0
        else:
            return None
        minor, exact = self._minor(units, scale, setting, wide)
        limit = LARGEST_AMOUNT if self.currency_known else LARGEST_AMOUNT * 10**FINEST
        faulty = ~parsed.is_between(0, limit) | (parsed.is_null() & column.is_not_null())
        return Parsed(minor, faulty if exact is None else faulty | ~exact)

    def _minor(
        self, units: pl.Expr, scale: int, setting: Setting, wide: bool
    ) -> tuple[pl.Expr, pl.Expr | None]:
        """Units of 10^-scale as minor units, and whether nothing was lost; null where they'd be far too large."""
        if not (setting.foreign and self.currency_known):
            exponent = setting.currency.exponent if self.currency_known else FINEST
            return rescaled(units, scale, exponent, wide)
        own = setting.currency.exponent
        code = pl.col("currency").cast(pl.String)
        minor, exact = rescaled(units, scale, own, wide)
        exact = pl.lit(True) if exact is None else exact
        for exponent in sorted({*exponents().values()} - {own}):
            other, other_exact = rescaled(units, scale, exponent, wide)
            here = code.is_in(_codes(exponent))
            minor = pl.when(here).then(other).otherwise(minor)
            exact = pl.when(here).then(pl.lit(True) if other_exact is None else other_exact).otherwise(exact)
        return minor, exact

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """Which of the rules for amounts the text breaks."""
        if not PLAIN.fullmatch(text):
            return _not_plain(text)
        if text.startswith("-"):
            return "is negative"
        code = row.get("currency") or setting.currency.code
        exponent = exponents().get(code, FINEST)
        if len(text.partition(".")[2].rstrip("0")) > (exponent if self.currency_known else FINEST):
            return f"has more decimals than {code} has ({exponent})" if self.currency_known else TOO_FINE
        return "is too large for an amount of money"


def rescaled(units: pl.Expr, scale: int, exponent: int, wide: bool = False) -> tuple[pl.Expr, pl.Expr | None]:
    """Integers at 10^-scale as integers at 10^-exponent, with whether nothing was lost (None: nothing can be).

    Null where the result would be far beyond any amount.
    """
    if scale == exponent:
        return units.cast(pl.Int64, strict=False), None
    if scale > exponent:
        step = pl.lit(10 ** (scale - exponent), dtype=pl.Int128 if wide else pl.Int64)
        return (units // step).cast(pl.Int64, strict=False), units % step == 0
    factor = 10 ** (exponent - scale)
    bounded = pl.when(units.abs() <= LARGEST_AMOUNT).then(units.cast(pl.Int64, strict=False))
    return bounded * factor, None


@cache
def exponents() -> Mapping[str, int]:
    """The decimals of every currency, by its code."""
    return {code: Currency.of(code).exponent for code in currency_codes()}


def text_of(units: pl.Expr) -> pl.Expr:
    """Ten-thousandths, 0 or more, as plain decimals; the reverse of units_of_text()."""
    step = 10**FINEST
    part = (units % step).cast(pl.String).str.zfill(FINEST)
    return pl.concat_str((units // step).cast(pl.String), pl.lit("."), part)


def _codes(exponent: int) -> list[str]:
    return [code for code, decimals in exponents().items() if decimals == exponent]


def units_of_text(text: pl.Expr) -> pl.Expr:
    """Plain decimals as ten-thousandths; null for other texts, more decimals, and more than 14 digits before the point."""
    exact = text.cast(pl.Decimal(18, FINEST), strict=False).to_physical().cast(pl.Int64)
    return pl.when(text.str.contains(_EXACT)).then(exact)


def _not_plain(text: str) -> str:
    bare = text.strip()
    if "," in bare:
        return "has a comma: thousands separators aren't accepted, and decimals follow a point, as in 1234.50"
    if bare.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return "is not a number"
    if bare != text:
        return "begins or ends with a space"
    if not text.isascii() and any(character.isdigit() for character in text):
        return "isn't written in the digits 0 to 9 and a point alone, as in 1234.50"
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text):
        return "is written with an exponent: a plain decimal such as 1234.50 is expected"
    return "isn't a plain decimal such as 1234.50, without currency sign or separators"
