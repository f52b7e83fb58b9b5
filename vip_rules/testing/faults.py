"""What goes wrong between us and a store, planned call by call, so that it goes wrong the same way each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from vip_rules.adapter import Intent

Method = Literal["carry_out", "look", "pages", "shop"]


class Fault(Enum):
    """A thing that goes wrong, with what it comes to."""

    LOST_ANSWER = "the work is done, its answer is lost"
    LOST_REQUEST = "the request is lost, nothing is done"
    REFUSED = "the store says no"
    BUSY = "the store asks to come back later"
    SLOW = "it is done, and takes its time: the clock moves on"
    UNREADABLE = "the store doesn't say what it holds"
    ABORTED = "the reading breaks off with an error"
    CUT = "a page has only half of what is on it, and doesn't say so"
    EMPTY = "the reading ends at once as if there were nothing"
    KILLED_BEFORE = "our process dies before the request"
    KILLED_AFTER = "our process dies after the work, before the answer"


@dataclass(frozen=True, slots=True)
class Call:
    """One thing asked of a store: an effect, a look at one, a page, or the shop. `number` counts those of a method from 1."""

    method: Method
    number: int
    intent: Intent | None = None


@dataclass(slots=True)
class _Planned:
    fault: Fault
    method: Method
    calls: Collection[int] | None
    when: Callable[[Call], bool]
    left: int | None

    def befalls(self, call: Call) -> bool:
        return (
            self.left != 0
            and call.method == self.method
            and (self.calls is None or call.number in self.calls)
            and self.when(call)
        )


class FaultPlan:
    """Which calls go wrong, and how. Without anything added, none does.

    `seconds` is how long a busy store asks to wait, and how long a slow one takes; `advance` is told of the latter.

    >>> plan = FaultPlan()
    >>> plan.add(Fault.BUSY, calls=[2])
    >>> [plan.next("carry_out") for _ in range(3)]
    [None, <Fault.BUSY: 'the store asks to come back later'>, None]
    """

    def __init__(self, *, seconds: int = 30, advance: Callable[[int], object] = lambda seconds: None) -> None:
        self.seconds = seconds
        self._advance = advance
        self._planned: list[_Planned] = []
        self._numbers: Counter[Method] = Counter()

    def add(
        self,
        fault: Fault,
        method: Method = "carry_out",
        *,
        calls: Collection[int] | None = None,
        when: Callable[[Call], bool] = lambda call: True,
        times: int | None = None,
    ) -> None:
        """Plan a fault for calls of a method: those of some numbers, those that `when` picks, at most `times` of them.

        Where several are planned for a call the earliest added befalls it.
        """
        self._planned.append(_Planned(fault, method, calls, when, times))

    def next(self, method: Method, intent: Intent | None = None) -> Fault | None:
        """Count a call, and say what goes wrong with it. A slow one moves the clock and is otherwise right."""
        self._numbers[method] += 1
        call = Call(method, self._numbers[method], intent)
        planned = next((planned for planned in self._planned if planned.befalls(call)), None)
        if planned is None:
            return None
        if planned.left is not None:
            planned.left -= 1
        if planned.fault is Fault.SLOW:
            self._advance(self.seconds)
        return planned.fault

    @property
    def calls(self) -> dict[Method, int]:
        """How many calls of each method there were so far."""
        return dict(self._numbers)
