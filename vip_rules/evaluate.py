"""Evaluation: a history in, everybody's standing out. Pure: the same program, history and day give the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import narwhals.stable.v2 as nw

from vip_rules.conditions import Test, holds, test_holds
from vip_rules.engine import Engine, engine_named
from vip_rules.errors import VipRulesError
from vip_rules.figures import columns_of, first_day, with_figures
from vip_rules.gathering import Gathering
from vip_rules.history import History
from vip_rules.localdays import FIRST_YEAR, LAST_YEAR, day_number
from vip_rules.metrics.figure import Figure, first_day_name
from vip_rules.program.program import Program
from vip_rules.qualification import Qualifications, test_names
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
    program: Program, history: History, as_of: int, *, engine: str | Engine = "polars"
) -> Qualifications:
    """Everybody's standing as of the local day `as_of`: the highest tier whose `qualify` holds, with all figures and tests.

    `history` may hold frames of any engine. Raises NotInstalled for an engine that is missing, DayOutOfRange for a day that
    no history reaches, SumTooLarge for amounts beyond the bounds of exact figures.
    """
    check_day(as_of)
    chosen = engine_named(engine) if isinstance(engine, str) else engine
    figures = program.figures()
    days = {figure: column for figure in figures if (column := first_day(figure))}
    wanted = [column for figure in figures for column in columns_of(figure).values()]
    gathering = Gathering([*wanted, *days.values()], history, program.spend, as_of, chosen)
    frame, named = with_figures(gathering, figures)

    tests = test_names(program)
    held = {pair: f"test {n}" for n, pair in enumerate(tests)}
    frame = frame.with_columns(
        **{name: test_holds(f, test, nw.col(named[f])) for (f, test), name in held.items()}
    )
    frame = frame.with_columns(
        tier=_highest(program.tiers, {pair: nw.col(name) for pair, name in held.items()})
    )

    first_days = {first_day_name(figure): gathering.name(column) for figure, column in days.items()}
    inside = [
        "customer_id",
        "joined",
        "tier",
        *named.values(),
        *held.values(),
        *first_days.values(),
        *gathering.sums,
    ]
    result = chosen.collect(frame.select(*dict.fromkeys(inside)), small=history.small)
    _check_sums(result, gathering.sums)
    public = {figure.key: name for figure, name in named.items()} | first_days
    public |= {tests[pair]: name for pair, name in held.items()}
    ordered = result.lazy().sort("customer_id")
    final = ordered.select("customer_id", "joined", "tier", _next(program.tiers), **public).collect()
    return Qualifications(program, as_of, final)


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
