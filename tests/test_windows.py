"""Windows: the golden dates of the design, and that bounds and expiry belong together."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.localdays import day_date, day_number
from vip_rules.windows import Bounds, InvalidWindow, Window, anniversary, last_anniversary, plus_months


def bounds(text: str, as_of: date, joined: date | None = None) -> tuple[date | None, date]:
    found = Window.of(text).bounds(day_number(as_of), None if joined is None else day_number(joined))
    return None if found.after is None else day_date(found.after + 1), day_date(found.until)


@pytest.mark.parametrize(
    ("text", "as_of", "first", "last"),
    [
        ("12 months", date(2026, 11, 20), date(2025, 11, 21), date(2026, 11, 20)),
        ("1 year", date(2026, 11, 20), date(2025, 11, 21), date(2026, 11, 20)),
        ("30 days", date(2026, 3, 1), date(2026, 1, 31), date(2026, 3, 1)),
        ("2 weeks", date(2026, 3, 14), date(2026, 3, 1), date(2026, 3, 14)),
        ("1 month", date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31)),
        ("1 month", date(2026, 3, 28), date(2026, 3, 1), date(2026, 3, 28)),
        ("1 month", date(2024, 3, 29), date(2024, 3, 1), date(2024, 3, 29)),
        ("12 months", date(2024, 2, 29), date(2023, 3, 1), date(2024, 2, 29)),
        ("12 months", date(2025, 2, 28), date(2024, 2, 29), date(2025, 2, 28)),
        ("calendar year", date(2026, 11, 20), date(2026, 1, 1), date(2026, 11, 20)),
        ("calendar year", date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 1)),
        ("previous calendar year", date(2026, 1, 1), date(2025, 1, 1), date(2025, 12, 31)),
        ("calendar quarter", date(2026, 5, 31), date(2026, 4, 1), date(2026, 5, 31)),
        ("calendar quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
        ("lifetime", date(2026, 12, 31), None, date(2026, 12, 31)),
    ],
)
def test_bounds(text: str, as_of: date, first: date | None, last: date) -> None:
    assert bounds(text, as_of) == (first, last)


@pytest.mark.parametrize(
    ("joined", "as_of", "first"),
    [
        (date(2020, 5, 10), date(2026, 5, 9), date(2025, 5, 10)),
        (date(2020, 5, 10), date(2026, 5, 10), date(2026, 5, 10)),
        (date(2024, 2, 29), date(2025, 2, 27), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2025, 2, 28), date(2025, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 28), date(2027, 2, 28)),
        (date(2024, 2, 29), date(2028, 2, 29), date(2028, 2, 29)),
        (date(2026, 5, 10), date(2026, 5, 10), date(2026, 5, 10)),
    ],
)
def test_membership_years_begin_on_the_anniversary(joined: date, as_of: date, first: date) -> None:
    assert bounds("membership year", as_of, joined) == (first, as_of)


def test_before_joining_the_membership_year_is_empty() -> None:
    assert Window.of("membership year").bounds(100, joined=120) == Bounds(119, 100)


def test_an_order_counts_through_the_day_before_its_anniversary() -> None:
    through = Window.of("12 months").counts_through(
        day_number(date(2025, 11, 21)), day_number(date(2026, 3, 1))
    )
    assert through == day_number(date(2026, 11, 20))


rolling = st.builds(
    lambda count, unit: Window.of(f"{count} {unit}s"),
    st.integers(1, 40),
    st.sampled_from(["day", "week", "month", "year"]),
)
named = st.sampled_from(["calendar year", "calendar quarter", "membership year"]).map(Window.of)
days = st.dates(date(1999, 1, 1), date(2032, 12, 31)).map(day_number)


@given(st.one_of(rolling, named), days, st.integers(0, 400), st.integers(0, 3000))
def test_what_counts_today_counts_through_exactly_that_day(
    window: Window, as_of: int, ago: int, member: int
) -> None:
    joined, placed = as_of - member, as_of - ago
    now = window.bounds(as_of, joined)
    if now.after is not None and placed <= now.after:
        return
    through = window.counts_through(placed, as_of, joined)
    assert through is not None
    assert through >= as_of
    last, next_day = window.bounds(through, joined), window.bounds(through + 1, joined)
    assert last.after is not None
    assert last.after < placed
    assert next_day.after is not None
    assert next_day.after >= placed


@given(days, days)
def test_the_last_anniversary_is_the_latest_not_after_today(joined: int, as_of: int) -> None:
    last = last_anniversary(joined, as_of)
    if joined >= as_of:
        assert last == joined
        return
    candidates = [anniversary(joined, year) for year in range(day_date(joined).year, 2034)]
    assert last == max(day for day in candidates if day <= as_of)


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(-60, 60))
def test_months_are_clamped_to_their_end(start: date, months: int) -> None:
    moved = plus_months(start, months)
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day == start.day or (moved.day < start.day and plus_months(moved, 1).day >= moved.day)


@pytest.mark.parametrize(
    "text",
    [
        "0 days",
        "12 month-s",
        "twelve months",
        "1.5 years",
        "-3 days",
        "",
        "200 years",
        "12  months",
        "12 months\n",
    ],
)
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(InvalidWindow, match=r"expected|lifetime"):
        Window.of(text)


def test_one_month_and_twelve_months_are_named_alike() -> None:
    assert Window.of("1 months") == Window.of("1 month")
    assert Window.of("12 month").name == "12 months"
