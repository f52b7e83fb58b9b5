"""Registers the Shopify adapter with vip-rules. It is loaded with every command, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from vip_rules.adapter import AdapterType, Opening, Setting
from vip_rules.hookspecs import hookimpl

if TYPE_CHECKING:
    from vip_rules_shopify.adapter import ShopifyAdapter

SETTINGS: Final = {
    "shop": Setting(description="The shop's own address: NAME.myshopify.com.", required=True),
    "token": Setting(description="The Admin API's access token of a custom app.", secret=True),
    "client_id": Setting(description="The client id of an app of the Dev Dashboard."),
    "client_secret": Setting(
        description="The client secret of the app: asks for tokens, and checks webhooks.", secret=True
    ),
    "app_tokens": Setting(
        description="The file that keeps a public app's access token and its refresh token.", path=True
    ),
    "webhook_url": Setting(
        description="Where Shopify sends webhooks: the public address of what receives them, https://HOST/webhooks/SHOP."
    ),
    "webhook_secret": Setting(
        description="The secret that signs webhooks, where it isn't the client secret.", secret=True
    ),
    "former_webhook_secret": Setting(
        description="The secret that was in force before, while it is being changed.", secret=True
    ),
    "api_version": Setting(description="The version of the Admin API.", default="2026-10"),
    "base_url": Setting(description="Another address than https://SHOP, for tests."),
    "category_tag_prefix": Setting(
        description='A product tag that begins with this names the category ("category:"); without one it is the type.'
    ),
    "discounts": Setting(
        description='How discounts are given: "automatic", or by a "code" that members enter. Where it is changed later, '
        "vip-rules doctor --repair gives them the new way.",
        default="automatic",
    ),
    "standard_up_to": Setting(
        description='The highest price of shipping that is free where a tier has free standard shipping, as in "8.00".'
    ),
    "expedited_up_to": Setting(description="The same for free expedited shipping."),
    "next_day_up_to": Setting(description="The same for free next-day shipping."),
    "credit_days": Setting(description="How many days a store credit is good for.", default=365),
    "connections": Setting(description="How many requests run side by side at most.", default=4),
}


@hookimpl
def vip_rules_adapters() -> Iterable[AdapterType]:
    """The adapter for Shopify stores."""
    return [AdapterType(name="shopify", title="Shopify", open=open_shop, settings=SETTINGS)]


def open_shop(opening: Opening) -> ShopifyAdapter:
    """The adapter of a shop. Raises a VipRulesError for settings that can't work."""
    from vip_rules_shopify.adapter import ShopifyAdapter

    return ShopifyAdapter.open(opening)
