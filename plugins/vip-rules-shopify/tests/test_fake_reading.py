"""The fake shop is read as Shopify is: searches, pages, bulk operations, amounts, deliveries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from vip_rules.store import StoreOrder
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.examples import CUSTOMERS

from tests.shop import FakeShopify, Fault, write_bulk
from tests.shop.asking import ask, codes, data
from tests.shop.examples import ORDERS

FOUND = "query ($query: String) { customers(first: 10, query: $query, sortKey: UPDATED_AT) { nodes { id } } }"
BULK = "{ orders { edges { node { id customer { id } lineItems { edges { node { id sku } } } } } } }"
START = """mutation ($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) { bulkOperation { id status } userErrors { code } }
}"""
STATUS = "query ($id: ID!) { bulkOperation(id: $id) { status objectCount url partialDataUrl errorCode } }"
AMOUNTS = """{ order(id: "gid://shopify/Order/1001") {
  taxesIncluded
  totalPriceSet { shopMoney { amount } }
  subtotalPriceSet { shopMoney { amount } }
  totalTaxSet { shopMoney { amount } }
  totalShippingPriceSet { shopMoney { amount } }
  totalRefundedSet { shopMoney { amount } }
  netPaymentSet { shopMoney { amount } }
  lineItems(first: 10) { nodes {
    quantity currentQuantity
    originalTotalSet { shopMoney { amount } }
    discountAllocations { allocatedAmountSet { shopMoney { amount } } }
    taxLines { priceSet { shopMoney { amount } } }
  } }
  refunds { refundLineItems(first: 10) { nodes {
    subtotalSet { shopMoney { amount } } totalTaxSet { shopMoney { amount } }
  } } }
} }"""


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.fixture
def shop(clock: StoppedClock) -> Iterator[FakeShopify]:
    with FakeShopify(clock) as shop:
        for customer in CUSTOMERS:
            shop.put_customer(customer)
        for order in ORDERS:
            shop.put_order(order)
        yield shop


def found(shop: FakeShopify, query: str) -> list[str]:
    nodes = data(shop, FOUND, query=query)["customers"]["nodes"]
    return [node["id"].rpartition("/")[2] for node in nodes]


def test_customers_are_searched_by_whole_days_of_the_shop(shop: FakeShopify) -> None:
    shop.customers[2].updated_at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert found(shop, "updated_at:>='2026-11-20T23:00:00Z'") == ["2"]
    assert found(shop, "updated_at:>'2026-11-19T23:00:00Z'") == ["2"]
    shop.timezone = "America/New_York"
    assert found(shop, "updated_at:>='2026-11-20T23:00:00Z'") == []


def test_terms_are_joined_and_excluded(shop: FakeShopify) -> None:
    assert found(shop, "tag:PRESS OR email:ada@example.com") == ["1", "3"]
    assert found(shop, "(id:1 OR id:2) -tag:newsletter") == ["2"]


def test_an_unknown_field_finds_everything_with_a_warning(shop: FakeShopify) -> None:
    answer = ask(shop, FOUND, query="updated_on:>2026-11-19")
    assert len(answer["data"]["customers"]["nodes"]) == 3
    (search,) = answer["extensions"]["search"]
    assert search["warnings"][0]["field"] == "updated_on"


def test_pages_go_on_at_their_cursor(shop: FakeShopify) -> None:
    page = "query ($after: String) { customers(first: 2, after: $after) { pageInfo { hasNextPage endCursor } nodes { id } } }"
    first = data(shop, page)["customers"]
    second = data(shop, page, after=first["pageInfo"]["endCursor"])["customers"]
    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"]) == (2, True)
    assert (len(second["nodes"]), second["pageInfo"]["hasNextPage"]) == (1, False)
    assert "errors" in ask(shop, "{ customers(first: 251) { nodes { id } } }")


def test_orders_beyond_60_days_are_silently_absent_without_their_scope(shop: FakeShopify) -> None:
    shop.put_order(replace(ORDERS[0], id="7", placed_at=datetime(2026, 11, 1, tzinfo=UTC)))
    shop.scopes.discard("read_all_orders")
    asked = '{ orders(first: 9) { nodes { id } } old: order(id: "gid://shopify/Order/1001") { id } }'
    assert data(shop, asked) == {"orders": {"nodes": [{"id": "gid://shopify/Order/7"}]}, "old": None}


def test_unknown_ids_are_null_among_the_nodes(shop: FakeShopify) -> None:
    asked = '{ nodes(ids: ["gid://shopify/Customer/404", "gid://shopify/Customer/1"]) { ... on Customer { id } } }'
    assert data(shop, asked)["nodes"] == [None, {"id": "gid://shopify/Customer/1"}]


def finished(shop: FakeShopify, query: str = BULK) -> dict[str, Any]:
    started = data(shop, START, query=query)["bulkOperationRunQuery"]["bulkOperation"]
    states = [started["status"]]
    while states[-1] in {"CREATED", "RUNNING"}:
        operation: dict[str, Any] = data(shop, STATUS, id=started["id"])["bulkOperation"]
        states.append(operation["status"])
    assert states[:2] == ["CREATED", "RUNNING"]
    return operation


def test_a_bulk_file_has_children_somewhere_after_their_parents(shop: FakeShopify) -> None:
    for number in range(30):
        shop.put_order(replace(ORDERS[0], id=str(5_000 + number)))
    operation = finished(shop)
    rows = [json.loads(line) for line in requests.get(operation["url"], timeout=10).iter_lines()]
    assert operation["objectCount"] == str(len(rows))
    places = {row["id"]: place for place, row in enumerate(rows)}
    behind = [places[row["id"]] - places[row["__parentId"]] for row in rows if "__parentId" in row]
    assert min(behind) >= 1
    assert max(behind) > 2
    assert all("lineItems" not in row for row in rows)


def test_a_bulk_file_is_on_another_host_and_refuses_the_token(shop: FakeShopify) -> None:
    url = finished(shop)["url"]
    assert not url.startswith(shop.url)
    with_token = requests.get(url, headers={"X-Shopify-Access-Token": shop.token}, timeout=10)
    assert with_token.status_code == 400
    assert requests.get(url.partition("?")[0], timeout=10).status_code == 403


def test_a_bulk_operation_without_rows_has_no_file(shop: FakeShopify) -> None:
    shop.orders.clear()
    operation = finished(shop)
    assert (operation["status"], operation["objectCount"], operation["url"]) == ("COMPLETED", "0", None)


def test_a_failed_bulk_operation_has_some_of_its_rows(shop: FakeShopify) -> None:
    shop.faults.add(Fault.BULK_FAILED)
    operation = finished(shop)
    assert (operation["status"], operation["errorCode"]) == ("FAILED", "INTERNAL_SERVER_ERROR")
    assert operation["url"] is None
    assert len(requests.get(operation["partialDataUrl"], timeout=10).content.splitlines()) == 3


def test_a_truncated_bulk_file_shows_by_its_count_alone(shop: FakeShopify) -> None:
    shop.faults.add(Fault.TRUNCATED_JSONL)
    operation = finished(shop)
    assert len(requests.get(operation["url"], timeout=10).content.splitlines()) < int(
        operation["objectCount"]
    )


def test_five_bulk_operations_run_at_once(shop: FakeShopify) -> None:
    for _ in range(5):
        assert data(shop, START, query=BULK)["bulkOperationRunQuery"]["bulkOperation"]
    sixth = data(shop, START, query=BULK)["bulkOperationRunQuery"]
    assert sixth == {"bulkOperation": None, "userErrors": [{"code": "LIMIT_REACHED"}]}


def test_big_bulk_files_are_served_as_they_were_written(shop: FakeShopify, tmp_path: Path) -> None:
    files = write_bulk(tmp_path, customers=20, orders=300, seed=7)
    shop.serve_bulk(files)
    operation = finished(shop)
    rows = [json.loads(line) for line in requests.get(operation["url"], timeout=10).iter_lines()]
    assert len(rows) == int(operation["objectCount"]) == files.order_lines
    seen: set[str] = set()
    for row in rows:
        assert row.get("__parentId") is None or row["__parentId"] in seen
        seen.add(row["id"])


def cents(money: dict[str, Any]) -> int:
    return int(Decimal(money["shopMoney"]["amount"]) * 100)


@pytest.mark.parametrize("taxes_included", [False, True])
@pytest.mark.parametrize("shipping_tax", [0, 40])
def test_an_order_is_shown_as_its_amounts_were_put(
    shop: FakeShopify, taxes_included: bool, shipping_tax: int
) -> None:
    returned = replace(ORDERS[0].lines[0], refunded=4_250)
    order = replace(
        ORDERS[0], refunded=4_500, lines=(returned, ORDERS[0].lines[1]), status="partially_refunded"
    )
    shop.put_order(order, taxes_included=taxes_included, shipping_tax=shipping_tax)
    shown = data(shop, AMOUNTS)["order"]
    assert goods_of(shown, shipping_tax) == 11_500
    assert [line_of(line, taxes_included) for line in shown["lineItems"]["nodes"]] == [8_500, 3_000]
    assert [line["currentQuantity"] for line in shown["lineItems"]["nodes"]] == [1, 1]
    (part,) = shown["refunds"][0]["refundLineItems"]["nodes"]
    tax = cents(part["totalTaxSet"])
    assert cents(part["subtotalSet"]) - (tax if taxes_included else 0) == 4_250
    assert cents(shown["totalRefundedSet"]) == 4_500 + tax
    assert cents(shown["netPaymentSet"]) == order.total - 4_500 - tax


def goods_of(shown: dict[str, Any], shipping_tax: int) -> int:
    """What goods cost without tax: from the subtotal, checked against the total."""
    total, subtotal, tax, shipping = (
        cents(shown[name])
        for name in ("totalPriceSet", "subtotalPriceSet", "totalTaxSet", "totalShippingPriceSet")
    )
    if shown["taxesIncluded"]:
        assert total == subtotal + shipping
        return subtotal - (tax - shipping_tax)
    assert total == subtotal + shipping + tax
    return subtotal


def line_of(line: dict[str, Any], taxes_included: bool) -> int:
    allocated = sum(cents(each["allocatedAmountSet"]) for each in line["discountAllocations"])
    tax = sum(cents(each["priceSet"]) for each in line["taxLines"])
    return cents(line["originalTotalSet"]) - allocated - (tax if taxes_included else 0)


def test_an_order_that_shopify_cannot_have_is_not_put(shop: FakeShopify) -> None:
    vase = replace(ORDERS[2].lines[0], refunded=100)
    order: StoreOrder = replace(ORDERS[2], refunded=100, lines=(vase,))
    with pytest.raises(ValueError, match="whole units"):
        shop.put_order(order)


def test_money_that_is_refunded_without_a_return_lowers_the_net_payment_alone(shop: FakeShopify) -> None:
    shop.refund(1001, 500)
    order = data(
        shop,
        '{ order(id: "gid://shopify/Order/1001") { displayFinancialStatus'
        " currentTotalPriceSet { shopMoney { amount } } netPaymentSet { shopMoney { amount } } } }",
    )["order"]
    assert order["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert cents(order["currentTotalPriceSet"]) == 12_990
    assert cents(order["netPaymentSet"]) == 12_490


def test_a_delivery_is_signed_over_its_bytes(shop: FakeShopify) -> None:
    delivery = shop.webhook("orders/paid", of=1001, secret="secret")
    digest = base64.b64encode(hmac.new(b"secret", delivery.body, hashlib.sha256).digest()).decode()
    assert delivery.header("X-Shopify-Hmac-Sha256") == digest
    assert json.loads(delivery.body)["admin_graphql_api_id"] == "gid://shopify/Order/1001"
    assert "tags" not in shop.payload("customers/update", 1)


def test_a_merged_customer_leaves_orders_and_tags_to_the_other(shop: FakeShopify) -> None:
    told = shop.merge(kept=2, gone=1)
    assert told["admin_graphql_api_customer_kept_id"] == "gid://shopify/Customer/2"
    assert (1 in shop.customers, shop.customers[2].tags, shop.orders[1001].customer) == (
        False,
        ["newsletter"],
        2,
    )


def test_personal_data_without_approval_is_null_beside_the_rest(shop: FakeShopify) -> None:
    shop.personal = False
    answer = ask(
        shop, '{ customer(id: "gid://shopify/Customer/1") { id defaultEmailAddress { emailAddress } } }'
    )
    assert answer["data"]["customer"] == {"id": "gid://shopify/Customer/1", "defaultEmailAddress": None}
    assert codes(answer) == ["ACCESS_DENIED"]
