"""The cost of a document, and the bucket of points that it is paid from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil, isqrt
from typing import Any, Final

from graphql import FieldNode, OperationDefinitionNode, SelectionSetNode

from tests.shop.executor import Executor

DEAREST: Final = 1000
"""The most points that one query may cost, whatever the plan."""

_WRAPPERS: Final = frozenset({"nodes", "edges", "node", "pageInfo", "userErrors"})


def requested_cost(operation: OperationDefinitionNode, executor: Executor) -> int:
    """About what Shopify asks: objects 1, mutations 10, lists less than their length would make them."""
    if operation.operation.value == "mutation":
        return 10 * len(list(executor.selected("Mutation", operation.selection_set)))
    return max(1, _cost(operation.selection_set, executor))


def _cost(selections: SelectionSetNode, executor: Executor) -> int:
    total = 0
    for node in selections.selections:
        if not isinstance(node, FieldNode):
            total += _cost(_selections_of(node, executor), executor)
        elif node.selection_set is not None:
            inner = _cost(node.selection_set, executor)
            size = _size(node, executor)
            own = 0 if node.name.value in _WRAPPERS else 1
            total += own + inner if size is None else 2 + _root(size) * (1 + inner)
    return total


def _selections_of(node: Any, executor: Executor) -> SelectionSetNode:
    named = getattr(node, "name", None)
    chosen: SelectionSetNode = (executor.fragments[named.value] if named else node).selection_set
    return chosen


def _size(node: FieldNode, executor: Executor) -> int | None:
    arguments = executor.arguments(node)
    given = arguments.get("first", arguments.get("last", arguments.get("ids")))
    if isinstance(given, list):
        return len(given)
    return given if isinstance(given, int) else None


def _root(size: int) -> int:
    root = isqrt(size)
    return root if root * root == size else root + 1


class Bucket:
    """Points that come back by the second of a clock. Tests may set the size, the rate and what is left."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.maximum = 2000
        self.rate = 100
        self._left, self._since = 2000, clock()

    @property
    def left(self) -> int:
        """The points that there are now."""
        now = self._clock()
        back = int((now - self._since).total_seconds() * self.rate)
        if back > 0:
            self._left, self._since = min(self.maximum, self._left + back), now
        return min(self.maximum, self._left)

    @left.setter
    def left(self, points: int) -> None:
        self._left, self._since = points, self._clock()

    def take(self, points: int) -> bool:
        """Whether there are as many points; if so they are gone."""
        left = self.left
        if left < points:
            return False
        self._left = left - points
        return True

    def give_back(self, points: int) -> None:
        """What was asked for beyond what was needed."""
        self._left = min(self.maximum, self._left + points)

    def resize(self, maximum: int, rate: int) -> None:
        """Another plan: a full bucket of another size and rate."""
        self.maximum, self.rate = maximum, rate
        self.left = maximum

    def seconds_to(self, points: int) -> int:
        """How long it takes until there are as many points."""
        return max(1, ceil((points - self.left) / self.rate))  # not money

    def extension(self, requested: int, actual: int | None) -> Mapping[str, Any]:
        """What Shopify tells of a cost."""
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": float(self.maximum),  # not money
                "currentlyAvailable": self.left,
                "restoreRate": float(self.rate),  # not money
            },
        }
