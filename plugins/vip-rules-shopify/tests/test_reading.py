"""The whole way: a shop behind HTTP, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.model import OrderLine
from vip_rules.store import Shop

from tests.reading.desk import NOBODY, NOON, PERSONAL, customer, desk, ids, order, told
from vip_rules_shopify.reading.progress import Progress

CUSTOMERS = [
    customer(1, tags=("b2b", "press"), email="ada@example.com", birthday=date(1990, 5, 3), language="de"),
    *(customer(number) for number in range(2, 6)),
]
ORDERS = [
    order(11, refunded=700, status="partially_refunded"),
    order(12, None, channel="pos"),
    order(13, 2, lines=1, test=True),
    order(14, 3, lines=4, tax=0, discount=0, status="cancelled"),
    order(15, 3, lines=3, tax=480, total=6_980),
    order(16, 4, lines=1, status="pending"),
]
EVERYTHING = ({each.id: each for each in CUSTOMERS}, {each.id: each for each in ORDERS})


def test_everything_is_told_once() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        pages = shop.read()
        assert told(pages) == EVERYTHING
        assert sorted(ids(pages)) == sorted([*EVERYTHING[0], *EVERYTHING[1]])
        assert shop.shop.count("BulkRunQuery") == 2


def test_prices_with_taxes_are_read_without_them() -> None:
    taxed = order(15, 3, lines=3, tax=580, total=7_080)
    with desk(CUSTOMERS) as shop:
        shop.shop.put_order(taxed, taxes_included=True, shipping_tax=100)
        assert told(shop.read())[1] == {"15": taxed}


def test_customers_come_before_orders_and_both_are_searched_at_once() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        kinds = [bool(page.orders) for page in shop.read() if page.customers or page.orders]
        assert kinds == sorted(kinds)
        names = [
            call.operation for call in shop.shop.calls if call.operation in {"BulkRunQuery", "BulkStatus"}
        ]
        assert names[:2] == ["BulkRunQuery", "BulkRunQuery"]


@pytest.mark.parametrize("page", [1, 2, 5])
def test_a_reading_goes_on_behind_any_page_with_the_files_that_it_began(page: int) -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        count = len(shop.read(page=page))
        begun = shop.shop.count("BulkRunQuery")
        for first in range(1, count + 1):
            before = shop.read(page=page, count=first)
            after = shop.read(before[-1].cursor, page=page)
            assert told([*before, *after]) == EVERYTHING
            assert len(ids([*before, *after])) == len(set(ids([*before, *after])))
            assert shop.shop.count("BulkRunQuery") == begun + 2 * first


def test_a_reading_that_was_whole_has_nothing_left_to_tell() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        assert shop.read(shop.read()[-1].cursor) == []


def test_an_empty_shop_is_told_as_empty() -> None:
    with desk() as shop:
        pages = shop.read()
        assert ids(pages) == []
        assert Progress.of(pages[-1].cursor, full=False).orders.since is not None


def test_personal_data_is_read_only_if_it_is_wanted() -> None:
    with desk(CUSTOMERS) as shop:
        for wanted in (NOBODY, frozenset({"email"})):
            customers, _ = told(shop.read(wanted=wanted))
            told_of = customers["1"]
            assert (told_of.birthday, told_of.language) == (None, None)
            assert told_of.email == ("ada@example.com" if wanted else None)


def test_categories_come_from_tags_where_the_settings_say_so() -> None:
    with desk(CUSTOMERS, ORDERS[:1]) as shop:
        for product in shop.shop.products.values():
            product.tags = [f"Cat:{product.title}"]
        _, orders = told(shop.read(settings={"category_tag_prefix": "cat:"}))
        assert [line.category for line in orders["11"].lines] == ["Thing 1", "Thing 2"]


UNITS = st.tuples(st.integers(0, 4), st.integers(0, 3))


@settings(max_examples=40, deadline=None)
@given(UNITS, st.integers(0, 2_000), st.booleans(), st.booleans())
def test_refunds_come_to_their_sum(
    units: tuple[int, int], money: int, shipping: bool, taxes_included: bool
) -> None:
    # 4 units of 10.00 and 3 of 20.00, 8.00 of tax on them and 5.40 of shipping with its tax.
    lines = (
        OrderLine("A", "Roses", "flowers", "Maker", 4, 4_000),
        OrderLine("B", "Vase", "glass", "Maker", 3, 6_000),
    )
    placed = replace(order(15), lines=lines, tax=840, total=11_340)
    with desk(CUSTOMERS) as shop, shop.reader() as reader:
        shop.shop.put_order(placed, taxes_included=taxes_included, shipping_tax=40)
        back = {place: count for place, count in enumerate(units) if count}
        if back or money or shipping:
            delivery = (540 if taxes_included else 500, 40) if shipping else None
            shop.shop.refund(15, money, lines=back, shipping=delivery)
        (told_now,) = reader.fetch([], ["15"], wanted=NOBODY).orders
    assert [line.refunded for line in told_now.lines] == [1_000 * units[0], 2_000 * units[1]]
    goods = 1_000 * units[0] + 2_000 * units[1]
    whole = told_now.status == "refunded"
    assert told_now.refunded == (11_340 if whole else goods + money)


# The shop


def test_the_shop_is_told_with_its_zone() -> None:
    with desk() as shop, shop.reader() as reader:
        shop.shop.timezone = "America/New_York"
        assert reader.shop() == Shop(currency="USD", timezone="America/New_York")


def test_without_all_orders_sixty_days_are_trusted_and_it_is_said() -> None:
    with desk(CUSTOMERS, ORDERS) as shop, shop.reader() as reader:
        shop.shop.scopes.discard("read_all_orders")
        # 20 November less 60 days is 21 September at noon: the first whole day is the 22nd.
        assert reader.shop().trusted_from == date(2026, 9, 22)
        first, *others = reader.pages(None, full=True, wanted=NOBODY)
        assert "read_all_orders" in first.notes[0]
        assert not [note for page in others for note in page.notes]


# Some of it


def test_some_are_fetched_and_the_missing_are_gone() -> None:
    with desk(CUSTOMERS, ORDERS) as shop, shop.reader() as reader:
        page = reader.fetch(["1", "99", "1", "x"], ["12", "98", "0"], wanted=PERSONAL)
        assert told([page]) == ({"1": CUSTOMERS[0]}, {"12": ORDERS[1]})
        assert (set(page.gone_customers), set(page.gone_orders)) == ({"99", "x"}, {"98", "0"})
        assert (page.cursor, page.notes) == (None, ())


def test_nothing_is_asked_where_nothing_is_wanted() -> None:
    with desk(CUSTOMERS, ORDERS) as shop, shop.reader() as reader:
        assert ids([reader.fetch([], [], wanted=PERSONAL)]) == []
        assert shop.shop.calls == []


def test_hidden_orders_are_not_taken_for_gone() -> None:
    old = replace(order(20), placed_at=NOON - timedelta(days=90))
    with desk(CUSTOMERS, [old]) as shop, shop.reader() as reader:
        shop.shop.scopes.discard("read_all_orders")
        page = reader.fetch(["1"], ["20"], wanted=NOBODY)
        assert (page.orders, page.gone_orders) == ((), ())
        assert "read_all_orders" in page.notes[0]


def test_many_are_fetched_in_parts() -> None:
    people = [customer(number) for number in range(1, 251)]
    with desk(people) as shop, shop.reader() as reader:
        page = reader.fetch([each.id for each in people], [], wanted=PERSONAL)
        assert ids([page]) == [each.id for each in people]
        assert shop.shop.count("CustomersByIds") == 3


def test_long_orders_are_read_to_their_last_line() -> None:
    long = order(30, lines=145)
    with desk(CUSTOMERS, [long]) as shop, shop.reader() as reader:
        assert told([reader.fetch([], ["30"], wanted=NOBODY)])[1] == {"30": long}
        assert shop.shop.count("OrderLines") == 2


def test_notes_say_what_was_left_out() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.orders[11].lines[0].title = "nul\0"
        pages = shop.read()
        assert "11" not in told(pages)[1]
        assert [note for page in pages for note in page.notes if "Order/11" in note]
