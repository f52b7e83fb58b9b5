"""Every rule of the design has a golden case, worked out by hand, that the specification and each engine must meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.specification.evaluator import Outcome, evaluate
from tests.specification.fast import ENGINES, evaluate_fast, evaluate_fast_among_days
from tests.specification.figures import METRICS, Store
from tests.specification.golden import (
    conditions,
    counted_orders,
    lines,
    metrics,
    population,
    progress,
    windows,
)
from tests.specification.golden.case import TODAY, Case, day, figure
from tests.specification.golden.decision import Decision
from vip_rules.conditions import AnyOf, Comparison, Test
from vip_rules.metrics.figure import Figure
from vip_rules.model import Currency
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.tiers import Tier

CASES = (
    *counted_orders.CASES,
    *windows.CASES,
    *metrics.CASES,
    *lines.CASES,
    *population.CASES,
)
DECISIONS = (*conditions.CASES, *progress.CASES)

Evaluator = Callable[[Program, Store, int], dict[str, Outcome]]

EVALUATORS: dict[str, Evaluator] = {
    "specification": evaluate,
    **{engine: partial(evaluate_fast, engine=engine) for engine in ENGINES},
    "many days": evaluate_fast_among_days,
}


@pytest.fixture(params=[*list(EVALUATORS)[:-1], pytest.param("many days", marks=pytest.mark.slow)])
def evaluator(request: pytest.FixtureRequest) -> Evaluator:
    return EVALUATORS[request.param]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_figures(case: Case, evaluator: Evaluator) -> None:
    asked = [
        figure(key) for customers in case.expected.values() for keys in customers.values() for key in keys
    ]
    program = replace(asking_for(*asked), spend=case.spend)
    for as_of, customers in case.expected.items():
        outcomes = evaluator(program, case.store, day(as_of))
        for customer, expected in customers.items():
            found = {key: outcomes[customer].figures[key] for key in expected}
            assert found == expected, f"{customer}'s, as of {as_of}"


@pytest.mark.parametrize("case", DECISIONS, ids=lambda case: case.rule)
def test_decisions(case: Decision, evaluator: Evaluator) -> None:
    program = read_program(case.program, "golden.json", load_catalogue())
    outcomes = evaluator(program, case.store, day(TODAY))
    assert {customer: outcomes[customer].tier for customer in case.tiers} == case.tiers
    tests = {(figure, comparator): held for (figure, comparator, _), held in outcomes["ann"].tests.items()}
    assert {test: tests[test] for test in case.held} == case.held
    assert case.missing in (None, outcomes["ann"].progress)


def test_every_metric_has_golden_cases() -> None:
    asked = {
        key.partition("[")[0]
        for c in CASES
        for keys in c.expected.values()
        for k in keys.values()
        for key in k
    }
    assert asked == set(METRICS) == set(load_catalogue().metrics)


def test_every_rule_is_told_once() -> None:
    rules = [case.rule for case in (*CASES, *DECISIONS)]
    assert len(rules) == len(set(rules))


def asking_for(*figures: Figure) -> Program:
    """A program that asks for figures, and decides by whether they are known."""
    comparisons = [
        Comparison(figure, (Test("is_known", True),), f"/tiers/0/qualify/any/{n}")
        for n, figure in enumerate(dict.fromkeys(figures))
    ]
    return Program(
        id="golden",
        currency=Currency.of("EUR"),
        timezone=ZoneInfo("Europe/Vienna"),
        tiers=(Tier("known", "Known", AnyOf(tuple(comparisons), "/tiers/0/qualify")),),
    )
