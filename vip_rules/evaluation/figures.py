"""Figures: every metric that a program asks for, computed for everybody out of what was gathered of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw

from vip_rules.evaluation.cutpoints import CutPoints
from vip_rules.evaluation.days import day_of
from vip_rules.evaluation.gathering import Column, Gathering, Source
from vip_rules.evaluation.ranks import Ranked, with_ranks
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


def ranks_of(gathering: Gathering, figure: Figure) -> dict[str, Ranked]:
    """What a figure ranks, by the names of its ranks: the same for all figures that share a part and a population."""
    columns = columns_of(figure)
    return {
        name: Ranked.of(gathering, columns[rank.part], columns["population"])
        for name, rank in figure.metric.ranks.items()
    }


def with_figures(
    gathering: Gathering, figures: Iterable[Figure], cut_points: Sequence[CutPoints] | None = None
) -> tuple[Frame, dict[Figure, str]]:
    """Everybody's frame with the figures, and the names of their columns; places are by cut points unless they are None.

    Columns are numbered: some engines don't tell "spend[category=Shoes]" from "spend[category=shoes]".
    Raises MissingCutPoints.
    """
    named = {figure: f"figure {n}" for n, figure in enumerate(figures)}
    ranked = [each for figure in named for each in ranks_of(gathering, figure).values()]
    made = {name: figure.metric.figure(_parts(gathering, figure)) for figure, name in named.items()}
    return with_ranks(gathering, ranked, cut_points).with_columns(**made), named


def _parts(gathering: Gathering, figure: Figure) -> Parts:
    columns = {name: nw.col(gathering.name(column)) for name, column in columns_of(figure).items()}
    for name, ranked in ranks_of(gathering, figure).items():
        columns |= {"population": nw.col(ranked.size), f"{name}: worse": nw.col(ranked.worse)}
    return Parts(columns, day_of(gathering.days.as_of))
