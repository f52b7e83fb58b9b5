"""A shop is read: everything, from any page on, and some of it; in few requests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import pytest
from vip_rules.adapter import PlatformFailed
from vip_rules.model import OrderLine
from vip_rules.store import Shop, StoreCustomer, StoreOrder

from tests.readers import NOTHING, Held, everything, reading
from tests.woocommerce.calls import Answer
from tests.woocommerce.client import Client
from tests.woocommerce.server import FakeWooCommerce
from vip_rules_woocommerce.reading.choices import Choices


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        yield shop
        assert not shop.crashes


def test_the_shop_tells_its_currency_and_time_zone(shop: FakeWooCommerce) -> None:
    with reading(shop) as reader:
        assert reader.shop() == Shop(currency="USD", timezone="America/New_York")


def test_a_shop_with_an_offset_for_a_time_zone_has_none(
    shop: FakeWooCommerce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shop.settings, "site", lambda call: Answer({"timezone_string": "", "gmt_offset": "5.5"})
    )
    with reading(shop) as reader:
        assert reader.shop().timezone is None


def test_a_shop_that_does_not_say_its_currency_is_no_shop_to_read(shop: FakeWooCommerce) -> None:
    shop.settings.groups["general"]["woocommerce_currency"] = ""
    with reading(shop) as reader, pytest.raises(PlatformFailed, match="currency"):
        reader.shop()


def test_everything_is_told_exactly_once(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=250, orders=400)
    with reading(shop) as reader:
        pages = list(reader.pages(None, full=True, wanted=NOTHING))
    told = Counter(each.id for page in pages for each in page.customers)
    assert told == dict.fromkeys([str(row["id"]) for row in shop.customers], 1)
    told = Counter(each.id for page in pages for each in page.orders)
    assert told == dict.fromkeys([str(row["id"]) for row in shop.orders], 1)


def test_no_page_is_larger_than_one_of_the_shop_s(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=250, orders=400)
    with reading(shop) as reader:
        for page in reader.pages(None, full=True, wanted=NOTHING):
            assert len(page.customers) <= 100
            assert len(page.orders) <= 100
            assert len(page.cursor or "") < 250


def test_a_reading_goes_on_from_every_page(shop: FakeWooCommerce) -> None:
    shop.load()
    with reading(shop) as reader:
        whole = everything(reader)
        pages = list(reader.pages(None, full=True, wanted=NOTHING))
        for count in range(1, len(pages) + 1):
            held = Held().keep(islice(reader.pages(None, full=True, wanted=NOTHING), count))
            rest = list(reader.pages(held.cursor, full=True, wanted=NOTHING))
            assert sum(len(page.orders) for page in [*pages[:count], *rest]) == len(whole.orders)
            assert held.keep(rest).content == whole.content
            assert held.cursor == whole.cursor


def test_what_is_deleted_during_a_reading_hides_nothing_else(shop: FakeWooCommerce) -> None:
    shop.load()
    ids = sorted(row["id"] for row in shop.orders)
    with reading(shop) as reader, Client(shop) as people:
        held = Held()
        for number, page in enumerate(reader.pages(None, full=True, wanted=NOTHING)):
            held.keep([page])
            if page.orders:
                people.delete(f"/orders/{ids[number]}", force="true")
    assert {str(row["id"]) for row in shop.orders} <= set(held.orders)


def test_an_account_that_is_made_during_a_reading_is_told(shop: FakeWooCommerce) -> None:
    shop.load()
    with reading(shop) as reader, Client(shop) as people:
        held = Held()
        for page in reader.pages(None, full=True, wanted=NOTHING):
            held.keep([page])
            if page.orders and str(shop.state.users.last) in held.customers:
                people.post("/customers", {"email": f"late{len(held.orders)}@example.test"})
    assert str(shop.state.users.last) in held.customers


def test_a_cursor_that_cannot_be_read_begins_at_the_beginning(shop: FakeWooCommerce) -> None:
    shop.load()
    with reading(shop) as reader:
        whole = everything(reader)
        for cursor in (
            "",
            "{}",
            "nonsense",
            "[1]",
            '{"format":1,"stage":"orders"}',
            json.dumps({"format": 99}),
        ):
            for full in (True, False):
                assert Held().keep(reader.pages(cursor, full=full, wanted=NOTHING)).content == whole.content


def test_a_reading_that_breaks_off_says_so(shop: FakeWooCommerce) -> None:
    shop.load()
    with reading(shop) as reader:
        pages = reader.pages(None, full=True, wanted=NOTHING)
        next(pages)
        shop.revoke("ck_of_the_tests")
        with pytest.raises(PlatformFailed):
            list(pages)


def test_an_order_that_cannot_be_read_is_left_out_and_said(shop: FakeWooCommerce) -> None:
    shop.load()
    number = min(row["id"] for row in shop.orders)
    shop.orders.change(number, total="12,50")
    with reading(shop) as reader:
        held = everything(reader)
    assert str(number) not in held.orders
    assert len(held.orders) == len(shop.orders) - 1
    assert held.notes == [f"Order {number} is left out: total is '12,50'; expected an amount such as 12.50."]


def test_twins_are_named_across_pages(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=101, orders=0)
    shop.customers.change(101, email="CUSTOMER00100@example.com")
    with reading(shop) as reader:
        (note,) = everything(reader).notes
    assert note.startswith("Customers 100 and 101 have one email address")


def test_few_of_many_notes_are_said(shop: FakeWooCommerce) -> None:
    shop.load()
    for row in shop.orders:
        shop.orders.change(row["id"], total="12,50")
    with reading(shop) as reader:
        assert 50 < len(everything(reader).notes) < 60


# Some of it


def test_some_are_told_as_they_are_now(shop: FakeWooCommerce) -> None:
    shop.load()
    with reading(shop) as reader, Client(shop) as people:
        whole = everything(reader)
        trashed, deleted, draft, kept = sorted(whole.orders, key=int)[:4]
        people.delete(f"/orders/{trashed}")
        people.delete(f"/orders/{deleted}", force="true")
        shop.orders.change(int(draft), status="checkout-draft")
        page = reader.fetch(["2", "999999", "no id"], [trashed, deleted, draft, kept, "x"], wanted=NOTHING)
    assert page.orders == (whole.orders[kept],)
    assert page.gone_orders == (trashed, deleted, draft, "x")
    assert page.gone_customers == ("999999", "no id")
    assert {each.id for each in page.customers} == {"2", whole.orders[kept].customer_id} - {None}
    assert page.cursor is None


def test_nothing_is_asked_for_nobody(shop: FakeWooCommerce) -> None:
    with reading(shop) as reader:
        assert not reader.fetch([], [], wanted=NOTHING).customers
    assert not shop.calls


def test_refunds_are_asked_for_once_a_page(shop: FakeWooCommerce) -> None:
    placed = datetime(2026, 11, 1, tzinfo=UTC)
    bought = (OrderLine(sku="A", amount=600, refunded=100), OrderLine(sku="B", amount=400))
    for number in range(1, 51):
        shop.put_order(
            StoreOrder(
                id=str(number),
                customer_id=None,
                placed_at=placed,
                currency="USD",
                total=1000,
                refunded=250,
                lines=bought,
            )
        )
    with reading(shop) as reader:
        held = everything(reader)
    assert shop.count("GET", "/refunds") == 1
    for order in held.orders.values():
        assert (order.status, order.refunded) == ("partially_refunded", 250)
        assert [line.refunded for line in order.lines] == [100, 0]


def test_a_refund_that_is_gone_by_now_is_taken_from_the_goods(shop: FakeWooCommerce) -> None:
    placed = datetime(2026, 11, 1, tzinfo=UTC)
    line = OrderLine(sku="A", amount=1000, refunded=100)
    shop.put_order(
        StoreOrder(
            id="1",
            customer_id=None,
            placed_at=placed,
            currency="USD",
            total=1000,
            refunded=100,
            lines=(line,),
        )
    )
    for row in shop.refunds:
        shop.refunds.remove(row["id"])
    with reading(shop) as reader:
        order = everything(reader).orders["1"]
    assert (order.refunded, order.lines[0].refunded) == (100, 0)


# Guests


def account(shop: FakeWooCommerce, number: int, email: str, *, paying: bool = True) -> None:
    shop.put_customer(StoreCustomer(id=str(number), created_at=datetime(2026, 1, 1, tzinfo=UTC), email=email))
    shop.customers.change(number, is_paying_customer=paying)


def guest(shop: FakeWooCommerce, number: int, email: str) -> None:
    placed = datetime(2026, 1, 15, tzinfo=UTC)
    shop.put_order(StoreOrder(id=str(number), customer_id=None, placed_at=placed, currency="USD", total=1000))
    shop.orders.change(number, billing={**shop.orders[number]["billing"], "email": email})


LINK = Choices(link_guests=True)


def test_guests_are_nobody_s_unless_it_was_chosen(shop: FakeWooCommerce) -> None:
    account(shop, 1, "ada@example.test")
    guest(shop, 10, "ada@example.test")
    with reading(shop) as reader:
        assert everything(reader).orders["10"].customer_id is None
    with reading(shop, LINK) as reader:
        assert everything(reader).orders["10"].customer_id == "1"


@pytest.mark.parametrize("why", ["not paying", "billed elsewhere", "twins", "another", "none"])
def test_a_guest_without_a_verified_account_stays_one(shop: FakeWooCommerce, why: str) -> None:
    account(
        shop, 1, "bob@example.test" if why == "another" else "ada@example.test", paying=why != "not paying"
    )
    if why == "billed elsewhere":
        shop.customers.change(1, billing={"email": "eve@example.test"})
    if why == "twins":
        account(shop, 2, "Ada@example.test")
    guest(shop, 10, "" if why == "none" else "ada@example.test")
    with reading(shop, LINK) as reader:
        assert everything(reader).orders["10"].customer_id is None


def test_an_account_that_is_made_later_gets_its_guest_orders(shop: FakeWooCommerce) -> None:
    guest(shop, 10, "Ada@Example.test")
    guest(shop, 11, "bob@example.test")
    placed = datetime(2026, 2, 1, tzinfo=UTC)
    shop.put_order(StoreOrder(id="12", customer_id=None, placed_at=placed, currency="USD", total=1000))
    with reading(shop, LINK) as reader:
        held = everything(reader)
        account(shop, 1, "ada@example.test")
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
        assert {key: order.customer_id for key, order in held.orders.items()} == {
            "10": "1",
            "11": None,
            "12": None,
        }
        assert held.content == everything(reader).content
        account(shop, 2, "bob@example.test")
        page = reader.fetch(["2"], [], wanted=NOTHING)
        assert [(order.id, order.customer_id) for order in page.orders] == [("11", "2")]


def test_an_account_that_has_paid_by_now_gets_its_guest_orders(shop: FakeWooCommerce) -> None:
    account(shop, 1, "ada@example.test", paying=False)
    guest(shop, 10, "ada@example.test")
    placed = datetime(2026, 2, 1, tzinfo=UTC)
    shop.put_order(StoreOrder(id="11", customer_id="1", placed_at=placed, currency="USD", total=1000))
    with reading(shop, LINK) as reader, Client(shop) as people:
        held = everything(reader)
        assert held.orders["10"].customer_id is None
        people.put("/orders/11", {"status": "completed"})
        shop.customers.change(1, is_paying_customer=True)
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
        assert held.orders["10"].customer_id == "1"


def test_the_owner_of_an_address_is_asked_for_once(shop: FakeWooCommerce) -> None:
    for number in range(10, 60):
        guest(shop, number, f"guest{number % 5}@example.test")
    with reading(shop, LINK) as reader:
        everything(reader)
    assert sum("email" in call.query for call in shop.calls) == 5
