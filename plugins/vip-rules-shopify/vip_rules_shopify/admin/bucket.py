"""The points that a shop lets an app spend: who asks too early waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard


@dataclass(frozen=True, slots=True)
class Turn:
    """Leave to send a document after `wait` seconds. `cost` is what it is expected to cost, in points."""

    document: str
    cost: float
    wait: float


class Bucket:
    """What is left of a shop's points, as its answers tell; shared by threads.

    Nothing is assumed: until the first answer nobody waits, and a document costs what it cost when it was last sent. Who
    takes a turn is charged at once, so that threads queue up instead of asking all together when the points are back.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._costs: dict[str, float] = {}
        self._level: float | None = None
        self._maximum = self._rate = self._under_way = 0.0  # not money
        self._told_at = clock()

    def take(self, document: str) -> Turn:
        """A turn for a document. Give it back, whatever comes of it."""
        with self._lock:
            cost = self._costs.get(document, 0)
            self._under_way += cost
            if self._level is None:
                return Turn(document, cost, 0)
            self._restore()
            self._level -= cost
            return Turn(document, cost, self._seconds(-self._level))

    def give_back(self, turn: Turn, told: Mapping[str, Any] | None) -> None:
        """End a turn, with what the answer told of costs (`extensions.cost`); None where there was no answer."""
        with self._lock:
            self._under_way -= turn.cost
            status = (told or {}).get("throttleStatus")
            if told is None or not isinstance(status, Mapping):
                return
            maximum, rate = status.get("maximumAvailable"), status.get("restoreRate")
            level, cost = status.get("currentlyAvailable"), told.get("requestedQueryCost")
            if not (_is_number(maximum) and _is_number(rate) and _is_number(level)) or rate <= 0:
                return
            self._maximum, self._rate = maximum, rate
            # What others have sent may be charged already: better too little is thought to be there than too much.
            self._level = level - self._under_way
            self._told_at = self._clock()
            if _is_number(cost):
                self._costs[turn.document] = cost

    def seconds_for(self, document: str) -> float:
        """Seconds until a document can be paid for."""
        with self._lock:
            if self._level is None:
                return 0
            self._restore()
            return self._seconds(self._costs.get(document, 0) - self._level)

    def _restore(self) -> None:
        now = self._clock()
        passed = max((now - self._told_at).total_seconds(), 0)
        self._level = min(self._maximum, (self._level or 0) + passed * self._rate)
        self._told_at = now

    def _seconds(self, lacking: float) -> float:
        """Seconds until so many points are back; no longer than an empty bucket takes to be full."""
        return max(0, min(lacking, self._maximum)) / self._rate  # not money


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
