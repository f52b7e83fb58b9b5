# ruff: noqa: DTZ001 - times without a zone are what is tested

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.localdays import (
    InvalidTime,
    UnknownZone,
    day_date,
    day_number,
    local_day,
    local_days,
    offsets,
    time_fault,
    year_span,
    zone,
)

ZONES = (
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/New_York",
    "America/Toronto",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "Pacific/Kwajalein",
    "UTC",
)

EDGES = [
    datetime(2011, 12, 30, 10),  # a day that Apia skipped
    datetime(2018, 11, 4, 0, 30),  # Sao Paulo set its clocks forward at midnight
    datetime(1919, 3, 30, 23, 45),  # Toronto too, half an hour before it
    datetime(1993, 8, 21, 12),  # Kwajalein skipped this one
    datetime(2025, 11, 2, 1, 30),
    datetime(2025, 3, 9, 2, 30),
    datetime(1899 + 1, 1, 1),
    datetime(2199, 12, 31, 23, 59, 59),
]

wall_times = st.one_of(
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31, 23, 59, 59)),
    st.sampled_from(EDGES)
    .flatmap(
        lambda edge: st.integers(-2 * 86_400, 2 * 86_400).map(
            lambda seconds: edge + timedelta(seconds=seconds)
        )
    )
    .filter(lambda wall: 1900 <= wall.year <= 2199),
    st.datetimes(datetime(2005, 1, 1), datetime(2027, 1, 1)),
)
utc_offsets = st.sampled_from(["", "Z", "+05:30", "-0500", "+14:00", "-12:00"])


def in_column(values: pl.Series, zone: ZoneInfo) -> list[int]:
    column, dtype = pl.col("at"), values.dtype
    frame = values.alias("at").to_frame()
    first, last = frame.select(*[year.alias(f"{n}") for n, year in enumerate(year_span(column, dtype))]).row(
        0
    )
    assert not frame.select(time_fault(column, dtype).any()).item()
    return frame.select(local_days(column, dtype, zone, first, last))["at"].to_list()


@given(st.sampled_from(ZONES), st.lists(st.tuples(wall_times, utc_offsets), min_size=1, max_size=30))
def test_a_column_of_text_gives_the_days_of_its_values(name: str, times: list[tuple[datetime, str]]) -> None:
    texts = [wall.isoformat(sep=" ") + offset for wall, offset in times]
    assert in_column(pl.Series(texts), zone(name)) == [local_day(text, zone(name)) for text in texts]


@given(
    st.sampled_from(ZONES), st.lists(wall_times, min_size=1, max_size=30), st.sampled_from(["ms", "us", "ns"])
)
def test_a_column_of_timestamps_gives_the_days_of_its_values(
    name: str, walls: list[datetime], unit: str
) -> None:
    walls = [wall.replace(microsecond=0) for wall in walls]
    naive = pl.Series(walls).cast(pl.Datetime("ms" if unit == "ms" else "us" if unit == "us" else "ns"))
    assert in_column(naive, zone(name)) == [local_day(wall, zone(name)) for wall in walls]
    instants = [wall.replace(tzinfo=UTC) for wall in walls]
    assert in_column(naive.dt.replace_time_zone("UTC"), zone(name)) == [
        local_day(at, zone(name)) for at in instants
    ]


@pytest.mark.parametrize(
    ("name", "text", "day"),
    [
        ("America/New_York", "2025-11-21", "2025-11-21"),
        ("America/New_York", "2025-11-21T03:00:00Z", "2025-11-20"),
        ("America/New_York", "2025-11-21T03:00:00", "2025-11-21"),
        ("America/New_York", "2025-11-21 23:30-0500", "2025-11-21"),
        ("Asia/Kolkata", "2025-11-20T18:30:00.000001Z", "2025-11-21"),
        ("Asia/Kolkata", "2025-11-20T18:29:59.999999999Z", "2025-11-20"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30"),
        ("Pacific/Apia", "2011-12-30T10:00:00", "2011-12-31"),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
        ("America/Sao_Paulo", "2018-11-04T00:30:00", "2018-11-04"),
        ("America/Toronto", "1919-03-30T23:45:00", "1919-03-31"),
        ("Africa/Monrovia", "1950-06-01T00:44:29Z", "1950-05-31"),
        ("Africa/Monrovia", "1950-06-01T00:44:30Z", "1950-06-01"),
    ],
)
def test_the_documented_rule(name: str, text: str, day: str) -> None:
    expected = day_number(date.fromisoformat(day))
    assert local_day(text, zone(name)) == expected
    assert in_column(pl.Series([text]), zone(name)) == [expected]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("11/21/2025", "2025-11-21 or 2025-11-21T14:30:00Z is expected"),
        ("2025-11-21T10", "ISO 8601"),
        ("20251121", "ISO 8601"),
        ("2025-W47-5", "ISO 8601"),
        ("2025-11-21T10:00:00+05", "ISO 8601"),
        ("2025-11-21T10:00:00 Z", "ISO 8601"),
        ("2025-11-21t10:00:00z", "ISO 8601"),
        ("2025-11-21\n", "ISO 8601"),
        (" 2025-11-21", "ISO 8601"),
        ("٢٠٢٥-١١-٢١", "ISO 8601"),
        ("2025-02-30", "doesn't exist"),
        ("2025-13-01T00:00:00Z", "doesn't exist"),
        ("2025-11-21T24:00:00", "doesn't exist"),
        ("2025-11-21T23:59:60Z", "doesn't exist"),
        ("2025-11-21T10:00:00+05:60", "doesn't exist"),
        ("2025-11-21T10:00:00+24:00", "doesn't exist"),
        ("1899-12-31", "outside the years 1900 to 2199"),
        ("2200-01-01T00:00:00Z", "outside the years 1900 to 2199"),
        ("0000-01-01", "doesn't exist"),
    ],
)
def test_other_texts_are_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidTime, match=reason):
        local_day(text, zone("UTC"))
    faults = pl.DataFrame({"at": [text, None]}).select(time_fault(pl.col("at"), pl.String()))["at"]
    assert faults.to_list() == [True, None]


def test_one_day_takes_dates_and_times_of_python_too() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert local_day(date(2025, 11, 21), zone("Asia/Tokyo")) == day_number(date(2025, 11, 21))
    assert local_day(datetime(2025, 11, 21, 1, tzinfo=tokyo), zone("UTC")) == day_number(date(2025, 11, 20))
    assert local_day(datetime(2025, 11, 2, 1, 30, fold=1), zone("America/New_York")) == day_number(
        date(2025, 11, 2)
    )
    with pytest.raises(InvalidTime, match="1900"):
        local_day(date(1066, 10, 14), zone("UTC"))


def test_days_are_counted_from_1970() -> None:
    assert day_number(date(1970, 1, 1)) == 0
    assert day_date(day_number(date(2024, 2, 29))) == date(2024, 2, 29)
    assert day_date(-1) == date(1969, 12, 31)


def test_nulls_stay_null() -> None:
    frame = pl.DataFrame({"at": [None, datetime(2025, 1, 1, tzinfo=UTC)]})
    for first in (1900, 2025):
        days = frame.select(
            local_days(pl.col("at"), frame.schema["at"], zone("America/New_York"), first, 2030)
        )
        assert days["at"].to_list() == [None, day_number(date(2024, 12, 31))]


def test_offsets_name_each_change_of_the_clock() -> None:
    new_york = offsets(zone("America/New_York"), 2025, 2025)
    assert [datetime.fromtimestamp(at, UTC).isoformat() for at in new_york.changes] == [
        "2025-03-09T07:00:00+00:00",
        "2025-11-02T06:00:00+00:00",
    ]
    assert new_york.offsets == (-5 * 3600, -4 * 3600, -5 * 3600)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berlni", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("../../etc/passwd", "is expected"),
        ("America", "no time zone"),
        ("", "no time zone"),
        ("a\0b", "no time zone"),
    ],
)
def test_unknown_zones_are_refused_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UnknownZone, match=hint):
        zone(name)
