"""Birthdays in files: with their year, or without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import polars as pl

from vip_rules.files.columns import Kind, Parsed, Row, Setting, as_text, is_text
from vip_rules.localdays import FIRST_YEAR, LAST_YEAR

YEARLESS: Final = 1904
"""The year that stands for an unknown one; it has a 29 February."""

_WITHOUT_YEAR: Final = r"^(?:--)?([0-9]{2}-[0-9]{2})$"


@dataclass(frozen=True, slots=True)
class Birthday(Kind):
    """A day of a year, or of every year: 1985-05-03, 05-03 or --05-03."""

    fits: ClassVar[str] = "a date or text"
    dtype = pl.Date

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The birthday as a date; of the year 1904 where the year is unknown."""
        if not (is_text(dtype) or dtype == pl.Date):
            return None
        text = as_text(column, dtype)
        day = text.str.replace(_WITHOUT_YEAR, f"{YEARLESS}-$1")
        exact = pl.when(day.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).then(day)
        faulty = (text != "") & ~parsed.dt.year().is_between(FIRST_YEAR, LAST_YEAR).fill_null(False)
        return Parsed(exact.str.to_date("%Y-%m-%d", strict=False), faulty)

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """How a birthday is written."""
        return "isn't a birthday: 1985-05-03 is expected, or 05-03 without the year"
