"""What an order comes to, and of what: goods, shipping, taxes and levies, and how each is told on the basis of spend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vip_rules.model import SpendBasis

from vip_rules_shopify.reading.amounts import Amounts
from vip_rules_shopify.reading.scalars import Unusable


@dataclass(frozen=True, slots=True)
class Bill:
    """The parts of an order's total, each without what the others are, in minor units.

    The total is without the tip, which goes to people. `levies` are duties and fees: they count as taxes.
    """

    total: int
    goods_tax: int
    levies: int
    shipping: int
    shipping_tax: int
    taxed: bool
    """Whether the prices that Shopify tells include taxes."""

    @classmethod
    def of(cls, node: Mapping[str, Any], amounts: Amounts, tip: int) -> Bill:
        """The bill of an order. Where prices include taxes, these are taken off the shipping. Raises Unusable."""
        taxed = node.get("taxesIncluded") is True
        total = max(amounts.of(node, "totalPriceSet"), amounts.of(node, "currentTotalPriceSet")) - tip
        tax, levies = amounts.if_any(node, "totalTaxSet"), _levies(node, amounts, "original")
        shipping = shipping_tax = 0
        if (line := node.get("shippingLine")) is not None:
            shipping_tax = amounts.all(line, "taxLines", "priceSet")
            shipping = amounts.of(line, "discountedPriceSet") - (shipping_tax if taxed else 0)
        if min(total, tax, levies, shipping, shipping_tax) < 0:
            raise Unusable("it comes to less than nothing")
        shipping_tax = min(shipping_tax, tax)
        return cls(total, tax - shipping_tax, levies, shipping, shipping_tax, taxed)

    @property
    def overdrawn(self) -> bool:
        """Whether taxes and shipping are more than the total."""
        return self.goods_tax + self.levies + self.shipping + self.shipping_tax > self.total

    def without_goods(self) -> Bill:
        """The bill where taxes and shipping come to the total, so that nothing of it counts as goods."""
        levies = min(self.levies, self.total)
        goods_tax = min(self.goods_tax, self.total - levies)
        shipping_tax = min(self.shipping_tax, self.total - levies - goods_tax)
        shipping = self.total - levies - goods_tax - shipping_tax
        return Bill(self.total, goods_tax, levies, shipping, shipping_tax, self.taxed)

    def tax_told(self, spend: SpendBasis) -> int:
        """The order's tax. Where tax counts, the shipping has its own with it, so that it goes where the shipping goes."""
        return self.goods_tax + self.levies + (0 if spend.includes_tax else self.shipping_tax)

    def shipping_told(self, spend: SpendBasis) -> int:
        """The order's shipping: with its tax where tax counts."""
        return self.shipping + (self.shipping_tax if spend.includes_tax else 0)

    def goods(self, spend: SpendBasis) -> int:
        """What the goods come to, gift cards among them: with their tax where tax counts, and never with levies."""
        beside = self.levies + (0 if spend.includes_tax else self.goods_tax)
        return self.total - self.shipping - self.shipping_tax - beside


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What of an order was given back besides goods. `shipping` is without its tax."""

    shipping: int
    shipping_tax: int
    levies: int

    @classmethod
    def of(cls, node: Mapping[str, Any], amounts: Amounts, bill: Bill) -> GivenBack:
        """What was given back of a bill's shipping and levies. Raises Unusable.

        Shopify tells shipping that was refunded as it tells its price; the tax is the part that belongs to it.
        """
        price = bill.shipping + (bill.shipping_tax if bill.taxed else 0)
        back = max(0, min(amounts.if_any(node, "totalRefundedShippingSet"), price))
        tax = bill.shipping_tax * back // price if price else 0
        kept = _levies(node, amounts, "current", otherwise="original") if bill.levies else 0
        return cls(back - (tax if bill.taxed else 0), tax, max(0, bill.levies - kept))

    @property
    def money(self) -> int:
        """All of it."""
        return self.shipping + self.shipping_tax + self.levies

    def counted(self, spend: SpendBasis) -> int:
        """What of it counted as spend."""
        shipping = self.shipping if spend.includes_shipping else 0
        if not spend.includes_tax:
            return shipping
        return shipping + self.levies + (self.shipping_tax if spend.includes_shipping else 0)


def _levies(node: Mapping[str, Any], amounts: Amounts, when: str, otherwise: str | None = None) -> int:
    """Duties and fees, "original" or "current", or those of another time where there are none of this.

    Duties that prices include are part of the goods.
    """
    kinds = ["AdditionalFees"] if node.get("dutiesIncluded") is True else ["AdditionalFees", "Duties"]
    levies = 0
    for kind in kinds:
        name = f"{when}Total{kind}Set"
        if otherwise is not None and node.get(name) is None:
            name = f"{otherwise}Total{kind}Set"
        levies += amounts.if_any(node, name)
    return levies
