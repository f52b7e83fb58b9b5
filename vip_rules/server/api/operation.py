"""Operations: what can be asked, each with all there is to know of it. Routes, checks and the document are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from vip_rules.project import Project

Schema = Mapping[str, Any]
"""A JSON Schema (2020-12)."""

Who = Literal["operator", "customer"]
"""Who may ask: an operator by the shop's token; a customer, for themselves, by a link."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, in the path or in the query. Of those in the query none is required."""

    name: str
    place: Literal["path", "query"]
    tells: str
    schema: Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that was found in order. `path`, `query` and `body` fit their schemas; what isn't given isn't in them.

    `customer` is who asks, where a customer does.
    """

    project: Project
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What can be asked: by which method at which path, and what comes of it.

    `answer` gives plain JSON data that fits `gives`, and raises Refused or VipRulesError. `tells` is a line, `more` sentences.
    `decides`: something is different afterwards, and the workers look at once.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    tells: str
    answer: Callable[[Asked], dict[str, Any]]
    gives: Schema
    more: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Schema | None = None
    who: Who = "operator"
    decides: bool = False


SHOP: Final = Parameter(
    "shop", "path", "The shop's name in its configuration.", {"type": "string", "minLength": 1}
)

# PostgreSQL keeps no NUL, and nobody's name has signs that aren't seen.
_LINE: Final = r"^[^\u0000-\u0020\u007f][^\u0000-\u001f\u007f]*$"

BY: Final = {
    "type": "string",
    "pattern": _LINE,
    "maxLength": 100,
    "description": "Who decides, for the ledger.",
}

REASON: Final = {
    "type": "string",
    "pattern": _LINE,
    "maxLength": 500,
    "description": "Why; it stands in the ledger.",
}

CUSTOMER: Final = Parameter(
    "id",
    "path",
    "The customer's id in the store.",
    {"type": "string", "pattern": r"^[^/\u0000-\u001f\u007f]+$", "maxLength": 200},
)

DAY: Final = {"type": "string", "format": "date"}
INSTANT: Final = {"type": "string", "format": "date-time"}
TEXT: Final = {"type": "string"}
COUNT: Final = {"type": "integer", "minimum": 0}
ANYTHING: Final = {"type": "object"}


def maybe(schema: Schema) -> Schema:
    """The schema of something that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def listing(schema: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": schema}


def counted() -> Schema:
    """The schema of counts by name."""
    return {"type": "object", "additionalProperties": COUNT}


def record(properties: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """The schema of an object with just these members, all of them but the optional ones required."""
    return {
        "type": "object",
        "required": [name for name in properties if name not in optional],
        "properties": dict(properties),
        "additionalProperties": False,
    }
