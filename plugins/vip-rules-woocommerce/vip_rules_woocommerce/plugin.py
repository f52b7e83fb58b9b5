"""Registers the WooCommerce adapter with vip-rules. It is loaded with every command, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from vip_rules.adapter import AdapterType, Opening, Setting
from vip_rules.hookspecs import hookimpl

from vip_rules_woocommerce.reading.choices import SETTINGS as READING

if TYPE_CHECKING:
    from vip_rules_woocommerce.adapter import WooCommerceAdapter

SETTINGS: Final = {
    "url": Setting(description="The shop's address, as in https://shop.example.", required=True),
    "consumer_key": Setting(description="The consumer key of a REST API key.", required=True, secret=True),
    "consumer_secret": Setting(description="Its consumer secret.", required=True, secret=True),
    "webhook_url": Setting(
        description="Where WooCommerce sends webhooks: the public address of what receives them, https://HOST/webhooks/SHOP."
    ),
    "webhook_secret": Setting(description="The secret that signs webhooks.", secret=True),
    "former_webhook_secret": Setting(
        description="The secret that was in force before, while it is being changed.", secret=True
    ),
    "ca_bundle": Setting(
        description="A file of certificates to trust, for a shop with one of its own.", path=True
    ),
    "verify": Setting(
        description="Whether the shop's certificate is checked; false for tests only.", default=True
    ),
    **READING,
    "credit_days": Setting(description="How many days the coupon of a credit is good for.", default=365),
}


@hookimpl
def vip_rules_adapters() -> Iterable[AdapterType]:
    """The adapter for WooCommerce stores."""
    return [AdapterType(name="woocommerce", title="WooCommerce", open=open_shop, settings=SETTINGS)]


def open_shop(opening: Opening) -> WooCommerceAdapter:
    """The adapter of a shop. Raises a VipRulesError for settings that can't work."""
    from vip_rules_woocommerce.adapter import WooCommerceAdapter

    return WooCommerceAdapter.open(opening)
