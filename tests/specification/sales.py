"""What an order counts for: its value, its refunds, and the part of it that a filter lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vip_rules.model import Order, OrderLine, SpendBasis


@dataclass(frozen=True)
class Part:
    """A line that is no gift card, with what was refunded of it: itself, or as a share of the order's."""

    line: OrderLine
    refunded: int


@dataclass(frozen=True)
class Sale:
    """A counted order as one figure sees it: all of it, or the lines that a filter lets through."""

    day: int
    channel: str | None
    discount: int
    value: int
    refunded: int
    is_order: bool
    parts: Sequence[Part]

    @property
    def net(self) -> int:
        """§4: "minus refunds on the same basis, never below 0"; a refund above the value is "capped"."""
        return self.value - min(self.refunded, self.value)


def is_counted(order: Order) -> bool:
    """§4: "paid, partially_refunded or refunded; not test, not pending, failed, cancelled or voided"."""
    return order.status in ("paid", "partially_refunded", "refunded") and not order.test


def counted_value(order: Order, spend: SpendBasis) -> int:
    """§4: "without tax and shipping unless the program says so"; "gift-card lines don't count"."""
    value = order.total
    if not spend.includes_tax:
        value -= order.tax
    if not spend.includes_shipping:
        value -= order.shipping
    for line in order.lines:
        if line.gift_card:
            value -= line.amount
    return max(value, 0)


def refund_of(order: Order) -> int:
    """§4: "the figure decides, not the status; status refunded without a figure = fully refunded"."""
    if order.refunded is not None:
        return order.refunded
    return order.total if order.status == "refunded" else 0


def is_given_back(value: int, refunded: int) -> bool:
    """§4: "no order if refunded > 0 and refunded ≥ its counted value"; 0.00 from the start is one."""
    return refunded > 0 and refunded >= value


def sale_of(order: Order, spend: SpendBasis) -> Sale:
    """A counted order, whole. §4: "an order's totals are authoritative"; of its lines, gift cards matter."""
    value, refunded = counted_value(order, spend), refund_of(order)
    given_back = is_given_back(value, refunded)
    parts = parts_of(order, min(refunded, value), given_back)
    return Sale(order.day, order.channel, order.discount or 0, value, refunded, not given_back, parts)


def narrowed(sale: Sale, where: Mapping[str, Sequence[str]]) -> Sale | None:
    """The part of a sale whose lines match each key of a filter; None without such a line.

    What is left of an order is an order by the same rule; what was given back whole is none in any case.
    """
    parts = [part for part in sale.parts if all(getattr(part.line, key) in where[key] for key in where)]
    if not parts:
        return None
    value, refunded = sum(part.line.amount for part in parts), sum(part.refunded for part in parts)
    is_order = sale.is_order and not is_given_back(value, refunded)
    return Sale(sale.day, sale.channel, sale.discount, value, refunded, is_order, parts)


def parts_of(order: Order, refunded: int, given_back: bool) -> list[Part]:
    """The lines that aren't gift cards. Their own refunds come first; what the order's refund exceeds them by
    is spread over what they have left: §4: "pro rata, floored, the remainder to the largest line, then the first".
    """
    lines = [line for line in order.lines if not line.gift_card]
    if given_back:
        return [Part(line, line.amount) for line in lines]
    named = [min(line.refunded, line.amount) for line in lines]
    left = [line.amount - own for line, own in zip(lines, named, strict=True)]
    unnamed = min(max(refunded - sum(named), 0), sum(left))
    shares = [unnamed * some // sum(left) if unnamed else 0 for some in left]
    remainder = unnamed - sum(shares)
    for n in largest_first(lines):
        more = min(remainder, left[n] - shares[n])
        shares[n] += more
        remainder -= more
    return [Part(line, own + share) for line, own, share in zip(lines, named, shares, strict=True)]


def largest_first(lines: Sequence[OrderLine]) -> list[int]:
    """The places of the lines: the largest one's, the first of equals; then all from the first on."""
    amounts = [line.amount for line in lines]
    return [amounts.index(max(amounts)), *range(len(lines))] if lines else []
