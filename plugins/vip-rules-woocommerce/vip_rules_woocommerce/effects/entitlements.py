"""What people and other systems deliver to a customer, listed in the customer's meta data."""

from __future__ import annotations

from typing import Final

from vip_rules.adapter import Found, Intent, Missing

from vip_rules_woocommerce.effects.meta import PREFIX, CustomerMeta, read, written

ENTITLEMENTS: Final = f"{PREFIX}entitlements"


class Entitlements:
    """The effect "entitlements": the whole payload as JSON under one key."""

    def __init__(self, customers: CustomerMeta) -> None:
        self._customers = customers

    def put(self, intent: Intent) -> None:
        """Write the list. Raises Stopped."""
        self._customers.write(intent.customer_id, {ENTITLEMENTS: written(dict(intent.payload))})

    def remove(self, intent: Intent) -> None:
        """Delete the list. Raises Stopped."""
        self._customers.erase(intent.customer_id, [ENTITLEMENTS])

    def look(self, intent: Intent) -> Found | Missing:
        """The list. Raises PlatformFailed."""
        value = self._customers.read(intent.customer_id).get(ENTITLEMENTS)
        if value is None:
            return Missing()
        found = read(value, {})
        return Found(found if isinstance(found, dict) else {"entitlements": found})
