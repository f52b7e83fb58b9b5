"""What the adapter does for each kind of effect, and what Shopify refuses, in sentences that plans print."""

from __future__ import annotations

from collections.abc import Mapping

from vip_rules.adapter import Capability

from vip_rules_shopify.settings import SERVICES, Wishes


def capabilities(wishes: Wishes) -> Mapping[str, Capability]:
    """What is done in a shop with these wishes."""
    automatic = wishes.method == "Automatic"
    how = "automatic discount" if automatic else "discount with a code"
    return {
        "customer": Capability(
            "Sets the tags of a customer that begin with vip-, and the fields of the app's own (namespace $app:vip) that "
            "themes can show."
        ),
        "segment": Capability(
            "Keeps a customer segment of a tier, named as in VIP: Gold VIP (vip-gold), for discounts and campaigns."
        ),
        "discount": Capability(
            f"Keeps one {how} for a tier's segments, which is changed in place and retired, never made anew.",
            lacks=_applies(automatic)
            + " It combines with another discount only if both allow it: with the tier's free "
            'shipping if its combines_with has "shipping".',
        ),
        "free_shipping": Capability(
            f"Keeps one {how}, of free shipping, for a tier's segments.",
            lacks=_services(wishes) + " " + _applies(automatic),
        ),
        "store_credit": Capability(
            f"Credits a customer's store credit once, good for {wishes.days} days. Shopify sends no message about it.",
            lacks="It can be spent by those who sign in to the new customer accounts, and only there. Shopify can't tell "
            "a repeated credit: if an answer is lost it is looked up, and one that isn't found is left to a person, never sent "
            "again.",
            idempotent=False,
        ),
        "entitlements": Capability(
            "Writes what people and other systems deliver to a customer into the field entitlements of the app's own."
        ),
    }


def _applies(automatic: bool) -> str:
    if automatic:
        return (
            "Shopify has room for 25 active automatic discounts, those of people and of other apps among them, and refuses "
            "more. A discount is given where the checkout knows the customer, that is, to those who sign in."
        )
    return (
        "Members have to enter the code (as in VIP-GOLD-DISCOUNT, VIP-GOLD-SHIPPING), and tell who they are: others can't use "
        "it."
    )


def _services(wishes: Wishes) -> str:
    if not wishes.up_to:
        return (
            "Shopify's free shipping knows no services: whatever the customer chooses is free, unless standard_up_to, "
            "expedited_up_to and next_day_up_to set the highest price."
        )
    prices = [f"{service} up to {price}" for service, price in wishes.up_to.items()]
    others = [f"{service} at any price" for service in SERVICES if service not in wishes.up_to]
    return (
        "Shopify's free shipping knows no services: whatever the customer chooses is free up to the highest price of the "
        f"tier's service ({', '.join([*prices, *others])})."
    )
