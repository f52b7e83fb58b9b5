"""Quiet hours: when messages aren't sent, because people sleep."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

_HOUR: Final = r"([01]\d|2[0-3]):[0-5]\d"
_HOURS: Final = re.compile(rf"(?P<begin>{_HOUR})-(?P<end>{_HOUR})", re.ASCII)


def are_quiet_hours(text: str) -> bool:
    """Whether a text names quiet hours: two different times of day, "21:00-09:00"."""
    found = _HOURS.fullmatch(text)
    return found is not None and found["begin"] != found["end"]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day until another, which may be on the next day, as clocks on the wall show it in a time zone.

    >>> from datetime import UTC
    >>> QuietHours.of("21:00-09:00", ZoneInfo("Asia/Seoul")).until(datetime(2026, 11, 20, 15, tzinfo=UTC))
    '09:00'
    """

    begin: time
    end: time
    timezone: ZoneInfo

    @classmethod
    def of(cls, text: str, timezone: ZoneInfo) -> QuietHours:
        """The hours that a text names; `are_quiet_hours` tells whether it does."""
        begin, _, end = text.partition("-")
        return cls(time.fromisoformat(begin), time.fromisoformat(end), timezone)

    def until(self, instant: datetime) -> str | None:
        """Until when it is quiet, "09:00", if it is at an instant."""
        now = instant.astimezone(self.timezone).time()
        begun, ended = now >= self.begin, now >= self.end
        quiet = begun and not ended if self.begin < self.end else begun or not ended
        return f"{self.end:%H:%M}" if quiet else None
