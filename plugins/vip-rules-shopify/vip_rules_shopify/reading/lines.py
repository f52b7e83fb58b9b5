"""The lines of an order, as the core counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Basis:
    """How amounts of lines are told: whether prices include taxes, and whether taxes count as spend."""

    taxed: bool
    includes_tax: bool

    @property
    def needs_tax(self) -> bool:
        """Whether the lines' taxes have to be known."""
        return self.taxed or self.includes_tax


def order_line(node: Mapping[str, Any], amounts: Amounts, categories: Categories, basis: Basis) -> OrderLine:
    """A line. Raises Unusable.

    What it came to is its price less every discount that fell to it: its own, those of codes and of the whole order. What was
    returned, or taken off the order by an edit, is what Shopify no longer counts of it.
    """
    quantity, kept = count(node, "quantity"), count(node, "currentQuantity")
    tax = amounts.all(node, "taxLines", "priceSet") if basis.needs_tax else 0
    amount = amounts.of(node, "originalTotalSet") - amounts.all(
        node, "discountAllocations", "allocatedAmountSet"
    )
    if basis.taxed:
        amount -= tax
    if amount < 0 or tax < 0 or kept > quantity:
        raise Unusable("a line of it comes to less than nothing")
    gone = amount - _left(node, amounts, amount, kept, quantity) if kept < quantity else 0
    if basis.includes_tax:
        amount += tax
        gone += _tax_gone(tax, kept, quantity)
    product = node.get("product") or {}
    return OrderLine(
        text(node, "sku"),
        text(node, "name"),
        categories.of(product),
        text(product, "vendor") or text(node, "vendor"),
        quantity,
        amount,
        gone,
        node.get("isGiftCard") is True,
    )


def _left(node: Mapping[str, Any], amounts: Amounts, amount: int, kept: int, quantity: int) -> int:
    """What a line still comes to without tax, of which units have gone."""
    if not kept:
        return 0
    try:
        left = amounts.of(node, "priceAfterAllDiscountsBeforeTaxesSet")
    except Unusable:  # of a share of a discount it may have more decimals than the currency
        left = amount * kept // quantity
    return max(0, min(left, amount))


def tax_gone(nodes: Iterable[Mapping[str, Any]], amounts: Amounts) -> int:
    """The tax of what has gone of lines, gift cards among them. Raises Unusable."""
    return sum(
        _tax_gone(
            amounts.all(node, "taxLines", "priceSet"), count(node, "currentQuantity"), count(node, "quantity")
        )
        for node in nodes
    )


def tip_among(
    nodes: Sequence[Mapping[str, Any]], lines: Sequence[OrderLine], tip: int, goods: int
) -> int | None:
    """The place of the tip's line, if it is among the lines: one of no product, by which they are more than the goods."""
    if not tip or sum(line.amount for line in lines) <= goods:
        return None
    for place, (node, line) in enumerate(zip(nodes, lines, strict=True)):
        if (line.amount, line.quantity, line.sku) == (tip, 1, None) and node.get("product") is None:
            return place
    return None


def _tax_gone(tax: int, kept: int, quantity: int) -> int:
    """The part of a line's tax that belongs to the units that have gone."""
    return tax * (quantity - kept) // quantity if kept < quantity else 0
