"""What deliveries tell, topic by topic, and what bodies that can't be read come to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from vip_rules.testing.examples import CUSTOMERS, ORDERS
from vip_rules.webhooks import Genuine, Handled, InvalidWebhook, News, Person

from tests.shop import FakeShopify
from vip_rules_shopify.webhooks.body import LARGEST_BODY
from vip_rules_shopify.webhooks.reading import READERS
from vip_rules_shopify.webhooks.signature import ShopifyWebhooks

SHOP = "atelier.myshopify.com"
WEBHOOKS = ShopifyWebhooks(SHOP, ["shpss_0123456789abcdef0123456789abcdef"])
AT = datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
TOPICS = st.sampled_from(sorted(READERS)) | st.text()


def read(topic: str, body: Any) -> News:
    return WEBHOOKS.read(topic, json.dumps(body).encode())


def rest(kind: str, number: int, **more: Any) -> dict[str, Any]:
    """A body in the shape of the REST resources."""
    return {"id": number, "admin_graphql_api_id": f"gid://shopify/{kind}/{number}", **more}


@pytest.mark.parametrize("topic", ["customers/create", "customers/update"])
def test_a_customer_is_looked_at_again(topic: str) -> None:
    body = rest("Customer", 71, email="ada@example.com", updated_at="2026-11-01T08:30:00+01:00")
    assert read(topic, body) == News(customers=("71",))


def test_a_deleted_customer_is_gone() -> None:
    assert read("customers/delete", rest("Customer", 71, tax_exemptions=[])) == News(gone_customers=("71",))


@pytest.mark.parametrize("topic", ["customer.tags_added", "customer.tags_removed"])
def test_tags_tell_whose_they_are(topic: str) -> None:
    body = {
        "customerId": "gid://shopify/Customer/71",
        "tags": ["press"],
        "occurredAt": "2026-11-01T07:30:00Z",
    }
    assert read(topic, body) == News(customers=("71",))


@pytest.mark.parametrize("topic", ["customer.joined_segment", "customer.left_segment"])
def test_segments_tell_who_came_and_went(topic: str) -> None:
    body = {"customer_id": "gid://shopify/Customer/71", "segment_id": "gid://shopify/Segment/4"}
    assert read(topic, body) == News(customers=("71",))


def test_a_summary_of_purchases_tells_of_the_last_order() -> None:
    body: dict[str, Any] = {"customerId": "gid://shopify/Customer/71", "numberOfOrders": 2}
    assert read("customers/purchasing_summary", body) == News(customers=("71",))
    body |= {"lastOrderId": "gid://shopify/Order/9", "amountSpent": {"amount": "1e1000000"}}
    assert read("customers/purchasing_summary", body) == News(customers=("71",), orders=("9",))


def test_merged_customers_live_on_in_the_one_kept() -> None:
    body = {
        "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
        "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
        "status": "completed",
        "errors": [],
    }
    assert read("customers/merge", body) == News(merged=(("2", "1"),), customers=("1",))
    assert read("customers/merge", body | {"status": "failed"}).ignored
    for wrong in ({"status": None}, {"admin_graphql_api_customer_kept_id": "gid://shopify/Customer/2"}):
        with pytest.raises(InvalidWebhook):
            read("customers/merge", body | wrong)


@pytest.mark.parametrize("topic", ["orders/create", "orders/updated", "orders/paid", "orders/cancelled"])
def test_an_order_is_looked_at_again(topic: str) -> None:
    body = rest("Order", 9, total_price="129.90", customer={"id": 71}, test=False)
    assert read(topic, body) == News(orders=("9",))


def test_an_edit_and_a_refund_tell_of_their_order() -> None:
    assert read("orders/edited", {"order_edit": {"id": 3, "order_id": 9}}) == News(orders=("9",))
    assert read("refunds/create", rest("Refund", 4, order_id=9)) == News(orders=("9",))


def test_a_deleted_order_is_gone() -> None:
    assert read("orders/delete", {"id": 9}) == News(gone_orders=("9",))


@pytest.mark.parametrize("topic", ["products/create", "products/update", "products/delete"])
def test_a_product_changed(topic: str) -> None:
    assert read(topic, {"id": 12}) == News(products=("12",))


def test_stock_changed() -> None:
    body = {
        "inventory_item_id": 50,
        "location_id": 6,
        "available": 10,
        "admin_graphql_api_id": "gid://shopify/InventoryLevel/6?inventory_item_id=50",
    }
    assert read("inventory_levels/update", body) == News(stocked=("50",))


@pytest.mark.parametrize(
    ("status", "shipment", "step"),
    [
        ("success", None, "shipped"),
        ("success", "label_printed", "packed"),
        ("success", "in_transit", "shipped"),
        ("success", "delivered", "delivered"),
        ("open", "out_for_delivery", "shipped"),
        ("pending", None, None),
        ("cancelled", "delivered", None),
        ("success", "failure", None),
        (None, None, None),
    ],
)
def test_a_fulfillment_is_a_step_of_handling(status: str | None, shipment: str | None, step: Any) -> None:
    body = rest("Fulfillment", 3, order_id=9, status=status, shipment_status=shipment, tracking_company="UPS")
    body |= {"created_at": "2026-11-01T08:30:00+01:00", "updated_at": "2026-11-01T08:30:00+01:00"}
    told = read("fulfillments/update", body)
    assert told.handled == ((Handled(order_id="9", step=step, at=AT, by="UPS"),) if step else ())
    assert bool(told.ignored) == (step is None)


def test_a_shipment_tells_of_its_way() -> None:
    body = rest("FulfillmentEvent", 8, order_id=9, status="delivered", happened_at="2026-11-01T07:30:00Z")
    told = News(handled=(Handled(order_id="9", step="delivered", at=AT),))
    assert read("fulfillment_events/create", body) == told
    assert read("fulfillment_events/create", body | {"status": "delayed"}).ignored
    with pytest.raises(InvalidWebhook, match="offset"):
        read("fulfillment_events/create", body | {"happened_at": "2026-11-01T07:30:00"})


def test_privacy_requests_tell_of_whom_they_speak() -> None:
    body: dict[str, Any] = {
        "shop_id": 1,
        "shop_domain": SHOP,
        "customer": {"id": 71, "email": "ada@example.com", "phone": "555"},
        "orders_to_redact": [9, 10],
    }
    ada = Person(customer_id="71", email="ada@example.com", orders=("9", "10"))
    assert read("customers/redact", body) == News(redact=(ada,))
    body["orders_requested"] = body.pop("orders_to_redact")
    assert read("customers/data_request", body) == News(disclose=(ada,))


def test_a_privacy_request_may_know_an_email_only() -> None:
    body = {"shop_domain": SHOP, "customer": {"id": None, "email": "ada@example.com"}}
    assert read("customers/redact", body) == News(redact=(Person(email="ada@example.com"),))


@pytest.mark.parametrize("customer", [None, {}, {"phone": "555"}, {"email": ""}])
def test_a_privacy_request_of_nobody_is_for_a_person(customer: Any) -> None:
    with pytest.raises(InvalidWebhook, match="neither a customer nor an order"):
        read("customers/redact", {"shop_domain": SHOP, "customer": customer, "orders_to_redact": []})


def test_the_shop_leaves() -> None:
    assert read("app/uninstalled", {"id": 1, "myshopify_domain": SHOP}) == News(uninstalled=True)
    assert read("shop/redact", {"shop_id": 1, "shop_domain": SHOP}) == News(erase=True)


@pytest.mark.parametrize(
    ("topic", "field"),
    [
        ("shop/redact", "shop_domain"),
        ("customers/redact", "shop_domain"),
        ("app/uninstalled", "myshopify_domain"),
    ],
)
def test_what_is_of_another_shop_is_never_taken_for_ours(topic: str, field: str) -> None:
    with pytest.raises(InvalidWebhook, match="another shop"):
        read(topic, {field: "other.myshopify.com", "customer": {"id": 71}})


@pytest.mark.parametrize(
    "topic",
    [
        "app/scopes_update",
        "bulk_operations/finish",
        "discounts/delete",
        "discounts/update",
        "fulfillment_orders/moved",
        "fulfillment_orders/order_routing_complete",
        "segments/delete",
        "shop/update",
        "themes/publish",
        "",
    ],
)
def test_what_tells_nothing_that_is_needed_says_why(topic: str) -> None:
    told = read(topic, {"id": 1})
    assert told == News(ignored=told.ignored)
    assert told.ignored


@pytest.mark.parametrize("written", [9, "9", "gid://shopify/Order/9"])
def test_an_id_may_be_written_in_three_ways(written: object) -> None:
    assert read("orders/delete", {"id": written}) == News(gone_orders=("9",))


@pytest.mark.parametrize(
    "written",
    [
        None,
        True,
        0,
        -5,
        9.0,
        2**63,
        10**19,
        "",
        "nine",
        "٩",
        "1_000",
        " 9",
        "9\n",
        "09",
        "9\u0000",
        "\ud800",
        [9],
        {"id": 9},
        "gid://shopify/Customer/9",
        "gid://shopify/Order/9?x=1",
        "gid://elsewhere/Order/9",
    ],
)
def test_what_is_no_id_is_refused(written: object) -> None:
    with pytest.raises(InvalidWebhook, match="'id'"):
        read("orders/delete", {"id": written})


def test_the_global_id_is_preferred_as_it_is_exact() -> None:
    body = {"id": 820982911946154500, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508"}
    assert read("orders/updated", body) == News(orders=("820982911946154508",))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON"),
        (b"null", "object"),
        (b"[]", "object"),
        (b'{"id": 9', "JSON"),
        (b'{"id": 9} {}', "JSON"),
        (b"id=9", "JSON"),
        (b"[" * 100_000, "nested"),
        (b'{"id":' * 100_000 + b"9" + b"}" * 100_000, "nested"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "digits"),
        (b'{"id": 9, "total": NaN}', "NaN"),
        (b'{"id": 9, "total": -Infinity}', "Infinity"),
        (b'{"id": 9, "id": 10}', "two keys"),
        (b'{"id": 9, "customer": {"a": 1, "a": 1}}', "two keys"),
        (b'{"id": 1e400}', "'id'"),
        (b'{"id": 1e1000000}', "'id'"),
        (b'{"id": "\x00"}', "JSON"),
        (b'{"id": "\xff"}', "UTF-8"),
        ('{"id": 9}'.encode("utf-16"), "UTF-8"),
        ('{"id": 9}'.encode("utf-16-le"), "JSON"),
        (b"\xef\xbb\xbf" + b'{"id": 9}', "JSON"),
        (b'{"id": 9, "note": "' + b"x" * LARGEST_BODY + b'"}', "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else ascii(value[:30]),
)
def test_bodies_that_cannot_be_read_say_why(body: bytes, says: str) -> None:
    with pytest.raises(InvalidWebhook, match=says):
        WEBHOOKS.read("orders/updated", body)


@pytest.mark.parametrize("amount", ["1e1000000", "1e400", "-0.1e-99999999999999999999"])
def test_amounts_are_never_reckoned_with(amount: str) -> None:
    body = b'{"id": 9, "total_price": ' + amount.encode() + b', "note": "\\ud800 \\u0000"}'
    assert WEBHOOKS.read("orders/updated", body) == News(orders=("9",))


def test_what_is_said_of_a_bad_body_does_not_repeat_it() -> None:
    with pytest.raises(InvalidWebhook) as raised:
        read("customers/redact", {"customer": {"id": "ada@example.com"}})
    assert "ada" not in str(raised.value)
    assert "'customer.id'" in str(raised.value)


@pytest.mark.parametrize(
    ("topic", "of", "told"),
    [
        ("customers/update", 1, News(customers=("1",))),
        ("customers/purchasing_summary", 1, News(customers=("1",), orders=("1001",))),
        ("customer.tags_added", 1, News(customers=("1",))),
        ("orders/paid", 1001, News(orders=("1001",))),
        ("orders/edited", 1001, News(orders=("1001",))),
        ("orders/delete", 1001, News(gone_orders=("1001",))),
        ("app/uninstalled", None, News(uninstalled=True)),
        ("shop/redact", None, News(erase=True)),
        (
            "customers/redact",
            1,
            News(redact=(Person(customer_id="1", email="ada@example.com", orders=("1001",)),)),
        ),
    ],
)
def test_what_a_shop_sends_is_believed_and_read(topic: str, of: int | None, told: News) -> None:
    shop = FakeShopify()
    shop.put_customer(CUSTOMERS[0])
    shop.put_order(ORDERS[0])
    webhooks = ShopifyWebhooks(shop.domain, [shop.tokens.client_secret])
    sent = shop.webhook(topic, of=of)
    verdict = webhooks.verify(sent)
    assert isinstance(verdict, Genuine)
    assert webhooks.read(verdict.topic, sent.body) == told


@pytest.mark.parametrize("body", [b'{"email": "ada@example.com"', b'{"email": "ada@example.com\xff"}'])
def test_errors_do_not_carry_the_body_along(body: bytes) -> None:
    with pytest.raises(InvalidWebhook) as raised:
        WEBHOOKS.read("customers/redact", body)
    assert raised.value.__context__ is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["9", "delivered"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        *("id", "admin_graphql_api_id", "customerId", "customer_id", "lastOrderId", "order_id", "order_edit"),
        *(
            "customer",
            "email",
            "status",
            "errors",
            "shipment_status",
            "created_at",
            "updated_at",
            "happened_at",
        ),
        *("tracking_company", "orders_to_redact", "orders_requested", "inventory_item_id", "shop_domain"),
        *("myshopify_domain", "admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id"),
    ]
)


@given(topic=TOPICS, body=st.binary())
@example(topic="orders/updated", body=b'{"id": 9}')
def test_any_bytes_are_news_or_invalid(topic: str, body: bytes) -> None:
    try:
        told = WEBHOOKS.read(topic, body)
    except InvalidWebhook:
        return
    assert told != News()


@given(topic=TOPICS, body=st.dictionaries(FIELDS, VALUES | st.dictionaries(FIELDS, VALUES)))
def test_any_json_is_news_or_invalid(topic: str, body: dict[str, Any]) -> None:
    try:
        told = WEBHOOKS.read(topic, json.dumps(body).encode())
    except InvalidWebhook:
        return
    assert told != News()
