"""The fast evaluator's answers, told as the specification tells them, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.specification.evaluator import Outcome
from tests.specification.figures import Store, Value
from tests.specification.progress import Missing
from vip_rules.evaluate import evaluate, missing_name, test_name
from vip_rules.history import History
from vip_rules.metrics.definition import Unit
from vip_rules.metrics.figure import Figure, members
from vip_rules.program.program import Program
from vip_rules.progress import ladder


def evaluate_fast(program: Program, store: Store, as_of: int, engine: str) -> dict[str, Outcome]:
    """Everybody's outcome by an engine."""
    history = History.of(store.customers, store.orders, store.events)
    frame = evaluate(program, history, as_of, engine=engine).frame
    return {row["customer_id"]: _outcome(program, row) for row in frame.iter_rows(named=True)}


def _outcome(program: Program, row: Mapping[str, Any]) -> Outcome:
    figures = {figure: _value(figure, row[figure.key]) for figure in program.figures()}
    tests = {
        (comparison.figure.key, test.comparator, test.target): row[test_name(comparison.figure, test)]
        for comparison in program.comparisons()
        for test in comparison.tests
    }
    keyed = {figure.key: value for figure, value in figures.items()}
    return Outcome(row["tier"], row["next_tier"], keyed, tests, _progress(program, row, figures))


def _value(figure: Figure, value: Any) -> Value:
    if figure.metric.unit is Unit.SET and value is not None:
        return frozenset(members(value))
    found: Value = value
    return found


def _progress(
    program: Program, row: Mapping[str, Any], figures: Mapping[Figure, Value]
) -> tuple[Missing, ...]:
    missing = []
    for tier in program.tiers:
        if tier.id == row["next_tier"]:
            for requirement in ladder(tier.qualify, {}):
                if row[missing_name(tier, requirement)]:
                    value = figures[requirement.figure]
                    gap = requirement.gap(value) if isinstance(value, int) else None
                    key = requirement.figure.key
                    missing.append(Missing(key, requirement.comparator, requirement.target, gap))
    return tuple(missing)
