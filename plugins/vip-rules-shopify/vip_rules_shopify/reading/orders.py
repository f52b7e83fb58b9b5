"""Orders of Shopify as the core counts them: in the currency of the shop, whole with their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vip_rules.model import OrderStatus
from vip_rules.store import StoreOrder

from vip_rules_shopify.reading.amounts import amounts_of
from vip_rules_shopify.reading.lines import Categories, order_line
from vip_rules_shopify.reading.refunds import refunded_goods
from vip_rules_shopify.reading.remarks import Remarks
from vip_rules_shopify.reading.scalars import Unusable, instant, number, text

STATUSES: Final[Mapping[str, OrderStatus]] = {
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "partially_refunded",
    "REFUNDED": "refunded",
    "PENDING": "pending",
    "AUTHORIZED": "pending",
    "PARTIALLY_PAID": "pending",
    "EXPIRED": "pending",
    "VOIDED": "voided",
}
"""What Shopify's financial statuses mean for the count."""

Node = Mapping[str, Any]


def told_order(
    node: Node, lines: Sequence[Node], categories: Categories, remarks: Remarks
) -> StoreOrder | None:
    """An order as the core takes it; None, and a remark, where it can't be used."""
    try:
        return store_order(node, lines, categories, remarks)
    except Unusable as unusable:
        remarks.leave_out("order", str(node.get("id", "without an id"))[-40:], str(unusable))
        return None


def store_order(node: Node, lines: Sequence[Node], categories: Categories, remarks: Remarks) -> StoreOrder:
    """An order with its lines, in whatever order these come. Raises Unusable.

    `total` is without the tip, which goes to people. Duties and fees count as taxes. Where prices include taxes, these are
    taken off the shipping and the lines.
    """
    its_id = number(node, "Order")
    currency = node.get("currencyCode")
    amounts = amounts_of(currency if isinstance(currency, str) else "")
    taxed = node.get("taxesIncluded") is True
    told = [order_line(line, amounts, categories, taxed=taxed) for line in _in_order(lines)]
    current, tip = amounts.of(node, "currentTotalPriceSet"), amounts.if_any(node, "totalTipReceivedSet")
    total = max(amounts.of(node, "totalPriceSet"), current) - tip
    tax = amounts.if_any(node, "totalTaxSet") + amounts.if_any(node, "originalTotalAdditionalFeesSet")
    if node.get("dutiesIncluded") is not True:
        tax += amounts.if_any(node, "originalTotalDutiesSet")
    shipping = 0
    if (line := node.get("shippingLine")) is not None:
        shipping = amounts.of(line, "discountedPriceSet")
        if taxed:
            shipping -= amounts.all(line, "taxLines", "priceSet")
    if total < 0 or tax < 0 or shipping < 0:
        raise Unusable("it comes to less than nothing")
    if tax + shipping > total:
        remarks.doubt(
            "order", its_id, "its taxes and shipping come to more than its total: none of it counts as goods"
        )
        tax = min(tax, total)
        shipping = total - tax
    status = _status(node, its_id, remarks)
    refunded = total
    if status != "refunded":
        goods = total - tax - shipping
        refunded = min(total, refunded_goods(node, amounts, told, goods=goods, tip=tip))
    customer = node.get("customer")
    return StoreOrder(
        id=its_id,
        customer_id=None if customer is None else number(customer, "Customer"),
        placed_at=instant(node, "processedAt"),
        updated_at=instant(node, "updatedAt"),
        currency=currency or "",
        total=total,
        tax=tax,
        shipping=shipping,
        refunded=refunded,
        discount=None if node.get("totalDiscountsSet") is None else amounts.of(node, "totalDiscountsSet"),
        status=status,
        test=node.get("test") is True,
        channel=text(node, "sourceName"),
        lines=tuple(told),
    )


def _in_order(lines: Sequence[Node]) -> Sequence[Node]:
    """The lines by their numbers, each once."""
    if len(lines) < 2:
        return lines
    by_number = {int(number(line, "LineItem")): line for line in lines}
    return [by_number[each] for each in sorted(by_number)]


def _status(node: Node, its_id: str, remarks: Remarks) -> OrderStatus:
    if node.get("cancelledAt") is not None:
        return "cancelled"
    told = node.get("displayFinancialStatus")
    status = STATUSES.get(told) if isinstance(told, str) else None
    if status is None:
        remarks.doubt("order", its_id, f"its financial status is {ascii(told)[:40]}: it isn't counted")
        return "pending"
    return status
