"""Whatever is sold and given back in the fake shop, a reader tells of it what the shop's own totals come to, on every basis."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.model import OrderLine, SpendBasis
from vip_rules.store import StoreOrder

from tests.readers import NOTHING, reading
from tests.specification import BASES, BOTH, NEITHER, SHIPPING, TAX, worth
from tests.woocommerce.filling import GIFT_CARDS
from tests.woocommerce.server import FakeWooCommerce
from vip_rules_woocommerce.reading.choices import Choices

NUMBER = 501
CARDS = Choices(gift_card_categories=frozenset({GIFT_CARDS.lower().replace(" ", "-")}))

Pair = tuple[int, int]
"""An amount in cents, and its tax."""

amounts = st.tuples(st.integers(0, 5_000), st.integers(0, 1_000))
whole = st.tuples(st.integers(100, 5_000), st.integers(0, 1_000))


@dataclass
class Given:
    """A refund: of lines by their places, of the fee, of shipping, and money beyond them."""

    lines: dict[int, Pair] = field(default_factory=dict)
    fee: Pair = (0, 0)
    shipping: Pair = (0, 0)
    money: int = 0

    @property
    def paid(self) -> int:
        return sum(map(sum, (*self.lines.values(), self.fee, self.shipping))) + self.money


@dataclass
class Sold:
    """An order: its lines, those of gift cards among them, its fee and its shipping, and its refunds."""

    lines: list[Pair]
    cards: set[int]
    fee: Pair
    shipping: Pair
    refunds: list[Given] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(map(sum, (*self.lines, self.fee, self.shipping)))

    @property
    def rest(self) -> int:
        return self.total - sum(refund.paid for refund in self.refunds)

    def left(self, place: int) -> Pair:
        """What of a line wasn't given back yet."""
        net, tax = self.lines[place]
        back = [refund.lines.get(place, (0, 0)) for refund in self.refunds]
        return net - sum(each[0] for each in back), tax - sum(each[1] for each in back)


@st.composite
def orders(draw: st.DrawFn) -> Sold:
    """Orders with up to three refunds."""
    lines = draw(st.lists(amounts, min_size=1, max_size=3))
    cards = draw(st.sets(st.integers(0, 8)))
    nothing = st.just((0, 0))
    sold = Sold(
        lines, {card for card in cards if card < len(lines)}, draw(nothing | whole), draw(nothing | whole)
    )
    for _ in range(draw(st.integers(0, 3))):
        refund = Given()
        for place in range(len(lines)):
            net, tax = sold.left(place)
            refund.lines[place] = draw(
                st.sampled_from([(0, 0), (net, tax), (net // 2, tax // 2), (0, tax), (net, 0)])
            )
        if not any(sum(each.fee) for each in sold.refunds):
            refund.fee = draw(st.sampled_from([(0, 0), sold.fee]))
        if not any(sum(each.shipping) for each in sold.refunds):
            refund.shipping = draw(st.sampled_from([(0, 0), sold.shipping]))
        rest = sold.rest - refund.paid
        if rest < 0:  # money that named nothing was given back before
            refund = Given()
            rest = sold.rest
        refund.money = draw(st.sampled_from([0, rest // 3, rest]))
        if refund.paid:
            sold.refunds.append(refund)
    return sold


def test_orders_count_on_every_basis_for_what_the_shop_s_own_totals_say() -> None:
    with FakeWooCommerce() as shop:

        @settings(deadline=None, max_examples=60)
        @given(orders())
        def holds(sold: Sold) -> None:
            put(shop, sold)
            told = {spend: read(shop, spend) for spend in BASES}
            for spend, each in told.items():
                found = worth(each, spend)
                assert found.counted == counted(sold, spend)
                # Where all lines came back, the cents that are left are taken for those of roundings.
                slack = len(sold.lines) if all_came_back(sold) else 0
                assert 0 <= found.refunded - refunded(sold, spend) <= slack
                assert 0 <= each.tax + each.shipping <= each.total
                assert all(0 <= line.refunded <= line.amount for line in each.lines)
                fee = sum(sold.fee) if spend.includes_tax else sold.fee[0]
                goods = each.total - each.shipping - (0 if spend.includes_tax else each.tax)
                assert sum(line.amount for line in each.lines) + fee == goods
            left = {
                spend: max(0, (one := worth(told[spend], spend)).counted - one.refunded) for spend in BASES
            }
            assert left[NEITHER] <= min(left[TAX], left[SHIPPING])
            assert max(left[TAX], left[SHIPPING]) <= left[BOTH]

        holds()
        assert shop.crashes == []


def counted(sold: Sold, spend: SpendBasis) -> int:
    """What an order counts for: its lines but those of gift cards, its fee, its tax and its shipping as far as they count."""
    lines = [pair for place, pair in enumerate(sold.lines) if place not in sold.cards]
    parts = [*lines, sold.fee, *([sold.shipping] if spend.includes_shipping else [])]
    return sum(sum(pair) if spend.includes_tax else pair[0] for pair in parts)


def refunded(sold: Sold, spend: SpendBasis) -> int:
    """What was given back of it; all of the order where the shop gave back all of the money."""
    if sold.refunds and not sold.rest:
        return sold.total
    found = 0
    for refund in sold.refunds:
        lines = [pair for place, pair in refund.lines.items() if place not in sold.cards]
        parts = [*lines, refund.fee, *([refund.shipping] if spend.includes_shipping else [])]
        found += sum(sum(pair) if spend.includes_tax else pair[0] for pair in parts) + refund.money
    return min(found, sold.total)


def all_came_back(sold: Sold) -> bool:
    return all(sold.left(place)[0] == 0 for place in range(len(sold.lines)) if place not in sold.cards)


def read(shop: FakeWooCommerce, spend: SpendBasis) -> StoreOrder:
    with reading(shop, CARDS, spend) as reader:
        (each,) = reader.fetch([], [str(NUMBER)], wanted=NOTHING).orders
    return each


def put(shop: FakeWooCommerce, sold: Sold) -> None:
    """Put an order into the shop with its refunds."""
    lines = tuple(
        OrderLine(sku=f"SKU-{place}", amount=net, gift_card=place in sold.cards)
        for place, (net, _) in enumerate(sold.lines)
    )
    tax = sum(pair[1] for pair in (*sold.lines, sold.fee, sold.shipping))
    shop.put_order(
        StoreOrder(
            id=str(NUMBER),
            customer_id=None,
            placed_at=datetime(2026, 10, 1, 8, tzinfo=UTC),
            currency="USD",
            total=sold.total,
            tax=tax,
            shipping=sold.shipping[0],
            refunded=0,
            discount=0,
            lines=lines,
        )
    )
    items = [
        {**item, "total_tax": money(pair[1])}
        for item, pair in zip(shop.orders[NUMBER]["line_items"], sold.lines, strict=True)
    ]
    fees = [{"id": 31, "total": money(sold.fee[0]), "total_tax": money(sold.fee[1])}] if any(sold.fee) else []
    shop.orders.change(NUMBER, line_items=items, fee_lines=fees, shipping_tax=money(sold.shipping[1]))
    for refund in sold.refunds:
        back = [
            shop.refund_desk.returned(items[place], Decimal(money(net)), Decimal(money(tax)), 0)
            for place, (net, tax) in refund.lines.items()
            if net or tax
        ]
        row = shop.refund_desk.give(NUMBER, Decimal(money(refund.paid)), back)
        besides = {
            name: [item(number, pair)] if any(pair) else []
            for name, number, pair in (("fee_lines", 31, refund.fee), ("shipping_lines", 32, refund.shipping))
        }
        shop.refunds.change(row["id"], **besides)


def item(number: int, pair: Pair) -> dict[str, Any]:
    mark = {"key": "_refunded_item_id", "value": str(number)}
    return {"id": 900 + number, "total": money(-pair[0]), "total_tax": money(-pair[1]), "meta_data": [mark]}


def money(cents: int) -> str:
    return f"{Decimal(cents).scaleb(-2):.2f}"
