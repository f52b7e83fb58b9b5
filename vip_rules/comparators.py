"""Comparators: how a comparison holds a figure against its target, one definition each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from vip_rules.history import TAG_MARK
from vip_rules.metrics.definition import Unit

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

    Expr = nw.Expr

Target = int | str | tuple[str, ...] | bool
"""What a figure is compared with: a number in the figure's unit, a text, several texts, or whether it is known."""

Kind = Literal["number", "text", "any"]


@dataclass(frozen=True, slots=True)
class Comparator:
    """A comparator. `test` makes a three-valued expression: unknown where the figure is, but for `is_known`.

    `opposite` is what `not` turns it into ("" where that has no name); `bound` says on which side it bounds a range.
    """

    name: str
    kind: Kind
    phrase: str
    description: str
    test: Callable[[Expr, Any, Unit], Expr]
    opposite: str = ""
    bound: Literal["lower", "upper", ""] = ""


def _contains(figure: Expr, text: str, unit: Unit) -> Expr:
    if unit is Unit.SET:
        return figure.str.contains(f"{TAG_MARK}{text}{TAG_MARK}", literal=True)
    return figure == text


def _one_of(figure: Expr, texts: tuple[str, ...], unit: Unit) -> Expr:
    found = _contains(figure, texts[0], unit)
    for text in texts[1:]:
        found = found | _contains(figure, text, unit)
    return found


ALL: Final = (
    Comparator(
        "at_least",
        "number",
        "at least",
        "The figure is this or more.",
        lambda f, t, _: f >= t,
        "less_than",
        "lower",
    ),
    Comparator(
        "more_than",
        "number",
        "more than",
        "The figure is more than this.",
        lambda f, t, _: f > t,
        "at_most",
        "lower",
    ),
    Comparator(
        "at_most",
        "number",
        "at most",
        "The figure is this or less.",
        lambda f, t, _: f <= t,
        "more_than",
        "upper",
    ),
    Comparator(
        "less_than",
        "number",
        "less than",
        "The figure is less than this.",
        lambda f, t, _: f < t,
        "at_least",
        "upper",
    ),
    Comparator("equals", "number", "exactly", "The figure is exactly this.", lambda f, t, _: f == t),
    Comparator(
        "is", "text", "is", "The text is this one; a set (tag, channel) contains it.", _contains, "is_not"
    ),
    Comparator(
        "is_not",
        "text",
        "is not",
        "The text is another one; a set doesn't contain it.",
        lambda f, t, unit: ~_contains(f, t, unit),
        "is",
    ),
    Comparator(
        "one_of",
        "text",
        "one of",
        "The text is one of these; a set contains at least one.",
        _one_of,
        "none_of",
    ),
    Comparator(
        "none_of",
        "text",
        "none of",
        "The text is none of these; a set contains none of them.",
        lambda f, t, unit: ~_one_of(f, t, unit),
        "one_of",
    ),
    Comparator(
        "is_known",
        "any",
        "known",
        "Whether there is a figure at all; never unknown itself.",
        lambda f, t, _: ~f.is_null() if t else f.is_null(),
        "is_known",
    ),
)

COMPARATORS: Final = {comparator.name: comparator for comparator in ALL}


def comparators_of(unit: Unit) -> tuple[Comparator, ...]:
    """The comparators that figures of a unit allow."""
    kind = "text" if unit.is_text else "number"
    return tuple(c for c in ALL if c.kind in (kind, "any"))
