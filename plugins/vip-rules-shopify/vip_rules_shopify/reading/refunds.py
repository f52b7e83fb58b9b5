"""What of an order was given back: returned, taken off by an edit, or refunded as mere money, on the basis of spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vip_rules.model import OrderLine, SpendBasis

from vip_rules_shopify.reading.amounts import Amounts
from vip_rules_shopify.reading.bill import Bill, GivenBack
from vip_rules_shopify.reading.lines import tax_gone

Node = Mapping[str, Any]


def given_back(
    node: Node,
    nodes: Sequence[Node],
    lines: Sequence[OrderLine],
    amounts: Amounts,
    bill: Bill,
    spend: SpendBasis,
    tip: int,
) -> int:
    """What was given back of all that counts as spend, in minor units. Raises Unusable.

    `nodes` are the lines as Shopify tells them; `tip` is what may be among the others of them for people. Gift cards don't
    count, and neither does what is refunded of them.
    """
    back = sum([line.refunded for line in lines])
    money = amounts.of(node, "totalRefundedSet")
    if not back and not money:
        return 0
    besides = GivenBack.of(node, amounts, bill)
    gifts = sum([line.amount for line in lines if line.gift_card])
    counted = [line for line in lines if not line.gift_card]
    itemised = _itemised(max(0, bill.goods(spend) - gifts), tip, counted)
    value = itemised + sum([line.refunded for line in lines if line.gift_card]) + besides.money
    if not spend.includes_tax:
        value += tax_gone(nodes, amounts)
    return itemised + besides.counted(spend) + _mere_money(node, amounts, money, value)


def _itemised(worth: int, tip: int, lines: Sequence[OrderLine]) -> int:
    """What was returned of goods that came to `worth`.

    The order's total may leave out already what an edit took off: no more has gone than the difference to what is left.
    """
    back = sum(line.refunded for line in lines)
    left = sum(line.amount for line in lines) - back
    if back and not left:
        return worth
    return min(back, max(0, worth + tip - left))


def _mere_money(node: Node, amounts: Amounts, money: int, value: int) -> int:
    """What was refunded without anything being returned for it: it is taken from the goods first.

    It is how much less the shop has kept than the order still comes to: to pay back what was charged too much, or is owed after
    an edit, is no refund of goods. What the order comes to may be told with some of the `value` that came back still in it.
    """
    total, current = amounts.of(node, "totalPriceSet"), amounts.of(node, "currentTotalPriceSet")
    still_in_it = max(0, value - max(0, total - current))
    missing = current - still_in_it - amounts.of(node, "netPaymentSet")
    return max(0, min(money, missing))
