"""What deliveries tell, whatever their bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vip_rules.webhooks import InvalidWebhook, News

from tests.recordings import delivery
from vip_rules_woocommerce.webhooks.reading import news
from vip_rules_woocommerce.webhooks.topics import TOPICS


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("customer.created", News(customers=("239",))),
        ("customer.updated-administrator", News(customers=("1",))),
        ("customer.deleted", News(gone_customers=("240",))),
        ("order.created-guest", News(orders=("611",))),
        ("order.updated-refund", News(orders=("609",))),
        ("product.updated-variation", News(products=("43",), stocked=("47",))),
        ("product.updated-by-order", News(products=("26",), stocked=("26",))),
    ],
)
def test_what_was_recorded_names_what_to_look_at(name: str, told: News) -> None:
    recorded = delivery(name)
    assert news(recorded.topic, recorded.delivery.body) == told


def test_a_trashed_order_is_looked_at_for_it_may_have_been_restored() -> None:
    trashed = delivery("order.deleted")
    assert news("order.deleted", trashed.delivery.body) == news("order.restored", trashed.delivery.body)
    assert news("order.deleted", b'{"id":611}') == News(orders=("611",))


def test_a_product_without_managed_stock_has_none_that_changed() -> None:
    assert news("product.updated", b'{"id":5,"manage_stock":false}') == News(products=("5",))
    assert news("product.deleted", b'{"id":5}') == News(products=("5",))
    parents = b'{"id":5,"type":"variation","parent_id":4,"manage_stock":"parent"}'
    assert news("product.updated", parents) == News(products=("4",))


def test_what_was_gone_when_it_was_told_is_left_to_the_next_whole_sync() -> None:
    recorded = delivery("customer.created-but-gone")
    told = news(recorded.topic, recorded.delivery.body)
    assert told == News(ignored=told.ignored)
    assert "wc_user_invalid_id" in told.ignored
    assert "whole sync" in told.ignored


def test_what_the_webhooks_user_may_not_see_says_what_to_do() -> None:
    body = b'{"code":"woocommerce_rest_cannot_view","message":"Sorry.","data":{"status":403}}'
    assert "administrator's key" in news("order.updated", body).ignored


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("action.woocommerce_add_to_cart", "actions are events of plugins"),
        ("coupon.updated", "when effects are checked"),
        ("coupon.deleted", "when effects are checked"),
        ("order.shipped", "needs nothing of this topic"),
        ("", "needs nothing of this topic"),
        ("customer", "needs nothing of this topic"),
    ],
)
def test_other_topics_are_ignored_with_words_whatever_they_hold(topic: str, words: str) -> None:
    told = news(topic, b"\xff not even JSON")
    assert words in told.ignored
    assert told == News(ignored=told.ignored)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "isn't JSON"),
        (b"[]", "isn't an object"),
        (b"null", "isn't an object"),
        (b"webhook_id=1", "isn't JSON"),
        (b'{"id":1', "isn't JSON"),
        ("{}".encode("utf-16"), "isn't UTF-8"),
        (b'{"id":1,"x":"\xff"}', "isn't UTF-8"),
        (b'{"id":1,"x":"\x00"}', "isn't JSON"),
        (b'{"id":1,"id":2}', "one name twice"),
        (b'{"id":1,"x":{"y":1,"y":1}}', "one name twice"),
        (b'{"id":1,"x":NaN}', "NaN"),
        (b'{"id":1,"x":-Infinity}', "-Infinity"),
        (b'{"id":1,"x":' + b"9" * 5000 + b"}", "5000 digits"),
        (b'{"id":1,"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b"{}", "no usable id"),
        (b'{"id":0}', "no usable id"),
        (b'{"id":-5}', "no usable id"),
        (b'{"id":true}', "no usable id"),
        (b'{"id":"7"}', "no usable id"),
        (b'{"id":7.0}', "no usable id"),
        (b'{"id":1e400}', "no usable id"),
        (b'{"id":9223372036854775808}', "no usable id"),
        (b'{"id":null}', "no usable id"),
        (b'{"id":1,"type":"variation","parent_id":"x"}', "no usable parent_id"),
    ],
)
def test_what_cant_be_read_is_set_aside(body: bytes, why: str) -> None:
    with pytest.raises(InvalidWebhook, match=why) as invalid:
        news("product.updated", body)
    assert invalid.value.__context__ is None
    assert len(str(invalid.value)) < 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":9223372036854775807,"total":"1e1000000","x":1e1000000}',
        b'{"id":9223372036854775807,"name":"\\ud800\\u0000"}',
    ],
)
def test_what_isnt_needed_may_be_odd(body: bytes) -> None:
    assert news("order.updated", body) == News(orders=("9223372036854775807",))


@given(st.sampled_from([*TOPICS, "action.x", "\ud800"]), st.binary())
def test_any_bytes_are_read_or_set_aside(topic: str, body: bytes) -> None:
    try:
        told = news(topic, body)
    except InvalidWebhook:
        return
    assert told != News()


SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("variation")
FIELDS = ("id", "code", "message", "data", "type", "parent_id", "manage_stock")


@given(
    st.sampled_from(TOPICS),
    st.dictionaries(st.sampled_from(FIELDS), SIMPLE | st.fixed_dictionaries({"status": SIMPLE})),
)
def test_any_object_is_read_or_set_aside(topic: str, told: dict[str, object]) -> None:
    try:
        read = news(topic, json.dumps(told).encode())
    except InvalidWebhook:
        return
    named = (*read.customers, *read.orders, *read.gone_customers, *read.products, *read.stocked)
    assert bool(named) != bool(read.ignored)
    assert all(one.isdigit() for one in named)
