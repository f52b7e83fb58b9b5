"""Whether deliveries come from the shop."""

from __future__ import annotations

import base64
import hmac

import pytest
from vip_rules.webhooks import Delivery, Forged, Genuine, News, Ping

from tests.recordings import delivery, load, names
from vip_rules_woocommerce.webhooks.signature import InvalidSecret, WooCommerceWebhooks

SHOP = "https://127.0.0.1:8443"
NOT_SENT = {"webhook-delivery-ping", "webhook-delivery-ids-not-unique"}
RECORDED = sorted(set(names("webhook-delivery-")) - NOT_SENT)


def webhooks(*secrets: str, shop: str = SHOP) -> WooCommerceWebhooks:
    return WooCommerceWebhooks(shop, secrets or ("secret",))


def signed(body: bytes, secret: str, **headers: str) -> Delivery:
    """A delivery with a right signature; a header's underscores are dashes."""
    signature = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    told = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": "https://127.0.0.1/",
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Delivery-ID": "d1",
        "X-WC-Webhook-Signature": signature,
    }
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Delivery(headers=[(name, value) for name, value in told.items() if value], body=body)


@pytest.mark.parametrize("name", RECORDED)
def test_each_recorded_delivery_is_genuine_and_can_be_read(name: str) -> None:
    recorded = delivery(name)
    reader = webhooks(recorded.secret)
    verdict = reader.verify(recorded.delivery)
    assert isinstance(verdict, Genuine)
    assert verdict.topic == recorded.topic
    assert verdict.at is None
    assert reader.read(verdict.topic, recorded.delivery.body) != News()


@pytest.mark.parametrize("name", RECORDED)
def test_a_changed_byte_makes_a_recorded_delivery_forged(name: str) -> None:
    recorded = delivery(name)
    body = recorded.delivery.body.replace(b"1", b"2", 1).replace(b"id", b"di", 1)
    assert body != recorded.delivery.body
    changed = Delivery(headers=recorded.delivery.headers, body=body)
    assert isinstance(webhooks(recorded.secret).verify(changed), Forged)


def test_json_written_anew_isnt_what_was_signed() -> None:
    recorded = delivery("product.updated")
    body = recorded.delivery.body.replace(b"\\/", b"/")
    assert body != recorded.delivery.body
    assert isinstance(
        webhooks(recorded.secret).verify(Delivery(headers=recorded.delivery.headers, body=body)), Forged
    )


def test_the_recorded_ping_is_one() -> None:
    assert webhooks().verify(delivery("ping").delivery) == Ping()


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ("application/json", b"webhook_id=1"),
        ("application/x-www-form-urlencoded", b"webhook_id=1&id=2"),
        ("application/x-www-form-urlencoded", b"webhook_id=1\n"),
        ("application/x-www-form-urlencoded", b"webhook_id=0"),
        ("application/x-www-form-urlencoded", b"webhook_id="),
        ("application/x-www-form-urlencoded", "webhook_id=١".encode()),
        ("application/x-www-form-urlencoded", b'{"id": 1}'),
        ("application/x-www-form-urlencoded", b""),
    ],
)
def test_nothing_else_unsigned_is_a_ping(content: str, body: bytes) -> None:
    told = webhooks().verify(Delivery(headers=[("Content-Type", content)], body=body))
    assert told == Forged("it isn't signed")


def test_during_a_change_of_secrets_both_fit() -> None:
    reader = webhooks("new", "old")
    for secret in ("new", "old"):
        assert isinstance(reader.verify(signed(b"{}", secret)), Genuine)
    assert isinstance(reader.verify(signed(b"{}", "older")), Forged)


@pytest.mark.parametrize(
    ("configured", "signs_with"),
    [
        ("a&amp;b", "a&b"),
        ("a&#38;b&#038;c&#x26;d&#X0026;e", "a&b&c&d&e"),
        ("&lt;&gt;&quot;&#039;&#x3c;&#62;", "<>\"'<>"),
        ("a&amp;lt;b", "a&lt;b"),
        ("a & b < c", "a & b < c"),
        ("&copy;&nbsp;&apos;&amp", "&copy;&nbsp;&apos;&amp"),
        ("schlüssel", "schlüssel"),
    ],
)
def test_secrets_are_read_as_wordpress_reads_them(configured: str, signs_with: str) -> None:
    assert isinstance(webhooks(configured).verify(signed(b"{}", signs_with)), Genuine)


@pytest.mark.parametrize("secrets", [(), ("",), ("good", "")])
def test_an_empty_secret_is_refused(secrets: tuple[str, ...]) -> None:
    with pytest.raises(InvalidSecret, match="webhook_secret"):
        WooCommerceWebhooks(SHOP, secrets)


@pytest.mark.parametrize("signature", ["", " ", "é", "\ud800", "====", "AAAA", "a" * 100_000])
def test_what_is_no_signature_is_forged(signature: str) -> None:
    headers = [("X-WC-Webhook-Signature", signature), ("X-WC-Webhook-Topic", "order.updated")]
    assert isinstance(webhooks().verify(Delivery(headers=headers, body=b"{}")), Forged)


def test_junk_within_a_right_signature_makes_it_wrong() -> None:
    right = signed(b"{}", "secret").header("X-WC-Webhook-Signature")
    assert right is not None
    for junk in (f"{right} ", f" {right}", f"{right[:4]}\n{right[4:]}", right.rstrip("=")):
        assert isinstance(webhooks().verify(signed(b"{}", "secret", X_WC_Webhook_Signature=junk)), Forged)


def test_two_signatures_are_one_too_many() -> None:
    right = signed(b"{}", "secret")
    twice = [*right.headers, ("x-wc-webhook-signature", right.header("X-WC-Webhook-Signature") or "")]
    assert webhooks().verify(Delivery(headers=twice, body=b"{}")) == Forged("it has more than one signature")


@pytest.mark.parametrize(
    ("shop", "source"),
    [
        ("https://shop.test", "https://shop.test/"),
        ("https://shop.test", "http://www.shop.test/"),
        ("https://www.shop.test:8443", "http://shop.test:8089/"),
        ("https://shop.test", "https://SHOP.test/de/"),
        ("https://shop.test/store", "https://shop.test/store/"),
        ("https://müller.test", "https://xn--mller-kva.test/"),
        ("https://shop.test", ""),
    ],
)
def test_a_shop_is_known_by_host_and_folder(shop: str, source: str) -> None:
    told = webhooks(shop=shop).verify(signed(b"{}", "secret", X_WC_Webhook_Source=source))
    assert isinstance(told, Genuine)


@pytest.mark.parametrize(
    ("shop", "source"),
    [
        ("https://shop.test", "https://other.test/"),
        ("https://shop.test", "https://shop.test.evil.test/"),
        ("https://shop.test/store", "https://shop.test/store2/"),
        ("https://shop.test/store", "https://shop.test/"),
        ("https://shop.test", "https://["),
        ("https://shop.test", "shop.test"),
    ],
)
def test_a_delivery_of_another_shop_is_forged(shop: str, source: str) -> None:
    told = webhooks(shop=shop).verify(signed(b"{}", "secret", X_WC_Webhook_Source=source))
    assert isinstance(told, Forged)
    assert "another shop" in told.reason


def test_deliveries_that_share_an_id_are_told_apart() -> None:
    shared = {
        one["X-WC-Webhook-Delivery-ID"] for one in load("webhook-delivery-ids-not-unique")["deliveries"]
    }
    assert len(shared) == 1
    verdicts = [
        webhooks().verify(
            signed(b'{"id":%d}' % number, "secret", X_WC_Webhook_Delivery_ID=shared.copy().pop())
        )
        for number in (26, 27, 26)
    ]
    ids = [verdict.id for verdict in verdicts if isinstance(verdict, Genuine)]
    assert ids[0] == ids[2]
    assert ids[0] != ids[1]


def test_the_same_body_a_second_later_is_another_happening() -> None:
    told = [webhooks().verify(signed(b'{"id":1}', "secret", X_WC_Webhook_Delivery_ID=sent)) for sent in "ab"]
    assert told[0] != told[1]


def test_without_a_topic_a_delivery_tells_nothing() -> None:
    verdict = webhooks().verify(signed(b"{}", "secret", X_WC_Webhook_Topic=""))
    assert isinstance(verdict, Genuine)
    assert webhooks().read(verdict.topic, b"{}").ignored
