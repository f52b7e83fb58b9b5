"""Whether conditions hold. §3: "three-valued logic (Kleene, as in SQL)": None is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.specification.figures import Value
from vip_rules.conditions import All, AnyOf, Comparison, Condition, Not, Test

Held = bool | None

Figures = Mapping[str, Value]
"""A customer's figures by their keys."""


def held(condition: Condition, figures: Figures) -> Held:
    """Whether a condition holds for a customer."""
    if isinstance(condition, Comparison):  # "two keys make a range"
        return all_of([meets(test, figures[condition.figure.key]) for test in condition.tests])
    if isinstance(condition, All):
        return all_of([held(inner, figures) for inner in condition.conditions])
    if isinstance(condition, AnyOf):
        return any_of([held(inner, figures) for inner in condition.conditions])
    if isinstance(condition, Not):
        return opposite(held(condition.condition, figures))
    return held(condition.condition, figures)


def all_of(parts: Sequence[Held]) -> Held:
    """False if one is; else unknown if one is; else true."""
    if False in parts:
        return False
    return None if None in parts else True


def any_of(parts: Sequence[Held]) -> Held:
    """True if one is; else unknown if one is; else false."""
    if True in parts:
        return True
    return None if None in parts else False


def opposite(part: Held) -> Held:
    """§3: "a comparison with an unknown figure is unknown, `not` of it too"."""
    return None if part is None else not part


def meets(test: Test, value: Value) -> Held:
    """Whether a figure meets one target. §3: "`is_known` is never unknown"."""
    if test.comparator == "is_known":
        return (value is not None) == test.target
    if value is None:
        return None
    if isinstance(value, int):
        return number_held(test, value)
    return text_held(test, value)


def number_held(test: Test, value: int) -> bool:
    """The comparators of numbers; `not_equals` is what `not` makes of `equals`."""
    assert isinstance(test.target, int)
    return {
        "at_least": value >= test.target,
        "more_than": value > test.target,
        "at_most": value <= test.target,
        "less_than": value < test.target,
        "equals": value == test.target,
        "not_equals": value != test.target,
    }[test.comparator]


def text_held(test: Test, value: str | frozenset[str]) -> bool:
    """The comparators of texts. §4: for sets "`is` = contains"."""
    targets = {test.target} if isinstance(test.target, str) else set(texts(test))
    found = bool(targets & (value if isinstance(value, frozenset) else {value}))
    return found if test.comparator in ("is", "one_of") else not found


def texts(test: Test) -> tuple[str, ...]:
    """The targets of `one_of` and `none_of`."""
    assert isinstance(test.target, tuple)
    return test.target


def comparisons(condition: Condition) -> list[Comparison]:
    """The comparisons of a condition, as they are written."""
    if isinstance(condition, Comparison):
        return [condition]
    if isinstance(condition, All | AnyOf):
        return [found for inner in condition.conditions for found in comparisons(inner)]
    return comparisons(condition.condition)
