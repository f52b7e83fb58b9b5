"""Qualifications: the outcome of an evaluation, everybody's tier with the figures and tests that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vip_rules.conditions import Comparison, Test, comparisons
from vip_rules.evaluation.cutpoints import CutPoints
from vip_rules.metrics.figure import Figure
from vip_rules.metrics.recency import DAYS_BETWEEN_ORDERS
from vip_rules.program.program import Program
from vip_rules.program.status import CycleGrace
from vip_rules.tiers import Tier

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Qualifications:
    """Everybody's standing as of a local day.

    `frame` has a row for each customer, sorted by id, with the columns customer_id; day and joined (local days); tier and
    next_tier (ids or null); each figure, by its key; each test, by its name: true, false or null for unknown; and the
    first day of each figure's rows in its window, by `first_day_name`.
    """

    program: Program
    as_of: int
    frame: pl.DataFrame
    scored_by: Callable[[], CutPoints] = field(repr=False, compare=False)

    def __len__(self) -> int:
        return self.frame.height

    @property
    def cut_points(self) -> CutPoints:
        """Those by which everybody was scored, given ones or their own; without cuts if the program compares nobody.

        They are made when they are first asked for.
        """
        return self.scored_by()

    def parts(self, rows: int) -> Iterator[Qualifications]:
        """The same qualifications, so many customers at a time."""
        for part in self.frame.iter_slices(rows):
            yield replace(self, frame=part)

    def of(self, customer_id: str) -> Qualifications:
        """The standing of one customer; empty if there is no such customer."""
        import polars as pl

        return replace(self, frame=self.frame.filter(pl.col("customer_id") == customer_id))


def purchase_cycle(program: Program) -> Figure | None:
    """The figure by which the program measures grace, if it goes by the customer's own purchase cycle."""
    return Figure.of(DAYS_BETWEEN_ORDERS) if isinstance(program.status.grace, CycleGrace) else None


def test_name(figure: Figure, test: Test) -> str:
    """The name of a test's column: "spend[12 months] at_least 200000"."""
    return f"{figure.key} {test.comparator} {test.target}"


test_name.__test__ = False  # type: ignore[attr-defined]


def test_names(program: Program) -> dict[tuple[Figure, Test], str]:
    """The names of the columns of all tests that a program makes, each test once."""
    tests = ((comparison.figure, test) for comparison in program.comparisons() for test in comparison.tests)
    return {(figure, test): test_name(figure, test) for figure, test in tests}


test_names.__test__ = False  # type: ignore[attr-defined]


def comparisons_of(program: Program) -> Iterator[tuple[Tier, Comparison]]:
    """Every comparison of the tiers' `qualify` conditions, in written order: what a standing gives as its reasons."""
    for tier in program.tiers:
        for comparison in comparisons(tier.qualify):
            yield tier, comparison
