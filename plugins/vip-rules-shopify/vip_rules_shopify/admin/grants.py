"""Asking a shop for an access token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vip_rules_shopify.admin.address import host_of, shop_address
from vip_rules_shopify.admin.answers import Reply
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.wire import Wire


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token, until when it is good, and what the next one is asked for with (None where it isn't needed)."""

    token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str | None = field(default=None, repr=False)


def ask_for_grant(base_url: str, form: Mapping[str, str], clock: Callable[[], datetime]) -> Grant:
    """Ask a shop for a token with a filled-in form. Raises AdminFailed, which never says what is in the form."""
    url = f"{shop_address(base_url)}/admin/oauth/access_token"
    host = host_of(url)
    asked_at = clock()
    wire = Wire()
    try:
        reply = wire.post(url, form, {"Accept": "application/json"})
    finally:
        wire.close()
    if not isinstance(reply, Reply):
        raise AdminFailed(
            f"{host} gave no access token ({reply.reason}): look whether the shop can be reached"
        )
    if reply.status != 200:
        raise AdminFailed(
            f"{host} gave no access token, it answered {reply.status}: look at the app's client id and secret, and "
            "whether the app is installed in this shop",
            frozenset({f"HTTP_{reply.status}"}),
        )
    grant = _grant(reply.body, asked_at)
    if grant is None:
        raise AdminFailed(f"{host} answered without an access token that ends: look at the kind of the app")
    return grant


def _grant(body: Any, asked_at: datetime) -> Grant | None:
    if not isinstance(body, Mapping):
        return None
    token, seconds, next_ = body.get("access_token"), body.get("expires_in"), body.get("refresh_token")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        return None
    return Grant(token, asked_at + timedelta(seconds=seconds), next_ if isinstance(next_, str) else None)
