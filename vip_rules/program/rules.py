"""Reading conditions: groups of comparisons, with names resolved, and kept to a size that any engine takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, Not
from vip_rules.program.comparisons import read_comparison
from vip_rules.program.inspection import Inspection
from vip_rules.program.places import escaped
from vip_rules.program.shape import groups_of, inside
from vip_rules.program.wording import expected, quoted

DEEPEST: Final = 64
"""Conditions inside each other, names followed."""

MOST_COMPARISONS: Final = 200
"""In one rule, names followed."""

References = Mapping[str, list[tuple[str, str]]]
"""Of each named condition, those that it refers to, with the places."""


class Rules:
    """Reads the conditions of a program. Those with names are read first, in an order in which each finds what it refers to."""

    def __init__(self, inspection: Inspection, named: Mapping[str, Any], tiers: Mapping[str, str]) -> None:
        """`tiers` gives for each id of a tier, also a former one, its present id."""
        self._inspection, self._tiers = inspection, tiers
        self._names = tuple(named)
        self.named: dict[str, Condition | None] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._read_named(named)

    def read(self, node: Any, pointer: str) -> Condition | None:
        """A condition with all that is inside it; None if something isn't sound."""
        condition = self._read(node, pointer)
        if condition is not None:
            depth, comparisons = self._size(condition)
            if depth > DEEPEST:
                self._inspection.problem(
                    pointer, f"is nested {depth:,} deep, names followed; at most {DEEPEST} are read"
                )
            elif comparisons > MOST_COMPARISONS:
                few = f"at most {MOST_COMPARISONS} are read"
                self._inspection.problem(
                    pointer, f"comes to {comparisons:,} comparisons, names followed; {few}"
                )
            else:
                return condition
        return None

    def _read_named(self, named: Mapping[str, Any]) -> None:
        references = {
            name: [
                (ref, place)
                for ref, place in _references(node, f"/conditions/{escaped(name)}")
                if ref in named
            ]
            for name, node in named.items()
        }
        for name in _in_order(self._inspection, references):
            place = f"/conditions/{escaped(name)}"
            self.named[name] = condition = self.read(named[name], place)
            if condition is not None:
                self._sizes[name] = self._size(condition)

    def _read(self, node: Any, pointer: str) -> Condition | None:
        if not isinstance(node, dict):
            return None
        # What is inside has its own problems, also where this condition is of no use.
        groups = [
            self._group(kind, node[key], f"{pointer}/{escaped(key)}", pointer)
            for key, kind in groups_of(node)
        ]
        if "metric" in node:
            known = self._inspection.sound(f"{pointer}/metric") and (
                isinstance(node["metric"], str) and node["metric"] in self._inspection.catalogue.metrics
            )
            return read_comparison(self._inspection, self._tiers, node, pointer) if known else None
        if len(node) > 1:
            return None
        if isinstance(node.get("condition"), str) and self._inspection.sound(pointer):
            return self._reference(node["condition"], pointer)
        return groups[0] if groups and self._inspection.sound(pointer) else None

    def _group(self, kind: str, inner: Any, place: str, pointer: str) -> Condition | None:
        if kind == "not":
            condition = self._read(inner, place)
            return None if condition is None else Not(condition, pointer)
        several = self._several(inner, place) if isinstance(inner, list) else None
        if several is None:
            return None
        return All(several, pointer) if kind == "all" else AnyOf(several, pointer)

    def _several(self, nodes: list[Any], pointer: str) -> tuple[Condition, ...] | None:
        read = [self._read(node, f"{pointer}/{n}") for n, node in enumerate(nodes)]
        found = tuple(condition for condition in read if condition is not None)
        return found if found and len(found) == len(read) else None

    def _reference(self, name: str, pointer: str) -> Condition | None:
        if name not in self._names:
            if not isinstance(self._inspection.document.get("conditions", {}), dict):
                return None
            what = expected(name, self._names, 'one of the names in "conditions"')
            if not self._names:
                what = 'the program has no "conditions"; add it there, or write the condition here'
            self._inspection.problem(f"{pointer}/condition", f"there is no condition {quoted(name)}; {what}")
            return None
        condition = self.named.get(name)
        return None if condition is None else Named(name, condition, pointer)

    def _size(self, condition: Condition) -> tuple[int, int]:
        """How deep a condition is nested, and how many comparisons it has, names followed."""
        match condition:
            case Comparison():
                return 1, 1
            case Named(name):
                depth, comparisons = self._sizes[name]
                return depth + 1, comparisons
            case Not(inner):
                depth, comparisons = self._size(inner)
                return depth + 1, comparisons
            case All(conditions) | AnyOf(conditions):
                sizes = [self._size(inner) for inner in conditions]
                return 1 + max(depth for depth, _ in sizes), sum(comparisons for _, comparisons in sizes)


def _references(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if not isinstance(node, dict):
        return
    if isinstance(node.get("condition"), str):
        yield node["condition"], f"{pointer}/condition"
    for place, inner in inside(node, pointer):
        yield from _references(inner, place)


def _in_order(inspection: Inspection, references: References) -> list[str]:
    """Names after those that they refer to. Names in a circle are left out, each circle with a problem."""
    left = {name: {ref for ref, _ in found} for name, found in references.items()}
    while True:
        try:
            return [name for name in TopologicalSorter(left).static_order() if name in left]
        except CycleError as error:
            circle = list(reversed(error.args[1][1:]))
            first = min(range(len(circle)), key=lambda n: list(references).index(circle[n]))
            circle = [*circle[first:], *circle[:first]]
            place = next(place for ref, place in references[circle[0]] if ref == circle[1 % len(circle)])
            path = " → ".join(quoted(name) for name in [*circle, circle[0]])
            inspection.problem(
                place, f"conditions refer to each other in a circle: {path}; take one reference out"
            )
            for name in circle:
                del left[name]
            left = {name: found & left.keys() for name, found in left.items()}
