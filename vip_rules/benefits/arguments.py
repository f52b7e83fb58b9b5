"""JSON Schema of the values that a program is written in: texts, choices, amounts of money, percentages, whole numbers.

`format` says what a value means; loading goes by it: "money" becomes minor units, "percent" hundredths of a percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

LARGEST_NUMBER: Final = 1_000_000_000
"""The bound on counts and days in a program, so that comparing never leaves 64 bits."""


def words(description: str, *examples: str) -> Schema:
    """A text that isn't empty and has no spaces around it."""
    shape = {"type": "string", "format": "words", "pattern": r"^\S(.*\S)?$", "maxLength": 200}
    return {"description": description, **shape, **_examples(examples)}


def identifier(description: str, *examples: str) -> Schema:
    """A short name for machines: it goes into tags, file names and columns."""
    shape = {"type": "string", "format": "identifier", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"}
    return {"description": description, **shape, **_examples(examples)}


def choice(description: str, *options: str) -> Schema:
    """One of some texts."""
    return {"description": description, "type": "string", "enum": list(options)}


def choices(description: str, *options: str) -> Schema:
    """Several of some texts."""
    items = {"type": "string", "enum": list(options)}
    return {
        "description": description,
        "type": "array",
        "maxItems": len(options),
        "items": items,
        "examples": [list(options)],
    }


def amount(description: str, *examples: int | str, positive: bool = False) -> Schema:
    """Money in major units, as the currency allows: 2000, 19.99."""
    least = {"exclusiveMinimum" if positive else "minimum": 0}
    return {"description": description, "type": "number", "format": "money", **least, **_examples(examples)}


def percentage(description: str, *examples: int | str, positive: bool = False) -> Schema:
    """A number up to 100 with at most two decimals."""
    bounds = {"exclusiveMinimum" if positive else "minimum": 0, "maximum": 100}
    return {
        "description": description,
        "type": "number",
        "format": "percent",
        **bounds,
        **_examples(examples),
    }


def whole(description: str, *examples: int, least: int = 0, most: int = LARGEST_NUMBER) -> Schema:
    """A whole number."""
    return {
        "description": description,
        "type": "integer",
        "minimum": least,
        "maximum": most,
        **_examples(examples),
    }


def _examples(examples: tuple[int | str, ...]) -> Schema:
    return {"examples": list(examples)} if examples else {}
