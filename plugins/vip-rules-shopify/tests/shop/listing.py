"""Lists that can be searched and sorted, as root fields answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.shop.projection import Arguments, Connection, FieldRefused, Fields, Warned
from tests.shop.search import Index
from tests.shop.state import State


def listing(
    state: State,
    typename: str,
    things: Iterable[Any],
    view: Callable[[Any], Fields],
    index: Index,
    arguments: Arguments,
    sorts: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Connection:
    """What is found by the arguments' query, in their order. What was just made isn't found before the index has it."""
    query = arguments.get("query")
    found, warned = list(things), None
    if query:
        now = state.now()
        try:
            predicate, unknown = index.read(query, state.zone)
            found = [thing for thing in found if _indexed(thing, now) and predicate(thing)]
        except ValueError:
            raise FieldRefused("Invalid search query.", "BAD_REQUEST") from None
        warned = Warned(query, unknown) if unknown else None
    sort = (sorts or {}).get(arguments.get("sortKey") or "ID")
    found.sort(key=(lambda thing: (sort(thing), thing.id)) if sort else lambda thing: thing.id)
    return Connection(typename, found, view, warned)


def _indexed(thing: Any, now: Any) -> bool:
    indexed = getattr(thing, "indexed_from", None)
    return indexed is None or indexed <= now
