"""What has changed since the last reading: all of it, and little besides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.adapter import PlatformFailed
from vip_rules.store import Page

from tests.reading.desk import NOBODY, Desk, customer, desk, ids, order, told
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.reading.progress import Part, Progress
from vip_rules_shopify.reading.selection import search

CUSTOMERS = [customer(number) for number in range(1, 6)]
ORDERS = [order(number, number % 5 + 1) for number in range(11, 19)]


class Dear(dict[str, int]):
    """Documents that cost too much the first few times."""

    def __init__(self, name: str, times: int) -> None:
        super().__init__()
        self.name, self.times = name, times

    def get(self, name: str, default: object = None) -> int | None:  # type: ignore[override]
        if name != self.name or not self.times:
            return None
        self.times -= 1
        return 1_500


def update(shop: Desk, customers: range, orders: range) -> None:
    """Something happens to each of these, or they are new."""
    for number in customers:
        shop.shop.put_customer(customer(number, tags=("changed",), updated_at=shop.time.now))
    for number in orders:
        shop.shop.put_order(
            order(number, refunded=700, status="partially_refunded", updated_at=shop.time.now)
        )


def last(pages: list[Page]) -> str | None:
    return pages[-1].cursor


def test_what_changed_is_told_and_nothing_else() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        before = shop.read()
        shop.time.now += timedelta(hours=2)
        update(shop, range(5, 8), range(18, 22))
        after = shop.read(last(before), full=False)
        assert ids(after) == ["5", "6", "7", "18", "19", "20", "21"]
        assert told([*before, *after]) == told(shop.read())


def test_nothing_new_is_little_to_tell() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        pages = shop.read()
        for _ in range(3):
            shop.time.now += timedelta(hours=1)
            pages = shop.read(last(pages), full=False)
            assert ids(pages) == []
        assert shop.shop.count("BulkRunQuery") == 2


def test_what_changed_while_everything_was_read_is_told_next_time() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.bulk.polls = 30
        pages = shop.read(count=3)
        update(shop, range(1, 2), range(11, 12))
        pages += shop.read(last(pages))
        shop.time.now += timedelta(days=1)
        assert ids(shop.read(last(pages), full=False)) == ["1", "11"]


def test_what_the_search_finds_late_is_not_missed() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.index_lag = timedelta(seconds=90)
        pages = shop.read()
        shop.time.now += timedelta(hours=1)
        update(shop, range(1, 2), range(11, 12))
        shop.time.now += timedelta(seconds=60)
        shop.shop.index_lag = timedelta(0)
        update(shop, range(2, 3), range(12, 13))
        pages = shop.read(last(pages), full=False)
        assert ids(pages) == ["2", "12"]
        shop.time.now += timedelta(seconds=60)
        assert {"1", "11"} <= set(ids(shop.read(last(pages), full=False)))


def test_customers_of_the_same_day_are_not_told_again_and_again() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        pages = shop.read()
        shop.time.now += timedelta(hours=1)
        update(shop, range(1, 6), range(0))
        pages = shop.read(last(pages), full=False)
        shop.time.now += timedelta(hours=1)
        update(shop, range(2, 3), range(0))
        pages = shop.read(last(pages), full=False)
        assert sorted(ids(pages)) == ["1", "2", "3", "4", "5"]  # they were told five minutes ago
        shop.time.now += timedelta(hours=1)
        update(shop, range(3, 4), range(0))
        assert ids(shop.read(last(pages), full=False)) == ["2", "3"]


@pytest.mark.parametrize("most", [3, 1_000])
def test_a_reading_of_changes_goes_on_behind_any_page(most: int) -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        cursor = last(shop.read())
        shop.time.now += timedelta(hours=2)
        update(shop, range(1, 301), range(11, 71))
        whole = shop.read(cursor, full=False, most=most, page=50)
        wanted = told(shop.read())
        assert told(whole) == wanted
        for count in range(1, len(whole) + 1):
            before = shop.read(cursor, full=False, count=count, most=most, page=50)
            after = shop.read(last(before), full=False, most=most, page=50)
            assert told([*before, *after]) == wanted, count
            if count < len(whole):
                assert len(ids([*before, *after])) == 360


def test_very_much_is_read_by_a_bulk_operation() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        before = shop.read()
        shop.time.now += timedelta(days=3)
        update(shop, range(1, 5), range(11, 14))
        began = shop.time.now
        after = shop.read(last(before), full=False, most=3)
        assert sorted(ids(after)) == ["1", "11", "12", "13", "2", "3", "4"]
        assert (shop.shop.count("BulkRunQuery"), shop.shop.count("OrdersPage")) == (3, 1)
        following = Progress.of(last(after), full=False)
        assert datetime.fromisoformat(following.customers.since or "") == began


@pytest.mark.parametrize(("name", "first"), [("OrdersPage", 6), ("CustomersPage", 25), ("OrdersByIds", 6)])
def test_pages_that_cost_too_much_shrink(name: str, first: int) -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        cursor = last(shop.read())
        shop.time.now += timedelta(hours=2)
        update(shop, range(1, 4), range(11, 41))
        shop.shop.costs = Dear(name, 2)
        if name.endswith("Page"):
            found = ids(shop.read(cursor, full=False))
            assert len(found) == 33
            sizes = [call.variables["first"] for call in shop.shop.calls if call.operation == name]
        else:
            with shop.reader() as reader:
                found = ids([reader.fetch([], [str(number) for number in range(11, 41)], wanted=NOBODY)])
            assert len(found) == 30
            sizes = [len(call.variables["ids"]) for call in shop.shop.calls if call.operation == name]
        assert sizes[2] == first


def test_a_page_that_costs_too_much_at_any_size_is_said() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        cursor = last(shop.read())
        update(shop, range(0), range(11, 12))
        shop.shop.costs = {"OrdersPage": 5_000}
        with pytest.raises(AdminFailed):
            shop.read(cursor, full=False)


def test_long_orders_are_told_to_their_last_line() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        cursor = last(shop.read())
        long = order(50, lines=64, updated_at=shop.time.now)
        shop.shop.put_order(long)
        assert told(shop.read(cursor, full=False))[1] == {"50": long}


STEPS = st.lists(
    st.tuples(
        st.integers(1, 8),  # a customer
        st.integers(11, 22),  # an order
        st.integers(0, 40_000),  # seconds
        st.booleans(),  # whether a reading follows
        st.integers(1, 4),  # after how many pages it breaks off
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(STEPS)
def test_changes_one_after_the_other_are_the_same_as_everything(
    steps: list[tuple[int, int, int, bool, int]],
) -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        pages = shop.read()
        for person, placed, seconds, read, breaks in steps:
            shop.time.now += timedelta(seconds=seconds)
            update(shop, range(person, person + 1), range(placed, placed + 1))
            if read:
                pages += shop.read(last(pages), full=False, count=breaks, most=4)
        for _ in range(
            2
        ):  # the first may go on with an interrupted one, and what came since then may be the next one's
            pages += shop.read(last(pages), full=False)
        assert told(pages) == told(shop.read())


# Cursors


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "null",
        "{}",
        "[1]",
        "7",
        '{"version":2}',
        '{"version":1,"full":false,"customers":{"x":1},"orders":{}}',
    ],
)
def test_a_cursor_that_is_not_ours_is_said_and_no_obstacle_to_reading_everything(cursor: str) -> None:
    with pytest.raises(PlatformFailed, match="sync --full"):
        Progress.of(cursor, full=False)
    assert Progress.of(cursor, full=True) == Progress(full=True)


def test_changes_cannot_be_read_before_everything_was() -> None:
    unfinished = Progress(full=True, customers=Part(operation="gid://shopify/BulkOperation/1"))
    for cursor in (None, unfinished.cursor):
        with pytest.raises(PlatformFailed, match="sync --full"):
            Progress.of(cursor, full=False)


def test_a_cursor_says_all_that_is_known() -> None:
    part = Part(
        since="2026-11-20T12:00:00.000000+00:00", after="abc", newest="2026-11-21T00:00:00.000000+00:00"
    )
    progress = Progress(full=False, customers=replace(part, done=True), orders=part)
    assert Progress.of(progress.cursor, full=False) == progress
    assert len(progress.cursor) < 400
    assert orjson.loads(progress.following().cursor)["orders"] == {"since": part.newest}


def test_the_next_reading_never_starts_before_the_last_one() -> None:
    part = Part(since="2026-11-20T12:00:00.000000+00:00", newest="2026-11-20T11:58:00.000000+00:00")
    assert part.following().since == part.since


def test_after_an_interruption_the_next_reading_starts_from_there() -> None:
    began = "2026-11-20T12:00:00.000000+00:00"
    part = Part(since=began, after="abc", newest="2026-11-21T00:00:00.000000+00:00")
    resumed = replace(part.resumed(), newest="2026-11-23T00:00:00.000000+00:00").resumed()
    assert resumed.following() == Part(since=part.newest)
    assert Part(since=began).resumed() == Part(since=began)


def test_searches_go_back_a_little() -> None:
    assert search("orders", "2026-11-20T12:00:00.000000+00:00") == "updated_at:>='2026-11-20T11:55:00Z'"
    assert search("customers", "2026-11-20T00:02:00.000000+00:00") == "updated_at:>='2026-11-18'"
