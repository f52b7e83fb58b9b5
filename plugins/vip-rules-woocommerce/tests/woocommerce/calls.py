"""What is asked of the shop and what it answers, apart from how they travel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

HOME_LINK = "https://api.w.org/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as the shop understood it. `path` is what follows `/wp-json/wc/v3`; `number` counts from 1.

    `method` is the meant one (`_method` overrides the sent one). `body` is the JSON, None where none was read.
    `headers` have names in lower case.
    """

    number: int
    method: str
    path: str
    query: Mapping[str, str]
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def writes(self) -> bool:
        """Whether it changes something in the shop."""
        return self.method not in {"GET", "HEAD"}


@dataclass(slots=True)
class Answer:
    """An answer. `body` is plain data, or JSON that is ready to be sent.

    `first` is done before it is sent, when others may use the shop again.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    ready: str | bytes | None = None
    first: Callable[[], object] | None = None


class Problem(Exception):
    """A refusal in the words of the REST interface."""

    def __init__(self, status: int, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"code": code, "message": message, "data": {"status": status, **data}}


def invalid_parameter(name: str, code: str, message: str, data: Any = None) -> Problem:
    """The refusal of an argument or a field by its declared form."""
    return Problem(
        400,
        "rest_invalid_param",
        f"Invalid parameter(s): {name}",
        params={name: message},
        details={name: {"code": code, "message": message, "data": data}},
    )


def missing_parameter(name: str) -> Problem:
    """The refusal of a body without a field that must be there."""
    return Problem(400, "rest_missing_callback_param", f"Missing parameter(s): {name}", params=[name])


def not_one_of(name: str, allowed: tuple[str, ...]) -> Problem:
    """The refusal of a value that isn't on the list."""
    listed = f"{', '.join(allowed[:-1])}, and {allowed[-1]}"
    return invalid_parameter(name, "rest_not_in_enum", f"{name} is not one of {listed}.")


def no_route() -> Problem:
    """The refusal of an unknown path, and of a method that a path doesn't have."""
    return Problem(404, "rest_no_route", "No route was found matching the URL and request method.")
