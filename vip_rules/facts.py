"""Facts: what the figures say of each customer about each tier, as numbers that a standing's life is reckoned with.

A window that reaches back before the data can be trusted says nothing for sure: the tests of its figures count as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from vip_rules.conditions import Condition, comparisons, holds
from vip_rules.metrics.figure import Figure
from vip_rules.program.program import Program
from vip_rules.qualification import purchase_cycle, test_names
from vip_rules.windows import LIFETIME, Window

OF_STANDINGS: Final = ("current_tier", "highest_tier")
"""The metrics that tell what was decided before."""


def path_dependent(program: Program) -> bool:
    """Whether a rule asks what was decided before, so that a day can't be evaluated ahead of those before it."""
    return any(figure.metric.name in OF_STANDINGS for figure in program.figures())


def facts_of(program: Program, frame: pl.DataFrame, *, trusted_from: int | None = None) -> pl.DataFrame:
    """What each row of `Qualifications.frame`, or of the frame of `evaluate_days`, comes to, in the same order.

    The columns: customer_id; day; three sets of tiers (bit n stands for the n-th tier, lowest first), `qualifies`, `keeps`
    (by `qualify` where a tier has no `keep`) and `undecided`; and `cycle`, the customer's days between orders, null if
    unknown or if grace doesn't go by it. Undecided are tiers that a customer doesn't qualify for for sure, as `qualify` or
    `keep` is unknown and asks for figures of windows that begin before the local day `trusted_from`.
    """
    rows, doubtful = frame.lazy(), dict[Figure, pl.Expr]()
    if trusted_from is not None:
        asked = [figure for figure in program.figures() if figure.metric.rows != "customer"]
        doubtful = {figure: pl.col(_early(figure.window or LIFETIME)) for figure in asked}
        rows = _with_early(rows, [figure.window or LIFETIME for figure in asked], trusted_from)

    held = {
        (figure, test): pl.when(~doubtful[figure]).then(pl.col(name)) if figure in doubtful else pl.col(name)
        for (figure, test), name in test_names(program).items()
    }

    def open_question(condition: Condition) -> pl.Expr:
        doubts = [doubtful[c.figure] for c in comparisons(condition) if c.figure in doubtful]
        return holds(condition, held).is_null() & pl.any_horizontal(doubts) if doubts else pl.lit(False)

    qualify = [holds(tier.qualify, held).fill_null(False) for tier in program.tiers]
    keep = [holds(tier.keep or tier.qualify, held).fill_null(False) for tier in program.tiers]
    undecided = [
        ~sure & (open_question(tier.qualify) | open_question(tier.keep or tier.qualify))
        for sure, tier in zip(qualify, program.tiers, strict=True)
    ]
    cycle = purchase_cycle(program) if trusted_from is None else None
    return rows.select(
        "customer_id",
        "day",
        qualifies=_bits(qualify),
        keeps=_bits(keep),
        undecided=_bits(undecided),
        cycle=pl.col(cycle.key) if cycle else pl.lit(None, pl.Int64),
    ).collect()


def rests_on_early(condition: Condition, frame: pl.DataFrame, trusted_from: int | None) -> pl.Series:
    """For each row of `Qualifications.frame`, whether a condition asks for a window that begins before a local day."""
    asked = [comparison.figure for comparison in comparisons(condition)]
    windows = [figure.window or LIFETIME for figure in asked if figure.metric.rows != "customer"]
    if trusted_from is None or not windows:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    rows = _with_early(frame.lazy().select("day", "joined"), windows, trusted_from)
    return rows.select(pl.any_horizontal(_early(window) for window in windows)).collect().to_series()


def _bits(flags: Sequence[pl.Expr]) -> pl.Expr:
    """Flags as a number, the first one as its lowest bit."""
    return pl.sum_horizontal(
        pl.when(flag).then(pl.lit(1 << n, pl.Int64)).otherwise(pl.lit(0, pl.Int64))
        for n, flag in enumerate(flags)
    )


def _with_early(rows: pl.LazyFrame, windows: Iterable[Window], trusted_from: int) -> pl.LazyFrame:
    """The rows with a column for each window: whether it begins before a day."""
    distinct = list(dict.fromkeys(windows))
    by = ["day", "joined"] if any(window.personal for window in distinct) else ["day"]
    known = rows.select(by).unique().collect()

    def early(window: Window) -> list[bool]:
        begins = (window.bounds(*days).after for days in known.iter_rows())
        return [after is None or after + 1 < trusted_from for after in begins]

    table = known.with_columns(pl.Series(_early(window), early(window), pl.Boolean) for window in distinct)
    return rows.join(table.lazy(), on=by, how="left", nulls_equal=True, maintain_order="left")


def _early(window: Window) -> str:
    return f"{window.name} begins too early"
