"""The fake shop keeps to Shopify's rules for what is done in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.examples import CUSTOMERS

from tests.shop import FakeShopify
from tests.shop.asking import ask, codes, data

ADA = "gid://shopify/Customer/1"
TAGS_ADD = """mutation ($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { node { ... on Customer { tags } } userErrors { message } }
}"""
TAGS_REMOVE = TAGS_ADD.replace("tagsAdd", "tagsRemove")
SET = """mutation ($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { metafields { namespace compareDigest } userErrors { code elementIndex } }
}"""
CREATE = """mutation ($discount: DiscountAutomaticBasicInput!) {
  discountAutomaticBasicCreate(automaticBasicDiscount: $discount) {
    automaticDiscountNode { id } userErrors { code }
  }
}"""
UPDATE = """mutation ($id: ID!, $discount: DiscountAutomaticBasicInput!) {
  discountAutomaticBasicUpdate(id: $id, automaticBasicDiscount: $discount) {
    automaticDiscountNode { automaticDiscount { ... on DiscountAutomaticBasic {
      title context { ... on DiscountCustomerSegments { segments { id } } }
    } } }
    userErrors { code }
  }
}"""
CODE = """mutation ($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) { codeDiscountNode { id } userErrors { code } }
}"""
CREDIT = """mutation ($id: ID!, $credit: StoreCreditAccountCreditInput!) {
  storeCreditAccountCredit(id: $id, creditInput: $credit) {
    storeCreditAccountTransaction { expiresAt balanceAfterTransaction { amount } } userErrors { code }
  }
}"""
SEGMENT = """mutation ($name: String!, $query: String!) {
  segmentCreate(name: $name, query: $query) { segment { id } userErrors { message } }
}"""
FIND = "{ discountNodes(first: 5, query: \"tag:'vip-gold-auto'\") { nodes { id } } }"
SUBSCRIBE = """mutation ($topic: WebhookSubscriptionTopic!, $sub: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $sub) { userErrors { message } }
}"""


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.fixture
def shop(clock: StoppedClock) -> Iterator[FakeShopify]:
    with FakeShopify(clock) as shop:
        shop.put_customer(CUSTOMERS[0])
        yield shop


def discount(**changes: Any) -> dict[str, Any]:
    return {"title": "Gold", "startsAt": "2026-11-01T00:00:00Z", "tags": ["vip-gold-auto"]} | changes


def test_tags_are_merged_without_regard_to_case(shop: FakeShopify) -> None:
    added = data(shop, TAGS_ADD, id=ADA, tags=["Newsletter", "vip-gold, vip-early"])
    assert added["tagsAdd"]["node"]["tags"] == ["newsletter", "vip-early", "vip-gold"]
    removed = data(shop, TAGS_REMOVE, id=ADA, tags=["VIP-GOLD", "never-there"])
    assert removed["tagsRemove"]["node"]["tags"] == ["newsletter", "vip-early"]


def test_only_a_change_makes_a_customer_newer(shop: FakeShopify, clock: StoppedClock) -> None:
    data(shop, TAGS_ADD, id=ADA, tags=["newsletter"])
    assert shop.customers[1].updated_at == CUSTOMERS[0].created_at
    data(shop, TAGS_ADD, id=ADA, tags=["vip-gold"])
    assert shop.customers[1].updated_at == clock()


def test_a_digest_makes_setting_a_metafield_a_claim(shop: FakeShopify) -> None:
    claim = {"ownerId": ADA, "namespace": "$app:vip", "key": "gift", "type": "single_line_text_field"}
    claim |= {"value": "1", "compareDigest": None}  # type: ignore[dict-item]
    (made,) = data(shop, SET, metafields=[claim])["metafieldsSet"]["metafields"]
    assert made["namespace"] == "app--1--vip"
    refused = data(shop, SET, metafields=[claim | {"key": "other"}, claim])["metafieldsSet"]
    assert refused["userErrors"] == [{"code": "STALE_OBJECT", "elementIndex": 1}]
    assert ("app--1--vip", "other") not in shop.customers[1].metafields
    swap = claim | {"value": "2", "compareDigest": made["compareDigest"]}
    assert data(shop, SET, metafields=[swap])["metafieldsSet"]["userErrors"] == []


def test_each_credit_gives_money_and_keeps_its_expiry(shop: FakeShopify) -> None:
    credit = {"creditAmount": {"amount": "25.00", "currencyCode": "USD"}, "expiresAt": "2027-05-03T23:17:42Z"}
    data(shop, CREDIT, id=ADA, credit=credit)
    again = data(shop, CREDIT, id=ADA, credit=credit)["storeCreditAccountCredit"]
    assert again["storeCreditAccountTransaction"] == {
        "expiresAt": "2027-05-03T23:17:42Z",
        "balanceAfterTransaction": {"amount": "50.0"},
    }
    nobody = data(shop, CREDIT, id="gid://shopify/Customer/404", credit=credit)["storeCreditAccountCredit"]
    assert nobody["userErrors"] == [{"code": "OWNER_NOT_FOUND"}]


def test_names_of_segments_are_unique(shop: FakeShopify) -> None:
    segment = {"name": "Gold VIP", "query": "customer_tags CONTAINS 'vip-gold'"}
    assert data(shop, SEGMENT, **segment)["segmentCreate"]["segment"]
    again = data(shop, SEGMENT, **segment)["segmentCreate"]
    assert again == {"segment": None, "userErrors": [{"message": "Name has already been taken"}]}


def test_there_are_25_active_automatic_discounts_at_most(shop: FakeShopify) -> None:
    for _ in range(25):
        data(shop, CREATE, discount=discount())
    shop.bucket.left = 2000
    full = data(shop, CREATE, discount=discount())["discountAutomaticBasicCreate"]
    assert full["userErrors"] == [{"code": "ACTIVE_PERIOD_OVERLAP"}]
    next(iter(shop.discounts.values())).ends_at = shop.now()
    assert data(shop, CREATE, discount=discount())["discountAutomaticBasicCreate"]["userErrors"] == []


def test_a_discount_has_five_tags_at_most_and_one_context(shop: FakeShopify) -> None:
    six = data(shop, CREATE, discount=discount(tags=list("abcdef")))["discountAutomaticBasicCreate"]
    assert six["userErrors"] == [{"code": "TOO_MANY_TAGS"}]
    both = {"all": "ALL", "customerSegments": {"add": []}}
    assert codes(ask(shop, CREATE, discount=discount(context=both)))
    assert not shop.discounts


def test_segments_of_a_discount_change_by_what_is_added_and_removed(shop: FakeShopify) -> None:
    gold, silver = (
        data(shop, SEGMENT, name=name, query=f"customer_tags CONTAINS '{name}'")["segmentCreate"]["segment"][
            "id"
        ]
        for name in ("gold", "silver")
    )
    context = {"customerSegments": {"add": [gold]}}
    made = data(shop, CREATE, discount=discount(context=context))["discountAutomaticBasicCreate"]
    node = made["automaticDiscountNode"]["id"]
    delta = {"customerSegments": {"add": [silver], "remove": [gold]}}
    after = data(shop, UPDATE, id=node, discount={"context": delta})["discountAutomaticBasicUpdate"]
    assert after["automaticDiscountNode"]["automaticDiscount"] == {
        "title": "Gold",
        "context": {"segments": [{"id": silver}]},
    }


def test_a_code_is_taken_whatever_its_case(shop: FakeShopify) -> None:
    assert data(shop, CODE, discount=discount(code="VIP"))["discountCodeBasicCreate"]["userErrors"] == []
    again = data(shop, CODE, discount=discount(code="vip"))["discountCodeBasicCreate"]
    assert again == {"codeDiscountNode": None, "userErrors": [{"code": "TAKEN"}]}


def test_a_search_finds_what_was_made_once_the_index_has_it(shop: FakeShopify, clock: StoppedClock) -> None:
    shop.index_lag = timedelta(seconds=5)
    data(shop, CREATE, discount=discount())
    assert data(shop, FIND)["discountNodes"]["nodes"] == []
    clock.advance(seconds=5)
    assert len(data(shop, FIND)["discountNodes"]["nodes"]) == 1


def test_a_topic_is_subscribed_to_once_for_an_address(shop: FakeShopify) -> None:
    wanted: dict[str, Any] = {"topic": "ORDERS_PAID", "sub": {"uri": "https://example.com/webhooks"}}
    assert data(shop, SUBSCRIBE, **wanted)["webhookSubscriptionCreate"]["userErrors"] == []
    (error,) = data(shop, SUBSCRIBE, **wanted)["webhookSubscriptionCreate"]["userErrors"]
    assert error["message"] == "Address for this topic has already been taken"
