"""What is put into the fake shop is there as WooCommerce would have it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from vip_rules.model import OrderLine
from vip_rules.store import StoreOrder
from vip_rules.testing.examples import CUSTOMERS, ORDERS

from tests.woocommerce.client import Client
from tests.woocommerce.filling import BIRTHDAY_META, GIFT_CARDS, LANGUAGE_META, TAGS_META
from tests.woocommerce.server import STORE, FakeWooCommerce


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        for customer in CUSTOMERS:
            shop.put_customer(customer)
        for order in ORDERS:
            shop.put_order(order)
        yield shop
        assert shop.crashes == []


@pytest.fixture
def client(shop: FakeWooCommerce) -> Iterator[Client]:
    with Client(shop) as client:
        yield client


def test_a_customer_has_their_birthday_language_and_tags_as_meta_data(client: Client) -> None:
    row = client.get("/customers/1")
    assert (row["email"], row["date_created_gmt"], row["date_modified"]) == (
        "ada@example.com",
        "2024-03-01T09:30:00",
        None,
    )
    assert {one["key"]: one["value"] for one in row["meta_data"]} == {
        BIRTHDAY_META: date(1990, 5, 3).isoformat(),
        LANGUAGE_META: "en",
        TAGS_META: ["newsletter"],
    }


def test_a_customer_put_again_keeps_the_meta_data_of_others(client: Client, shop: FakeWooCommerce) -> None:
    client.put("/customers/1", {"meta_data": [{"key": "vip_rules_tier", "value": "gold"}]})
    shop.put_customer(replace(CUSTOMERS[0], updated_at=datetime(2026, 11, 20, 12, tzinfo=UTC), tags=()))
    row = client.get("/customers/1")
    assert row["date_modified_gmt"] == "2026-11-20T12:00:00"
    keys = [one["key"] for one in row["meta_data"]]
    assert keys == ["vip_rules_tier", BIRTHDAY_META, LANGUAGE_META]


def test_goods_tax_and_shipping_make_the_total(client: Client) -> None:
    row = client.get("/orders/1001")
    assert (row["total"], row["total_tax"], row["shipping_total"], row["discount_total"]) == (
        "129.90",
        "9.90",
        "5.00",
        "10.00",
    )
    assert [(line["subtotal"], line["total"], line["price"]) for line in row["line_items"]] == [
        ("95.00", "85.00", 42.5),
        ("30.00", "30.00", 30.0),
    ]
    assert (row["status"], row["created_via"], row["customer_id"]) == ("processing", "checkout", 1)


def test_lines_are_of_products_in_categories(client: Client) -> None:
    line = client.get("/orders/1001")["line_items"][0]
    product = client.get(f"/products/{line['product_id']}")
    assert (product["sku"], product["categories"][0]["name"]) == ("ROSE-12", "flowers")
    assert [one["name"] for one in client.get("/products/categories")] == ["flowers", "glass"]


def test_what_was_refunded_of_a_line_points_to_it(client: Client) -> None:
    order, (refund,) = client.get("/orders/1002"), client.get("/orders/1002/refunds")
    (line,) = refund["line_items"]
    assert order["refunds"] == [{"id": refund["id"], "reason": "", "total": "-15.00", "total_tax": "0.00"}]
    assert (refund["amount"], line["total"], line["total_tax"]) == ("15.00", "-15.00", "0.00")
    assert line["meta_data"][0]["value"] == str(order["line_items"][0]["id"])
    assert (order["status"], order["total"]) == ("completed", "40.00")


def test_what_was_refunded_beyond_the_lines_is_a_refund_of_its_own(
    shop: FakeWooCommerce, client: Client
) -> None:
    shop.put_order(replace(ORDERS[1], refunded=2_100))
    assert [(row["amount"], len(row["line_items"])) for row in client.get("/orders/1002/refunds")] == [
        ("6.00", 0),
        ("15.00", 1),
    ]


def test_a_guest_has_no_account_and_the_till_no_web(client: Client) -> None:
    row = client.get("/orders/1003")
    assert (row["customer_id"], row["created_via"]) == (0, "pos-rest-api")


def test_an_order_put_again_has_its_refunds_once_and_the_date_it_is_given(
    shop: FakeWooCommerce, client: Client
) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for _ in range(2):
        shop.put_order(replace(ORDERS[0], refunded=500, status="partially_refunded", updated_at=now))
    row = client.get("/orders/1001")
    assert ([one["total"] for one in row["refunds"]], row["date_modified_gmt"]) == (
        ["-5.00"],
        "2026-11-20T12:00:00",
    )
    assert client.get("/orders/1001/refunds")[0]["line_items"] == []


def test_an_order_set_to_refunded_without_a_figure_is_refunded_whole(
    shop: FakeWooCommerce, client: Client
) -> None:
    shop.put_order(replace(ORDERS[0], refunded=None, status="refunded"))
    row = client.get("/orders/1001")
    assert (row["status"], row["refunds"][0]["total"]) == ("refunded", "-129.90")


def test_a_refund_of_a_line_is_told_without_its_tax_and_shipping(
    shop: FakeWooCommerce, client: Client
) -> None:
    shop.refund(1001, "94.90", line=0, tax="4.90", shipping="5.00")
    order, (refund,) = client.get("/orders/1001"), client.get("/orders/1001/refunds")
    assert (order["refunds"][0]["total"], order["refunds"][0]["total_tax"]) == ("-94.90", "-4.90")
    (line,), (shipping,) = refund["line_items"], refund["shipping_lines"]
    assert (refund["amount"], line["total"], line["total_tax"]) == ("94.90", "-85.00", "-4.90")
    assert shipping["total"] == "-5.00"


def test_what_is_put_has_the_fields_of_a_real_shop(shop: FakeWooCommerce, client: Client) -> None:
    client.post("/coupons", {"code": "x"})
    for name, told in (("customers", shop.customers), ("orders", shop.orders), ("coupons", shop.coupons)):
        with (STORE / f"{name}.jsonl").open(encoding="utf-8") as recorded:
            assert {*next(iter(told))} == {*json.loads(next(recorded))}, name
    with (STORE / "orders.jsonl").open(encoding="utf-8") as recorded:
        assert {*shop.orders[1001]["line_items"][0]} == {*json.loads(next(recorded))["line_items"][0]}


def test_gift_cards_are_in_their_category(shop: FakeWooCommerce, client: Client) -> None:
    card = OrderLine(sku="CARD", product="Card & more", amount=1_000, gift_card=True)
    placed = datetime(2026, 3, 9, tzinfo=UTC)
    shop.put_order(
        StoreOrder(id="1004", customer_id="1", placed_at=placed, currency="USD", total=1_000, lines=(card,))
    )
    (line,) = client.get("/orders/1004")["line_items"]
    product = client.get(f"/products/{line['product_id']}")
    assert (line["name"], product["name"]) == ("Card & more", "Card &amp; more")
    assert [one["name"] for one in product["categories"]] == [GIFT_CARDS]


def test_invented_orders_are_the_same_for_a_seed() -> None:
    shops = [FakeWooCommerce() for _ in range(2)]
    for shop in shops:
        with shop:
            shop.fill_many(customers=3, orders=20, seed=4)
    totals = [[row["total"] for row in shop.orders] for shop in shops]
    assert totals[0] == totals[1]
    assert len(set(totals[0])) > 10
