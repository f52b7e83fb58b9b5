"""The schedule: what is done again and again, and for which time it is due. What was missed is made up, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Name = Literal["reconcile", "daily", "nightly", "repair"]

_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Schedule:
    """When jobs are due: every so many minutes, or once a local day at a time. Instants have offsets.

    A local time that a change of clocks leaves out counts from the moment at which it would have been; one that comes twice is
    its first coming.
    """

    timezone: ZoneInfo
    reconcile_minutes: int
    daily_at: time
    nightly_at: time

    def latest(self, name: Name, now: datetime) -> datetime:
        """The last instant, up to now, for which a job is due."""
        match name:
            case "reconcile":
                size = self.reconcile_minutes * _MINUTE
                return datetime.fromtimestamp(int(now.timestamp()) // size * size, UTC)
            case "daily":
                return self._last(self.daily_at, now)
            case "nightly" | "repair":
                return self._last(self.nightly_at, now)

    def following(self, name: Name, now: datetime) -> datetime:
        """The first instant after now for which a job is due."""
        match name:
            case "reconcile":
                return self.latest(name, now) + timedelta(minutes=self.reconcile_minutes)
            case "daily":
                return self._next(self.daily_at, now)
            case "nightly" | "repair":
                return self._next(self.nightly_at, now)

    def _last(self, at: time, now: datetime) -> datetime:
        due = self._on(0, at, now)
        return due if due <= now else self._on(-1, at, now)

    def _next(self, at: time, now: datetime) -> datetime:
        due = self._on(0, at, now)
        return due if due > now else self._on(1, at, now)

    def _on(self, days: int, at: time, now: datetime) -> datetime:
        """A local time of today, or of so many days from it."""
        day = now.astimezone(self.timezone).date() + timedelta(days=days)
        return datetime.combine(day, at, self.timezone).astimezone(UTC)
