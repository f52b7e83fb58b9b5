"""Ranks: how many of a population are strictly worse than each, among everybody at hand or by cut points of a population."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from vip_rules.evaluation.cutpoints import SHARES, Cut, CutPoints, in_force
from vip_rules.evaluation.days import day_of
from vip_rules.evaluation.gathering import Column, Gathering

if TYPE_CHECKING:
    import polars as pl

Frame = nw.LazyFrame[Any]

APART: Final = 2**48
"""So far apart lie the values of different cut points in one column; more than any sum that is let through."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A part of everybody that is ranked among those with a row in its window, in columns of these names.

    `key` is what cut points call it. A day is ranked by how long ago it was.
    """

    key: str
    is_day: bool
    value: str
    rows: str

    @classmethod
    def of(cls, gathering: Gathering, part: Column, population: Column) -> Ranked:
        """A part that was gathered, among those for whom the population's column counts rows."""
        return cls(_key(part), part.part.column == "day", gathering.name(part), gathering.name(population))

    @property
    def size(self) -> str:
        """The column with the size of the population."""
        return f"{self.rows} in all"

    @property
    def worse(self) -> str:
        """The column with how many of them are strictly worse."""
        return f"{self.value} among {self.rows}"

    @property
    def columns(self) -> tuple[str, ...]:
        """What cut points are made of."""
        return self.value, self.size, self.worse


def with_ranks(
    gathering: Gathering, ranked: Iterable[Ranked], cut_points: Sequence[CutPoints] | None
) -> Frame:
    """What was gathered, with the sizes and the worse ones of all ranks; by cut points unless they are None.

    Unknown is how many are worse than a customer outside of the population. Raises MissingCutPoints.
    """
    distinct = list(dict.fromkeys(ranked))
    if not distinct:
        return gathering.frame
    return (
        _among_all(gathering, distinct) if cut_points is None else _by_cuts(gathering, distinct, cut_points)
    )


def cut_points_of(frame: pl.DataFrame, ranked: Iterable[Ranked], as_of: int) -> CutPoints:
    """The cut points of a population that is all in a frame with the columns of its ranks."""
    return CutPoints(as_of, {each.key: _cut(frame, each, as_of) for each in dict.fromkeys(ranked)})


def _among_all(gathering: Gathering, ranked: Iterable[Ranked]) -> Frame:
    made: dict[str, nw.Expr] = {}
    for each in ranked:
        inside = nw.col(each.rows) > 0
        made[each.size] = inside.cast(nw.Int64).sum().cast(nw.Int64)
        made[each.worse] = nw.when(inside).then(nw.col(each.value)).rank("min").cast(nw.Int64) - 1
    return gathering.frame.with_columns(**made)


def _by_cuts(gathering: Gathering, ranked: Sequence[Ranked], given: Sequence[CutPoints]) -> Frame:
    """The nearest step below each value: of its cut points, as all values lie `APART` from those of others."""
    days = in_force(given, [each.key for each in ranked], gathering.days.distinct)
    chosen = list({points.day: points for points in days.values()}.values())
    start = {points.day: n * APART for n, points in enumerate(chosen)}
    starts = gathering.days.by_day({day: start[points.day] for day, points in days.items()})
    frame = gathering.frame
    for each in ranked:
        value = nw.col(each.value)
        if each.is_day:
            value = value - day_of(gathering.days.as_of)
        steps = _steps([points.cuts[each.key] for points in chosen], each)
        if each.size in frame.collect_schema().names():  # another rank of the same population has brought it
            steps = steps.drop(each.size)
        frame = (
            frame.with_columns(at=nw.when(nw.col(each.rows) > 0).then(starts + value))
            .sort("at")
            .join_asof(gathering.engine.take(steps), on="at", strategy="backward")
            .drop("at")
        )
    return frame


def _steps(cuts: Sequence[Cut], ranked: Ranked) -> pl.DataFrame:
    import polars as pl

    schema = dict.fromkeys(("at", ranked.worse, ranked.size), pl.Int64)
    steps = [pl.DataFrame(schema=schema)]
    for n, cut in enumerate(cuts):
        begin = pl.Series([-APART // 2, *cut.values], dtype=pl.Int64) + n * APART
        columns = {"at": begin, ranked.worse: [0, *cut.worse], ranked.size: cut.population}
        steps.append(pl.DataFrame(columns, schema=schema))
    return pl.concat(steps)


def _cut(frame: pl.DataFrame, ranked: Ranked, as_of: int) -> Cut:
    import polars as pl

    if not frame.height:
        return Cut(0)
    value, worse, size = pl.col(ranked.value), pl.col(ranked.worse), pl.col(ranked.size)
    least = (
        frame.lazy()
        .filter(worse.is_not_null())
        .group_by(SHARES * worse // size)
        .agg(value.min() - (as_of if ranked.is_day else 0), worse.min())
        .select(ranked.value, ranked.worse)
        .sort(ranked.value)
        .collect(engine="in-memory")
    )
    return Cut(frame[ranked.size][0], *(tuple(least[name]) for name in (ranked.value, ranked.worse)))


def _key(column: Column) -> str:
    """What is ranked, in whose rows: "orders[12 months, channel=pos]: sum value"."""
    inner = (column.window.name, str(column.source.lines), str(column.where))
    part = (column.part.how, column.part.column, "" if column.part.span == "whole" else column.part.span)
    return f"{column.source.rows}[{', '.join(filter(None, inner))}]: {' '.join(filter(None, part))}"
