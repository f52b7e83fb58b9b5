"""An order of the shop as the core knows orders.

Its value is its total, without tax and shipping unless they count as spend, so fees are part of it. Lines are told after
discounts, with their tax where tax counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from math import ceil
from typing import Final

from vip_rules.model import Currency, InvalidMoney, OrderLine, OrderStatus, SpendBasis
from vip_rules.store import StoreOrder

from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.fields import Row, Unusable, amount, instant, marked, number, text, within
from vip_rules_woocommerce.reading.products import Product
from vip_rules_woocommerce.reading.refunds import Sold, refunded

FIELDS: Final = (
    "id,status,currency,created_via,customer_id,date_created_gmt,date_modified_gmt,total,total_tax,shipping_total,"
    "shipping_tax,discount_total,line_items,refunds"
)
"""What is asked of an order. The address isn't: it is needed for guests only."""

GONE: Final = frozenset({"trash", "auto-draft", "checkout-draft"})
"""Statuses that the list of all orders leaves out: not an order yet, or no longer one."""

STATUSES: Final[Mapping[str, OrderStatus]] = {
    "processing": "paid",
    "completed": "paid",
    "refunded": "refunded",
    "failed": "failed",
    "cancelled": "cancelled",
    "pending": "pending",
    "on-hold": "pending",
    **dict.fromkeys(GONE, "pending"),
}
"""What WooCommerce's own statuses mean. Those of plugins are pending unless they were chosen to count."""

_COUNTER: Final = frozenset({"pos", "wcpos", "woopos"})
"""Words in an order's origin that tell a till."""

_MOST_UNITS: Final = 10**9


def currency_of(row: Row) -> Currency:
    """The currency of an order. Raises Unusable."""
    code = row.get("currency")
    try:
        return Currency.of(code if isinstance(code, str) else "")
    except InvalidMoney as error:
        raise Unusable(f"currency: {error}") from None


def remarks(row: Row, choices: Choices) -> Iterator[str]:
    """What a person should know of an order that is told."""
    status = _status_name(row)
    if status not in STATUSES and status not in choices.paid_statuses:
        yield (
            f"Orders have the status {status[:40]!r}, which isn't WooCommerce's own: they don't count. If they are paid, "
            "add it to paid_statuses."
        )
    if any(_below_nothing(line) for line in within(row, "line_items")):
        yield (
            f"Order {row['id']} has a line that takes money off: its total counts, and filters by category, brand or SKU "
            "don't see that line."
        )


def order(
    row: Row,
    refunds: Mapping[int, Row],
    products: Mapping[int, Product],
    choices: Choices,
    spend: SpendBasis,
    *,
    linked_to: str | None = None,
) -> StoreOrder:
    """An order. `refunds`, by ids, are needed where it was refunded in part; `linked_to` is whose a guest's order is.

    Where tax counts as spend, the tax on shipping is told with the shipping and not with the tax: it counts only if shipping
    does. Raises Unusable.
    """
    currency = currency_of(row)
    placed_at = instant(row, "date_created_gmt")
    if placed_at is None:
        raise Unusable("date_created_gmt is missing")
    total = amount(row, "total", currency)
    if total < 0:
        raise Unusable(f"total is {currency.major(total)}; expected no less than nothing")
    tax, shipping = amount(row, "total_tax", currency), amount(row, "shipping_total", currency)
    goods = total - tax - shipping
    if spend.includes_tax:
        on_shipping = amount(row, "shipping_tax", currency)
        tax, shipping = tax - on_shipping, shipping + on_shipping
        goods += tax
    sold = [line for line in within(row, "line_items") if not _below_nothing(line)]
    cards = {number(line, "id") for line in sold if _is_gift_card(line, products, choices)}
    came_to = [_came_to(line, currency, cards, spend) for line in sold]
    goods -= sum(line.amount for line in came_to if line.gift_card)
    back = refunded(row, refunds, currency, spend, goods, came_to)
    status = _status(row, choices)
    customer_id = number(row, "customer_id")
    return StoreOrder(
        id=str(row["id"]),
        customer_id=str(customer_id) if customer_id else linked_to,
        placed_at=placed_at,
        updated_at=instant(row, "date_modified_gmt"),
        currency=currency.code,
        total=total,
        tax=tax,
        shipping=shipping,
        refunded=back.counted,
        discount=amount(row, "discount_total", currency),
        status="partially_refunded" if status == "paid" and back.whole > 0 else status,
        channel=_channel(row),
        lines=tuple(
            _line(line, worth, back.lines.get(worth.id, 0), products)
            for line, worth in zip(sold, came_to, strict=True)
        ),
    )


def _status(row: Row, choices: Choices) -> OrderStatus:
    status = _status_name(row)
    return "paid" if status in choices.paid_statuses else STATUSES.get(status, "pending")


def _status_name(row: Row) -> str:
    status = row.get("status")
    return status if isinstance(status, str) else ""


def _channel(row: Row) -> str:
    origin = row.get("created_via")
    words = re.split("[^a-z0-9]+", origin.lower()) if isinstance(origin, str) else []
    return "web" if _COUNTER.isdisjoint(words) else "pos"


def _came_to(line: Row, currency: Currency, gift_cards: set[int], spend: SpendBasis) -> Sold:
    paid = amount(line, "total", currency)
    if spend.includes_tax:
        paid += amount(line, "total_tax", currency)
    line_id = number(line, "id")
    return Sold(line_id, paid, line_id in gift_cards)


def _line(line: Row, worth: Sold, back: int, products: Mapping[int, Product]) -> OrderLine:
    product = products.get(number(line, "product_id"), Product())
    return OrderLine(
        sku=text(line, "sku"),
        product=text(line, "name"),
        category=product.category,
        brand=product.brand,
        quantity=_units(line),
        amount=worth.amount,
        refunded=min(back, worth.amount),
        gift_card=worth.gift_card,
    )


def _below_nothing(line: Row) -> bool:
    return str(line.get("total")).startswith("-") and str(line.get("total")).strip("-0.") != ""


def _units(line: Row) -> int:
    """How many units a line has; a part of one, as where goods are sold by weight, is a whole one."""
    quantity = line.get("quantity")
    if isinstance(quantity, int | Decimal) and Decimal(quantity).is_finite() and 0 <= quantity <= _MOST_UNITS:
        return ceil(quantity)
    raise Unusable(f"the quantity of a line isn't a number from 0 to {_MOST_UNITS:,}")


def _is_gift_card(line: Row, products: Mapping[int, Product], choices: Choices) -> bool:
    return products.get(number(line, "product_id"), Product()).gift_card or marked(
        line, choices.gift_card_meta
    )
