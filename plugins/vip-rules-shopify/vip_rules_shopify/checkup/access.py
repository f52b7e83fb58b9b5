"""Whether the shop lets us in: clock, token, version, scopes, and how far back its orders are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from vip_rules.adapter import PlatformFailed
from vip_rules.checkup import Finding

from vip_rules_shopify.admin.answers import Reply
from vip_rules_shopify.admin.client import VERSION, Admin
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.admin.wire import Wire
from vip_rules_shopify.checkup.setup import LOOK, Setup
from vip_rules_shopify.scopes import ALL_ORDERS, lacking

_DRIFT: Final = (60, 300)
"""Seconds by which clocks may differ before it is a warning, and before it is bad."""

_REMEDIES: Final = {
    "HTTP_400": "look at client_id and client_secret in vip-rules.toml, or install the app in the shop again",
    "HTTP_401": "look at the token, or the client id and secret, that vip-rules.toml names; if they are right, install the app "
    "in the shop again, or make a new token",
    "HTTP_402": "let the shop's owner pay the bill",
    "HTTP_403": "look in the shop's admin, under Apps, whether the app is still installed",
    "HTTP_404": "look at shop and api_version in vip-rules.toml",
    "HTTP_423": "let the shop's owner ask Shopify's support",
}


def locked_out(error: PlatformFailed) -> Finding:
    """Why the shop doesn't let us in."""
    codes = error.codes if isinstance(error, AdminFailed) else frozenset()
    remedy = next((_REMEDIES[code] for code in sorted(codes) if code in _REMEDIES), LOOK)
    return Finding("access", "bad", str(error), remedy)


def access(admin: Admin, setup: Setup, info: Mapping[str, Any], granted: frozenset[str]) -> Iterator[Finding]:
    """That the shop lets us in, and how far."""
    yield _access(admin, setup, info)
    yield _version(admin, info)
    yield from _scopes(setup, granted)
    yield _history(granted)


def clock(admin: Admin, setup: Setup) -> Iterator[Finding]:
    """Compare with the time in an answer: one to a request without a token, which is refused, has it as well."""
    wire = Wire()
    asked = setup.clock()
    try:
        reply = wire.post(f"{setup.base_url}/admin/api/{admin.version}/graphql.json", b"{}", {})
    finally:
        wire.close()
    answered = setup.clock()
    told = _date(reply.headers.get("Date", "")) if isinstance(reply, Reply) else None
    if told is None:
        return
    away = max((asked - told).total_seconds(), (told - answered).total_seconds(), 0)
    if away <= _DRIFT[0]:
        yield Finding("clock", "good", "this machine's clock agrees with Shopify's")
        return
    yield Finding(
        "clock",
        "bad" if away > _DRIFT[1] else "warning",
        f"this machine's clock and Shopify's are {away:,.0f} seconds apart: changes are missed, and tokens end too soon",
        "let this machine set its clock by the network (NTP)",
    )


def _access(admin: Admin, setup: Setup, info: Mapping[str, Any]) -> Finding:
    plan = info["shop"]["plan"]["publicDisplayName"]
    says = f"{info['shop']['name']} ({admin.host}, plan {plan}) lets the app in"
    told = info["shop"]["myshopifyDomain"]
    if told != admin.host and admin.host.endswith(".myshopify.com"):
        remedy = "set shop to it: webhooks name it, and are refused otherwise"
        return Finding("access", "warning", f"{says}; its own address is {told}", remedy)
    if isinstance(setup.tokens, StaticToken):
        says += "; its token doesn't end, which from 1 January 2027 Shopify takes from custom apps only"
    return Finding("access", "good", says)


def _version(admin: Admin, info: Mapping[str, Any]) -> Finding:
    if admin.notes:
        newer = "install a newer vip-rules-shopify"
        remedy = newer if admin.version == VERSION else "leave api_version out of vip-rules.toml"
        return Finding("API version", "warning", "; ".join(admin.notes), remedy)
    supported = {version["handle"]: version["supported"] for version in info["publicApiVersions"]}
    if not supported.get(admin.version):
        stable = max(
            (handle for handle, good in supported.items() if good and handle[:2] == "20"), default="?"
        )
        return Finding(
            "API version",
            "warning",
            f"Shopify doesn't support the version {admin.version} of its API",
            f"leave api_version out of vip-rules.toml, or set one that is supported: {stable} is the newest",
        )
    return Finding("API version", "good", f"the version {admin.version} of the API is supported")


def _scopes(setup: Setup, granted: frozenset[str]) -> Iterator[Finding]:
    missing = lacking(granted, setup.kinds)
    for scope in missing:
        yield Finding(
            "scopes",
            "bad" if scope.vital else "warning",
            f"the app hasn't got the scope {scope.name}: {scope.without}",
            f"add {scope.name} to the app's scopes, and let the shop's owner agree to it",
        )
    if not missing:
        yield Finding("scopes", "good", "the app has all the scopes that it needs")


def _history(granted: frozenset[str]) -> Finding:
    if ALL_ORDERS in granted:
        return Finding("history", "good", "orders of all time are read")
    return Finding(
        "history",
        "warning",
        f"SHOPIFY HIDES ORDERS THAT ARE OLDER THAN 60 DAYS, as the app hasn't got the scope {ALL_ORDERS}: longer windows "
        "promote and demote nobody",
        f"ask Shopify for {ALL_ORDERS} (in the app's settings, under API access), let the shop's owner agree to it, and run "
        "vip-rules sync --full",
    )


def _date(text: str) -> datetime | None:
    try:
        told = parsedate_to_datetime(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None else None
