"""What orders count for on each basis of spend, and what was given back of them; every amount was worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from vip_rules.store import StoreOrder

from tests.reading.nodes import discounts, line_node, money, order_node, shipping, taxes
from tests.reading.specification import BASES, BOTH, NEITHER, SHIPPING, TAX, Worth, worth
from vip_rules_shopify.reading.lines import Categories
from vip_rules_shopify.reading.orders import told_order
from vip_rules_shopify.reading.remarks import Remarks

Node = dict[str, Any]
Each = tuple[int, int, int, int]
"""Amounts with neither, with tax, with shipping, with both."""


def on_all(node: Node, *lines: Node) -> list[StoreOrder]:
    """An order as it is told on the four bases."""
    found = []
    for spend in BASES:
        remarks = Remarks()
        order = told_order(node, lines, Categories(), remarks, spend)
        assert order is not None, remarks.sentences()
        assert remarks.sentences() == ()
        found.append(order)
    return found


def worths(orders: Sequence[StoreOrder]) -> list[Worth]:
    return [worth(order, spend) for order, spend in zip(orders, BASES, strict=True)]


def counted(orders: Sequence[StoreOrder]) -> list[int]:
    return [each.counted for each in worths(orders)]


def refunded(orders: Sequence[StoreOrder]) -> list[int]:
    return [each.refunded for each in worths(orders)]


def amounts(orders: Sequence[StoreOrder]) -> list[list[tuple[int, int]]]:
    return [[(line.amount, line.refunded) for line in order.lines] for order in orders]


# Taxes beside the prices: 40.00 and 60.00 of goods, 10 % of tax on all, shipping of 5.00 with 0.50 of tax; 115.50 in all.


def beside(
    *, back: bool = False, current: str = "115.5", refunded: str = "0.0", **more: Any
) -> list[StoreOrder]:
    """The order; `back`: the line of 60.00 was returned."""
    node = order_node(
        "115.5",
        totalTaxSet=money("10.5"),
        shippingLine=shipping("5.0", "0.5"),
        current=current,
        refunded=refunded,
        **{"displayFinancialStatus": "PAID" if refunded == "0.0" else "PARTIALLY_REFUNDED", **more},
    )
    gone: Node = {"left": "0.0", "currentQuantity": 0} if back else {}
    return on_all(
        node,
        line_node(1, "40.0", taxLines=taxes("4.0")),
        line_node(2, "60.0", taxLines=taxes("3.0", "3.0"), **gone),
    )


def test_taxes_beside_the_prices() -> None:
    orders = beside()
    assert counted(orders) == [10_000, 11_000, 10_500, 11_550]
    assert refunded(orders) == [0, 0, 0, 0]
    net, gross = [(4_000, 0), (6_000, 0)], [(4_400, 0), (6_600, 0)]
    assert amounts(orders) == [net, gross, net, gross]


@pytest.mark.parametrize("current", ["49.5", "115.5"])
def test_a_returned_line_is_given_back_with_its_tax_where_tax_counts(current: str) -> None:
    # 60.00 and 6.00 of tax were paid back; 49.50 were kept, whether Shopify's current total says so or not.
    orders = beside(back=True, current=current, refunded="66.0", net="49.5")
    assert refunded(orders) == [6_000, 6_600, 6_000, 6_600]
    net, gross = [(4_000, 0), (6_000, 6_000)], [(4_400, 0), (6_600, 6_600)]
    assert amounts(orders) == [net, gross, net, gross]


def test_money_beside_a_return_comes_from_the_goods_first_on_each_basis() -> None:
    orders = beside(back=True, current="49.5", refunded="69.0", net="46.5")
    assert refunded(orders) == [6_300, 6_900, 6_300, 6_900]


@pytest.mark.parametrize("current", ["110.0", "115.5"])
def test_refunded_shipping_counts_where_shipping_does(current: str) -> None:
    # 5.00 and 0.50 of tax were paid back, whether Shopify's current total leaves them out or not.
    orders = beside(current=current, refunded="5.5", net="110.0", totalRefundedShippingSet=money("5.0"))
    assert refunded(orders) == [0, 0, 500, 550]


def test_half_of_the_shipping_was_refunded() -> None:
    orders = beside(current="112.75", refunded="2.75", net="112.75", totalRefundedShippingSet=money("2.5"))
    assert refunded(orders) == [0, 0, 250, 275]


def test_shipping_that_is_told_with_its_tax_is_no_more_than_its_price() -> None:
    orders = beside(current="110.0", refunded="5.5", net="110.0", totalRefundedShippingSet=money("5.5"))
    assert refunded(orders) == [0, 0, 500, 550]


def test_all_goods_came_back_and_only_shipping_is_left_where_it_counts() -> None:
    node = order_node(
        "115.5", totalTaxSet=money("10.5"), shippingLine=shipping("5.0", "0.5"),
        current="5.5", refunded="110.0", net="5.5", displayFinancialStatus="PARTIALLY_REFUNDED",
    )  # fmt: skip
    back: Node = {"left": "0.0", "currentQuantity": 0}
    orders = on_all(
        node,
        line_node(1, "40.0", taxLines=taxes("4.0"), **back),
        line_node(2, "60.0", taxLines=taxes("6.0"), **back),
    )
    assert worths(orders) == [
        Worth(10_000, 10_000, False),
        Worth(11_000, 11_000, False),
        Worth(10_500, 10_000),
        Worth(11_550, 11_000),
    ]


def test_a_full_refund_leaves_no_order_on_any_basis() -> None:
    orders = beside(refunded="115.5", net="0.0", displayFinancialStatus="REFUNDED")
    assert refunded(orders) == [11_550] * 4
    assert not any(each.is_order for each in worths(orders))


# Taxes within the prices: 48.00 with 8.00 and 72.00 with 12.00 of tax in it, shipping of 12.00 with 2.00; 132.00 in all.


def within(**more: Any) -> list[StoreOrder]:
    node = order_node(
        "132.0", taxesIncluded=True, totalTaxSet=money("22.0"), shippingLine=shipping("12.0", "2.0"), **more
    )
    gone: Node = {"left": "0.0", "currentQuantity": 0} if "current" in more else {"left": "60.0"}
    return on_all(
        node,
        line_node(1, "48.0", left="40.0", taxLines=taxes("8.0")),
        line_node(2, "80.0", discountAllocations=discounts("8.0"), taxLines=taxes("12.0"), **gone),
    )


def test_taxes_within_the_prices() -> None:
    orders = within()
    assert counted(orders) == [10_000, 12_000, 11_000, 13_200]
    net, gross = [(4_000, 0), (6_000, 0)], [(4_800, 0), (7_200, 0)]
    assert amounts(orders) == [net, gross, net, gross]


def test_a_line_and_the_shipping_came_back_of_prices_with_taxes() -> None:
    orders = within(
        current="48.0", refunded="84.0", net="48.0", totalRefundedShippingSet=money("12.0"),
        displayFinancialStatus="PARTIALLY_REFUNDED",
    )  # fmt: skip
    assert refunded(orders) == [6_000, 7_200, 7_000, 8_400]


# Units


def test_a_unit_of_three_came_back_with_a_third_of_the_tax() -> None:
    # 30.00 with 2.50 of tax beside; of a third 0.83 come back.
    node = order_node("32.5", totalTaxSet=money("2.5"), current="21.67", refunded="10.83", net="21.67")
    orders = on_all(
        node, line_node(1, "30.0", left="20.0", quantity=3, currentQuantity=2, taxLines=taxes("2.5"))
    )
    assert refunded(orders) == [1_000, 1_083, 1_000, 1_083]


# Gift cards: 40.00 of goods with 4.00 of tax, and a card of 50.00, which has none.


def cards(current: str, back: str, net: str, goods: Node, card: Node) -> list[StoreOrder]:
    node = order_node(
        "94.0", totalTaxSet=money("4.0"), current=current, refunded=back, net=net,
        displayFinancialStatus="PARTIALLY_REFUNDED",
    )  # fmt: skip
    return on_all(
        node,
        line_node(1, "40.0", taxLines=taxes("4.0"), **goods),
        line_node(2, "50.0", isGiftCard=True, **card),
    )


@pytest.mark.parametrize("current", ["44.0", "94.0"])
def test_a_gift_card_that_came_back_was_never_counted(current: str) -> None:
    orders = cards(current, "50.0", "44.0", {}, {"left": "0.0", "currentQuantity": 0})
    assert worths(orders) == [Worth(4_000, 0), Worth(4_400, 0), Worth(4_000, 0), Worth(4_400, 0)]


def test_the_goods_beside_a_gift_card_came_back() -> None:
    orders = cards("50.0", "44.0", "50.0", {"left": "0.0", "currentQuantity": 0}, {})
    assert worths(orders) == [Worth(value, value, False) for value in (4_000, 4_400, 4_000, 4_400)]


# Duties, fees and tips: 40.00 of goods with 3.00 of tax, 5.00 of duties, 2.00 of fees, a tip of 10.00; 60.00 in all.


def levied(current: str = "60.0", refunded: str = "0.0", **more: Any) -> list[StoreOrder]:
    fields = {
        "totalTaxSet": money("3.0"),
        "originalTotalDutiesSet": money("5.0"),
        "originalTotalAdditionalFeesSet": money("2.0"),
        "totalTipReceivedSet": money("10.0"),
        "currentTotalDutiesSet": money("5.0"),
        "currentTotalAdditionalFeesSet": money("2.0"),
    }
    node = order_node("60.0", current=current, refunded=refunded, net=current, **(fields | more))
    return on_all(
        node,
        line_node(1, "40.0", taxLines=taxes("3.0")),
        line_node(2, "10.0", product=None, sku=None, name="Tip"),
    )


def test_duties_and_fees_count_as_taxes_and_a_tip_never() -> None:
    orders = levied()
    assert counted(orders) == [4_000, 5_000, 4_000, 5_000]
    assert [line for lines in amounts(orders) for line in lines] == [(4_000, 0), (4_300, 0)] * 2


def test_refunded_duties_count_where_taxes_do() -> None:
    orders = levied("55.0", "5.0", currentTotalDutiesSet=money("0.0"))
    assert refunded(orders) == [0, 500, 0, 500]


def test_duties_of_which_nothing_more_is_told_were_kept() -> None:
    orders = levied("58.0", "2.0", currentTotalDutiesSet=None, currentTotalAdditionalFeesSet=money("0.0"))
    assert refunded(orders) == [0, 200, 0, 200]


# Others


def test_a_currency_without_decimals() -> None:
    # 1,200 with 120 of tax, shipping of 500 with 50; 300 were paid back for nothing that was returned.
    node = order_node(
        "1870.0", currencyCode="JPY", totalTaxSet=money("170.0"), shippingLine=shipping("500.0", "50.0"),
        refunded="300.0", net="1570.0", displayFinancialStatus="PARTIALLY_REFUNDED",
    )  # fmt: skip
    orders = on_all(node, line_node(1, "1200.0", taxLines=taxes("120.0")))
    assert counted(orders) == [1_200, 1_320, 1_700, 1_870]
    assert refunded(orders) == [300] * 4


def test_an_order_of_shipping_alone() -> None:
    node = order_node("5.5", totalTaxSet=money("0.5"), shippingLine=shipping("5.0", "0.5"))
    assert counted(on_all(node)) == [0, 0, 500, 550]


def test_an_order_that_cost_nothing_is_one_on_every_basis() -> None:
    orders = on_all(
        order_node("0.0"), line_node(1, "10.0", left="0.0", discountAllocations=discounts("10.0"))
    )
    assert worths(orders) == [Worth(0, 0)] * 4


def test_a_tax_on_shipping_that_the_order_does_not_tell_of_is_none() -> None:
    node = order_node("105.0", totalTaxSet=money("0.0"), shippingLine=shipping("5.0", "0.5"))
    orders = on_all(node, line_node(1, "100.0"))
    assert counted(orders) == [10_000, 10_000, 10_500, 10_500]


def test_the_parts_of_an_order_are_never_more_than_its_total() -> None:
    for order in (*beside(), *within(), *levied()):
        assert order.tax + order.shipping <= order.total


def test_the_tax_on_shipping_is_told_with_the_shipping_where_tax_counts() -> None:
    told = dict(zip(BASES, beside(), strict=True))
    assert [(told[spend].tax, told[spend].shipping) for spend in (NEITHER, SHIPPING)] == [(1_050, 500)] * 2
    assert [(told[spend].tax, told[spend].shipping) for spend in (TAX, BOTH)] == [(1_000, 550)] * 2
