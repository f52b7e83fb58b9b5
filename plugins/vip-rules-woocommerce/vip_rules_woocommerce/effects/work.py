"""The work in the shop: each kind of effect by what does it, with outcomes and sights as the core knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from vip_rules.adapter import (
    Confirmed,
    Intent,
    Outcome,
    PlatformFailed,
    Refused,
    RetryAfter,
    Sight,
    Unreadable,
)
from vip_rules.store import Shop

from vip_rules_woocommerce.effects.codes import Codes
from vip_rules_woocommerce.effects.coupons import Coupons
from vip_rules_woocommerce.effects.credit import Credit
from vip_rules_woocommerce.effects.entitlements import Entitlements
from vip_rules_woocommerce.effects.fields import Fields
from vip_rules_woocommerce.effects.grants import Grants, discount, free_shipping
from vip_rules_woocommerce.effects.meta import CustomerMeta
from vip_rules_woocommerce.effects.outcomes import LATER, Effect, Stopped
from vip_rules_woocommerce.rest.client import Rest


class Work:
    """Carries effects out in one shop, and looks at them. `shop` asks for its currency, `today` gives the local day."""

    def __init__(
        self, rest: Rest, *, shop: Callable[[], Shop], today: Callable[[], date], credit_days: int
    ) -> None:
        self._ask = shop
        self._shop: Shop | None = None
        customers = CustomerMeta(rest)
        self._coupons = Coupons(rest, customers, Codes(rest.access.secret))
        self._effects: Mapping[str, Effect] = {
            "customer": Fields(customers),
            "discount": Grants(self._coupons, discount),
            "free_shipping": Grants(self._coupons, free_shipping),
            "store_credit": Credit(self._coupons, currency=self._currency, today=today, days=credit_days),
            "entitlements": Entitlements(customers),
        }

    def outcome(self, intent: Intent) -> Outcome:
        """Carry out an intent, and say what came of it."""
        effect = self._effects.get(intent.kind)
        if effect is None:
            return Refused(f"WooCommerce can't carry out effects of the kind {intent.kind}")
        try:
            if intent.action == "remove":
                effect.remove(intent)
                return Confirmed()
            return Confirmed(effect.put(intent))
        except Stopped as stopped:
            return stopped.outcome
        except PlatformFailed as failed:
            # A reading failed; what was written before it is only a step, and is taken again.
            return RetryAfter(LATER, str(failed))

    def sight(self, intent: Intent) -> Sight:
        """What the shop holds of an intent."""
        effect = self._effects.get(intent.kind)
        if effect is None:
            return Unreadable(f"WooCommerce holds nothing of the kind {intent.kind}")
        try:
            return effect.look(intent)
        except PlatformFailed as failed:
            return Unreadable(str(failed))

    def mend(self) -> Iterator[str]:
        """Delete doubles of coupons, and say so. Raises PlatformFailed."""
        return self._coupons.mend()

    def _currency(self) -> str:
        self._shop = self._shop or self._ask()
        return self._shop.currency
