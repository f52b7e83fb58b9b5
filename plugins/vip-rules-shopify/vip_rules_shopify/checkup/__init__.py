"""Whether a shop is set up as vip-rules needs it, each finding with what to do; and the mending of what can be mended.

Looking changes nothing in the shop, and never fails: what can't be looked at is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vip_rules.adapter import PlatformFailed
from vip_rules.checkup import Finding
from vip_rules.errors import VipRulesError

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.checkup.access import access, clock, locked_out
from vip_rules_shopify.checkup.deliveries import subscriptions, webhooks
from vip_rules_shopify.checkup.people import fields, personal_data
from vip_rules_shopify.checkup.setup import LOOK, Setup
from vip_rules_shopify.checkup.store import discounts, place
from vip_rules_shopify.definitions import define

__all__ = ["Setup", "checkup", "repair"]

_LOOKS: Final = {
    "personal data": personal_data,
    "webhooks": webhooks,
    "fields": fields,
    "discounts": discounts,
}


def checkup(admin: Admin, setup: Setup) -> Iterator[Finding]:
    """Look at everything that vip-rules relies on in a shop. Raises nothing."""
    yield from clock(admin, setup)
    try:
        info = admin.query("shop_info")
    except PlatformFailed as error:
        yield locked_out(error)
        return
    granted = _granted(info)
    yield from access(admin, setup, info, granted)
    yield from place(setup, info)
    for subject, look in _LOOKS.items():
        try:
            yield from look(admin, setup, granted)
        except PlatformFailed as error:
            yield Finding(subject, "bad", f"it couldn't be looked at: {error}", LOOK)
        except VipRulesError as error:
            yield Finding(subject, "bad", str(error), "mend vip-rules.toml")


def repair(admin: Admin, setup: Setup) -> Iterator[str]:
    """Make or mend the definitions of fields and the subscriptions of webhooks, and say what was done.

    Raises PlatformFailed; what could be done is done all the same.
    """
    failed: list[str] = []
    granted = _granted(admin.query("shop_info"))
    for mended in (define(admin, setup.definitions), _subscribing(admin, setup, granted)):
        try:
            yield from mended
        except PlatformFailed as error:
            failed.append(str(error))
    if failed:
        raise PlatformFailed("; ".join(failed))


def _subscribing(admin: Admin, setup: Setup, granted: frozenset[str]) -> Iterator[str]:
    if setup.webhook_url:
        yield from subscriptions(admin, setup.webhook_url, granted).repair()


def _granted(info: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(scope["handle"] for scope in info["currentAppInstallation"]["accessScopes"])
