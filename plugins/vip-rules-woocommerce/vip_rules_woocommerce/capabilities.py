"""What WooCommerce does for each kind of effect, and what it can't, in the sentences that plans and the README say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vip_rules.adapter import Capability

_EMAIL: Final = frozenset({"email"})

CAPABILITIES: Final[Mapping[str, Capability]] = {
    "customer": Capability(
        "Writes tier, status, dates, benefits, progress and tags into the customer's meta data (vip_rules_tier and so on), for "
        "themes, emails and campaigns; vip_rules_no_cart_reminders is yes for those whom cart reminders should leave out."
    ),
    "discount": Capability(
        "Makes a coupon for each customer of the tier, restricted to their email address, changes it in place, and lets it "
        "expire when the tier is lost; its code is in the customer's meta data (vip_rules_coupon_discount_TIER).",
        lacks=(
            "It isn't taken off by itself: the customer enters the code, or the theme applies it. A coupon combines with all "
            "other coupons or with none: with none only if combines_with is empty. Items on sale are discounted, too."
        ),
        needs=_EMAIL,
        each=True,
    ),
    "free_shipping": Capability(
        "Makes a coupon for free shipping for each customer of the tier, restricted to their email address, and lets it "
        "expire when the tier is lost; its code is in the customer's meta data (vip_rules_coupon_free_shipping_TIER).",
        lacks=(
            "The coupon opens the shop's Free shipping method, which has to require a coupon. It knows no services: which of "
            "standard, expedited and next-day is free is up to the shop. Beside a discount it can be used only if the "
            "discount's combines_with isn't empty."
        ),
        needs=_EMAIL,
        each=True,
    ),
    "store_credit": Capability(
        "Gives the customer a coupon over the amount for one order, restricted to their email address; its code is in the "
        "customer's meta data (vip_rules_coupon_birthday_2026 and so on).",
        lacks=(
            "WooCommerce has no store credit: what one order leaves of the coupon is lost, it expires after credit_days, and "
            "it stays with the address that the customer had when it was given."
        ),
        needs=_EMAIL,
    ),
    "entitlements": Capability(
        "Lists what is to be delivered in the customer's meta data (vip_rules_entitlements, as JSON).",
        lacks="WooCommerce shows it to nobody by itself: a theme, a plugin or a person has to read it.",
    ),
}
