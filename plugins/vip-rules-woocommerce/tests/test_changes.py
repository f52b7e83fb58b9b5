"""What has changed is told, in few requests, and comes to the same as reading everything anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vip_rules.model import OrderLine
from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.testing.clock import StoppedClock

from tests.readers import NOTHING, Held, everything, reading
from tests.woocommerce.client import Client
from tests.woocommerce.server import NOW, FakeWooCommerce
from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.cursor import bound


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce(clock=StoppedClock(NOW)) as shop:
        yield shop
        assert not shop.crashes


def bought(number: int, buyer: str | None, at: datetime, amount: int = 1000) -> StoreOrder:
    return StoreOrder(
        id=str(number),
        customer_id=buyer,
        placed_at=at,
        currency="USD",
        total=amount,
        lines=(OrderLine(sku=f"SKU{number % 3}", category="Mugs", amount=amount),),
    )


def test_an_unchanged_shop_is_asked_a_handful_of_requests(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=1000, orders=2000)
    with reading(shop) as reader:
        held = everything(reader)
        before = len(shop.calls)
        list(reader.pages(held.cursor, full=False, wanted=NOTHING))
        assert len(shop.calls) - before <= 6


def test_changes_come_to_the_same_as_everything(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=150, orders=300)
    ids = sorted(row["id"] for row in shop.orders)
    with reading(shop) as reader, Client(shop) as people:
        held = everything(reader)
        people.put(f"/orders/{ids[0]}", {"status": "cancelled"})
        people.delete(f"/orders/{ids[1]}")
        shop.refund(ids[2], "1.00")
        people.post("/customers", {"email": "new@example.test"})
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
        assert held.content == everything(reader).content


def test_what_changes_in_the_second_of_the_last_change_is_told(shop: FakeWooCommerce) -> None:
    shop.put_order(replace(bought(1, None, NOW), updated_at=NOW))
    with reading(shop) as reader:
        held = everything(reader)
        shop.put_order(replace(bought(2, None, NOW), updated_at=NOW))
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
        shop.put_order(replace(bought(3, None, NOW), updated_at=NOW))
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
    assert sorted(held.orders) == ["1", "2", "3"]


def test_what_changes_while_everything_is_read_is_told_next(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=3, orders=250)
    ids = sorted(row["id"] for row in shop.orders)
    clock = shop.clock
    assert isinstance(clock, StoppedClock)
    with reading(shop) as reader, Client(shop) as people:
        held = Held()
        for page in reader.pages(None, full=True, wanted=NOTHING):
            held.keep([page])
            if not page.orders:
                continue
            clock.advance(seconds=600)
            people.put(f"/orders/{ids[0]}", {"status": "failed"})
            people.put(f"/orders/{ids[-1]}", {"customer_note": str(len(held.orders))})
        assert held.orders[str(ids[0])].status == "paid"
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
        assert held.content == everything(reader).content


def test_a_change_that_is_dated_in_the_future_hides_none_of_today(shop: FakeWooCommerce) -> None:
    shop.put_order(replace(bought(1, None, NOW), updated_at=NOW + timedelta(days=900)))
    with reading(shop) as reader:
        held = everything(reader)
        shop.put_order(replace(bought(2, None, NOW), updated_at=NOW + timedelta(seconds=60)))
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
    assert sorted(held.orders) == ["1", "2"]


def test_an_empty_shop_is_read_from_its_first_order_on(shop: FakeWooCommerce) -> None:
    with reading(shop) as reader:
        held = everything(reader)
        assert held.content == ({}, {})
        shop.put_customer(StoreCustomer(id="1", created_at=NOW, email="a@example.test"))
        shop.put_order(bought(5, "1", NOW))
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
        assert held.content == everything(reader).content
        assert list(held.orders) == ["5"]


def test_a_customer_who_was_deleted_is_gone_with_the_next_change_of_an_order(shop: FakeWooCommerce) -> None:
    shop.put_customer(StoreCustomer(id="1", created_at=NOW, email="a@example.test"))
    shop.put_order(bought(5, "1", NOW))
    with reading(shop) as reader:
        held = everything(reader)
        shop.customers.remove(1)
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
    assert not held.customers


def test_the_newest_accounts_are_told_as_they_are(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=250, orders=1)
    with reading(shop) as reader:
        held = everything(reader)
        (*_, page, _) = reader.pages(held.cursor, full=False, wanted=NOTHING)
    assert [each.id for each in page.customers] == [str(number) for number in range(151, 251)]


def test_new_accounts_are_found_though_older_ones_were_deleted(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=350, orders=1)
    with reading(shop) as reader, Client(shop) as people:
        held = everything(reader)
        for number in range(100, 340):
            shop.customers.remove(number)
        made = [people.post("/customers", {"email": f"n{number}@example.test"})["id"] for number in range(3)]
        held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
    assert set(map(str, made)) <= set(held.customers)


def test_changes_go_on_from_every_page(shop: FakeWooCommerce) -> None:
    shop.fill_many(customers=120, orders=250)
    with reading(shop) as reader, Client(shop) as people:
        start = everything(reader)
        for row in shop.orders:
            people.put(f"/orders/{row['id']}", {"status": "completed" if row["id"] % 2 else "failed"})
        whole = everything(reader).content
        pages = list(reader.pages(start.cursor, full=False, wanted=NOTHING))
        assert len(pages) >= 5
        for count in range(1, len(pages) + 1):
            held = Held(dict(start.customers), dict(start.orders), start.cursor)
            held.keep(islice(reader.pages(start.cursor, full=False, wanted=NOTHING), count))
            held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
            assert held.content == whole


@pytest.mark.parametrize(
    ("newest", "since"),
    [
        (None, "1970-01-01T00:00:00"),
        (datetime(2026, 11, 1, 0, 0, 5, tzinfo=UTC), "2026-10-31T23:59:55"),
        (NOW + timedelta(days=1), "2026-11-20T10:59:50"),
    ],
)
def test_the_next_reading_begins_a_little_before_the_newest_change(
    newest: datetime | None, since: str
) -> None:
    assert bound(newest, NOW) == since


# Any changes, in any order

Act = Callable[[FakeWooCommerce, Client, int, int], object]


def _new_order(shop: FakeWooCommerce, people: Client, one: int, amount: int) -> None:
    number, buyer = shop.state.posts.last + 1, one % (len(shop.customers) + 1)
    shop.put_order(bought(number, str(buyer) if buyer in shop.customers else None, shop.clock(), amount))


def _pick(shop: FakeWooCommerce, one: int) -> int:
    ids = sorted(row["id"] for row in shop.orders)
    return int(ids[one % len(ids)])


def _refund(shop: FakeWooCommerce, people: Client, one: int, amount: int) -> None:
    order = shop.orders[_pick(shop, one)]
    left = Decimal(order["total"]) + sum(Decimal(each["total"]) for each in order["refunds"])
    if left * 100 >= amount:
        shop.refund(order["id"], f"{amount // 100}.{amount % 100:02}")


def _complete(shop: FakeWooCommerce, people: Client, one: int, amount: int) -> None:
    """An order is completed, and its account has paid, for a bill to its own address."""
    order = people.put(f"/orders/{_pick(shop, one)}", {"status": "completed"})
    if account := shop.customers.get(order["customer_id"]):
        shop.customers.change(
            account["id"], is_paying_customer=True, billing={"email": account["email"].upper()}
        )


def _sign_up(shop: FakeWooCommerce, people: Client, one: int, amount: int) -> None:
    """Somebody makes an account with the address of an order, perhaps a guest's."""
    people.post("/customers", {"email": shop.orders[_pick(shop, one)]["billing"]["email"]})


ACTS: dict[str, Act] = {
    "an order is completed": _complete,
    "a guest signs up": _sign_up,
    "an order is placed": _new_order,
    "an order's status is set": lambda shop, people, one, amount: people.put(
        f"/orders/{_pick(shop, one)}",
        {"status": ("completed", "processing", "cancelled", "failed", "on-hold", "refunded")[amount % 6]},
    ),
    "an order is trashed": lambda shop, people, one, amount: people.delete(f"/orders/{_pick(shop, one)}"),
    "an order is refunded": _refund,
    "an order is a guest's": lambda shop, people, one, amount: people.put(
        f"/orders/{_pick(shop, one)}", {"customer_id": 0}
    ),
    "an account is made": lambda shop, people, one, amount: people.post(
        "/customers", {"email": f"n{shop.state.users.last}@example.test"}
    ),
    "an account changes": lambda shop, people, one, amount: people.put(
        f"/customers/{1 + one % len(shop.customers)}",
        {"meta_data": [{"key": "groups", "value": f"group {amount}"}]},
    ),
}
CHOICES = Choices(tags_meta="groups", link_guests=True)


ACT = st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 50), st.integers(1, 900), st.integers(0, 2))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(ACT, max_size=6), min_size=1, max_size=4))
def test_changes_always_come_to_the_same_as_everything(rounds: list[list[tuple[str, int, int, int]]]) -> None:
    """Whatever people do, what was known and what is told since make what is there."""
    clock = StoppedClock(NOW)
    with FakeWooCommerce(clock=clock) as shop, Client(shop) as people, reading(shop, CHOICES) as reader:
        shop.fill_many(customers=4, orders=8)
        held = everything(reader)
        for acts in rounds:
            for act, one, amount, seconds in acts:
                clock.advance(seconds=seconds)
                ACTS[act](shop, people, one, amount)
            held.keep(reader.pages(held.cursor, full=False, wanted=NOTHING))
            assert held.content == everything(reader).content
        assert not shop.crashes
