"""Which local days a window has: asked of each day, with dates."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from vip_rules.windows import Window


def on(day: int) -> date:
    """A local day as a date."""
    return date(1970, 1, 1) + timedelta(days=day)


def inside(window: Window | None, day: int, as_of: int, joined: int) -> bool:
    """Whether a window has a day. §4: evaluation "counts what was placed up to and including D"."""
    if day > as_of:
        return False
    if window is None or window.name == "lifetime":
        return True
    if window.name == "calendar year":  # §4: "from 1 January of D's year"
        return on(day).year == on(as_of).year
    if window.name == "previous calendar year":
        return on(day).year == on(as_of).year - 1
    if window.name == "calendar quarter":
        return on(day).year == on(as_of).year and quarter(on(day)) == quarter(on(as_of))
    if window.name == "membership year":  # §3: "since the last anniversary of joining the program"
        return joined <= as_of and on(day) >= last_anniversary(on(joined), on(as_of))
    if window.unit == "day":  # §4: "days after D − N"
        return as_of - day < window.count
    if window.unit == "week":
        return as_of - day < 7 * window.count
    if window.unit == "month":  # §4: "days after (D − N calendar months, clamped to the month's end)"
        return on(day) > months_before(on(as_of), window.count)
    return on(day) > months_before(on(as_of), 12 * window.count)


@cache
def days_of(window: Window, as_of: int, joined: int) -> tuple[int, ...]:
    """All days of a window that begins somewhere, the first one first. No window reaches back 101 years."""
    days: list[int] = []
    for day in range(as_of, as_of - 101 * 366, -1):
        if inside(window, day, as_of, joined):
            days.append(day)
        elif days:
            break
    return tuple(reversed(days))


def quarter(day: date) -> int:
    """The quarter of a date's year, from 0."""
    return (day.month - 1) // 3


@cache
def months_before(today: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it has no such day."""
    year, month = today.year, today.month
    for _ in range(months):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    day = today.day
    while not exists(year, month, day):
        day -= 1
    return date(year, month, day)


def last_anniversary(joined: date, today: date) -> date:
    """The day of joining, or its latest return so far; that of 29 February is the 28th in common years."""
    latest = joined
    for year in range(joined.year + 1, today.year + 1):
        day = joined.day if exists(year, joined.month, joined.day) else 28
        if date(year, joined.month, day) <= today:
            latest = date(year, joined.month, day)
    return latest


def exists(year: int, month: int, day: int) -> bool:
    """Whether the calendar has a date."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
