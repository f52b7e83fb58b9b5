"""Where the API of a shop is, and how requests are let in: keys over https, signatures (OAuth 1.0a) over http."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth
from requests_oauthlib import OAuth1
from vip_rules.errors import VipRulesError

_API: Final = "/wp-json/wc/v3"
_ENDINGS: Final = (_API, "/wp-json/wc", "/wp-json")
"""What people copy along with a shop's address."""

_TELLTALES: Final = (
    "requests_oauthlib",
    "oauthlib",
    "requests_oauthlib.oauth1_auth",
    "oauthlib.oauth1.rfc5849",
)
"""Loggers that tell keys, signatures and bodies at the level of debugging."""


class InvalidAccess(VipRulesError):
    """An address or keys that can't work: mend the settings. Never says the keys."""


@dataclass(frozen=True, slots=True)
class Access:
    """The address of a shop, without a slash at its end, and the keys to its API."""

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def of(cls, url: str, key: str, secret: str) -> Access:
        """The access by what people wrote. Raises InvalidAccess."""
        key, secret = key.strip(), secret.strip()
        if key.startswith("cs_") or secret.startswith("ck_"):
            raise InvalidAccess(
                "the consumer key and the consumer secret are swapped: expected a key that begins with ck_ and a "
                "secret that begins with cs_"
            )
        if not (
            key
            and secret
            and key.isascii()
            and secret.isascii()
            and key.isprintable()
            and secret.isprintable()
        ):
            raise InvalidAccess(
                "the consumer key or the consumer secret is empty or has signs that keys don't have: copy both again "
                "from WooCommerce › Settings › Advanced › REST API"
            )
        return cls(_address(url), key, secret)

    @property
    def api(self) -> str:
        """The address of the API."""
        return self.url + _API

    @property
    def host(self) -> str:
        """The host of the shop, with its port where it isn't the usual one: what messages call the shop."""
        return urlsplit(self.url).netloc

    @property
    def secured(self) -> bool:
        """Whether the shop is asked over https."""
        return self.url.startswith("https:")

    def auth(self, clock: Callable[[], datetime], entropy: Callable[[int], bytes]) -> AuthBase:
        """What lets requests in. Each one that is signed has a time and a nonce of its own."""
        if self.secured:
            return HTTPBasicAuth(self.key, self.secret)
        return _Signature(self.key, self.secret, clock, entropy)

    def without_keys(self, text: str) -> str:
        """A text of the store's, from which the keys are cut out should it repeat them."""
        both = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        for hidden in (both, self.secret, self.key):
            text = text.replace(hidden, "…")
        return text


class _Signature(AuthBase):
    """Signs each request with OAuth 1.0a: a nonce that comes again, or an old time, is refused."""

    def __init__(
        self, key: str, secret: str, clock: Callable[[], datetime], entropy: Callable[[int], bytes]
    ) -> None:
        self._key, self._secret, self._clock, self._entropy = key, secret, clock, entropy
        for name in _TELLTALES:
            logging.getLogger(name).addFilter(_important)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        signed: PreparedRequest = OAuth1(
            self._key,
            client_secret=self._secret,
            signature_method="HMAC-SHA256",
            nonce=self._entropy(16).hex(),
            timestamp=str(int(self._clock().timestamp())),
        )(request)
        return signed


def _important(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _address(url: str) -> str:
    """The address of a shop without what doesn't belong to it. Raises InvalidAccess."""
    try:
        parts = urlsplit(url.strip())
        fits = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise InvalidAccess(
            "the address of the shop isn't one: expected https://HOST, or https://HOST/FOLDER"
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise InvalidAccess(
            f"the address of the shop at {parts.hostname} has a user name, a question mark or a # in it: expected "
            f"only https://{parts.hostname} and its folder, if it has one; keys are settings of their own"
        )
    path = parts.path.rstrip("/")
    for ending in _ENDINGS:
        path = path.removesuffix(ending)
    return f"{parts.scheme}://{parts.netloc.lower()}{path.rstrip('/')}"
