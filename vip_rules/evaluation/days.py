"""Days: as of which local days an evaluation asks, one for everybody or some for each, and what windows reach back to then.

Whom and when it asks about is a *subject*: a customer, or a customer on a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import narwhals.stable.v2 as nw

from vip_rules.engine import Engine
from vip_rules.windows import Window, last_anniversary

if TYPE_CHECKING:
    import polars as pl

Frame = nw.LazyFrame[Any]

Bound = int | str
"""A local day that is the same for all, or the name of the subjects' column that has it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A window's days: those after `after` (None: from the first on) up to `until` (None: up to the evaluation's)."""

    after: Bound | None
    until: Bound | None


class Days(Protocol):
    """The days of an evaluation."""

    @property
    def key(self) -> str:
        """The subjects' column that tells each from all others."""

    @property
    def as_of(self) -> Bound:
        """The day of each subject's evaluation."""

    def subjects(self, customers: Frame, windows: Iterable[Window], engine: Engine) -> Frame:
        """The subjects: what is known of the customers, with the columns that the reaches of the windows name."""

    def reach(self, window: Window) -> Reach:
        """The days of a window."""

    def by_day(self, values: Mapping[int, int]) -> nw.Expr:
        """For each subject the number that belongs to its day."""

    @property
    def distinct(self) -> tuple[int, ...]:
        """All days, each once, in order."""


@dataclass(frozen=True, slots=True)
class OneDay:
    """Everybody as of one local day. Only membership years differ from customer to customer."""

    as_of: int
    key: ClassVar[str] = "customer_id"

    def subjects(self, customers: Frame, windows: Iterable[Window], engine: Engine) -> Frame:
        """The customers."""
        return _with_membership_years(customers, self.as_of, windows, engine)

    def reach(self, window: Window) -> Reach:
        """The days of a window."""
        if window.personal:
            return Reach(_after(window), None)
        bounds = window.bounds(self.as_of)
        return Reach(bounds.after, None if bounds.until == self.as_of else bounds.until)

    def by_day(self, values: Mapping[int, int]) -> nw.Expr:
        """The day's number."""
        return nw.lit(values[self.as_of], nw.Int64)

    @property
    def distinct(self) -> tuple[int, ...]:
        """The day."""
        return (self.as_of,)


@dataclass(frozen=True, slots=True)
class ManyDays:
    """Customers as of days of their own. `pairs` has the columns customer_id and day; frames are of Polars."""

    pairs: pl.DataFrame
    key: ClassVar[str] = "pair"
    as_of: ClassVar[str] = "as_of"

    def subjects(self, customers: Frame, windows: Iterable[Window], engine: Engine) -> Frame:
        """The pairs, numbered, with their customers."""
        windows = list(windows)
        pairs = engine.take(self.pairs.with_row_index(self.key).rename({"day": self.as_of}))
        subjects = pairs.join(customers, on="customer_id", how="inner")
        if bounds := self._bounds(windows):
            subjects = subjects.with_columns(**bounds)
        return _with_membership_years(subjects, self.as_of, windows, engine)

    def reach(self, window: Window) -> Reach:
        """The days of a window."""
        ends_earlier = window.name == "previous calendar year"
        return Reach(_after(window) if window.bounded else None, _until(window) if ends_earlier else None)

    def by_day(self, values: Mapping[int, int]) -> nw.Expr:
        """The number of each pair's day."""
        return nw.col(self.as_of).replace_strict(list(values), list(values.values()), return_dtype=nw.Int64)

    @property
    def distinct(self) -> tuple[int, ...]:
        """All days of the pairs."""
        return tuple(self.pairs["day"].unique().sort())

    def _bounds(self, windows: Iterable[Window]) -> dict[str, nw.Expr]:
        days = self.distinct
        made: dict[str, nw.Expr] = {}
        for window in windows:
            if window.bounded and not window.personal:
                bounds = {day: window.bounds(day) for day in days}
                after = self.by_day({day: b.after for day, b in bounds.items() if b.after is not None})
                until = self.by_day({day: b.until for day, b in bounds.items()})
                made |= {_after(window): after.cast(nw.Int32), _until(window): until.cast(nw.Int32)}
        return made


def day_of(bound: Bound) -> Any:
    """A bound as expressions take it: the number, or the column."""
    return nw.col(bound) if isinstance(bound, str) else bound


def _after(window: Window) -> str:
    return f"after {window.name}"


def _until(window: Window) -> str:
    return f"until {window.name}"


def _with_membership_years(subjects: Frame, as_of: Bound, windows: Iterable[Window], engine: Engine) -> Frame:
    """Subjects with the day before their membership year, looked up by the day of joining, if a window asks for it."""
    import polars as pl

    personal = next((window for window in windows if window.personal), None)
    if personal is None:
        return subjects
    on = ["joined", as_of] if isinstance(as_of, str) else ["joined"]
    known = engine.collect(subjects.select(*on).unique()).drop_nulls()
    days = known[as_of] if isinstance(as_of, str) else [as_of] * known.height
    begun = [last_anniversary(joined, day) - 1 for joined, day in zip(known["joined"], days, strict=True)]
    table = known.with_columns(pl.Series(_after(personal), begun, dtype=pl.Int32))
    return subjects.join(engine.take(table), on=on, how="left")
