from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from tests.database.opened import opened, shop_of
from tests.mirror.told import (
    arrival,
    at,
    clean,
    customer,
    event,
    keep,
    mirror,
    order,
    rows,
    whose,
)
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, events, lines, orders
from vip_rules.model import LARGEST_AMOUNT, OrderLine
from vip_rules.rates import Rate, Rates
from vip_rules.store import Page, StoreCustomer, StoreOrder
from vip_rules.testing.databases import Databases

FIRST = Page(
    customers=(customer("1"), customer("2")), orders=(order("a", "1"), order("b", "2"), order("g", None))
)


def test_the_same_told_again_changes_nothing(database: Database) -> None:
    shop = shop_of(database)
    assert keep(database, shop, FIRST).orders.new == 3
    assert whose(database, shop) == {"1", "2"}
    clean(database, shop)
    before = mirror(database, shop)
    again = keep(database, shop, FIRST)
    assert (again.customers.unchanged, again.orders.unchanged) == (2, 3)
    assert mirror(database, shop) == before
    assert whose(database, shop) == set()


def test_what_changed_replaces_what_was_lines_and_all(database: Database) -> None:
    shop = shop_of(database)
    two = (OrderLine(sku="a", amount=600), OrderLine(sku="b", amount=400))
    keep(database, shop, Page(orders=(order("a", "1", lines=two),)))
    clean(database, shop)
    written = keep(database, shop, Page(orders=(order("a", "1", lines=(OrderLine(sku="c", amount=1000),)),)))
    assert written.orders.changed == 1
    assert rows(database, shop, lines, "order_id", "line", "sku") == [("a", 0, "c")]
    assert whose(database, shop) == {"1"}


def test_an_older_telling_is_left_aside(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, Page(orders=(order("a", "1", 500, updated_at=at(9)),)))
    clean(database, shop)
    written = keep(database, shop, Page(orders=(order("a", "1", 400, updated_at=at(8)),)))
    assert written.orders.older == 1
    assert rows(database, shop, orders, "total") == [(500,)]
    assert whose(database, shop) == set()


def test_of_tellings_of_one_instant_the_last_counts(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, Page(orders=(order("a", "1", 500, updated_at=at(9)),)))
    keep(database, shop, Page(orders=(order("a", "1", 400, updated_at=at(9)),)))
    assert rows(database, shop, orders, "total") == [(400,)]


def test_an_order_that_changes_hands_concerns_both(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, FIRST)
    clean(database, shop)
    keep(database, shop, Page(orders=(order("a", "2"),)))
    assert whose(database, shop) == {"1", "2"}


def test_one_shop_never_sees_another(database: Database) -> None:
    here, there = shop_of(database, "here"), shop_of(database, "there")
    keep(database, here, FIRST)
    assert mirror(database, there) == mirror(database, shop_of(database, "elsewhere"))
    keep(database, there, Page(customers=(customer("1", tags=("x",)),), orders=(order("a", "1", 7),)))
    before = mirror(database, here)
    clean(database, here, there)
    keep(database, there, Page(gone_customers=("1",), gone_orders=("a", "b"), merged=(("2", "1"),)))
    assert mirror(database, here) == before
    assert whose(database, here) == set()


def test_who_is_gone_leaves_no_personal_data_and_can_come_back(database: Database) -> None:
    shop = shop_of(database)
    ada = customer("1", email="ada@example.com", birthday=date(1990, 5, 3), tags=("x",), updated_at=at(3))
    keep(database, shop, Page(customers=(ada,)))
    assert rows(database, shop, customers, "birthday", "email", "gone") == [
        ("05-03", "ada@example.com", False)
    ]
    clean(database, shop)
    assert keep(database, shop, Page(gone_customers=("1", "nobody"))).gone_customers == 1
    assert rows(database, shop, customers, "birthday", "email", "tags", "gone") == [(None, None, None, True)]
    assert whose(database, shop) == {"1"}
    assert keep(database, shop, Page(gone_customers=("1",))).gone_customers == 0
    keep(database, shop, Page(customers=(ada,)))
    assert rows(database, shop, customers, "email", "gone") == [("ada@example.com", False)]


def test_orders_that_are_gone_take_their_lines_along(database: Database) -> None:
    shop = shop_of(database)
    keep(database, shop, FIRST)
    clean(database, shop)
    assert keep(database, shop, Page(gone_orders=("a", "g", "nothing"))).gone_orders == 2
    assert rows(database, shop, orders, "id") == [("b",)]
    assert rows(database, shop, lines, "order_id") == [("b",)]
    assert whose(database, shop) == {"1"}


def test_days_are_those_of_the_programs_zone(database: Database) -> None:
    shop = shop_of(database)
    # New York's clocks went forward on 8 March 2026, at two: midnight was at 05:00 UTC before, at 04:00 after.
    told = {
        "a": at(66, 4).replace(minute=59),
        "b": at(66, 5),
        "c": at(67, 3).replace(minute=59),
        "d": at(67, 4),
        "e": date(2026, 3, 8),
    }
    keep(
        database, shop, Page(orders=tuple(order(key, "1", placed_at=moment) for key, moment in told.items()))
    )
    eighth = date(2026, 3, 8).toordinal() - date(1970, 1, 1).toordinal()
    days = dict(rows(database, shop, orders, "id", "day"))
    assert {key: day - eighth for key, day in days.items()} == {"a": -1, "b": 0, "c": 0, "d": 1, "e": 0}
    assert (("e", None)) in rows(database, shop, orders, "id", "placed_at")


def test_other_currencies_are_converted_by_the_rate_of_the_orders_day(database: Database) -> None:
    shop = shop_of(database)
    rates = Rates([Rate(0, "EUR", "USD", Decimal("1.1")), Rate(20_500, "EUR", "USD", Decimal("1.2"))])
    way = arrival(rates)
    euro = order(
        "a", "1", 1001, tax=501, shipping=500, refunded=1001, currency="EUR", placed_at=date(2026, 1, 2)
    )
    keep(database, shop, Page(orders=(euro,)), way=way)
    # 1001 · 1.1 = 1101.1; 501 · 1.1 = 551.1; 500 · 1.1 = 550; the parts are no more than the total.
    assert rows(database, shop, orders, "total", "tax", "shipping", "refunded") == [(1101, 551, 550, 1101)]
    assert rows(database, shop, lines, "amount") == [(1101,)]
    assert not way.set_aside


@pytest.mark.parametrize(("code", "total"), [("CHF", 1000), ("EUR", LARGEST_AMOUNT)])
def test_what_cannot_be_converted_is_set_aside_as_it_is(database: Database, code: str, total: int) -> None:
    shop = shop_of(database)
    way = arrival(Rates([Rate(0, "EUR", "USD", Decimal("1.1"))]))
    keep(database, shop, Page(orders=(order("a", "1", total, currency=code),)), way=way)
    assert rows(database, shop, orders, "currency", "total", "set_aside") == [(code, total, True)]
    assert way.set_aside == {code: 1}


def test_events_of_equal_content_are_told_apart_and_not_doubled(database: Database) -> None:
    shop = shop_of(database)
    page = Page(events=(event("1"), event("1"), event("1", type="visit"), event("2", id="e9")))
    assert keep(database, shop, page).events.new == 4
    assert keep(database, shop, page).events.unchanged == 4
    assert len(rows(database, shop, events)) == 4


MOMENTS = st.integers(1, 6)


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[StoreCustomer | StoreOrder], list[StoreCustomer | StoreOrder]]:
    """What a store told in the order in which it happened, and the same permuted, with some of it twice."""
    told: list[StoreCustomer | StoreOrder] = []
    clock = count(1)
    for key, owner in draw(
        st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from(["1", "2", None])), max_size=8)
    ):
        total, sold = draw(st.integers(0, 99)), draw(st.integers(0, 2))
        told.append(
            order(
                key,
                owner,
                total,
                updated_at=at(next(clock)),
                lines=tuple(OrderLine(amount=n) for n in range(sold)),
            )
        )
    for key in draw(st.lists(st.sampled_from("123"), max_size=5)):
        tags = draw(st.sampled_from([(), ("x",), ("x", "y")]))
        told += [customer(key, updated_at=at(next(clock)), tags=tags)]
    again = draw(st.lists(st.sampled_from(told), max_size=4)) if told else []
    return told, draw(st.permutations(told + again))


def page(told: list[Any]) -> Page:
    return Page(
        customers=tuple(each for each in told if isinstance(each, StoreCustomer)),
        orders=tuple(each for each in told if isinstance(each, StoreOrder)),
    )


@pytest.fixture(scope="module")
def lasting(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with databases.lent(tmp_path_factory.mktemp("lasting")) as url:
        database = opened(url)
        yield database
        database.close()


NUMBERS = count()


@given(tellings(), st.integers(1, 5), st.booleans())
@settings(max_examples=20)
def test_any_order_and_repetition_ends_in_the_same_mirror(
    lasting: Database, told: tuple[list[Any], list[Any]], size: int, merged: bool
) -> None:
    happened, heard = told
    here, there = (shop_of(lasting, f"shop {next(NUMBERS)}") for _ in range(2))
    keep(lasting, here, *(page([each]) for each in happened))
    parts = [page(heard[start : start + size]) for start in range(0, len(heard), size)]
    if merged:
        keep(lasting, here, Page(merged=(("1", "2"),)))
        parts.insert(len(parts) // 2, Page(merged=(("1", "2"),)))
    keep(lasting, there, *parts)
    assert mirror(lasting, there) == mirror(lasting, here)


def test_characters_that_cannot_be_kept_are_told_as_unreadable(database: Database) -> None:
    shop = shop_of(database)
    bag = OrderLine(amount=5, quantity=1, sku="bag\0", product="\ud83d rose", category="\0", brand="\udfff")
    written = keep(
        database,
        shop,
        Page(
            customers=(customer("a\0", tags=frozenset({"\ud800"}), email="\0@example.com", language="e\0"),),
            orders=(order("o\0", "a\0", channel="we\0b", lines=(bag,)),),
            events=(event("a\0", type="vis\0it", id="e\0"), event("a\0", type="\0")),
        ),
    )
    assert (written.customers.new, written.orders.new, written.events.new) == (1, 1, 2)
    assert rows(database, shop, customers, "id", "email") == [("a\ufffd", "\ufffd@example.com")]
    assert rows(database, shop, orders, "id", "customer_id", "channel") == [
        ("o\ufffd", "a\ufffd", "we\ufffdb")
    ]
    assert rows(database, shop, lines, "sku", "product") == [("bag\ufffd", "\ufffd rose")]
    keep(database, shop, Page(merged=(("a\0", "b"),), gone_orders=("o\0",)))
    assert rows(database, shop, orders) == []


@pytest.mark.parametrize("number", [-(2**62), 2**63 - 1])
def test_large_numbers_are_kept(database: Database, number: int) -> None:
    shop = shop_of(database)
    with database.writing() as connection:
        connection.execute(insert(orders).values(**LARGE, shop=shop, total=number, updated_at=number))
    assert rows(database, shop, orders, "total", "updated_at") == [(number, number)]


LARGE = {
    "id": "a",
    "day": 0,
    "currency": "USD",
    "tax": 0,
    "shipping": 0,
    "status": "paid",
    "digest": 0,
}
