"""Links: a customer sees their own standing by a signed token that expires. Nothing is kept of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from vip_rules.errors import VipRulesError


class BrokenLink(VipRulesError):
    """A link that shows nothing: ask the shop for another one."""


class Links:
    """The links of one shop, signed with its secret. Whoever changes the secret ends all of them.

    >>> from datetime import UTC
    >>> links = Links("a secret", "atelier", lambda: datetime(2026, 11, 20, tzinfo=UTC))
    >>> token, until = links.make("amara", timedelta(hours=24))
    >>> links.customer(token), until.isoformat()
    ('amara', '2026-11-21T00:00:00+00:00')
    """

    def __init__(self, secret: str, shop: str, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        signed_how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._signed = URLSafeSerializer(
            secret, salt=f"vip-rules own standing of {shop}", signer_kwargs=signed_how
        )

    def make(self, customer_id: str, lasting: timedelta) -> tuple[str, datetime]:
        """A token for a customer, and when it expires."""
        until = (self._clock() + lasting).replace(microsecond=0)
        return str(self._signed.dumps([customer_id, int(until.timestamp())])), until

    def customer(self, token: str) -> str:
        """The customer to whom a token was given. Raises BrokenLink if it is forged, of another shop, or expired."""
        try:
            found: Any = self._signed.loads(token)
        except BadData:
            raise BrokenLink("the link isn't valid: ask the shop for another one") from None
        customer_id, until = found
        if int(self._clock().timestamp()) >= until:
            raise BrokenLink("the link has expired: ask the shop for another one")
        return str(customer_id)
