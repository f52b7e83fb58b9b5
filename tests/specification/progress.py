"""What is missing. §5: "the cheapest path …: fewest missing comparisons, then the smallest relative gap"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.specification.figures import Value
from tests.specification.logic import Figures, meets
from vip_rules.comparators import Target
from vip_rules.conditions import AnyOf, Comparison, Condition, Named, Not, Test

UNMEASURED: Final = 10_000
"""The relative gap of a test that can't be measured: of a text, or of an unknown figure."""

LARGEST: Final = 10**8
"""No relative gap counts for more."""

OPPOSITES: Final = {
    "at_least": "less_than",
    "less_than": "at_least",
    "at_most": "more_than",
    "more_than": "at_most",
    "equals": "not_equals",
    "is": "is_not",
    "is_not": "is",
    "one_of": "none_of",
    "none_of": "one_of",
}


@dataclass(frozen=True)
class Missing:
    """A test that doesn't hold. `gap` is how far the figure is from it; None where that can't be measured."""

    figure: str
    comparator: str
    target: Target
    gap: int | None

    @property
    def relative(self) -> int:
        """The gap in ten-thousandths of the target; of a target of 0, of one."""
        if self.gap is None:
            return UNMEASURED
        assert isinstance(self.target, int)
        return min(10_000 * self.gap // (self.target or 1), LARGEST)


def missing_for(condition: Condition, figures: Figures) -> tuple[Missing, ...]:
    """What a customer lacks for a condition on the cheapest path: each test once, in the order of their first writing."""
    lacking = path(condition, figures, wanted=True)
    written = [
        missing for key, test in tests_of(condition, True) for missing in step(key, test, figures[key])
    ]
    return tuple(dict.fromkeys(missing for missing in written if missing in lacking))


def path(condition: Condition, figures: Figures, wanted: bool) -> list[Missing]:
    """What is missing until a condition is true (or false): of `all` everything, of `any` the cheapest.

    `not` of a group is a group of the other kind: for "not all", one of them must be false.
    """
    if isinstance(condition, Not):
        return path(condition.condition, figures, not wanted)
    if isinstance(condition, Named):
        return path(condition.condition, figures, wanted)
    if isinstance(condition, Comparison):
        paths = [step(key, test, figures[key]) for key, test in tests_of(condition, wanted)]
    else:
        paths = [path(inner, figures, wanted) for inner in condition.conditions]
    if isinstance(condition, AnyOf) == wanted:
        return min(paths, key=cost)
    return [missing for one in paths for missing in one]


def tests_of(condition: Condition, wanted: bool) -> list[tuple[str, Test]]:
    """The tests that make a condition true (or false), each with the figure that it is of, as they are written."""
    if isinstance(condition, Not):
        return tests_of(condition.condition, not wanted)
    if isinstance(condition, Named):
        return tests_of(condition.condition, wanted)
    if isinstance(condition, Comparison):
        return [(condition.figure.key, test if wanted else opposite(test)) for test in condition.tests]
    return [found for inner in condition.conditions for found in tests_of(inner, wanted)]


def cost(steps: list[Missing]) -> tuple[int, int]:
    """How many are missing, then how much. Of paths that cost the same, the first one written is taken."""
    return len(steps), sum(missing.relative for missing in steps)


def opposite(test: Test) -> Test:
    """The test that is true where this one is false."""
    if test.comparator == "is_known":
        return Test("is_known", not test.target)
    return Test(OPPOSITES[test.comparator], test.target)


def step(figure: str, test: Test, value: Value) -> list[Missing]:
    """The test, if it doesn't hold."""
    if meets(test, value) is True:
        return []
    return [Missing(figure, test.comparator, test.target, gap(test, value))]


def gap(test: Test, value: Value) -> int | None:
    """How far a figure is from what a test asks for, in the figure's unit."""
    if test.comparator == "is_known" or not isinstance(value, int) or not isinstance(test.target, int):
        return None
    return {
        "at_least": test.target - value,
        "more_than": test.target - value + 1,
        "at_most": value - test.target,
        "less_than": value - test.target + 1,
        "equals": abs(test.target - value),
        "not_equals": 1,
    }[test.comparator]
