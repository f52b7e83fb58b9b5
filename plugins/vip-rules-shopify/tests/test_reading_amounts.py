"""Whatever is sold and given back in the fake shop, a reader tells of it what the shop's own totals come to, on every basis."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.model import OrderLine, SpendBasis
from vip_rules.store import StoreOrder

from tests.reading.desk import NOBODY, Desk, desk, order
from tests.reading.specification import BASES, BOTH, NEITHER, SHIPPING, TAX, worth
from tests.shop.state import Line, Order

NUMBER = 1001

sold = st.builds(
    OrderLine,
    sku=st.sampled_from(["ROSE", "VASE"]),
    quantity=st.integers(1, 4),
    amount=st.integers(0, 5_000),
    gift_card=st.sampled_from([False, False, False, True]),
)


@st.composite
def filled(draw: st.DrawFn, shop: Desk) -> Order:
    """An order in the shop with up to three refunds: of units, of shipping, of mere money."""
    lines = tuple(draw(st.lists(sold, min_size=1, max_size=3)))
    goods = sum(line.amount for line in lines)
    shipping = draw(st.integers(0, 1_500))
    on_shipping = draw(st.integers(0, shipping))
    tax = draw(st.integers(0, goods // 2)) + on_shipping
    made = order(NUMBER, None, lines=0, shipping=shipping, tax=tax, total=goods + shipping + tax)
    kept = shop.shop.put_order(
        replace(made, lines=lines), taxes_included=draw(st.booleans()), shipping_tax=on_shipping
    )
    for _ in range(draw(st.integers(0, 3))):
        _give_back(draw, shop, kept)
    return kept


def _give_back(draw: st.DrawFn, shop: Desk, kept: Order) -> None:
    left = [line.quantity - _units_back(kept, line) for line in kept.lines]
    units = {place: draw(st.integers(0, count)) for place, count in enumerate(left)}
    shipping: tuple[int, int] | None = None
    if kept.shipping and draw(st.booleans()) and not any(refund.shipping for refund in kept.refunds):
        back = draw(st.sampled_from([kept.shipping, kept.shipping // 2]))
        shipping = back, kept.shipping_tax * back // kept.shipping
    shop.shop.refund(
        NUMBER, lines={place: count for place, count in units.items() if count}, shipping=shipping
    )
    rest = kept.total - kept.refunded
    if rest > 0 and draw(st.booleans()):
        shop.shop.refund(NUMBER, draw(st.integers(1, rest)))


def _units_back(kept: Order, line: Line) -> int:
    return sum(part.quantity for refund in kept.refunds for part in refund.lines if part.line == line.id)


def test_orders_count_on_every_basis_for_what_the_shop_s_own_totals_say() -> None:
    with desk() as shop:

        @settings(deadline=None, max_examples=60)
        @given(st.data())
        def holds(data: st.DataObject) -> None:
            kept = data.draw(filled(shop))
            told = {spend: read(shop, spend) for spend in BASES}
            for spend, each in told.items():
                found = worth(each, spend)
                assert found.counted == counted(kept, spend)
                # Tax comes back by units: of each part of a line it is rounded down by the shop, and once by the reader.
                parts = sum(len(refund.lines) for refund in kept.refunds)
                assert abs(found.refunded - refunded(kept, spend)) <= parts
                assert parts or found.refunded == refunded(kept, spend)
                assert 0 <= each.tax + each.shipping <= each.total
                assert all(0 <= line.refunded <= line.amount for line in each.lines)
            for spend in (NEITHER, TAX):  # shipping left out, the lines are all that there is
                each = told[spend]
                beside = each.total - each.shipping - (0 if spend.includes_tax else each.tax)
                assert sum(line.amount for line in each.lines) == beside
            left = {
                spend: max(0, (one := worth(told[spend], spend)).counted - one.refunded) for spend in BASES
            }
            assert left[NEITHER] <= min(left[TAX], left[SHIPPING])
            assert max(left[TAX], left[SHIPPING]) <= left[BOTH]

        holds()


def read(shop: Desk, spend: SpendBasis) -> StoreOrder:
    with shop.reader(spend=spend) as reader:
        (each,) = reader.fetch([], [str(NUMBER)], wanted=NOBODY).orders
    return each


def counted(kept: Order, spend: SpendBasis) -> int:
    """What the order counts for: what its goods came to, its tax and its shipping, as far as they count."""
    goods = kept.subtotal - (kept.tax - kept.shipping_tax if kept.taxes_included else 0)
    shipping = kept.shipping - (kept.shipping_tax if kept.taxes_included else 0)
    found = goods - sum(net(kept, line) for line in kept.lines if line.gift_card)
    if spend.includes_tax:
        found += sum(line.tax for line in kept.lines if not line.gift_card)
    if spend.includes_shipping:
        found += shipping + (kept.shipping_tax if spend.includes_tax else 0)
    return found


def refunded(kept: Order, spend: SpendBasis) -> int:
    """What was given back of it; all of the order where the shop gave back all of the money."""
    if kept.refunds and kept.financial_status == "REFUNDED":
        return kept.total
    cards = {line.id for line in kept.lines if line.gift_card}
    found = 0
    for refund in kept.refunds:
        money = refund.total
        for part in refund.lines:
            gross = part.subtotal + (0 if kept.taxes_included else part.tax)
            money -= gross
            if part.line not in cards:
                found += gross if spend.includes_tax else gross - part.tax
        if refund.shipping is not None:
            price, tax = refund.shipping
            gross = price + (0 if kept.taxes_included else tax)
            money -= gross
            if spend.includes_shipping:
                found += gross if spend.includes_tax else gross - tax
        found += money
    return min(found, kept.total)


def net(kept: Order, line: Line) -> int:
    return line.original - line.allocated - (line.tax if kept.taxes_included else 0)


def test_bulk_files_tell_the_same_on_every_basis() -> None:
    with desk() as shop:
        made = [
            order(number, None, tax=150 + number, total=3_650 + number) for number in range(1, 6)
        ]  # goods of 30.00, shipping of 5.00
        for number, each in enumerate(made):
            shop.shop.put_order(each, taxes_included=number % 2 == 0, shipping_tax=40)
        shop.shop.refund(2, lines={0: 1}, shipping=(500, 40))
        shop.shop.refund(3, 250, lines={1: 1}, shipping=(270, 20))
        for spend in BASES:
            pages = shop.read(spend=spend)
            in_bulk = [each for page in pages for each in page.orders]
            with shop.reader(spend=spend) as reader:
                one_by_one = reader.fetch([], [each.id for each in made], wanted=NOBODY).orders
            assert sorted(in_bulk, key=lambda each: each.id) == list(one_by_one)
            assert len(in_bulk) == 5
