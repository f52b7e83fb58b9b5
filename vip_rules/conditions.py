"""Conditions: comparisons of figures, grouped by all, any and not, three-valued (Kleene, as in SQL).

A comparison with an unknown figure is unknown, `not` of it too; at the root unknown doesn't hold. Each node keeps the JSON
pointer of its place in the program, so that every explanation leads back to the line that an author wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any, TypeVar

from vip_rules.comparators import COMPARATORS, Target
from vip_rules.metrics.figure import Figure

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw


@dataclass(frozen=True, slots=True)
class Test:
    """A comparator with its target, in the figure's unit."""

    comparator: str
    target: Target

    __test__ = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure held against one target, or two that make a range."""

    figure: Figure
    tests: tuple[Test, ...]
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class All:
    """Holds if all of its conditions do."""

    conditions: tuple[Condition, ...]
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds if at least one of its conditions does."""

    conditions: tuple[Condition, ...]
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    """Holds if its condition is false; unknown stays unknown."""

    condition: Condition
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A condition of the program's `conditions`, by its name."""

    name: str
    condition: Condition
    pointer: str = ""


Logic = TypeVar("Logic", bound=Any)

Condition = Comparison | All | AnyOf | Not | Named


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """All comparisons of a condition, in the order they are written."""
    match condition:
        case Comparison():
            yield condition
        case All(conditions) | AnyOf(conditions):
            for inner in conditions:
                yield from comparisons(inner)
        case Not(inner) | Named(_, inner):
            yield from comparisons(inner)


def test_holds(figure: Figure, test: Test, column: nw.Expr) -> nw.Expr:
    """One test of a figure's column, as a three-valued expression."""
    return COMPARATORS[test.comparator].test(column, test.target, figure.metric.unit)


def holds(condition: Condition, held: Mapping[tuple[Figure, Test], Logic]) -> Logic:
    """A condition over how its tests stand: three-valued expressions, of Narwhals or of Polars."""
    match condition:
        case Comparison(figure, tests):
            return reduce(and_, (held[figure, test] for test in tests))
        case All(conditions):
            return reduce(and_, (holds(inner, held) for inner in conditions))
        case AnyOf(conditions):
            return reduce(or_, (holds(inner, held) for inner in conditions))
        case Not(inner):
            opposite: Logic = ~holds(inner, held)
            return opposite
        case Named(_, inner):
            return holds(inner, held)
