"""A whole store, as a real server told it, is read and compared with what is added up here in another way."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

from tests.readers import everything, reading
from tests.woocommerce.server import STORE, FakeWooCommerce


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (STORE / f"{name}.jsonl").read_text("utf-8").splitlines()]


def cents(*amounts: str) -> int:
    return int(sum(map(Decimal, amounts)) * 100)


def test_all_of_a_store_is_told_and_adds_up() -> None:
    with FakeWooCommerce() as shop, reading(shop) as reader:
        shop.load()
        held = everything(reader, frozenset({"email"}))
        assert not shop.crashes
    assert held.notes == []

    people, bought = rows("customers"), rows("orders")
    assert sorted(held.customers) == sorted(str(row["id"]) for row in people)
    assert {each.email for each in held.customers.values()} == {row["email"] for row in people}

    told = held.orders
    assert sorted(told) == sorted(str(row["id"]) for row in bought)
    assert sum(order.total for order in told.values()) == cents(*(row["total"] for row in bought))
    for row in bought:
        order = told[str(row["id"])]
        goods = cents(*(line["total"] for line in row["line_items"]))
        fees = cents(*(fee["total"] for fee in row["fee_lines"]))
        assert order.total - order.tax - order.shipping == goods + fees
        assert sum(line.amount for line in order.lines) == goods
        assert order.customer_id == (str(row["customer_id"]) if row["customer_id"] else None)
        assert f"{order.placed_at:%Y-%m-%dT%H:%M:%S}" == row["date_created_gmt"]

    paid = Counter(order.status for order in told.values())
    statuses = Counter(row["status"] for row in bought)
    assert paid["paid"] == statuses["completed"] + statuses["processing"]
    assert paid["refunded"] == statuses["refunded"] == 15
    back = cents(*(row["amount"] for row in rows("refunds")))
    assert sum(order.refunded or 0 for order in told.values()) == back


def test_lines_have_the_categories_of_their_products() -> None:
    named = {"Mugs": 0, "Shirts": 0, None: 0}
    of_product = {row["id"]: row["categories"][0]["name"] for row in rows("products")}
    for row in rows("orders"):
        for line in row["line_items"]:
            category = of_product.get(line["product_id"])
            named[category if category in named else None] += 1
    with FakeWooCommerce() as shop, reading(shop) as reader:
        shop.load()
        held = everything(reader)
    found = Counter(line.category for order in held.orders.values() for line in order.lines)
    assert found == Counter(named)
