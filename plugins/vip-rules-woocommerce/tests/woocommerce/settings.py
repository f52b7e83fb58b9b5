"""What the shop tells of itself: its index, its settings and its status."""

from __future__ import annotations

from typing import Any

from tests.woocommerce.calls import Answer, Call, Problem
from tests.woocommerce.state import State

WOOCOMMERCE = "11.0.1"
WORDPRESS = "7.1"


class Settings:
    """The settings by group and id, and what `system_status` tells besides. Tests change both.

    The recordings have none of these answers: the fields are those that shops are known to tell.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.groups: dict[str, dict[str, str]] = {
            "general": {
                "woocommerce_default_country": "US:NY",
                "woocommerce_calc_taxes": "yes",
                "woocommerce_enable_coupons": "yes",
                "woocommerce_currency": state.currency,
                "woocommerce_price_decimal_sep": ".",
                "woocommerce_price_num_decimals": "2",
            },
            "tax": {"woocommerce_prices_include_tax": "no"},
            "account": {"woocommerce_enable_guest_checkout": "yes"},
        }
        self.environment: dict[str, Any] = {
            "version": WOOCOMMERCE,
            "wp_version": WORDPRESS,
            "wp_cron": True,
            "wp_multisite": False,
            "php_version": "8.2.36",
            "external_object_cache": None,
        }
        self.plugins: list[dict[str, Any]] = []

    def site(self, call: Call) -> Answer:
        """Answer with the index of the whole site, which needs no key."""
        url = self.state.url
        offset = self.state.clock().astimezone(self.state.zone).utcoffset()
        return Answer(
            {
                "name": "A shop",
                "description": "",
                "url": url,
                "home": url,
                "gmt_offset": str(int(offset.total_seconds()) // 3600) if offset else "0",
                "timezone_string": self.state.zone.key,
                "namespaces": ["wp/v2", "wc/v1", "wc/v2", "wc/v3"],
                "authentication": {},
                "routes": {},
            }
        )

    def index(self, call: Call) -> Answer:
        """Answer with the index of the interface, which needs no key."""
        return Answer(
            {"namespace": "wc/v3", "routes": {"/wc/v3": {"namespace": "wc/v3", "methods": ["GET"]}}}
        )

    def status(self, call: Call) -> Answer:
        """Answer with the state of the system."""
        general = self.groups["general"]
        return Answer(
            {
                "environment": {"home_url": self.state.url, "site_url": self.state.url, **self.environment},
                "active_plugins": self.plugins,
                "settings": {
                    "currency": general["woocommerce_currency"],
                    "currency_symbol": "&#36;",
                    "number_of_decimals": int(general["woocommerce_price_num_decimals"]),
                    "HPOS_enabled": True,
                    "HPOS_sync_enabled": False,
                },
                "security": {"secure_connection": self.state.url.startswith("https"), "hide_errors": True},
            }
        )

    def group(self, call: Call, name: str) -> Answer:
        """Answer with the settings of a group."""
        return Answer([self._setting(name, one) for one in self._group(name)])

    def setting(self, call: Call, name: str, setting: str) -> Answer:
        """Answer with one setting."""
        if setting not in self._group(name):
            raise Problem(404, "rest_setting_setting_invalid", "Invalid setting.")
        return Answer(self._setting(name, setting))

    def currency(self, call: Call) -> Answer:
        """Answer with the shop's currency."""
        return Answer({"code": self.groups["general"]["woocommerce_currency"], "name": "", "symbol": "&#36;"})

    def _group(self, name: str) -> dict[str, str]:
        if name not in self.groups:
            raise Problem(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
        return self.groups[name]

    def _setting(self, name: str, setting: str) -> dict[str, Any]:
        return {
            "id": setting,
            "label": "",
            "description": "",
            "type": "text",
            "value": self.groups[name][setting],
        }
