"""What was refunded of an order on the basis of spend: with tax and shipping where they count, and without gift cards.

A refund with items is taken from them. What names no item is taken from the goods first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vip_rules.model import Currency, SpendBasis

from vip_rules_woocommerce.reading.fields import Row, amount, meta, number, within

FIELDS: Final = "id,line_items,shipping_lines,fee_lines"
"""What is asked of a refund."""

_ITEM: Final = "_refunded_item_id"
_ITEMISED: Final = ("line_items", "fee_lines", "shipping_lines")


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of an order: what it came to on the basis of spend, in minor units."""

    id: int
    amount: int
    gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Refunded:
    """Minor units that were given back: `whole` is the money, `counted` what counts of it, `lines` by the ids of lines.

    `counted` is None where there is no figure.
    """

    whole: int = 0
    counted: int | None = 0
    lines: Mapping[int, int] = field(default_factory=dict)


def in_part(order: Row, currency: Currency) -> bool:
    """Whether some of an order was refunded, and not all: then its refunds have to be looked at. Raises Unusable."""
    return 0 < _sum(order, currency) < amount(order, "total", currency)


def refunded(
    order: Row,
    refunds: Mapping[int, Row],
    currency: Currency,
    spend: SpendBasis,
    goods: int,
    lines: Sequence[Sold] = (),
) -> Refunded:
    """What was refunded of an order. `refunds`, by ids, are needed if it was in part; one that isn't there names no item.

    `goods` is what its goods come to on the basis of spend, without gift cards. Raises Unusable.
    """
    whole, total = _sum(order, currency), amount(order, "total", currency)
    if whole <= 0:
        return Refunded(counted=None if order.get("status") == "refunded" else 0)
    if whole >= total:
        return Refunded(whole, max(total, 0))
    worth = ("total", "total_tax") if spend.includes_tax else ("total",)
    gift_cards = {line.id for line in lines if line.gift_card}
    of_goods, besides, of_lines = 0, 0, Counter[int]()
    for told in within(order, "refunds"):
        paid, refund = _back(told, currency, "total"), refunds.get(number(told, "id"), {})
        itemised = sum(_back(item, currency, "total", "total_tax") for item in _items(refund, *_ITEMISED))
        named = 0
        for item in _items(refund, "line_items", "fee_lines"):
            line, back = _line(item), _back(item, currency, *worth)
            if line not in gift_cards:
                named += back
                of_lines[line] += back
        named = min(max(named, 0), paid)
        of_goods += named + max(paid - itemised, 0)
        if spend.includes_shipping:
            shipping = sum(_back(item, currency, *worth) for item in within(refund, "shipping_lines"))
            besides += min(max(shipping, 0), paid - named)
    if _all_came_back(lines, of_lines) and 0 < goods - of_goods <= len(lines):
        of_goods = goods  # what is left is of roundings: each line's amount and tax are rounded by themselves
    return Refunded(
        whole,
        min(of_goods + besides, total),
        {line: back for line, back in of_lines.items() if line and back > 0},
    )


def _all_came_back(lines: Sequence[Sold], back: Mapping[int, int]) -> bool:
    return all(back.get(line.id, 0) >= line.amount for line in lines if not line.gift_card)


def _sum(order: Row, currency: Currency) -> int:
    """All that was given back, as the order itself tells it."""
    return sum(_back(refund, currency, "total") for refund in within(order, "refunds"))


def _items(refund: Row, *names: str) -> list[Row]:
    return [item for name in names for item in within(refund, name)]


def _back(item: Row, currency: Currency, *names: str) -> int:
    """Amounts of a refund, which are told as negative ones."""
    return -sum(amount(item, name, currency) for name in names)


def _line(item: Row) -> int:
    """The id of the order's line that an item of a refund is of; 0 where it doesn't say."""
    value = meta(item, _ITEM)
    return (
        int(value) if isinstance(value, str | int) and str(value).isdecimal() and len(str(value)) < 20 else 0
    )
