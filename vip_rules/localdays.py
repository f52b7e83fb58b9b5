"""Local days: the days of the program's time zone as integers, counted from 1970-01-01.

Python's zoneinfo is the one source of offsets, for a single value and for a whole column alike, so both give the same day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import timezone as fixed_offset
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from vip_rules.errors import VipRulesError

if TYPE_CHECKING:
    import polars as pl

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""The years that a date of a store's history can lie in; anything else is a slip."""

DAY_SECONDS = 86_400
_EPOCH_ORDINAL = 719_163
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_SHAPE = (
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?)?"
)
_ISO = re.compile(_SHAPE)
_POSSIBLE = (
    r"^(?:19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]"
    r"(?::[0-5][0-9](?:\.[0-9]{1,9})?)?(?:Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?)?$"
)


class UnknownZone(VipRulesError):
    """A time zone that the IANA database doesn't have; the message names the nearest one."""


class InvalidTime(VipRulesError):
    """A text that isn't a date or time as the files and programs write it; the message says what was expected."""


def day_number(day: date) -> int:
    """A calendar day as days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def day_date(number: int) -> date:
    """The calendar day of days since 1970-01-01."""
    return date.fromordinal(number + _EPOCH_ORDINAL)


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as "America/New_York". Raises UnknownZone, with the nearest known name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        nearest = _nearest_zone(name)
        hint = f"did you mean {nearest}?" if nearest else "a name such as Europe/Berlin or UTC is expected."
        raise UnknownZone(f"{name!r} is no time zone of the IANA database: {hint}") from None


def _nearest_zone(name: str) -> str | None:
    from difflib import get_close_matches

    known = {zone.lower(): zone for zone in sorted(available_timezones())}
    cities = {lower.rpartition("/")[2]: zone for lower, zone in known.items() if "/" in lower}
    wanted = name.strip().lower().replace(" ", "_")
    for names in (known, cities):
        if close := get_close_matches(wanted, names, n=1):
            return names[close[0]]
    return None


def local_day(value: str | date, zone: ZoneInfo) -> int:
    """The local day of one date or time. Raises InvalidTime.

    A bare date is a local day. A time with an offset is converted to the zone. A time without one is in the zone: the first
    of two where the clock is set back, moved forward by the gap where it is set forward.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise InvalidTime(f"{value.isoformat()!r} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=zone, fold=0)
        value = value.astimezone(UTC).astimezone(zone)
    return day_number(value)


def _parsed(text: str) -> date:
    match = _ISO.fullmatch(text)
    if match is None:
        raise InvalidTime(
            f"{text[:60]!r} isn't an ISO 8601 date or time: 2025-11-21 or 2025-11-21T14:30:00Z is expected"
        )
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zulu, sign, hours, minutes = match.groups()[6:]
    try:
        if match[4] is None:
            return date(year, month, day)
        if zulu or sign:
            if int(minutes or 0) > 59:
                raise ValueError
            offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
            tzinfo = fixed_offset(-offset if sign == "-" else offset)
            return datetime(year, month, day, hour, minute, second, tzinfo=tzinfo)
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the program's zone is put in later
    except ValueError:
        raise InvalidTime(f"{text!r} doesn't exist in the calendar or on the clock") from None


@dataclass(frozen=True, slots=True)
class Offsets:
    """A zone's offsets from UTC over some years, in seconds: first `offsets[0]`, `offsets[n + 1]` from `changes[n]` on."""

    changes: tuple[int, ...]
    offsets: tuple[int, ...]


@lru_cache(maxsize=64)
def offsets(zone: ZoneInfo, first_year: int, last_year: int) -> Offsets:
    """The offsets that hold in a zone in some years, and two days around them."""

    def offset(at: int) -> int:
        delta = (_EPOCH + timedelta(seconds=at)).astimezone(zone).utcoffset() or timedelta()
        return delta.days * DAY_SECONDS + delta.seconds

    # A probe a day can't step over a change: in no zone did two ever come within four days of each other.
    start = (day_number(date(first_year, 1, 1)) - 2) * DAY_SECONDS
    end = (day_number(date(last_year, 12, 31)) + 2) * DAY_SECONDS
    changes, found = [], [offset(start)]
    for after in range(start + DAY_SECONDS, end + 1, DAY_SECONDS):
        now = offset(after)
        if now == found[-1]:
            continue
        before = after - DAY_SECONDS
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if offset(middle) == found[-1] else (before, middle)
        changes.append(after)
        found.append(now)
    return Offsets(tuple(changes), tuple(found))


def time_fault(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Where a column of dates or times (text, date, timestamp) holds something that local_day() refuses; null stays null."""
    import polars as pl

    if dtype == pl.String:
        return ~column.str.contains(_POSSIBLE) | _text_date(column).is_null() & column.is_not_null()
    return ~_plausible(column, dtype)


def _plausible(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Where dates or timestamps lie in the years of a store's history. Others can be so far off that Polars panics."""
    import polars as pl

    unit = _ticks(dtype) if isinstance(dtype, pl.Datetime) else 0
    first, end = (
        day_number(date(year, 1, 1)) * (DAY_SECONDS * unit or 1) for year in (FIRST_YEAR, LAST_YEAR + 1)
    )
    return column.to_physical().is_between(first, end, closed="left")


def year_span(column: pl.Expr, dtype: pl.DataType) -> tuple[pl.Expr, pl.Expr]:
    """The first and the last year of a column of dates or times; of text, as far as it begins with a year."""
    import polars as pl

    if dtype == pl.String:
        year = column.str.head(4).cast(pl.Int32, strict=False)
        return year.min(), year.max()
    known = column.filter(_plausible(column, dtype)).to_physical()
    day = pl.lit(DAY_SECONDS * _ticks(dtype)) if isinstance(dtype, pl.Datetime) else pl.lit(1)
    first, last = ((end // day).cast(pl.Int32).cast(pl.Date).dt.year() for end in (known.min(), known.max()))
    return first, last


def local_days(
    column: pl.Expr, dtype: pl.DataType, zone: ZoneInfo, first_year: int, last_year: int
) -> pl.Expr:
    """local_day() for a column, as Int32: right wherever time_fault() isn't true and the year lies in the given span."""
    import polars as pl

    if dtype == pl.Date:
        return column.to_physical()
    known = offsets(zone, max(first_year, FIRST_YEAR), min(last_year, LAST_YEAR))
    if isinstance(dtype, pl.Datetime):
        unit, ticks = _ticks(dtype), column.to_physical()
        return _day_of_instant(ticks, unit, known) if dtype.time_zone else _day_of_wall(ticks, unit, known)
    date_part = _text_date(column).to_physical()
    wall = date_part.cast(pl.Int64) * DAY_SECONDS + _text_clock(column)
    offset = _text_offset(column)
    return (
        pl.when(column.str.len_bytes() == len("2025-11-21"))
        .then(date_part)
        .when(offset.is_not_null())
        .then(_day_of_instant(wall - offset, 1, known, few=1))
        .otherwise(_day_of_wall(wall, 1, known))
    )


def _ticks(dtype: pl.Datetime) -> int:
    """How many of a timestamp's units make a second."""
    return {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[dtype.time_unit]


def _text_date(column: pl.Expr) -> pl.Expr:
    return column.str.head(10).str.to_date("%Y-%m-%d", strict=False)


def _text_clock(column: pl.Expr) -> pl.Expr:
    """Seconds since midnight; minutes without seconds are whole."""
    import polars as pl

    hour, minute = (column.str.slice(at, 2).cast(pl.Int64, strict=False) for at in (11, 14))
    second = pl.when(column.str.slice(16, 1) == ":").then(column.str.slice(17, 2)).otherwise(pl.lit("0"))
    return hour * 3600 + minute * 60 + second.cast(pl.Int64, strict=False)


def _text_offset(column: pl.Expr) -> pl.Expr:
    """Seconds east of UTC, null without an offset."""
    import polars as pl

    tail = column.str.slice(16)
    digits = tail.str.extract(r"[+-]([0-9]{2}:?[0-9]{2})$").str.replace(":", "", literal=True)
    number = digits.cast(pl.Int64, strict=False)
    seconds = number // 100 * 3600 + number % 100 * 60
    return (
        pl.when(tail.str.ends_with("Z"))
        .then(pl.lit(0, pl.Int64))
        .when(tail.str.contains("-", literal=True))
        .then(-seconds)
        .otherwise(seconds)
    )


def _day_of_instant(ticks: pl.Expr, unit: int, known: Offsets, few: int = 24) -> pl.Expr:
    import polars as pl

    return ((ticks + _offset_at(ticks, unit, known, few)) // (DAY_SECONDS * unit)).cast(
        pl.Int32, strict=False
    )


def _offset_at(ticks: pl.Expr, unit: int, known: Offsets, few: int) -> pl.Expr:
    """The offset that holds at each instant, in ticks: a choice among few offsets, a search among many.

    A choice looks at the ticks once for each offset, so it pays only where they are at hand.
    """
    import polars as pl

    found = [offset * unit for offset in known.offsets]
    changes = [change * unit for change in known.changes]
    if len(found) <= few:
        chosen = pl.lit(found[-1], pl.Int64)
        for change, offset in reversed(list(zip(changes, found, strict=False))):
            chosen = pl.when(ticks < change).then(pl.lit(offset, pl.Int64)).otherwise(chosen)
        return chosen
    bounds, values = pl.Series(changes, dtype=pl.Int64), pl.Series(found, dtype=pl.Int64)

    def search(instants: pl.Series) -> pl.Series:
        return values.gather(bounds.search_sorted(instants, side="right")).set(instants.is_null(), None)

    return ticks.map_batches(search, return_dtype=pl.Int64, is_elementwise=True)


def _day_of_wall(ticks: pl.Expr, unit: int, known: Offsets) -> pl.Expr:
    """The day on the clock, but for times in a gap that reaches a midnight: those move forward by the gap."""
    import polars as pl

    moved = ticks
    for change, before, after in zip(known.changes, known.offsets, known.offsets[1:], strict=False):
        start, end = change + before, change + after
        if end > start and start // DAY_SECONDS != (end + (end - start) - 1) // DAY_SECONDS:
            in_gap = (ticks >= start * unit) & (ticks < end * unit)
            moved = pl.when(in_gap).then(ticks + (end - start) * unit).otherwise(moved)
    return (moved // (DAY_SECONDS * unit)).cast(pl.Int32, strict=False)
