"""Whether a delivery comes from the shop: its signature over the raw bytes, and the shop that it names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from vip_rules.errors import VipRulesError
from vip_rules.webhooks import Delivery, Forged, Genuine, News, Ping, Verdict, Webhooks

from vip_rules_woocommerce.webhooks.reading import news

_PING: Final = re.compile(rb"webhook_id=[1-9][0-9]{0,18}")
_FORM: Final = "application/x-www-form-urlencoded"
_SIGNATURE: Final = "X-WC-Webhook-Signature"

_ENTITY: Final = re.compile(r"&(?:(quot|lt|gt|amp)|#0*(34|38|39|60|62)|#[xX]0*(22|26|27|3[cC]|3[eE]));")
_NAMED: Final = {"quot": '"', "lt": "<", "gt": ">", "amp": "&"}
"""The only entities that WordPress decodes in secrets."""


class InvalidSecret(VipRulesError):
    """A webhook secret that can't be used: mend the settings."""


class WooCommerceWebhooks(Webhooks):
    """The webhooks of the shop at an address. Deliveries may be signed with any of the `secrets`, so that one can be changed.

    The shop doesn't say when it sent a delivery. Nor is a delivery's id its own: those of one webhook and second share it,
    wherefore the body's digest is joined to it. Raises InvalidSecret where no secret is given, or an empty one.
    """

    def __init__(self, url: str, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise InvalidSecret(
                "the secret of the webhooks is empty, and anybody could sign with it: set webhook_secret_env or "
                "webhook_secret_file to a long random text"
            )
        self._shop = _place(url)
        self._keys = tuple(_as_wordpress_reads(secret).encode() for secret in secrets)

    def verify(self, delivery: Delivery) -> Verdict:
        """Whether a delivery comes from the shop. The shop's pings, which aren't signed, are told by their exact shape."""
        signatures = [value for name, value in delivery.headers if name.lower() == _SIGNATURE.lower()]
        if not signatures:
            return Ping() if _is_ping(delivery) else Forged("it isn't signed")
        if len(signatures) > 1:
            return Forged("it has more than one signature")
        if not self._signed(delivery.body, signatures[0]):
            return Forged(
                "its signature doesn't fit: the secret in the shop is another, or the body was changed on its way"
            )
        source = delivery.header("X-WC-Webhook-Source")
        if source is not None and not self._is_ours(source):
            return Forged(
                "it is signed with our secret, but names another shop: look at the address of the shop"
            )
        digest = hashlib.sha256(delivery.body).hexdigest()
        return Genuine(
            topic=delivery.header("X-WC-Webhook-Topic") or "",
            id=f"{delivery.header('X-WC-Webhook-Delivery-ID') or ''}:{digest}",
        )

    def read(self, topic: str, body: bytes) -> News:
        """What a genuine delivery tells. Raises InvalidWebhook for a body that can't be read."""
        return news(topic, body)

    def _signed(self, body: bytes, signature: str) -> bool:
        given = signature.encode("utf-8", "replace")
        fits = [
            hmac.compare_digest(base64.b64encode(hmac.digest(key, body, "sha256")), given)
            for key in self._keys
        ]
        return any(fits)

    def _is_ours(self, source: str) -> bool:
        """Whether an address is the shop's, or below it: shops of several languages name a folder more."""
        host, path = _place(source)
        return host == self._shop[0] and f"{path}/".startswith(f"{self._shop[1]}/")


def _is_ping(delivery: Delivery) -> bool:
    content = (delivery.header("Content-Type") or "").partition(";")[0].strip().lower()
    return content == _FORM and _PING.fullmatch(delivery.body) is not None


def _place(url: str) -> tuple[str, str]:
    """The host and the folder of an address. Scheme, port and www. may differ between how a shop is reached and named."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", ""
    try:
        host = host.encode("idna").decode()
    except UnicodeError:  # as it is, then
        return host, parts.path.rstrip("/")
    return host, parts.path.rstrip("/")


def _as_wordpress_reads(secret: str) -> str:
    """A secret as the shop signs with it: some entities decoded, once."""
    return _ENTITY.sub(_character, secret)


def _character(entity: re.Match[str]) -> str:
    name, decimal, hexadecimal = entity.groups()
    return _NAMED[name] if name else chr(int(decimal) if decimal else int(hexadecimal, 16))
