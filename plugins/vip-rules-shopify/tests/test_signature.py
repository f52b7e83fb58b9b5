"""Who may deliver: the signature over the raw bytes, the shop, and the headers that name what happened."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vip_rules.errors import VipRulesError
from vip_rules.webhooks import Delivery, Forged, Genuine

from vip_rules_shopify.webhooks.signature import ShopifyWebhooks

SHOP = "atelier.myshopify.com"
SECRET = "shpss_0123456789abcdef0123456789abcdef"
OLD = "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"
BODY = b'{"id": 5}'
WEBHOOKS = ShopifyWebhooks(SHOP, [SECRET, OLD])


def signature(body: bytes = BODY, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def delivery(body: bytes = BODY, **changes: str | None) -> Delivery:
    """A delivery as Shopify makes it; a change of None leaves a header out."""
    headers: dict[str, str | None] = {
        "X-Shopify-Topic": "orders/updated",
        "X-Shopify-Hmac-Sha256": signature(body),
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Webhook-Id": "delivery-1",
        "X-Shopify-Event-Id": "event-1",
        "X-Shopify-Triggered-At": "2026-11-01T08:00:00.123456789Z",
    }
    headers |= {f"X-Shopify-{name.replace('_', '-')}": value for name, value in changes.items()}
    return Delivery(
        headers=[(name, value) for name, value in headers.items() if value is not None], body=body
    )


def test_a_delivery_of_the_shop_is_genuine() -> None:
    assert WEBHOOKS.verify(delivery()) == Genuine(
        topic="orders/updated", id="event-1", at=datetime(2026, 11, 1, 8, 0, 0, 123456, tzinfo=UTC)
    )


def test_names_of_headers_have_no_case() -> None:
    told = delivery()
    lower = Delivery(headers=[(name.lower(), value) for name, value in told.headers], body=told.body)
    assert WEBHOOKS.verify(lower) == WEBHOOKS.verify(told)


def test_the_newer_names_of_headers_are_known() -> None:
    told = delivery()
    newer = [(name.removeprefix("X-").lower(), value) for name, value in told.headers]
    assert WEBHOOKS.verify(Delivery(headers=newer, body=BODY)) == WEBHOOKS.verify(told)
    assert WEBHOOKS.verify(Delivery(headers=[*told.headers, *newer], body=BODY)) == WEBHOOKS.verify(told)


def test_the_old_secret_is_good_while_secrets_are_rotated() -> None:
    old = delivery(Hmac_Sha256=signature(secret=OLD))
    assert isinstance(WEBHOOKS.verify(old), Genuine)
    assert isinstance(ShopifyWebhooks(SHOP, [SECRET]).verify(old), Forged)


def test_without_an_event_the_delivery_is_what_it_is_known_by() -> None:
    verdict = WEBHOOKS.verify(delivery(Event_Id=None))
    assert isinstance(verdict, Genuine)
    assert verdict.id == "delivery-1"


@pytest.mark.parametrize("at", [None, "yesterday", "2026-11-01T08:00:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_that_cannot_be_read_is_left_out(at: str | None) -> None:
    assert WEBHOOKS.verify(delivery(Triggered_At=at)) == Genuine(topic="orders/updated", id="event-1")


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        "signature",
        signature(b'{"id":5}'),
        signature(secret="shpss_somebody_else"),
        signature() + "=",
        signature() + "\n",
        " " + signature(),
        signature().rstrip("="),
        signature().lower(),
        signature().replace("=", "é"),
        base64.b64decode(signature()).hex(),
        "=" * 10_000,
    ],
)
def test_another_signature_is_forged(wrong: str | None) -> None:
    assert isinstance(WEBHOOKS.verify(delivery(Hmac_Sha256=wrong)), Forged)


@pytest.mark.parametrize("name", ["X-Shopify-Hmac-Sha256", "x-shopify-hmac-SHA256"])
def test_two_signatures_are_forged_even_if_both_are_right(name: str) -> None:
    told = delivery()
    assert isinstance(
        WEBHOOKS.verify(Delivery(headers=[*told.headers, (name, signature())], body=BODY)), Forged
    )


def test_families_of_headers_that_disagree_are_forged() -> None:
    told = delivery()
    other = ("shopify-shop-domain", "other.myshopify.com")
    assert isinstance(WEBHOOKS.verify(Delivery(headers=[*told.headers, other], body=BODY)), Forged)


@pytest.mark.parametrize("shop", [None, "", "other.myshopify.com", f"{SHOP}.example.com", f"{SHOP}, {SHOP}"])
def test_another_shop_is_forged(shop: str | None) -> None:
    assert isinstance(WEBHOOKS.verify(delivery(Shop_Domain=shop)), Forged)


def test_the_case_of_the_shop_does_not_matter() -> None:
    assert isinstance(WEBHOOKS.verify(delivery(Shop_Domain=SHOP.upper())), Genuine)
    assert isinstance(ShopifyWebhooks(SHOP.upper(), [SECRET]).verify(delivery()), Genuine)


@pytest.mark.parametrize("topic", [None, "", "orders/é", "orders/\x00", "o" * 256])
def test_a_delivery_without_a_topic_is_forged(topic: str | None) -> None:
    assert isinstance(WEBHOOKS.verify(delivery(Topic=topic)), Forged)


@pytest.mark.parametrize("secrets", [[], [""], ["  "], [SECRET, ""]])
def test_an_empty_secret_is_refused(secrets: list[str]) -> None:
    with pytest.raises(VipRulesError, match="client secret"):
        ShopifyWebhooks(SHOP, secrets)


def test_secrets_are_never_said() -> None:
    verdict = WEBHOOKS.verify(delivery(Hmac_Sha256=signature(secret="shpss_somebody_else")))
    assert SECRET not in repr(WEBHOOKS) + repr(verdict)
    assert signature() not in repr(verdict)


@given(body=st.binary(max_size=64), changed=st.binary(max_size=64))
def test_only_the_very_bytes_are_signed(body: bytes, changed: bytes) -> None:
    told = delivery(body)
    verdict = WEBHOOKS.verify(Delivery(headers=told.headers, body=changed))
    assert isinstance(verdict, Genuine) == (body == changed)


@given(headers=st.lists(st.tuples(st.sampled_from(delivery().headers).map(lambda pair: pair[0]), st.text())))
def test_any_headers_have_a_verdict(headers: list[tuple[str, str]]) -> None:
    assert isinstance(WEBHOOKS.verify(Delivery(headers=headers, body=BODY)), Forged)
