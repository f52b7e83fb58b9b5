"""Which comparison follows from which: sound, and complete only for comparisons of one figure."""

from __future__ import annotations

from typing import Final

from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, comparisons

MOST_PAIRS: Final = 400
"""Comparisons of one condition times those of another; beyond, nothing is looked for."""

Interval = tuple[int | None, int | None]
"""The least and the largest number that a comparison lets through; None: no bound."""


def interval(comparison: Comparison) -> Interval:
    """The numbers that a comparison of numbers lets through. They are integers, so that `more than 2` is `at least 3`."""
    targets = [(t.comparator, t.target) for t in comparison.tests if type(t.target) is int]
    above = {"at_least": 0, "equals": 0, "more_than": 1}
    below = {"at_most": 0, "equals": 0, "less_than": 1}
    lows = (target + above[comparator] for comparator, target in targets if comparator in above)
    highs = (target - below[comparator] for comparator, target in targets if comparator in below)
    return max(lows, default=None), min(highs, default=None)


def empty(comparison: Comparison) -> bool:
    """Whether a range lets no number through."""
    low, high = interval(comparison)
    return low is not None and high is not None and low > high


def bare(condition: Condition | None) -> Comparison | None:
    """The comparison that a condition amounts to, if it is a single one: itself, by name, or alone in a group."""
    match condition:
        case Comparison():
            return condition
        case Named(_, inner):
            return bare(inner)
        case All((inner,)) | AnyOf((inner,)):
            return bare(inner)
    return None


def follows(wide: Comparison, narrow: Comparison) -> bool:
    """Whether `wide` holds wherever `narrow` does."""
    if wide.figure != narrow.figure:
        return False
    if _asks_known(wide):
        return narrow.tests == wide.tests if _asks_known(narrow) else wide.tests[0].target is True
    if _asks_known(narrow):
        return False
    if wide.figure.metric.unit.is_text:
        return _text_follows(wide, narrow)
    low, high = interval(narrow)
    least, most = interval(wide)
    return (least is None or (low is not None and low >= least)) and (
        most is None or (high is not None and high <= most)
    )


def condition_follows(wide: Condition, narrow: Condition) -> bool:
    """Whether `wide` is seen to hold wherever `narrow` does. False proves nothing."""
    if sum(1 for _ in comparisons(wide)) * sum(1 for _ in comparisons(narrow)) > MOST_PAIRS:
        return False
    known: dict[tuple[int, int], bool] = {}

    def seen(wide: Condition, narrow: Condition) -> bool:
        pair = (id(wide), id(narrow))
        if pair not in known:
            known[pair] = look(wide, narrow)
        return known[pair]

    def look(wide: Condition, narrow: Condition) -> bool:
        match narrow, wide:
            case Named(_, inner), _:
                return seen(wide, inner)
            case _, Named(_, inner):
                return seen(inner, narrow)
            case AnyOf(several), _:
                return all(seen(wide, inner) for inner in several)
            case _, All(several):
                return all(seen(inner, narrow) for inner in several)
            case Comparison(), Comparison():
                return follows(wide, narrow)
        parts = narrow.conditions if isinstance(narrow, All) else ()
        ways = wide.conditions if isinstance(wide, AnyOf) else ()
        return any(seen(wide, part) for part in parts) or any(seen(way, narrow) for way in ways)

    return seen(wide, narrow)


def _asks_known(comparison: Comparison) -> bool:
    return comparison.tests[0].comparator == "is_known"


def _text_follows(wide: Comparison, narrow: Comparison) -> bool:
    (one, many), (other, others) = _texts(narrow), _texts(wide)
    if one != other:
        return False
    return many <= others if one == "one_of" else others <= many


def _texts(comparison: Comparison) -> tuple[str, frozenset[str]]:
    test = comparison.tests[0]
    kind = {"is": "one_of", "is_not": "none_of"}.get(test.comparator, test.comparator)
    return kind, frozenset(test.target if isinstance(test.target, tuple) else (str(test.target),))
