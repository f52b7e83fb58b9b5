"""Evaluation: a history in, everybody's standing out. Pure: the same program, history and day give the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw

from vip_rules.conditions import Test, holds, test_holds
from vip_rules.engine import ENGINES, Engine, engine_named
from vip_rules.errors import VipRulesError
from vip_rules.evaluation.cutpoints import CutPoints
from vip_rules.evaluation.days import Days, ManyDays, OneDay
from vip_rules.evaluation.figures import columns_of, first_day, ranks_of, with_figures
from vip_rules.evaluation.gathering import Gathering
from vip_rules.evaluation.ranks import Ranked, cut_points_of
from vip_rules.evaluation.slices import slices
from vip_rules.history import History
from vip_rules.localdays import FIRST_YEAR, LAST_YEAR, day_number
from vip_rules.metrics.figure import Figure, first_day_name
from vip_rules.program.program import Program
from vip_rules.qualification import Qualifications, purchase_cycle, test_names
from vip_rules.tiers import Tier

if TYPE_CHECKING:
    import polars as pl

LARGEST_SUM: Final = 9 * 10**13
"""The bound on what one customer's orders may come to, in minor units: a hundred times it is still exact everywhere."""


class SumTooLarge(VipRulesError):
    """A customer's orders come to more than figures can hold exactly: look at the amounts of the input."""


class DayOutOfRange(VipRulesError):
    """A day in years that no store's history has: look at the day."""


def check_day(as_of: int) -> None:
    """Refuse a local day outside the years that histories can have. Raises DayOutOfRange."""
    if not day_number(date(FIRST_YEAR, 1, 1)) <= as_of <= day_number(date(LAST_YEAR, 12, 31)):
        raise DayOutOfRange(f"the day to evaluate as of is outside the years {FIRST_YEAR} to {LAST_YEAR}")


def evaluate(
    program: Program,
    history: History,
    as_of: int,
    *,
    engine: str | Engine = "polars",
    cut_points: CutPoints | None = None,
) -> Qualifications:
    """Everybody's standing as of the local day `as_of`: the highest tier whose `qualify` holds, with all figures and tests.

    `history` may hold frames of any engine. Customers are compared with each other, or with the population that made
    `cut_points`. Raises NotInstalled for an engine that is missing, DayOutOfRange for a day that no history reaches,
    SumTooLarge for amounts beyond the bounds of exact figures, MissingCutPoints for those of another program.
    """
    check_day(as_of)
    chosen = engine_named(engine) if isinstance(engine, str) else engine
    given = None if cut_points is None else [cut_points]
    found = _evaluated(program, history, OneDay(as_of), chosen, given)
    if cut_points is not None:
        return Qualifications(program, as_of, found.frame(), lambda: cut_points)
    places = found.rows.select({name for ranked in found.ranked for name in ranked.columns})
    made = cache(partial(cut_points_of, places, found.ranked, as_of))
    return Qualifications(program, as_of, found.frame(), made)


def evaluate_days(
    program: Program, history: History, pairs: pl.DataFrame, cut_points: Sequence[CutPoints] = ()
) -> pl.DataFrame:
    """The standing of some customers as of days of their own, many at once.

    `pairs` has the columns customer_id and day (a local day); `history` holds frames of Polars. The result has a row for
    each pair whose customer the history knows, sorted by customer_id and day, with the columns of `Qualifications.frame`.

    A pair is scored by the latest cut points not after its day, or else by the earliest. The tiers held before are those of
    the history on every day. Raises DayOutOfRange, SumTooLarge; MissingCutPoints if the program compares customers with each
    other and none of the given ones fits.
    """
    import polars as pl

    pairs = pairs.select("customer_id", pl.col("day").cast(pl.Int32)).unique().sort("customer_id", "day")
    for day in ManyDays(pairs).distinct:
        check_day(day)
    frames = [
        _evaluated(program, part, ManyDays(asked), ENGINES["polars"], cut_points).frame()
        for part, asked in slices(history, pairs)
    ]
    return pl.concat(frames)


@dataclass(frozen=True, slots=True)
class _Evaluated:
    """Computed rows; which of their columns are figures, tests and first days, by the names that others know; own ranks."""

    program: Program
    rows: pl.DataFrame
    key: str
    names: Mapping[str, str]
    ranked: tuple[Ranked, ...]

    def frame(self) -> pl.DataFrame:
        """What others see, sorted."""
        next_tier = _next(self.program.tiers)
        ordered = self.rows.lazy().sort(self.key)
        return ordered.select("customer_id", "day", "joined", "tier", next_tier, **self.names).collect()


def _evaluated(
    program: Program, history: History, days: Days, engine: Engine, cut_points: Sequence[CutPoints] | None
) -> _Evaluated:
    figures = program.figures()
    first_days = {figure: column for figure in figures if (column := first_day(figure))}
    cycle = purchase_cycle(program)
    figures = list(dict.fromkeys([*figures, *([cycle] if cycle else [])]))
    wanted = [column for figure in figures for column in columns_of(figure).values()]
    gathering = Gathering([*wanted, *first_days.values()], history, program.spend, days, engine)
    frame, named = with_figures(gathering, figures, cut_points)

    tests = test_names(program)
    held = {pair: f"test {n}" for n, pair in enumerate(tests)}
    frame = frame.with_columns(
        **{name: test_holds(f, test, nw.col(named[f])) for (f, test), name in held.items()}
    )
    frame = frame.with_columns(
        tier=_highest(program.tiers, {pair: nw.col(name) for pair, name in held.items()})
    )

    names = {figure.key: name for figure, name in named.items()}
    names |= {first_day_name(figure): gathering.name(column) for figure, column in first_days.items()}
    names |= {tests[pair]: name for pair, name in held.items()}
    ranked: list[Ranked] = []
    if cut_points is None:
        ranked = [each for figure in figures for each in ranks_of(gathering, figure).values()]
    places = [name for each in ranked for name in each.columns]
    inside = ["customer_id", days.key, "joined", "tier", *names.values(), *gathering.sums, *places]
    day = nw.col(days.as_of) if isinstance(days.as_of, str) else nw.lit(days.as_of)
    frame = frame.select(*dict.fromkeys(inside), day=day.cast(nw.Int32))
    rows = engine.collect(frame, small=history.small)
    _check_sums(rows, gathering.sums)
    return _Evaluated(program, rows, days.key, names, tuple(ranked))


def _highest(tiers: Iterable[Tier], held: Mapping[tuple[Figure, Test], nw.Expr]) -> nw.Expr:
    highest: nw.Expr = nw.lit(None).cast(nw.String)
    for tier in tiers:
        highest = nw.when(holds(tier.qualify, held)).then(nw.lit(tier.id)).otherwise(highest)
    return highest


def _next(tiers: tuple[Tier, ...]) -> pl.Expr:
    import polars as pl

    above = {None: tiers[0].id} | {tier.id: above.id for tier, above in pairwise(tiers)}
    return pl.col("tier").replace_strict(above, default=None, return_dtype=pl.String).alias("next_tier")


def _check_sums(frame: pl.DataFrame, sums: list[str]) -> None:
    for name in sums:
        largest = frame[name].abs().arg_max()
        if largest is not None and abs(frame[name][largest]) > LARGEST_SUM:
            customer = frame["customer_id"][largest]
            raise SumTooLarge(
                f"the orders of customer {customer} come to {frame[name][largest]:,} minor units, more than figures can hold "
                f"exactly ({LARGEST_SUM:,}): look at the amounts of their orders"
            )
