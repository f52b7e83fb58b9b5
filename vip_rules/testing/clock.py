"""A clock that stands still until it is told to go on."""

from __future__ import annotations

from datetime import datetime, timedelta


class StoppedClock:
    """Gives the same instant until it is moved.

    >>> from datetime import UTC
    >>> clock = StoppedClock(datetime(2026, 11, 20, 12, tzinfo=UTC))
    >>> clock.advance(seconds=90)
    >>> clock().isoformat()
    '2026-11-20T12:01:30+00:00'
    """

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        """The present instant, with its offset."""
        return self._now

    def advance(self, *, days: int = 0, seconds: int = 0) -> None:
        """Let time pass."""
        self._now += timedelta(days=days, seconds=seconds)
