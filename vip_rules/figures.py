"""Figures: every metric that a program asks for, computed for everybody out of what was gathered of their rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import narwhals.stable.v2 as nw

from vip_rules.gathering import Column, Gathering, Source
from vip_rules.metrics.definition import Part, Parts
from vip_rules.metrics.figure import Figure
from vip_rules.metrics.filters import LINE_FILTERS
from vip_rules.windows import LIFETIME

Frame = nw.LazyFrame[Any]

FIRST_DAY: Final = Part("least", "day")


def columns_of(figure: Figure) -> dict[str, Column]:
    """The aggregates that a figure is made of, by its names for them; a ranked one needs its population too."""
    source = Source(figure.metric.rows, figure.where.only(*LINE_FILTERS))
    where = figure.where.only("channel", "type")
    parts = dict(figure.metric.parts) | ({"population": Part("count")} if figure.metric.ranks else {})
    return {name: Column(source, figure.window or LIFETIME, where, part) for name, part in parts.items()}


def first_day(figure: Figure) -> Column | None:
    """The first day of a figure's rows in its window, from which follows how long they count; None where none count."""
    if figure.metric.rows == "customer" or figure.metric.ranks:
        return None
    column = next(iter(columns_of(figure).values()))
    return Column(column.source, column.window, column.where, FIRST_DAY)


def with_figures(gathering: Gathering, figures: Iterable[Figure]) -> tuple[Frame, dict[Figure, str]]:
    """Everybody's frame with the figures, and the names of their columns.

    Columns are numbered: some engines don't tell "spend[category=Shoes]" from "spend[category=shoes]".
    """
    named = {figure: f"figure {n}" for n, figure in enumerate(figures)}
    ranks: dict[str, nw.Expr] = {}
    for figure in named:
        ranks |= _ranks(gathering, figure)
    frame = gathering.frame.with_columns(**ranks) if ranks else gathering.frame
    made = {name: figure.metric.figure(_parts(gathering, figure)) for figure, name in named.items()}
    return frame.with_columns(**made), named


def _parts(gathering: Gathering, figure: Figure) -> Parts:
    columns = {name: nw.col(gathering.name(column)) for name, column in columns_of(figure).items()}
    if figure.metric.ranks:
        size, worse = _rank_names(gathering, figure)
        columns["population"] = nw.col(size)
        columns |= {f"{rank}: worse": nw.col(name) for rank, name in worse.items()}
    return Parts(columns, gathering.as_of)


def _ranks(gathering: Gathering, figure: Figure) -> dict[str, nw.Expr]:
    """How many of the figure's population are strictly worse in each of its ranks, and the population's size."""
    if not figure.metric.ranks:
        return {}
    columns = columns_of(figure)
    size, worse = _rank_names(gathering, figure)
    inside = nw.col(gathering.name(columns["population"])) > 0
    made = {size: inside.cast(nw.Int64).sum().cast(nw.Int64)}
    for rank, name in worse.items():
        ranked = nw.col(gathering.name(columns[figure.metric.ranks[rank].part]))
        made[name] = nw.when(inside).then(ranked).rank("min").cast(nw.Int64) - 1
    return made


def _rank_names(gathering: Gathering, figure: Figure) -> tuple[str, dict[str, str]]:
    """The columns of a population's size and of its ranks: the same for all figures that share them."""
    columns = columns_of(figure)
    population = gathering.name(columns["population"])
    worse = {
        rank: f"{gathering.name(columns[ranked.part])} among {population}"
        for rank, ranked in figure.metric.ranks.items()
    }
    return f"{population} in all", worse
