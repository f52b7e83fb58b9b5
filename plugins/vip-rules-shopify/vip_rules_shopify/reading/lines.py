"""The lines of an order, as the core counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vip_rules.model import OrderLine

from vip_rules_shopify.reading.amounts import Amounts
from vip_rules_shopify.reading.scalars import Unusable, count, text


@dataclass(frozen=True, slots=True)
class Categories:
    """Where a product's category is: its type, or what follows `prefix` in one of its tags ("category:")."""

    prefix: str = ""

    def of(self, product: Mapping[str, Any]) -> str | None:
        """The category of a product; its type where it has no such tag."""
        if self.prefix:
            begin = self.prefix.casefold()
            for tag in sorted(product.get("tags") or ()):
                if tag.casefold().startswith(begin) and (category := str(tag)[len(self.prefix) :].strip()):
                    return category
        return text(product, "productType")


def order_line(
    node: Mapping[str, Any], amounts: Amounts, categories: Categories, *, taxed: bool
) -> OrderLine:
    """A line. `taxed`: prices include taxes, which are taken off. Raises Unusable.

    What it came to is its price less every discount that fell to it: its own, those of codes and of the whole order. What was
    returned, or taken off the order by an edit, is what Shopify no longer counts of it.
    """
    quantity, kept = count(node, "quantity"), count(node, "currentQuantity")
    amount = amounts.of(node, "originalTotalSet") - amounts.all(
        node, "discountAllocations", "allocatedAmountSet"
    )
    if taxed:
        amount -= amounts.all(node, "taxLines", "priceSet")
    if amount < 0 or kept > quantity:
        raise Unusable("a line of it comes to less than nothing")
    product = node.get("product") or {}
    return OrderLine(
        text(node, "sku"),
        text(node, "name"),
        categories.of(product),
        text(product, "vendor") or text(node, "vendor"),
        quantity,
        amount,
        amount - _left(node, amounts, amount, kept, quantity) if kept < quantity else 0,
        node.get("isGiftCard") is True,
    )


def _left(node: Mapping[str, Any], amounts: Amounts, amount: int, kept: int, quantity: int) -> int:
    """What a line still comes to, of which units have gone."""
    try:
        left = amounts.of(node, "priceAfterAllDiscountsBeforeTaxesSet")
    except Unusable:  # of a share of a discount it may have more decimals than the currency
        left = amount * kept // quantity
    return max(0, min(left, amount))
