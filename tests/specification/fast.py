"""The fast evaluator's answers, told as the specification tells them, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from tests.specification.evaluator import Outcome
from tests.specification.figures import Store, Value
from tests.specification.progress import Missing
from vip_rules.evaluate import evaluate, evaluate_days
from vip_rules.history import History
from vip_rules.metrics.definition import Unit
from vip_rules.metrics.figure import Figure, members
from vip_rules.program.program import Program
from vip_rules.progress import missing
from vip_rules.qualification import test_name

ENGINES = ("polars", "duckdb")


def evaluate_fast(program: Program, store: Store, as_of: int, engine: str) -> dict[str, Outcome]:
    """Everybody's outcome by an engine."""
    history = History.of(store.customers, store.orders, store.events)
    return _outcomes(program, evaluate(program, history, as_of, engine=engine).frame)


def evaluate_fast_days(
    program: Program, store: Store, days: Collection[int]
) -> dict[int, dict[str, Outcome]]:
    """Everybody's outcome by day, all days at once, scored by the cut points of each day's whole population."""
    history = History.of(store.customers, store.orders, store.events)
    pairs = history.customers.select("customer_id").join(pl.DataFrame({"day": list(days)}), how="cross")
    ranked = any(figure.metric.ranks for figure in program.figures())
    cut_points = [evaluate(program, history, day).cut_points for day in days] if ranked else []
    frame = evaluate_days(program, history, pairs, cut_points)
    assert frame.select("customer_id", "day").equals(
        pairs.sort("customer_id", "day").cast({"day": pl.Int32}), null_equal=True
    )
    return {day: _outcomes(program, frame.filter(pl.col("day") == day)) for day in days}


def evaluate_fast_among_days(program: Program, store: Store, as_of: int) -> dict[str, Outcome]:
    """Everybody's outcome on one day, evaluated together with others before and after it."""
    return evaluate_fast_days(program, store, (as_of - 366, as_of, as_of + 40))[as_of]


def _outcomes(program: Program, frame: pl.DataFrame) -> dict[str, Outcome]:
    """The outcomes of one day, by customer."""
    progress = _progress(program, frame)
    return {row["customer_id"]: _outcome(program, row, progress) for row in frame.iter_rows(named=True)}


def _outcome(
    program: Program, row: Mapping[str, Any], progress: Mapping[str, tuple[Missing, ...]]
) -> Outcome:
    tests = {
        (comparison.figure.key, test.comparator, test.target): row[test_name(comparison.figure, test)]
        for comparison in program.comparisons()
        for test in comparison.tests
    }
    figures = {figure.key: _value(figure, row[figure.key]) for figure in program.figures()}
    return Outcome(row["tier"], row["next_tier"], figures, tests, progress.get(row["customer_id"], ()))


def _value(figure: Figure, value: Any) -> Value:
    if figure.metric.unit is Unit.SET and value is not None:
        return frozenset(members(value))
    found: Value = value
    return found


def _progress(program: Program, frame: pl.DataFrame) -> dict[str, tuple[Missing, ...]]:
    """What everybody misses to their next tier, by customer."""
    found: dict[str, tuple[Missing, ...]] = {}
    for tier in program.tiers:
        rows = nw.from_native(frame.filter(pl.col("next_tier") == tier.id), eager_only=True)
        steps: dict[str, list[Missing]] = {customer: [] for customer in rows["customer_id"]}
        for needed, lacking in missing(tier.qualify, rows).items():
            key = needed.figure.key
            gaps = [None] * len(rows)
            if needed.measurable:
                gaps = rows.select(gap=needed.gap(nw.col(key)))["gap"].to_list()
            for customer, lacks, far in zip(steps, lacking, gaps, strict=True):
                if lacks:
                    steps[customer].append(Missing(key, needed.comparator, needed.target, far))
        found.update({customer: tuple(missed) for customer, missed in steps.items()})
    return found
