"""What goes wrong between the shop and its client, planned call by call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock

from tests.woocommerce.calls import Call


class Fault(Enum):
    """A thing that goes wrong, with what it comes to."""

    LOST_ANSWER = "the work is done, the connection is dropped"
    LOST_REQUEST = "the connection is dropped, nothing is done"
    HALF_ANSWER = "the work is done, and half of the answer arrives"
    SLOW = "the work is done, its answer takes some seconds"
    ANSWER = "nothing is done, the answer is an error"
    ANSWER_AFTER = "the work is done, the answer is an error all the same"
    HTML = "a page for people comes instead of JSON, nothing is done"
    NOTHING = "all is as it should be; `meanwhile` is called after the work and before the answer"


@dataclass(slots=True, kw_only=True)
class Planned:
    """A fault and the calls that it befalls. Statuses, codes and headers are those of an error's answer."""

    fault: Fault
    when: Callable[[Call], bool]
    left: int | None
    status: int
    code: str
    message: str
    headers: dict[str, str]
    seconds: float
    meanwhile: Callable[[Call], object]
    befell: list[Call] = field(default_factory=list)


class Faults:
    """Which calls go wrong, and how. Without anything added, none does.

    >>> faults = Faults()
    >>> planned = faults.add(Fault.LOST_ANSWER, when=lambda call: call.method == "POST")
    >>> faults.next(Call(number=1, method="GET", path="/coupons", query={}))
    >>> faults.next(Call(number=2, method="POST", path="/coupons", query={})) is planned
    True
    >>> faults.next(Call(number=3, method="POST", path="/coupons", query={}))
    """

    def __init__(self) -> None:
        self._planned: list[Planned] = []
        self._lock = Lock()

    def add(
        self,
        fault: Fault,
        *,
        when: Callable[[Call], bool] = lambda call: True,
        times: int | None = 1,
        status: int = 503,
        code: str = "internal_server_error",
        message: str = "There has been a critical error on this website.",
        headers: dict[str, str] | None = None,
        seconds: float = 0,
        meanwhile: Callable[[Call], object] = lambda call: None,
    ) -> Planned:
        """Plan a fault for the next calls that `when` picks: `times` of them, None for all.

        Where several are planned for a call the earliest added befalls it; what is returned tells afterwards whom it befell.
        """
        planned = Planned(
            fault=fault,
            when=when,
            left=times,
            status=status,
            code=code,
            message=message,
            headers=dict(headers or {}),
            seconds=seconds,
            meanwhile=meanwhile,
        )
        with self._lock:
            self._planned.append(planned)
        return planned

    def refuse(
        self, code: str, message: str = "No.", *, when: Callable[[Call], bool], times: int | None = 1
    ) -> Planned:
        """Plan a refusal: 400 with a code of the shop's."""
        return self.add(Fault.ANSWER, when=when, times=times, status=400, code=code, message=message)

    def busy(
        self, *, when: Callable[[Call], bool], retry_after: str | None = None, times: int | None = 1
    ) -> Planned:
        """Plan a 429, with or without the header that says when to come back."""
        return self.add(
            Fault.ANSWER,
            when=when,
            times=times,
            status=429,
            code="too_many_requests",
            message="Too many requests.",
            headers={} if retry_after is None else {"Retry-After": retry_after},
        )

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._planned.clear()

    def next(self, call: Call) -> Planned | None:
        """What befalls a call."""
        with self._lock:
            for planned in self._planned:
                if planned.left != 0 and planned.when(call):
                    if planned.left is not None:
                        planned.left -= 1
                    planned.befell.append(call)
                    return planned
        return None
