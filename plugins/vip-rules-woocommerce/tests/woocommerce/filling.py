"""Fills the shop with the core's customers and orders, so that who reads it well reads what was put."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from vip_rules.model import Currency, OrderLine
from vip_rules.store import Moment, StoreCustomer, StoreOrder

from tests.woocommerce.customers import ADDRESS
from tests.woocommerce.shelf import Row

if TYPE_CHECKING:
    from tests.woocommerce.server import FakeWooCommerce

BIRTHDAY_META: Final = "billing_birthday"
LANGUAGE_META: Final = "preferred_language"
TAGS_META: Final = "customer_tags"
JOINED_META: Final = "club_joined"
"""Keys of customers' meta data, where WooCommerce has no field of its own."""

CHANNELS: Final = {"web": "checkout", "pos": "pos-rest-api"}
"""What `created_via` says of orders of a channel; other channels are themselves."""

GIFT_CARDS: Final = "Gift cards"
"""The category of products that are gift cards."""

_STATUSES: Final = {
    "paid": "processing",
    "partially_refunded": "completed",
    "refunded": "refunded",
    "pending": "pending",
    "failed": "failed",
    "cancelled": "cancelled",
}


class Filling:
    """Puts the core's objects into a shop, in the place of those with their ids. No webhook tells of it."""

    def __init__(self, shop: FakeWooCommerce) -> None:
        self._shop = shop
        self._products: dict[tuple[Any, ...], Row] = {}

    def customer(self, customer: StoreCustomer) -> None:
        """Put a customer; a birthday, a language, tags and the day of joining are meta data."""
        state, desk = self._shop.state, self._shop.customer_desk
        user_id = state.users.after(int(customer.id))
        row = desk.blank(user_id, customer.email or "")
        kept = desk.shelf.get(user_id)
        row |= state.moment("date_created", _instant(customer.created_at, state.zone))
        row |= state.moment("date_modified", customer.updated_at)
        said: dict[str, Any] = {
            BIRTHDAY_META: customer.birthday.isoformat() if customer.birthday else None,
            LANGUAGE_META: customer.language,
            TAGS_META: list(customer.tags) or None,
            JOINED_META: customer.joined_at.isoformat() if customer.joined_at else None,
        }
        others = [one for one in kept["meta_data"] if one["key"] not in said] if kept else []
        row["meta_data"] = others + [
            {"id": state.meta.next(), "key": key, "value": value}
            for key, value in said.items()
            if value is not None
        ]
        row["billing"] = {**row["billing"], "email": customer.email or ""}
        desk.shelf.put(row)

    def order(self, order: StoreOrder) -> None:
        """Put an order. Raises ValueError for what WooCommerce can't have: tests, voided ones, too much refunded."""
        if order.test or order.status not in _STATUSES:
            raise ValueError(f"order {order.id}: WooCommerce has no test orders, and none that are voided")
        with self._shop.state.lock:
            happened = list(self._shop.state.happened)
            self._order(order)
            self._shop.state.happened = happened

    def _order(self, order: StoreOrder) -> None:
        shop, currency = self._shop, Currency.of(order.currency)
        state, desk = shop.state, shop.order_desk
        order_id = state.posts.after(int(order.id))
        placed = _instant(order.placed_at, state.zone)
        buyer = shop.customers.get(int(order.customer_id)) if order.customer_id else None
        lines = [self._line(line, currency, order) for line in order.lines]
        if lines:
            _discount(lines[0], order.discount or 0, order.tax, currency)
        paid = placed if order.status in {"paid", "partially_refunded", "refunded"} else None
        row: Row = {
            "id": order_id,
            "parent_id": 0,
            "status": _STATUSES[order.status],
            "currency": order.currency,
            "version": "11.0.1",
            "prices_include_tax": False,
            "discount_total": currency.major(order.discount or 0),
            "discount_tax": currency.major(0),
            "shipping_total": currency.major(order.shipping),
            "shipping_tax": currency.major(0),
            "cart_tax": currency.major(order.tax),
            "total": currency.major(order.total),
            "total_tax": currency.major(order.tax),
            "customer_id": int(order.customer_id or 0),
            "order_key": f"wc_order_{order_id}",
            "payment_url": f"{state.url}/checkout/order-pay/{order_id}/?pay_for_order=true",
            "cart_hash": "",
            "customer_ip_address": "",
            "customer_user_agent": "",
            "is_editable": False,
            "needs_payment": False,
            "needs_processing": True,
            "billing": {
                **dict.fromkeys(ADDRESS, ""),
                "email": buyer["email"] if buyer else f"guest{order_id}@example.com",
                "phone": "",
            },
            "shipping": {**dict.fromkeys(ADDRESS, ""), "phone": ""},
            "payment_method": "bacs",
            "payment_method_title": "Direct bank transfer",
            "transaction_id": "",
            "created_via": CHANNELS.get(order.channel or "", order.channel or ""),
            "customer_note": "",
            "number": str(order_id),
            "meta_data": [],
            "line_items": lines,
            "tax_lines": [],
            "shipping_lines": [],
            "fee_lines": [],
            "coupon_lines": [],
            "refunds": [],
            "currency_symbol": "$",
            **state.moment("date_created", placed),
            **state.moment("date_modified", order.updated_at or placed),
            **state.moment("date_paid", paid),
            **state.moment("date_completed", paid),
        }
        for refund in shop.refund_desk.of(order_id):
            shop.refunds.remove(refund["id"])
        desk.shelf.put(row)
        self._refund(order, row, currency)
        told = ("status", "date_modified", "date_modified_gmt")
        desk.shelf.change(order_id, **{name: row[name] for name in told})

    def _refund(self, order: StoreOrder, row: Row, currency: Currency) -> None:
        desk = self._shop.refund_desk
        refunded = order.refunded
        if refunded is None:
            # The shop itself makes a record without lines when an order is set to refunded.
            refunded = order.total if order.status == "refunded" else 0
        of_lines = sum(line.refunded for line in order.lines)
        if of_lines > refunded:
            raise ValueError(f"order {order.id}: more of its lines is refunded than of the order")
        returned = [
            desk.returned(
                kept,
                Decimal(currency.major(line.refunded)),
                Decimal(0),
                line.quantity if line.refunded == line.amount else 0,
            )
            for line, kept in zip(order.lines, row["line_items"], strict=True)
            if line.refunded
        ]
        if returned:
            desk.give(row["id"], Decimal(currency.major(of_lines)), returned)
        if refunded > of_lines:
            desk.give(row["id"], Decimal(currency.major(refunded - of_lines)), [])

    def _line(self, line: OrderLine, currency: Currency, order: StoreOrder) -> Row:
        product = self._product(line)
        total = currency.major(line.amount)
        return {
            "id": self._shop.state.items.next(),
            "name": line.product or line.sku or "",
            "product_id": product["id"] if product else 0,
            "variation_id": 0,
            "quantity": line.quantity,
            "tax_class": "",
            "subtotal": total,
            "subtotal_tax": currency.major(0),
            "total": total,
            "total_tax": currency.major(0),
            "taxes": [],
            # Unrounded, and a number: what money must not be read from.
            "price": float(Decimal(total) / max(line.quantity, 1)),  # not money
            "meta_data": [],
            "sku": line.sku,
            "global_unique_id": "",
            "image": {"id": "", "src": ""},
            "parent_name": None,
        }

    def _product(self, line: OrderLine) -> Row | None:
        name = line.product or line.sku
        if name is None:
            return None
        asked = (line.sku, name, line.category, line.brand, line.gift_card)
        if asked not in self._products:
            shop = self._shop
            categories = [one for one in (line.category, GIFT_CARDS if line.gift_card else None) if one]
            self._products[asked] = shop.product_desk.add(
                sku=line.sku or "",
                name=name,
                categories=[shop.category_desk.named(one) for one in dict.fromkeys(categories)],
                brands=[shop.brand_desk.named(line.brand)] if line.brand else [],
            )
        return self._products[asked]


def invented(
    *, customers: int, orders: int, seed: int, until: datetime, currency: str
) -> tuple[Sequence[StoreCustomer], Sequence[StoreOrder]]:
    """Customers and their orders of the two years before an instant: the same for the same seed."""
    random, start = Random(seed), until - timedelta(days=730)
    people = [
        StoreCustomer(
            id=str(number),
            created_at=start,
            updated_at=start + timedelta(seconds=number),
            email=f"customer{number:05}@example.com",
            birthday=date(1950 + number % 50, 1 + number % 12, 1 + number % 28),
        )
        for number in range(1, customers + 1)
    ]
    moments = sorted(random.randrange(730 * 86_400) for _ in range(orders))
    bought = []
    for number, seconds in enumerate(moments, start=customers + 1001):
        amounts = [random.randrange(500, 20_000) for _ in range(random.randint(1, 3))]
        tax, shipping = sum(amounts) * 8 // 100, random.choice((0, 500))
        back = amounts[0] if random.random() < 0.05 else 0  # not money
        lines = tuple(_bought(random, amount, back if at == 0 else 0) for at, amount in enumerate(amounts))
        bought.append(
            StoreOrder(
                id=str(number),
                customer_id=str(random.randint(1, customers)) if random.random() < 0.9 else None,  # not money
                placed_at=start + timedelta(seconds=seconds),
                currency=currency,
                total=sum(amounts) + tax + shipping,
                tax=tax,
                shipping=shipping,
                refunded=back,
                discount=0,
                status="partially_refunded" if back else "paid",
                channel="web",
                lines=lines,
            )
        )
    return people, bought


def _bought(random: Random, amount: int, refunded: int) -> OrderLine:
    number = random.randrange(50)
    return OrderLine(
        sku=f"MUG-{number:03}",
        product=f"Mug No. {number}",
        category="Mugs",
        quantity=random.randint(1, 3),
        amount=amount,
        refunded=refunded,
    )


def _discount(line: Row, discount: int, tax: int, currency: Currency) -> None:
    line["subtotal"] = currency.major(currency.minor(Decimal(line["total"])) + discount)
    line["total_tax"] = line["subtotal_tax"] = currency.major(tax)
    if tax:
        line["taxes"] = [{"id": 1, "total": line["total_tax"], "subtotal": line["total_tax"]}]


def _instant(moment: Moment, zone: ZoneInfo) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    return datetime(moment.year, moment.month, moment.day, tzinfo=zone)
