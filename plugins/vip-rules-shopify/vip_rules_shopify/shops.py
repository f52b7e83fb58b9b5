"""Shops by their domains, and what an app has of a shop: its address, a version of the API, and a token.

All that is used of `shopifyapi` keeps no state of its own: a Session is a value here, and none is ever activated. It is
imported where it is used, as that takes long.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vip_rules.errors import UsageError

from vip_rules_shopify.admin.tokens import StaticToken, TokenProvider

if TYPE_CHECKING:
    import shopify


@dataclass(frozen=True, slots=True)
class Access:
    """Where a shop's Admin API is, which version of it is asked for, and with which tokens: what `Admin` takes."""

    base_url: str
    version: str
    tokens: TokenProvider


def shop_domain(text: str) -> str:
    """A shop's own domain as in example.myshopify.com, of that, its beginning, or an address.

    Raises UsageError for what isn't one of Shopify's.
    """
    from shopify.utils import shop_url

    domain = shop_url.sanitize_shop_domain(text) if text.isascii() else None
    if not isinstance(domain, str):
        raise UsageError(
            "that isn't a shop's own domain: expected NAME.myshopify.com, as the admin shows it under Settings, Domains"
        )
    return domain


def access_of(session: shopify.Session) -> Access:
    """What a Session of `shopifyapi` says of a shop. Raises UsageError for one without a shop or a token.

    Its token is taken as one that doesn't end: a Session can't renew one.
    """
    if not session.valid:
        raise UsageError("the Session has no shop or no token: make it with both")
    return Access(f"https://{shop_domain(session.url)}", session.version.name, StaticToken(session.token))


def covered(granted: Iterable[str], needed: str) -> bool:
    """Whether scopes that were granted include one that is needed: write_orders includes read_orders."""
    from shopify import ApiAccess, ApiAccessError

    try:
        wanted = ApiAccess([needed])
    except ApiAccessError:
        return needed in granted
    return bool(ApiAccess(scope for scope in granted if _is_ordinary(scope)).covers(wanted))


def _is_ordinary(scope: str) -> bool:
    """Whether `shopifyapi` can reckon with a scope: it fails at those of the customers' own API."""
    return scope.removeprefix("unauthenticated_").startswith(("read_", "write_"))
