"""How much of an order's goods was given back: returned, taken off by an edit, or refunded as mere money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vip_rules.model import OrderLine

from vip_rules_shopify.reading.amounts import Amounts


def refunded_goods(
    node: Mapping[str, Any], amounts: Amounts, lines: Sequence[OrderLine], *, goods: int, tip: int
) -> int:
    """The refunds of an order's goods in minor units, without tax and shipping. Raises Unusable.

    `goods` is what all its goods came to, gift cards among them. Refunds of gift cards are no refunds of goods that count.
    """
    back = sum([line.refunded for line in lines])
    money = amounts.of(node, "totalRefundedSet")
    if not back and not money:
        return 0
    gifts = [line for line in lines if line.gift_card]
    back_gifts = sum(line.refunded for line in gifts)
    worth = max(0, goods - sum(line.amount for line in gifts))
    itemised = _itemised(worth, tip, [line for line in lines if not line.gift_card])
    return itemised + _mere_money(node, amounts, money, itemised + back_gifts)


def _itemised(worth: int, tip: int, lines: Sequence[OrderLine]) -> int:
    """What was returned of goods that came to `worth`.

    The order's total may leave out already what an edit took off: no more has gone than the difference to what is left. A tip
    may be among the lines.
    """
    back = sum(line.refunded for line in lines)
    left = sum(line.amount for line in lines) - back
    if back and not left:
        return worth
    return min(back, max(0, worth + tip - left))


def _mere_money(node: Mapping[str, Any], amounts: Amounts, money: int, itemised: int) -> int:
    """What was refunded without anything being returned for it: it is taken from the goods first.

    It is what was paid back beyond the value of what came back, as long as the shop has kept less than the order still comes
    to: to pay back what was charged too much, or is owed after an edit, is no refund of goods.
    """
    total, current = amounts.of(node, "totalPriceSet"), amounts.of(node, "currentTotalPriceSet")
    shipping = amounts.if_any(node, "totalRefundedShippingSet")
    beyond = money - max(total - current, itemised + shipping)
    missing = current - amounts.of(node, "netPaymentSet")
    return max(0, min(beyond, missing))
