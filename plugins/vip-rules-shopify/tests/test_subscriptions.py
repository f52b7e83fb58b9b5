"""What the shop is asked to tell of: what is missing is made, what is wrong is mended, and what is others' is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from vip_rules.adapter import PlatformFailed
from vip_rules.errors import VipRulesError

from tests.shop import FakeShopify, Fault
from tests.shop.state import Subscription
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.webhooks.reading import READERS
from vip_rules_shopify.webhooks.signature import ShopifyWebhooks
from vip_rules_shopify.webhooks.subscriptions import Subscriptions
from vip_rules_shopify.webhooks.topics import COMPLIANCE, TOPICS

URL = "https://vip.example.com/webhooks/atelier"
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)


@pytest.fixture
def shop() -> Iterator[FakeShopify]:
    with FakeShopify() as fake:
        fake.scopes |= {"read_fulfillments"}
        yield fake


@pytest.fixture
def admin(shop: FakeShopify) -> Iterator[Admin]:
    made = Admin(
        shop.url,
        tokens=StaticToken(shop.token),
        clock=lambda: datetime.now(UTC),
        sleep=lambda seconds: None,
        entropy=bytes,
    )
    yield made
    made.close()


@pytest.fixture
def subscriptions(admin: Admin, shop: FakeShopify) -> Subscriptions:
    return Subscriptions(admin, URL, shop.scoped)


def put(shop: FakeShopify, topic: str, uri: str = URL, **more: Any) -> Subscription:
    """A subscription that is there already, as we would have made it unless told otherwise."""
    fields = next((each.fields for each in TOPICS if each.name == topic), None)
    made = Subscription(shop.number(), topic, uri, NOW, NOW, include_fields=list(fields or ()))
    for name, value in more.items():
        setattr(made, name, value)
    shop.subscriptions[made.id] = made
    return made


def there(shop: FakeShopify) -> dict[str, list[str]]:
    """The topics of each address."""
    found: dict[str, list[str]] = {}
    for each in shop.subscriptions.values():
        found.setdefault(each.uri, []).append(each.topic)
    return {uri: sorted(topics) for uri, topics in found.items()}


def test_what_is_needed_is_subscribed_to(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    said = list(subscriptions.repair())
    assert there(shop) == {URL: sorted(topic.name for topic in TOPICS)}
    assert len(said) == len(TOPICS)
    assert subscriptions.health().is_good


def test_where_all_is_well_nothing_is_done(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    list(subscriptions.repair())
    before = shop.operations()
    assert list(subscriptions.repair()) == []
    assert set(shop.operations() - before) == {"WebhookList"}


def test_bodies_hold_no_more_than_is_needed(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    list(subscriptions.repair())
    by_topic = {each.topic: each.include_fields for each in shop.subscriptions.values()}
    assert by_topic["CUSTOMERS_UPDATE"] == ["id", "admin_graphql_api_id", "updated_at"]
    assert by_topic["ORDERS_PAID"] == ["id", "admin_graphql_api_id", "updated_at"]
    assert "order_id" in by_topic["REFUNDS_CREATE"]
    personal = {"email", "phone", "customer", "first_name", "last_name", "default_address", "destination"}
    assert not personal & {field for fields in by_topic.values() for field in fields}


def test_what_is_subscribed_to_can_be_read() -> None:
    read = {topic.replace("/", "_").replace(".", "_").upper() for topic in READERS if topic not in COMPLIANCE}
    assert {topic.name for topic in TOPICS} <= read


@pytest.mark.parametrize("topic", ["customers/update", "orders/paid", "refunds/create"])
def test_trimmed_bodies_tell_all_the_same(shop: FakeShopify, topic: str) -> None:
    webhooks = ShopifyWebhooks("atelier.myshopify.com", ["shpss_1"])
    fields = next(each.fields for each in TOPICS if each.name == topic.replace("/", "_").upper())
    whole = {
        "id": 9,
        "admin_graphql_api_id": f"gid://shopify/{topic.split('s/')[0].title()}/9",
        "order_id": 7,
    }
    trimmed = (
        "{" + ",".join(f'"{name}":"{whole.get(name, "2026-11-01T08:00:00Z")}"' for name in fields or ()) + "}"
    )
    assert not webhooks.read(topic, trimmed.encode()).ignored


def test_a_deleted_subscription_is_made_again(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    list(subscriptions.repair())
    lost = next(each for each in shop.subscriptions.values() if each.topic == "ORDERS_PAID")
    del shop.subscriptions[lost.id]
    assert [topic.name for topic in subscriptions.health().missing] == ["ORDERS_PAID"]
    assert list(subscriptions.repair()) == ["the shop was asked to tell of ORDERS_PAID"]


@pytest.mark.parametrize(
    "wrong",
    [{"filter": "total_price:>=100"}, {"include_fields": ["id"]}, {"include_fields": []}],
    ids=["filter", "too little", "too much"],
)
def test_a_wrong_subscription_is_mended(
    shop: FakeShopify, subscriptions: Subscriptions, wrong: dict[str, Any]
) -> None:
    list(subscriptions.repair())
    changed = next(each for each in shop.subscriptions.values() if each.topic == "ORDERS_UPDATED")
    for name, value in wrong.items():
        setattr(changed, name, value)
    assert [topic.name for _, topic in subscriptions.health().unfit] == ["ORDERS_UPDATED"]
    (said,) = subscriptions.repair()
    assert "ORDERS_UPDATED was put right" in said
    assert subscriptions.health().is_good


def test_the_one_that_fits_stays_of_two(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    list(subscriptions.repair())
    fitting = next(each for each in shop.subscriptions.values() if each.topic == "ORDERS_PAID")
    other = put(shop, "ORDERS_PAID", filter="id:*", id=fitting.id)
    shop.subscriptions[other.id], shop.subscriptions[1] = other, fitting
    fitting.id = 1
    assert list(subscriptions.repair()) == ["the second subscription of ORDERS_PAID was removed"]
    assert [each for each in shop.subscriptions.values() if each.topic == "ORDERS_PAID"] == [fitting]


def test_other_addresses_and_topics_are_left_alone(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    others = [
        put(shop, "ORDERS_PAID", "https://other.example.com/hook?key=secret", filter="id:1"),
        put(shop, "ORDERS_PAID", URL + "/elsewhere"),
        put(shop, "THEMES_PUBLISH"),
        put(shop, "ORDERS_CREATE", "pubsub://project:topic"),
    ]
    list(subscriptions.repair())
    list(subscriptions.repair())
    assert [shop.subscriptions.get(each.id) for each in others] == others
    assert subscriptions.health().elsewhere == {"other.example.com", "project:topic"}


def test_all_pages_are_looked_at(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    for number in range(150):
        put(shop, "ORDERS_PAID", f"https://other.example.com/{number}")
    for topic in TOPICS:
        put(shop, topic.name)
    assert subscriptions.health().is_good
    assert list(subscriptions.repair()) == []


def test_an_address_is_the_same_whatever_the_case_of_its_host(
    shop: FakeShopify, subscriptions: Subscriptions
) -> None:
    for topic in TOPICS:
        put(shop, topic.name, "https://VIP.example.com/webhooks/atelier")
    assert subscriptions.health().is_good
    assert subscriptions.health().elsewhere == frozenset()


def test_without_a_scope_its_topics_are_not_asked_for(
    shop: FakeShopify, subscriptions: Subscriptions
) -> None:
    shop.scopes -= {"read_fulfillments", "read_customer_merge"}
    list(subscriptions.repair())
    health = subscriptions.health()
    assert health.is_good
    assert {topic.needs for topic in health.refused} == {"read_fulfillments", "read_customer_merge"}
    assert "CUSTOMERS_MERGE" not in there(shop)[URL]


def test_what_fails_does_not_keep_the_others_from_being_made(shop: FakeShopify, admin: Admin) -> None:
    shop.scopes -= {"read_customer_merge"}
    hopeful = Subscriptions(admin, URL, lambda scope: True)
    said: list[str] = []
    with pytest.raises(PlatformFailed, match="CUSTOMERS_MERGE"):
        said.extend(hopeful.repair())
    assert len(said) == len(there(shop)[URL]) == len(TOPICS) - 1


def test_a_lost_answer_is_looked_up_the_next_time(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    shop.faults.add(Fault.LOST_ANSWER, when=lambda call: call.operation == "WebhookCreate", times=1)
    with pytest.raises(PlatformFailed, match="APP_UNINSTALLED"):
        list(subscriptions.repair())
    assert list(subscriptions.repair()) == []
    assert there(shop) == {URL: sorted(topic.name for topic in TOPICS)}


def test_a_busy_shop_is_told_with_when_to_come_back(shop: FakeShopify, subscriptions: Subscriptions) -> None:
    shop.faults.add(Fault.TOO_MANY_REQUESTS, when=lambda call: call.operation == "WebhookCreate", times=1)
    with pytest.raises(PlatformFailed, match=r"APP_UNINSTALLED: .* try again in \d+ seconds"):
        list(subscriptions.repair())
    assert len(list(subscriptions.repair())) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://vip.example.com",
        "vip.example.com/hooks",
        "https://",
        "https://user@vip.example.com",
        "https://[vip",
    ],
)
def test_an_address_that_shopify_does_not_deliver_to_is_refused(admin: Admin, url: str) -> None:
    with pytest.raises(VipRulesError, match="webhook_url"):
        Subscriptions(admin, url, lambda scope: True)
