"""What a column of a file can hold, and how it becomes what evaluation needs: one set of rules for every format.

A kind of column sees text (CSV, JSON Lines) or a Parquet type, and answers with Polars expressions, so that the rules run over
millions of rows at once. The reason for a bad value is found afterwards, in Python, from the text of that value.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import ClassVar
from zoneinfo import ZoneInfo

import polars as pl
from polars.datatypes import DataTypeClass

from vip_rules.history import TAG_MARK
from vip_rules.localdays import (
    DAY_SECONDS,
    FIRST_YEAR,
    LAST_YEAR,
    InvalidTime,
    day_number,
    local_day,
    local_days,
    time_fault,
    year_span,
)
from vip_rules.model import Currency, currency_codes

Row = Mapping[str, str | None]
"""A row's raw values as text, by column; null is blank."""

LONGEST_ID = 255
SIMILAR = 0.6  # not money
"""How similar a name must be to be worth a question."""

SURE = 0.85  # not money
"""How similar a name must be to be taken for a slip of another: "unpaid" is none of "paid"."""

LARGEST_QUANTITY = 10**9
BEYOND_THE_CALENDAR = "a day beyond the calendar"
"""Stands in messages for a Parquet date that no calendar has."""

_UNFIT_IN_ID = r"^\s|\s$|\p{Cc}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the reading of a value depends on: the program's currency and zone, and what was seen of the data.

    `years` are the first and last that its times lie in; `foreign`: amounts of other currencies are among them.
    """

    currency: Currency
    zone: ZoneInfo
    years: tuple[int, int] = (FIRST_YEAR, FIRST_YEAR)
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A column parsed: `value` is right wherever `faulty` isn't true, and null where the column is blank."""

    value: pl.Expr
    faulty: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Kind(ABC):
    """A kind of column. `fits` is what a Parquet column of this kind can be, in words."""

    fits: ClassVar[str] = "text"

    @property
    @abstractmethod
    def dtype(self) -> type[pl.DataType]:
        """The type of the parsed values."""

    @abstractmethod
    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The column parsed; None if a column of this type can't be one of this kind.

        `parsed` is the column that the value will be in when faults are looked for: it spares parsing twice.
        """

    @abstractmethod
    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """What is wrong with a value that was found faulty; follows "column 'text' "."""

    def years(self, column: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr] | None:
        """The first and last year in the column, if it holds times."""
        return None


def is_text(dtype: pl.DataType | DataTypeClass) -> bool:
    """Whether a column's values are text, plain or from a dictionary, or all null."""
    return dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)


def as_text(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A column's values as text, for rules and messages; a list's elements stand between commas."""
    if dtype == pl.String:
        return column
    if isinstance(dtype, pl.List):
        return column.list.join(",")
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        sane = column.to_physical().is_between(*_calendar(dtype))
        return (
            pl.when(sane)
            .then(pl.when(sane).then(column).cast(pl.String))
            .when(column.is_not_null())
            .then(pl.lit(BEYOND_THE_CALENDAR))
        )
    return column.cast(pl.String)


def _calendar(dtype: pl.DataType) -> tuple[int, int]:
    """The first and last physical value of a date or timestamp that can be written as a calendar day."""
    days = (day_number(date.min), day_number(date.max))
    if not isinstance(dtype, pl.Datetime):
        return days
    second = {"ms": 10**3, "us": 10**6, "ns": 10**9}[dtype.time_unit]
    first, last = (min(max(day * DAY_SECONDS * second, -(2**63)), 2**63 - 1) for day in days)
    return first, last


def is_blank(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Where a column has no value: null, or an empty text."""
    return column.is_null() | (as_text(column, dtype) == "") if is_text(dtype) else column.is_null()


def filled(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A column as text, with null for an empty one."""
    text = as_text(column, dtype)
    return pl.when(text != "").then(text) if is_text(dtype) else text


def nearest(name: str, known: Iterable[str], cutoff: float = SIMILAR) -> str | None:
    """The known name that is the same but for capitals, spaces and underscores, or else the most similar one, if any is."""
    by_form = {_form(each): each for each in known}
    form = _form(name)
    if len(form) > LONGEST_ID or form in by_form:
        return by_form.get(form)
    close = get_close_matches(form, by_form, n=1, cutoff=cutoff)
    return by_form[close[0]] if close else None


def _form(name: str) -> str:
    return re.sub(r"[\s_.-]", "", name).lower()


def _hint(near: str | None) -> str:
    return f"; did you mean {near}?" if near else ""


@dataclass(frozen=True, slots=True)
class Identifier(Kind):
    """Who or what a row is about. A reference isn't checked for its form: it only has to be found in the other file."""

    reference: bool = False
    fits: ClassVar[str] = "text or an integer"
    dtype = pl.String

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The id as text."""
        if not (is_text(dtype) or dtype.is_integer()):
            return None
        text = filled(column, dtype)
        if self.reference or dtype.is_integer():
            return Parsed(text)
        plain = as_text(column, dtype)
        return Parsed(text, plain.str.contains(_UNFIT_IN_ID) | (plain.str.len_chars() > LONGEST_ID))

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """Spaces, control characters or length."""
        if len(text) > LONGEST_ID:
            return f"is longer than {LONGEST_ID} characters"
        if text != text.strip():
            return "begins or ends with a space"
        return "holds a control character"


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Free text, such as a channel or a category."""

    fits: ClassVar[str] = "text or an integer"
    dtype = pl.String

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The text as it is; an empty one is null."""
        return Parsed(filled(column, dtype)) if is_text(dtype) or dtype.is_integer() else None

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """Nothing is wrong with a text."""
        raise AssertionError("a text is never faulty")


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of some names, written exactly."""

    names: tuple[str, ...]
    dtype = pl.String

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The name; an empty one is null."""
        if not is_text(dtype):
            return None
        text = filled(column, dtype)
        return Parsed(text, ~parsed.is_in(self.names))

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """The names, with the nearest one."""
        return f"is none of {', '.join(self.names)}{_hint(nearest(text, self.names, SURE))}"


@dataclass(frozen=True, slots=True)
class CurrencyCode(Kind):
    """A currency code of ISO 4217, in capitals."""

    codes: tuple[str, ...] = field(default_factory=lambda: tuple(currency_codes()))
    dtype = pl.String

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The code of another currency than the program's; null for the program's own."""
        if not is_text(dtype):
            return None
        text = filled(column, dtype)
        return Parsed(pl.when(text != setting.currency.code).then(text), ~text.is_in(self.codes))

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """The nearest code."""
        return f"is not a currency code of ISO 4217{_hint(nearest(text, self.codes))}"


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """True or false."""

    fits: ClassVar[str] = "boolean, text or an integer 0 or 1"
    dtype = pl.Boolean
    yes: ClassVar[tuple[str, ...]] = ("true", "1", "yes")
    no: ClassVar[tuple[str, ...]] = ("false", "0", "no")

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """Whether it is true."""
        if dtype == pl.Boolean:
            return Parsed(column)
        if not (is_text(dtype) or dtype.is_integer()):
            return None
        text = filled(column, dtype).str.to_lowercase()
        return Parsed(text.is_in(self.yes), ~text.is_in(self.yes + self.no))

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """The words for true and false."""
        return "is neither true nor false: true, false, 1, 0, yes or no is expected"


@dataclass(frozen=True, slots=True)
class Quantity(Kind):
    """A whole number of units, 0 or more."""

    fits: ClassVar[str] = "an integer or text"
    dtype = pl.Int64

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The number."""
        if dtype.is_integer():
            return Parsed(column.cast(pl.Int64, strict=False), ~column.is_between(0, LARGEST_QUANTITY))
        if not is_text(dtype):
            return None
        text = filled(column, dtype)
        number = text.str.extract(r"^0*([0-9]{1,10})$").cast(pl.Int64)
        return Parsed(number, text.is_not_null() & ~parsed.is_between(0, LARGEST_QUANTITY).fill_null(False))

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """The range."""
        return f"is not a whole number of units from 0 to {LARGEST_QUANTITY:,}"


@dataclass(frozen=True, slots=True)
class Tags(Kind):
    """A set of tags: text with commas between them, or a list."""

    fits: ClassVar[str] = "text or a list of texts"
    dtype = pl.String

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The tags as the canonical frames hold them: sorted, each between marks; no tags are null."""
        if is_text(dtype):
            column = as_text(column, dtype).str.split(",")
        elif not (isinstance(dtype, pl.List) and is_text(dtype.inner)):
            return None
        tag = pl.element().cast(pl.String)
        tags = (
            column.list.eval(tag.str.strip_chars().filter(tag.str.strip_chars() != ""))
            .list.unique()
            .list.sort()
        )
        wrapped = pl.concat_str(pl.lit(TAG_MARK), tags.list.join(TAG_MARK), pl.lit(TAG_MARK))
        unfit = column.list.eval(tag.str.contains(r"\p{Cc}")).list.any()
        return Parsed(pl.when(tags.list.len() > 0).then(wrapped), unfit)

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """Control characters are all that a tag can't have."""
        return "holds a control character"


@dataclass(frozen=True, slots=True)
class Moment(Kind):
    """A date or a time, of which the local day is kept."""

    fits: ClassVar[str] = "a timestamp, a date or text"
    dtype = pl.Int32

    def parse(self, column: pl.Expr, dtype: pl.DataType, parsed: pl.Expr, setting: Setting) -> Parsed | None:
        """The local day."""
        if is_text(dtype):
            column, dtype = filled(column, dtype), pl.String()
        elif not (dtype == pl.Date or isinstance(dtype, pl.Datetime)):
            return None
        return Parsed(local_days(column, dtype, setting.zone, *setting.years), time_fault(column, dtype))

    def explain(self, text: str, row: Row, setting: Setting) -> str:
        """What local_day() says of a text; a Parquet date can only be out of the plausible years."""
        if text == BEYOND_THE_CALENDAR:
            return f"is outside the years {FIRST_YEAR} to {LAST_YEAR}"
        try:
            local_day(text, setting.zone)
        except InvalidTime as error:
            return str(error).removeprefix(f"{text[:60]!r} ")
        return f"is outside the years {FIRST_YEAR} to {LAST_YEAR}"

    def years(self, column: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr] | None:
        """The first and last year in the column."""
        return year_span(as_text(column, dtype), pl.String()) if is_text(dtype) else year_span(column, dtype)
