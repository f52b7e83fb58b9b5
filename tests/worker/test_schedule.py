from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from vip_rules.worker.schedule import Name, Schedule

SCHEDULE = Schedule(
    timezone=ZoneInfo("America/New_York"), reconcile_minutes=15, daily_at=time(0, 5), nightly_at=time(2, 30)
)


@pytest.mark.parametrize(
    ("name", "now", "due"),
    [
        ("reconcile", "2026-11-20T12:14:59", "2026-11-20T12:00:00"),
        ("reconcile", "2026-11-20T12:15:00", "2026-11-20T12:15:00"),
        # New York is five hours behind.
        ("daily", "2026-11-20T05:04:59", "2026-11-19T05:05:00"),
        ("daily", "2026-11-20T05:05:00", "2026-11-20T05:05:00"),
        ("daily", "2026-11-21T04:59:59", "2026-11-20T05:05:00"),
        ("nightly", "2026-11-20T12:00:00", "2026-11-20T07:30:00"),
        ("repair", "2026-11-20T12:00:00", "2026-11-20T07:30:00"),
    ],
)
def test_the_last_time_for_which_a_job_is_due(name: Name, now: str, due: str) -> None:
    assert SCHEDULE.latest(name, utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("name", "now", "due"),
    [
        ("reconcile", "2026-11-20T12:14:59", "2026-11-20T12:15:00"),
        ("reconcile", "2026-11-20T12:15:00", "2026-11-20T12:30:00"),
        ("daily", "2026-11-20T05:04:59", "2026-11-20T05:05:00"),
        ("daily", "2026-11-20T05:05:00", "2026-11-21T05:05:00"),
        ("nightly", "2026-11-20T12:00:00", "2026-11-21T07:30:00"),
        # Clocks go back in between: that night is an hour longer.
        ("daily", "2026-10-31T12:00:00", "2026-11-01T04:05:00"),
        ("repair", "2026-10-31T12:00:00", "2026-11-01T07:30:00"),
    ],
)
def test_the_next_time_for_which_a_job_is_due(name: Name, now: str, due: str) -> None:
    assert SCHEDULE.following(name, utc(now)) == utc(due)
    assert SCHEDULE.latest(name, utc(due)) == utc(due)


def test_a_time_that_clocks_leave_out_comes_all_the_same() -> None:
    # On 8 March 2026 clocks go from 2:00 to 3:00: 2:30 counts as 3:30 summer time.
    assert SCHEDULE.latest("nightly", utc("2026-03-08T12:00:00")) == utc("2026-03-08T07:30:00")


def test_a_time_that_comes_twice_comes_once() -> None:
    # On 1 November 2026 clocks go back from 2:00 to 1:00.
    twice = Schedule(
        timezone=ZoneInfo("America/New_York"),
        reconcile_minutes=15,
        daily_at=time(1, 30),
        nightly_at=time(2, 30),
    )
    first = utc("2026-11-01T05:30:00")
    assert twice.latest("daily", utc("2026-11-01T05:45:00")) == first
    assert twice.latest("daily", utc("2026-11-01T06:45:00")) == first


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
