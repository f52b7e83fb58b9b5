"""Quiet hours: by the clock on the wall, over midnight, and on the days on which it is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vip_rules.channels.quiet_hours import QuietHours, are_quiet_hours

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("hours", "local", "until"),
    [
        ("21:00-09:00", "2026-11-20T20:59:59.999999", None),
        ("21:00-09:00", "2026-11-20T21:00", "09:00"),
        ("21:00-09:00", "2026-11-21T00:00", "09:00"),
        ("21:00-09:00", "2026-11-21T08:59:59", "09:00"),
        ("21:00-09:00", "2026-11-21T09:00", None),
        ("13:00-14:30", "2026-11-20T12:59", None),
        ("13:00-14:30", "2026-11-20T13:00", "14:30"),
        ("13:00-14:30", "2026-11-20T14:30", None),
        ("13:00-14:30", "2026-11-20T23:00", None),
        ("00:00-06:00", "2026-11-20T23:59", None),
        ("00:00-06:00", "2026-11-20T00:00", "06:00"),
        ("22:00-00:00", "2026-11-20T23:59", "00:00"),
        ("22:00-00:00", "2026-11-20T00:00", None),
    ],
)
def test_it_is_quiet_from_one_time_of_day_until_another(hours: str, local: str, until: str | None) -> None:
    instant = datetime.fromisoformat(local).replace(tzinfo=NEW_YORK)
    assert QuietHours.of(hours, NEW_YORK).until(instant.astimezone(UTC)) == until


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        ("2026-03-07T21:00", 11),  # at 2:00 on the 8th it is 3:00
        ("2026-10-31T21:00", 13),  # at 2:00 on the 1st it is 1:00
        ("2026-11-20T21:00", 12),
    ],
)
def test_nights_of_other_lengths_are_quiet_to_their_end(evening: str, hours: int) -> None:
    quiet = QuietHours.of("21:00-09:00", NEW_YORK)
    begin = datetime.fromisoformat(evening).replace(tzinfo=NEW_YORK).astimezone(UTC)
    minutes = [begin + timedelta(minutes=minute) for minute in range(14 * 60)]
    assert sum(quiet.until(minute) is not None for minute in minutes) == hours * 60
    assert quiet.until(begin - timedelta(microseconds=1)) is None


def test_hours_that_begin_when_clocks_are_put_forward_begin_with_the_next_minute_there_is() -> None:
    quiet = QuietHours.of("02:30-04:00", NEW_YORK)
    assert quiet.until(datetime(2026, 3, 8, 6, 59, tzinfo=UTC)) is None  # 1:59
    assert quiet.until(datetime(2026, 3, 8, 7, 0, tzinfo=UTC)) == "04:00"  # 3:00
    assert quiet.until(datetime(2026, 3, 8, 8, 0, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("21:00-09:00", True),
        ("00:00-23:59", True),
        ("9:00-10:00", False),
        ("24:00-09:00", False),
        ("21:00–09:00", False),
        ("21:00-21:00", False),
        ("21:00", False),
        ("٢١:00-09:00", False),
        ("21:00-09:00\n", False),
    ],
)
def test_what_names_quiet_hours(text: str, sound: bool) -> None:
    assert are_quiet_hours(text) is sound
