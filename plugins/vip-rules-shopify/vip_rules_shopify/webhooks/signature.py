"""The check of deliveries and their reading. The signature covers the body alone, so what headers say is checked for itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from vip_rules.errors import VipRulesError
from vip_rules.webhooks import Delivery, Forged, Genuine, InvalidWebhook, News, Verdict, Webhooks

from vip_rules_shopify.webhooks.body import Body, parse_instant
from vip_rules_shopify.webhooks.reading import news

_FAMILIES: Final = ("X-Shopify-", "Shopify-")
"""The beginnings of the headers' names: those of webhooks, and those of the newer events."""

_LONGEST: Final = 255


class ShopifyWebhooks(Webhooks):
    """Deliveries to one shop, `shop` being its domain as in example.myshopify.com.

    `secrets` are the app's client secret, and the one before it while they are being rotated. Raises VipRulesError where
    there is none, or an empty one.
    """

    def __init__(self, shop: str, secrets: Sequence[str]) -> None:
        if not secrets or not all(secret.strip() for secret in secrets):
            raise VipRulesError(
                "the secret of the webhooks is empty, and anybody could sign with it: set the app's client secret"
            )
        self._shop = shop.lower()
        self._keys = tuple(secret.encode("utf-8") for secret in secrets)

    def verify(self, delivery: Delivery) -> Verdict:
        """Whether a delivery comes from the shop, by its signature over the raw bytes, compared in constant time."""
        signature = _header(delivery, "Hmac-Sha256")
        if signature is None:
            return Forged("there isn't exactly one signature that can be read")
        signed = [
            hmac.compare_digest(_signature(key, delivery.body), signature.encode()) for key in self._keys
        ]
        if not any(signed):
            return Forged("the signature isn't that of the body")
        shop = _header(delivery, "Shop-Domain")
        if shop is None or shop.lower() != self._shop:
            return Forged(f"it doesn't name the shop {self._shop}, and only that is expected here")
        topic = _header(delivery, "Topic")
        if topic is None:
            return Forged("it doesn't name its topic")
        named = _header(delivery, "Event-Id") or _header(delivery, "Webhook-Id")
        return Genuine(topic=topic, id=named, at=parse_instant(_header(delivery, "Triggered-At") or ""))

    def read(self, topic: str, body: bytes) -> News:
        """What a genuine delivery tells. Raises InvalidWebhook for a body that can't be read, or is of another shop."""
        told = Body.of(body)
        for name in ("shop_domain", "myshopify_domain"):
            if told.has(name) and (told.text(name) or "").lower() != self._shop:
                raise InvalidWebhook(f"the body's {name!r} isn't {self._shop}: it is of another shop")
        return news(topic, told)


def _signature(key: bytes, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest())


def _header(delivery: Delivery, name: str) -> str | None:
    """The value of a header; None where it is missing, doubled, told differently by the families, or no short plain text."""
    wanted = {(family + name).lower() for family in _FAMILIES}
    told = [(key.lower(), value) for key, value in delivery.headers if key.lower() in wanted]
    values = {value for _, value in told}
    if len(values) != 1 or len({key for key, _ in told}) != len(told):
        return None
    (value,) = values
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST else None
