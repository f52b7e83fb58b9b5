"""Places in a JSON document, as JSON pointers (RFC 6901): "/tiers/0/qualify"; "" is the whole document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer of a path of keys and positions."""
    return "".join(f"/{escaped(str(step))}" for step in path)


def escaped(key: str) -> str:
    """A key as a step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    """The keys and positions of a JSON pointer, as texts."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def within(pointer: str) -> Iterator[str]:
    """A place and everything that it is inside of: "/tiers/0", "/tiers", ""."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
    yield ""


class Order:
    """The order of places in a document: as they are written, an object or list before what is in it."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._positions: dict[int, dict[str, int]] = {}

    def __call__(self, pointer: str) -> tuple[int, ...]:
        """A key to sort by. A place that isn't there (yet) comes after those that are."""
        found: list[int] = []
        node = self._document
        for step in steps(pointer):
            position, node = self._step(node, step)
            found.append(position)
        return tuple(found)

    def _step(self, node: Any, step: str) -> tuple[int, Any]:
        if isinstance(node, dict):
            if id(node) not in self._positions:
                self._positions[id(node)] = {key: n for n, key in enumerate(node)}
            positions = self._positions[id(node)]
            return positions.get(step, len(node)), node.get(step)
        if isinstance(node, list) and step.isascii() and step.isdigit() and int(step) < len(node):
            return int(step), node[int(step)]
        return (len(node) if isinstance(node, list) else 0), None
