"""Gathering: simple aggregates of every customer's rows, in one pass over each kind of rows; figures are made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Final

import narwhals.stable.v2 as nw

from vip_rules.engine import Engine
from vip_rules.errors import VipRulesError
from vip_rules.evaluation.counted import counted_lines, counted_orders, kept_lines, matches, narrowed_orders
from vip_rules.evaluation.days import Bound, Days, Reach, day_of
from vip_rules.history import TAG_MARK, History
from vip_rules.metrics.definition import Part, Rows
from vip_rules.metrics.figure import Where
from vip_rules.model import SpendBasis
from vip_rules.windows import Window

Frame = nw.LazyFrame[Any]

MOST_VALUES: Final = 1_000
"""The bound on different values of a set (channels): more than that is a wrong column, not a set."""


class TooManyValues(VipRulesError):
    """A column that should name a few things names thousands: mend the input."""


class MissingRows(VipRulesError):
    """A program asks for rows that the history doesn't have at all: give them, or ask for something else."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows to aggregate: of one kind, and of orders only the part that `lines` lets through."""

    rows: Rows
    lines: Where


@dataclass(frozen=True, slots=True)
class Column:
    """An aggregate of a source's rows: a part over a window, of the rows that `where` lets through."""

    source: Source
    window: Window
    where: Where
    part: Part


class Gathering:
    """One evaluation's pass over a history: `frame` holds a row for each subject with every column that was asked for."""

    def __init__(
        self, columns: Iterable[Column], history: History, basis: SpendBasis, days: Days, engine: Engine
    ) -> None:
        self.days, self.engine, self._basis = days, engine, basis
        self._orders = engine.take(history.orders)
        self._lines = None if history.lines is None else engine.take(history.lines)
        self._gift_cards = self._lines if history.may_have_gift_cards else None
        self._events = None if history.events is None else engine.take(history.events)
        wanted = list(dict.fromkeys(columns))
        self._names = {column: f"part {n}" for n, column in enumerate(wanted)}
        windows = dict.fromkeys(column.window for column in wanted)
        self._subjects = frame = days.subjects(engine.take(history.customers), windows, engine)
        for source in dict.fromkeys(column.source for column in wanted if column.source.rows != "customer"):
            aggregated = self._aggregate(source, [column for column in wanted if column.source == source])
            frame = frame.join(aggregated, on=days.key, how="left")
        self.frame = frame.with_columns(
            **{name: self._filled(column, name) for column, name in self._names.items()}
        )

    def name(self, column: Column) -> str:
        """The name of a column in `frame`."""
        return self._names[column]

    @property
    def sums(self) -> list[str]:
        """The names of the columns that are sums."""
        return [name for column, name in self._names.items() if column.part.how == "sum"]

    def _filled(self, column: Column, name: str) -> nw.Expr:
        """An aggregate for everybody: sums and counts of no rows are 0, the set of none is empty, days stay unknown."""
        if column.source.rows == "customer":
            value = nw.col(column.part.column)
            return value.fill_null("") if column.part.how == "values" else value
        match column.part.how:
            case "sum" | "count" | "distinct":
                return nw.col(name).cast(nw.Int64).fill_null(0)
            case "values":
                return nw.col(name).fill_null("")
            case _:
                return nw.col(name).cast(nw.Int64)

    def _aggregate(self, source: Source, columns: list[Column]) -> Frame:
        reaches = {column.window: self.days.reach(column.window) for column in columns}
        afters = {reach.after for reach in reaches.values()}
        widest = _widest(afters)
        rows = found = self._rows(source)
        if any(column.part.column == "month" for column in columns):
            rows = rows.with_columns(month=month_of(nw.col("day")))
        rows = self._of_subjects(rows, reaches.values()).filter(nw.col("day") <= day_of(self.days.as_of))
        if None not in afters:
            rows = rows.filter(nw.col("day") > _least(afters, widest))
        made: dict[str, nw.Expr] = {}
        finished: dict[str, nw.Expr] = {}
        for column in columns:
            name, mask = self._names[column], self._mask(column, reaches[column.window], widest)
            if column.part.how != "values":
                made[name] = _aggregated(column.part, mask)
                continue
            values = self._values(found, column.part.column)
            flags = {f"{name}.{n}": _has(column.part.column, value, mask) for n, value in enumerate(values)}
            made |= flags
            finished[name] = _joined(list(flags), values)
        names = [self._names[column] for column in columns]
        return (
            rows.group_by(self.days.key)
            .agg(**made)
            .select(self.days.key, *(name for name in names if name not in finished), **finished)
        )

    def _of_subjects(self, rows: Frame, reaches: Iterable[Reach]) -> Frame:
        """The rows with what differs from subject to subject, once for each subject that they belong to."""
        bounds = [bound for reach in reaches for bound in (reach.after, reach.until)]
        differing = [name for name in (self.days.key, self.days.as_of, *bounds) if isinstance(name, str)]
        names = list(dict.fromkeys(["customer_id", *differing]))
        if names == ["customer_id"]:
            return rows
        return rows.join(self._subjects.select(*names), on="customer_id", how="inner")

    def _rows(self, source: Source) -> Frame:
        if source.rows == "events":
            return _given(self._events, "events")
        orders = counted_orders(self._orders, self._gift_cards, self._basis)
        if source.rows == "lines" or source.lines:
            lines = counted_lines(orders, _given(self._lines, "order lines"))
            if source.rows == "lines":
                return kept_lines(lines, source.lines)
            orders = narrowed_orders(lines, source.lines)
        return orders if source.rows == "counted" else orders.filter(nw.col("real"))

    def _mask(self, column: Column, reach: Reach, widest: Bound | None) -> nw.Expr | None:
        """Which rows a column aggregates; None: all that the source has after the widest bound."""
        after = None if reach.after in (None, widest) else day_of(reach.after)
        until = None if reach.until is None else day_of(reach.until)
        if column.part.span != "whole":
            assert reach.after is not None, "only bounded windows have halves"
            begin, end = day_of(reach.after), day_of(self.days.as_of if reach.until is None else reach.until)
            middle = begin + (end - begin) // 2
            after, until = (after, middle) if column.part.span == "first half" else (middle, until)
        tests: list[nw.Expr] = []
        if after is not None:
            tests.append(nw.col("day") > after)
        if until is not None:
            tests.append(nw.col("day") <= until)
        if column.where:
            tests.append(matches(column.where))
        return reduce(and_, tests) if tests else None

    def _values(self, rows: Frame, column: str) -> list[str]:
        found = self.engine.collect(rows.select(column).unique())[column].drop_nulls().sort().to_list()
        if len(found) > MOST_VALUES:
            raise TooManyValues(
                f"the column {column} of the orders has {len(found):,} different values, such as {found[0]!r}: "
                f"expected at most {MOST_VALUES:,}. Is it the right column?"
            )
        return found


def month_of(day: nw.Expr) -> nw.Expr:
    """A number that is the same for all days of one calendar month and differs for all others.

    In integers, for days from 0000-03-01 on (Neri and Schneider 2022, "Euclidean affine functions and their application to
    calendar algorithms"); with few repeated terms, as some engines compute a term anew wherever it stands.
    """
    quarter_days = (day.cast(nw.Int64) + 719_468) * 4 + 3
    century, of_century = quarter_days // 146_097, quarter_days % 146_097 // 4 * 4 + 3
    year, of_year = of_century // 1_461, of_century % 1_461 // 4
    return (century * 100 + year) * 12 + (of_year * 5 + 461) // 153


def _widest(afters: Collection[Bound | None]) -> Bound | None:
    """The bound before which no window begins, if one of them is that for sure."""
    if len(afters) == 1:
        return next(iter(afters))
    days = [after for after in afters if isinstance(after, int)]
    return min(days) if len(days) == len(afters) else None


def _least(afters: Collection[Bound | None], widest: Bound | None) -> Any:
    if widest is not None:
        return day_of(widest)
    return nw.min_horizontal(
        *(nw.col(after) if isinstance(after, str) else nw.lit(after) for after in afters)
    )


def _given(frame: Frame | None, what: str) -> Frame:
    if frame is None:
        raise MissingRows(
            f"the program asks for {what}, and the history has none: give the history with its {what}"
        )
    return frame


def _aggregated(part: Part, mask: nw.Expr | None) -> nw.Expr:
    if part.how == "count":
        return nw.len() if mask is None else mask.cast(nw.Int64).sum()
    value = nw.col(part.column)
    if part.how == "sum":
        return (value if mask is None else nw.when(mask).then(value).otherwise(0)).sum()
    if mask is not None:
        value = nw.when(mask).then(value)
    if part.how == "distinct":
        return value.n_unique().cast(nw.Int64) - value.is_null().any().cast(nw.Int64)
    return value.min() if part.how == "least" else value.max()


def _has(column: str, value: str, mask: nw.Expr | None) -> nw.Expr:
    found = (nw.col(column) == value).fill_null(False)
    return (found if mask is None else found & mask).any()


def _joined(flags: list[str], values: list[str]) -> nw.Expr:
    """The values whose flags are set, as one text with marks around each."""
    texts = [
        nw.when(nw.col(flag)).then(nw.lit(value + TAG_MARK)).otherwise(nw.lit(""))
        for flag, value in zip(flags, values, strict=True)
    ]
    return nw.concat_str(nw.lit(TAG_MARK), *texts) if texts else nw.lit("")
