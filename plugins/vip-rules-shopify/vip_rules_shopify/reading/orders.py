"""Orders of Shopify as the core counts them: in the currency of the shop, whole with their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vip_rules.model import OrderStatus, SpendBasis
from vip_rules.store import StoreOrder

from vip_rules_shopify.reading.amounts import amounts_of
from vip_rules_shopify.reading.bill import Bill
from vip_rules_shopify.reading.lines import Basis, Categories, order_line, tip_among
from vip_rules_shopify.reading.refunds import given_back
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
    node: Node, lines: Sequence[Node], categories: Categories, remarks: Remarks, spend: SpendBasis
) -> StoreOrder | None:
    """An order as the core takes it; None, and a remark, where it can't be used."""
    try:
        return store_order(node, lines, categories, remarks, spend)
    except Unusable as unusable:
        remarks.leave_out("order", str(node.get("id", "without an id"))[-40:], str(unusable))
        return None


def store_order(
    node: Node, lines: Sequence[Node], categories: Categories, remarks: Remarks, spend: SpendBasis
) -> StoreOrder:
    """An order with its lines, in whatever order these come. Raises Unusable.

    `total` is without the tip, which goes to people, and so are the lines. Duties and fees count as taxes. Where tax counts as
    spend, the tax on shipping is told with the shipping and not with the tax: it counts only if shipping does.
    """
    its_id = number(node, "Order")
    currency = node.get("currencyCode")
    amounts = amounts_of(currency if isinstance(currency, str) else "")
    tip = amounts.if_any(node, "totalTipReceivedSet")
    bill = Bill.of(node, amounts, tip)
    if bill.overdrawn:
        remarks.doubt(
            "order", its_id, "its taxes and shipping come to more than its total: none of it counts as goods"
        )
        bill = bill.without_goods()
    basis = Basis(bill.taxed, spend.includes_tax)
    nodes = _in_order(lines)
    told = [order_line(line, amounts, categories, basis) for line in nodes]
    if (place := tip_among(nodes, told, tip, bill.goods(spend))) is not None:
        told.pop(place)
        tip = 0
    status = _status(node, its_id, remarks)
    refunded = bill.total
    if status != "refunded":
        refunded = min(refunded, given_back(node, nodes, told, amounts, bill, spend, tip))
    customer = node.get("customer")
    return StoreOrder(
        id=its_id,
        customer_id=None if customer is None else number(customer, "Customer"),
        placed_at=instant(node, "processedAt"),
        updated_at=instant(node, "updatedAt"),
        currency=currency or "",
        total=bill.total,
        tax=bill.tax_told(spend),
        shipping=bill.shipping_told(spend),
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
