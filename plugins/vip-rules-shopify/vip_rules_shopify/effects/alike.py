"""Telling what a shop holds in the form in which it was asked for, where a shop keeps no form: payloads are compared whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

NOTHING: Final[tuple[Any, ...]] = (None, "", [])
"""Values for which a shop keeps nothing."""


def ordered(found: Iterable[str], asked: Sequence[str] | None) -> list[str]:
    """Texts in the order in which they were asked for; others after them, by the alphabet."""
    places = {text: place for place, text in enumerate(asked or ())}
    return sorted(set(found), key=lambda text: (places.get(text, len(places)), text))


def filled(found: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Values, and nothing (None, an empty list) where nothing was asked for and nothing is there."""
    return {**{key: value for key, value in asked.items() if value in NOTHING}, **found}
