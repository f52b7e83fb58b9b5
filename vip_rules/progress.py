"""Progress: what is missing to a tier on the cheapest path: fewest missing tests, then the smallest relative gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add, or_
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from vip_rules.comparators import COMPARATORS, Target
from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, Not
from vip_rules.metrics.definition import hundredths
from vip_rules.metrics.figure import Figure, first_day_name
from vip_rules.windows import Window

if TYPE_CHECKING:
    Frame = nw.DataFrame[Any]
    Series = nw.Series[Any]

WHOLE: Final = 10_000
"""A relative gap of 100 %: what an unknown figure, or a text that doesn't match, counts."""

WIDEST_GAP: Final = 10**8
ONE_MISSING: Final = 10**12
"""Costs are one number: missing tests times this, plus their relative gaps."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A test that has to hold, as an author wrote it, with `not` turned into the opposite comparator.

    The opposite of `equals`, which authors can't write, is `not_equals` here.
    """

    figure: Figure
    comparator: str
    target: Target

    def opposite(self) -> Requirement:
        """The requirement that holds exactly where this one is false."""
        if self.comparator == "is_known":
            return Requirement(self.figure, "is_known", not self.target)
        opposite = {"equals": "not_equals", "not_equals": "equals"}.get(self.comparator)
        return Requirement(self.figure, opposite or COMPARATORS[self.comparator].opposite, self.target)

    def lacks(self) -> nw.Expr:
        """Whether it is missing: not held now, or unknown."""
        test = "equals" if self.comparator == "not_equals" else self.comparator
        held = COMPARATORS[test].test(nw.col(self.figure.key), self.target, self.figure.metric.unit)
        return ~(~held if self.comparator == "not_equals" else held).fill_null(False)

    @property
    def measurable(self) -> bool:
        """Whether there is a distance between figure and target: not for texts and `is_known`."""
        return isinstance(self.target, int) and not isinstance(self.target, bool)

    def gap(self, figure: Any) -> Any:
        """How far a figure is from a measurable target, in its unit; the figure is an expression of Narwhals or Polars."""
        match self.comparator:
            case "at_least":
                return self.target - figure
            case "more_than":
                return self.target - figure + 1
            case "at_most":
                return figure - self.target
            case "less_than":
                return figure - self.target + 1
            case "equals":
                return (figure - self.target).abs()
            case _:
                return figure * 0 + 1

    def cost(self) -> nw.Expr:
        """What it costs on a path: nothing where it holds, else one missing test and its relative gap."""
        relative = nw.lit(WHOLE, nw.Int64)
        if isinstance(self.target, int) and self.measurable:
            gap, target = self.gap(nw.col(self.figure.key).cast(nw.Int64)), max(self.target, 1)
            # Divided before it is multiplied: the widest gaps would leave 64 bits.
            wide = gap // (WIDEST_GAP // WHOLE) >= target
            share = (
                nw.when(wide)
                .then(nw.lit(WIDEST_GAP, nw.Int64))
                .otherwise(hundredths(gap, nw.lit(target, nw.Int64)))
            )
            relative = share.fill_null(WHOLE)
        return nw.when(self.lacks()).then(relative + ONE_MISSING).otherwise(nw.lit(0, nw.Int64))

    @property
    def expires(self) -> Window | None:
        """The window out of which what is there already falls some day; None where waiting takes nothing away."""
        metric, grows = self.figure.metric, self.comparator in ("at_least", "more_than")
        return self.figure.window if grows and metric.rows != "customer" and not metric.ranks else None

    @property
    def known(self) -> str | None:
        """The column of a standing that tells how long the figure stays: its first day, or the day of joining."""
        if self.expires is None:
            return None
        return "joined" if self.expires.personal else first_day_name(self.figure)

    def counts_through(self, known: int, as_of: int) -> int | None:
        """The last day on which the figure stays what it is as of `as_of` if nothing is added; None: for ever.

        `known` is what the column of that name holds.
        """
        if self.expires is None:
            return None
        if self.expires.personal:
            return self.expires.counts_through(as_of, as_of, joined=known)
        return self.expires.counts_through(known, as_of)


@dataclass(frozen=True, slots=True)
class Path:
    """Requirements that all have to hold (`every`), or of which any does."""

    every: bool
    steps: tuple[Requirement | Path, ...]


def path(condition: Condition, negated: bool = False) -> Requirement | Path:
    """A condition as requirements, `not` pushed down to the tests."""
    match condition:
        case Comparison(figure, tests):
            wanted = [Requirement(figure, test.comparator, test.target) for test in tests]
            steps = tuple(need.opposite() if negated else need for need in wanted)
            return steps[0] if len(steps) == 1 else Path(not negated, steps)
        case All(conditions) | AnyOf(conditions):
            return Path(
                isinstance(condition, All) != negated, tuple(path(inner, negated) for inner in conditions)
            )
        case Not(inner):
            return path(inner, not negated)
        case Named(_, inner):
            return path(inner, negated)


def missing(condition: Condition, frame: Frame) -> dict[Requirement, Series]:
    """For each requirement of a condition, in written order, in which rows it is what the cheapest path lacks.

    `frame` holds figures by their keys.
    """
    places: dict[Requirement, list[Series]] = {}
    everybody = _column(frame, ~nw.col("customer_id").is_null())
    for requirement, chosen in _chosen(_costed(path(condition), frame), everybody):
        places.setdefault(requirement, []).append(chosen & _column(frame, requirement.lacks()))
    return {requirement: reduce(or_, found) for requirement, found in places.items()}


@dataclass(frozen=True, slots=True)
class _Costed:
    """A step of a path, with what it and each of its own steps costs every customer."""

    step: Requirement | Path
    cost: Series
    inner: tuple[_Costed, ...] = ()


def _costed(step: Requirement | Path, frame: Frame) -> _Costed:
    if isinstance(step, Requirement):
        return _Costed(step, _column(frame, step.cost()))
    inner = tuple(_costed(each, frame) for each in step.steps)
    return _Costed(step, reduce(add if step.every else _smaller, (each.cost for each in inner)), inner)


def _chosen(costed: _Costed, chosen: Series) -> Iterator[tuple[Requirement, Series]]:
    """Each requirement with the rows in which the cheapest path leads over it; of equally cheap ways the first."""
    if isinstance(costed.step, Requirement):
        yield costed.step, chosen
        return
    for each in costed.inner:
        if costed.step.every:
            yield from _chosen(each, chosen)
        else:
            here = chosen & (each.cost == costed.cost)
            yield from _chosen(each, here)
            chosen = chosen & ~here


def _column(frame: Frame, expression: nw.Expr) -> Series:
    return frame.select(expression.alias("column")).get_column("column")


def _smaller(one: Series, other: Series) -> Series:
    return one.zip_with(one <= other, other)
