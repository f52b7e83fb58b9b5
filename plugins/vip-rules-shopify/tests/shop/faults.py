"""What goes wrong between us and Shopify, planned request by request, so that it goes wrong the same way each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

Kind = Literal["graphql", "download", "token"]


class Fault(Enum):
    """A thing that goes wrong, with what it comes to."""

    THROTTLED = "THROTTLED as HTTP 200 without data: nothing is done"
    TOO_MANY_REQUESTS = "HTTP 429 with Retry-After as a decimal: nothing is done"
    HTTP_500 = "HTTP 500: nothing is done"
    HTTP_502 = "HTTP 502: nothing is done"
    HTTP_503 = "HTTP 503: nothing is done"
    HTTP_502_DONE = "HTTP 502 from the edge: the work is done"
    UNAUTHORIZED = "HTTP 401: nothing is done"
    LOST_ANSWER = "the work is done, and the connection drops without an answer"
    LOST_REQUEST = "the connection drops before the work"
    SLOW = "the work is done, and the answer takes its time"
    USER_ERROR = "a user error in each mutation's payload: nothing is done"
    INTERNAL_ERROR = "INTERNAL_SERVER_ERROR: nothing is done"
    INTERNAL_ERROR_DONE = "INTERNAL_SERVER_ERROR: the work is done"
    WRONG_JSON = "the work is done, and the answer isn't JSON"
    HALF_ANSWER = "the work is done, and the connection drops within the answer"
    TRUNCATED_JSONL = "a bulk file that ends after half of its lines, and doesn't say so"
    BULK_FAILED = "a bulk operation that comes to FAILED, with half of its rows as partial data"
    BULK_CANCELED = "a bulk operation that somebody cancels"
    BULK_EXPIRED = "a bulk operation whose file is gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request. `number` counts those of a kind from 1; `fields` are the root fields of a document."""

    kind: Kind
    number: int
    operation: str | None = None
    fields: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    document: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    mutation: bool = False

    def header(self, name: str) -> str | None:
        """A header's value, whatever the case of its name."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)


@dataclass(slots=True)
class Planned:
    """A fault that is to befall some calls, and how."""

    fault: Fault
    kind: Kind
    calls: Collection[int] | None
    when: Callable[[Call], bool]
    left: int | None
    seconds: float  # not money
    code: str
    message: str

    def befalls(self, call: Call) -> bool:
        return (
            self.left != 0
            and call.kind == self.kind
            and (self.calls is None or call.number in self.calls)
            and self.when(call)
        )


class Faults:
    """Which requests go wrong, and how. Without anything added, none does."""

    def __init__(self) -> None:
        self._planned: list[Planned] = []
        self._numbers: Counter[Kind] = Counter()

    def add(
        self,
        fault: Fault,
        *,
        kind: Kind | None = None,
        calls: Collection[int] | None = None,
        when: Callable[[Call], bool] = lambda call: True,
        times: int | None = None,
        seconds: float = 2,  # not money
        code: str = "INVALID",
        message: str = "Something is invalid",
    ) -> None:
        """Plan a fault for calls: those of some numbers of their kind, those that `when` picks, at most `times` of them.

        Calls are of kind "graphql" unless said otherwise; a truncated file befalls a "download". `seconds` is how long a
        throttled client is asked to wait, and how long a slow answer really takes; `code` and `message` are a user error's.
        Where several are planned for a call the earliest added befalls it.
        """
        if kind is None:
            kind = "download" if fault is Fault.TRUNCATED_JSONL else "graphql"
        if fault is Fault.USER_ERROR:
            picked = when
            when = lambda call: call.mutation and picked(call)  # noqa: E731
        if fault.name.startswith("BULK_"):
            chosen = when
            when = lambda call: "bulkOperationRunQuery" in call.fields and chosen(call)  # noqa: E731
        self._planned.append(Planned(fault, kind, calls, when, times, seconds, code, message))

    def number(self, kind: Kind) -> int:
        """The number of the next call of a kind."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def next(self, call: Call) -> Planned | None:
        """What goes wrong with a call."""
        planned = next((planned for planned in self._planned if planned.befalls(call)), None)
        if planned is not None and planned.left is not None:
            planned.left -= 1
        return planned

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._planned.clear()
