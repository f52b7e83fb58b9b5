"""Windows have the days that the specification says, and days stay in them as long as they say."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.specification.days import days_of, inside
from tests.specification.programs import windows
from tests.specification.stores import AS_OF, EPOCH, joinings
from vip_rules.windows import Window

WINDOWS = windows().map(Window.of)
TODAY = AS_OF.map(lambda day: (day - EPOCH).days)
JOINED = st.integers(0, 17).map(lambda n: joinings(20_000)[n % len(joinings(20_000))]) | st.integers(
    16_000, 22_000
)


@given(WINDOWS, TODAY, JOINED, st.integers(-1200, 10))
def test_bounds(window: Window, as_of: int, joined: int, distance: int) -> None:
    bounds = window.bounds(as_of, joined)
    begin = as_of + distance if bounds.after is None else bounds.after
    for day in (
        begin - 1,
        begin,
        begin + 1,
        bounds.until,
        bounds.until + 1,
        as_of,
        as_of + 1,
        as_of + distance,
    ):
        within = (bounds.after is None or day > bounds.after) and day <= bounds.until
        assert within == inside(window, day, as_of, joined), day


@given(WINDOWS, TODAY, JOINED)
def test_halves(window: Window, as_of: int, joined: int) -> None:
    assume(window.bounded)
    after, until = window.bounds(as_of, joined).after, window.bounds(as_of, joined).until
    assert after is not None
    assert max(until - after, 0) == len(days_of(window, as_of, joined))


@given(WINDOWS, TODAY, JOINED, st.data())
def test_counts_through(window: Window, as_of: int, joined: int, data: st.DataObject) -> None:
    days = days_of(window, as_of, joined) if window.bounded else (as_of - 1200, as_of)
    assume(days)
    day = data.draw(st.sampled_from((days[0], days[-1])) | st.sampled_from(days))
    last = window.counts_through(day, as_of, joined)
    if last is None:
        assert window.name == "lifetime"
    else:
        assert last >= as_of
        assert all(inside(window, day, later, joined) for later in range(max(day, as_of), last + 1))
        assert not inside(window, day, last + 1, joined)
