"""The words of messages: what was found, what was expected, and the known name that is nearest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

LONGEST: Final = 60
"""Of a value or example that a message quotes."""

MOST_NAMED: Final = 12
"""Names that a message lists; beyond, it names the nearest."""


def quoted(text: str) -> str:
    """A text as JSON writes it, cut if it is long."""
    return json.dumps(text if len(text) <= LONGEST else text[:LONGEST] + "…", ensure_ascii=False)


def written(value: Any) -> str:
    """A value as JSON writes it."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dict():
            return "{" + ", ".join(f"{written(key)}: {written(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return f"[{', '.join(written(inner) for inner in value)}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def found(value: Any) -> str:
    """What stands at a place: 'found the text "gold"'."""
    match value:
        case None:
            return "found null"
        case bool():
            return f"found {written(value)}"
        case str():
            return f"found the text {quoted(value)}"
        case int() | Decimal():
            return f"found {written(value)}"
        case list():
            return "found a list" if value else "found an empty list"
        case dict():
            keys = ", ".join(quoted(key) for key in list(value)[:3])
            return (
                f"found an object with {keys}{', …' if len(value) > 3 else ''}"
                if value
                else "found an empty object"
            )
        case _:
            return "found something else"


def listed(names: Iterable[str], last: str = "or") -> str:
    """Names in a sentence: '"a", "b" or "c"'."""
    shown = [quoted(name) for name in names]
    return f"{', '.join(shown[:-1])} {last} {shown[-1]}" if len(shown) > 1 else "".join(shown)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that somebody probably meant, or None."""
    if len(name) > LONGEST:
        return None
    folded = {_folded(candidate): candidate for candidate in known}
    matches = get_close_matches(_folded(name), folded, n=1, cutoff=0.7)  # not money
    return folded[matches[0]] if matches else None


def expected(name: str, known: Sequence[str], what: str = "") -> str:
    """What should stand in place of an unknown name: the nearest one, or all of them, or `what` if they are too many."""
    if meant := nearest(name, known):
        return f"did you mean {quoted(meant)}?"
    if len(known) > MOST_NAMED and what:
        return f"expected {what}"
    if not known:
        return "there is none"
    return f"expected {listed(known)}"


def _folded(name: str) -> str:
    return name.casefold().replace(" ", "_").replace("-", "_")
