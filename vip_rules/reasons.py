"""Reasons: which comparisons decided a condition for one customer, and a sentence of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, Not, Test
from vip_rules.metrics.figure import Figure
from vip_rules.program.program import Program
from vip_rules.qualification import test_names
from vip_rules.wording import target_in_words

Held = bool | None
"""How a condition stands: held, not held, or unknown."""


class Reasons:
    """The reasons of a program's conditions. A `row` is one of `Qualifications.frame`: a customer's figures and tests."""

    def __init__(self, program: Program) -> None:
        self._currency = program.currency
        self._names = test_names(program)

    def sentence(self, condition: Condition, row: Mapping[str, Any]) -> str:
        """Why a condition holds, or doesn't: "spend in the last 12 months: 5,200.00 USD (at least 5,000.00 USD)"."""
        _, decisive = deciding(condition, lambda figure, test: row[self._names[figure, test]])
        said = dict.fromkeys(self._said(comparison, row) for comparison in decisive)
        return "; ".join(said)

    def _said(self, comparison: Comparison, row: Mapping[str, Any]) -> str:
        figure = comparison.figure
        wanted = " and ".join(
            target_in_words(figure, test.comparator, test.target, self._currency) for test in comparison.tests
        )
        return f"{figure.phrase}: {figure.shown(row[figure.key], self._currency)} ({wanted})"


def deciding(
    condition: Condition, held: Callable[[Figure, Test], Held]
) -> tuple[Held, tuple[Comparison, ...]]:
    """How a condition stands, and the fewest comparisons that make it so: of several that would do, the first."""
    match condition:
        case Comparison(figure, tests):
            return _all([held(figure, test) for test in tests]), (condition,)
        case Named(_, inner):
            return deciding(inner, held)
        case Not(inner):
            stands, decisive = deciding(inner, held)
            return (None if stands is None else not stands), decisive
        case All(conditions) | AnyOf(conditions):
            parts = [deciding(inner, held) for inner in conditions]
            every = isinstance(condition, All)
            stands = _all([part[0] for part in parts]) if every else _any([part[0] for part in parts])
            same = [decisive for part, decisive in parts if part is stands]
            if stands is (not every):
                same = same[:1]
            return stands, tuple(comparison for decisive in same for comparison in decisive)


def _all(parts: list[Held]) -> Held:
    if False in parts:
        return False
    return None if None in parts else True


def _any(parts: list[Held]) -> Held:
    if True in parts:
        return True
    return None if None in parts else False
