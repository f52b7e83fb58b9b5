"""What resolvers hand to the executor: objects with fields, connections, and refusals of a field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Arguments = Mapping[str, Any]
"""A field's arguments. Those of @idempotent are under "@idempotent"."""

Fields = Mapping[str, Any]
"""An object: its `__typename` and its fields. A function is called with the field's arguments when it is selected."""


class FieldRefused(Exception):
    """A field that isn't answered: it is null, and an error stands beside the data. With `whole` there is no data at all."""

    def __init__(self, message: str, code: str, *, whole: bool = False, **extensions: Any) -> None:
        super().__init__(message)
        self.extensions = {"code": code, **extensions}
        self.whole = whole


@dataclass(frozen=True, slots=True)
class Warned:
    """A search whose query was understood in part only."""

    query: str
    unknown: Sequence[str]


@dataclass(frozen=True, slots=True)
class Connection:
    """A list that is answered in pages. `view` makes an item's fields; `typename` is that of the items."""

    typename: str
    items: Sequence[Any]
    view: Callable[[Any], Fields]
    warned: Warned | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """What a mutation answers: fields, and user errors."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[Mapping[str, Any]] = ()


def user_error(message: str, code: str | None = None, path: Sequence[str] | None = None) -> dict[str, Any]:
    """An entry of `userErrors`."""
    return {
        "field": list(path) if path is not None else None,
        "message": message,
        "code": code,
        "elementIndex": None,
        "extraInfo": None,
    }


def refused(message: str, code: str | None = None, path: Sequence[str] | None = None) -> Payload:
    """A mutation that did nothing, with the reason."""
    return Payload(errors=[user_error(message, code, path)])
