"""Orders as the core counts them; every amount was worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from vip_rules.model import OrderLine, SpendBasis
from vip_rules.store import StoreOrder

from tests.reading.nodes import discounts, line_node, money, order_node, shipping, taxes
from vip_rules_shopify.reading.lines import Categories
from vip_rules_shopify.reading.orders import STATUSES, told_order
from vip_rules_shopify.reading.remarks import Remarks

NET = SpendBasis()


def told(
    node: dict[str, Any], *lines: dict[str, Any], prefix: str = "", spend: SpendBasis = NET
) -> StoreOrder:
    remarks = Remarks()
    order = told_order(node, lines, Categories(prefix), remarks, spend)
    assert order is not None, remarks.sentences()
    assert remarks.sentences() == ()
    return order


def remark(node: dict[str, Any], *lines: dict[str, Any]) -> tuple[StoreOrder | None, str]:
    remarks = Remarks()
    order = told_order(node, lines, Categories(), remarks, SpendBasis())
    (sentence,) = remarks.sentences()
    return order, sentence


def test_an_order_is_told_whole() -> None:
    node = order_node(
        "129.9",
        totalTaxSet=money("9.9"),
        totalDiscountsSet=money("10.0"),
        shippingLine=shipping("5.0", "0.4"),
    )
    roses = line_node(1, "90.0", discountAllocations=discounts("4.0", "1.0"), quantity=2, currentQuantity=2)
    vase = line_node(2, "35.0", discountAllocations=discounts("5.0"), product=None)
    assert told(node, roses, vase) == StoreOrder(
        id="1001",
        customer_id="7",
        placed_at=datetime(2026, 2, 1, 10, tzinfo=UTC),
        updated_at=datetime(2026, 2, 3, 8, 30, tzinfo=UTC),
        currency="USD",
        total=12_990,
        tax=990,
        shipping=500,
        refunded=0,
        discount=1_000,
        status="paid",
        channel="web",
        lines=(
            OrderLine("SKU-1", "Roses - Red", "flowers", "Meadow", 2, 8_500),
            OrderLine("SKU-2", "Roses - Red", None, "Meadow", 1, 3_000),
        ),
    )


def test_prices_with_taxes_are_told_without_them() -> None:
    # 119.00 of goods with 19.00 of tax in it, 11.90 of shipping with 1.90 in it; the buyer paid 130.90.
    node = order_node(
        "130.9", taxesIncluded=True, totalTaxSet=money("20.9"), shippingLine=shipping("11.9", "1.9")
    )
    order = told(node, line_node(1, "119.0", left="100.0", taxLines=taxes("12.0", "7.0")))
    assert (order.total, order.tax, order.shipping, order.refunded) == (13_090, 2_090, 1_000, 0)
    assert order.lines[0].amount == order.total - order.tax - order.shipping == 10_000


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [("USD", "19.99", 1_999), ("USD", "19.9", 1_990), ("JPY", "1200.0", 1_200), ("KWD", "1.25", 1_250)],
)
def test_amounts_are_exact_in_currencies_of_all_kinds(currency: str, text: str, minor: int) -> None:
    order = told(order_node(text, currencyCode=currency), line_node(1, text))
    assert (order.total, order.lines[0].amount, order.currency) == (minor, minor, currency)


@pytest.mark.parametrize(
    "text",
    ["1e3", "1_000", "١٢", "", "NaN", "Infinity", "12.345", "99999999999999", " 1", "1,5", 12.5, None, ["1"]],
)
def test_an_amount_that_is_none_leaves_the_order_out_with_a_note(text: object) -> None:
    order, sentence = remark(order_node(totalPriceSet={"shopMoney": {"amount": text}}))
    assert order is None
    assert "order gid://shopify/Order/1001" in sentence


def test_what_the_buyer_saw_in_another_currency_is_not_read() -> None:
    node = order_node("40.0")
    node["totalPriceSet"]["presentmentMoney"] = {"amount": "36.5", "currencyCode": "EUR"}
    assert (told(node).total, told(node).currency) == (4_000, "USD")


@pytest.mark.parametrize(("shown", "status"), STATUSES.items())
def test_financial_statuses_have_a_meaning_for_the_count(shown: str, status: str) -> None:
    assert told(order_node(displayFinancialStatus=shown)).status == status


def test_a_cancelled_order_is_cancelled_whatever_was_paid() -> None:
    assert told(order_node(cancelledAt="2026-02-02T00:00:00Z")).status == "cancelled"


def test_a_status_that_is_new_is_not_counted_and_said() -> None:
    order, sentence = remark(order_node(displayFinancialStatus="HALF_PAID"))
    assert order is not None
    assert order.status == "pending"
    assert "HALF_PAID" in sentence


def test_guests_test_orders_and_channels() -> None:
    order = told(order_node(customer=None, test=True, sourceName="pos"))
    assert (order.customer_id, order.test, order.channel) == (None, True, "pos")
    assert told(order_node(sourceName="shopify_draft_order")).channel == "shopify_draft_order"
    assert told(order_node(sourceName=None)).channel is None


def test_duties_and_fees_are_taxes_and_tips_are_nobodys_spend() -> None:
    node = order_node(
        "60.0",
        totalTaxSet=money("3.0"),
        originalTotalDutiesSet=money("5.0"),
        originalTotalAdditionalFeesSet=money("2.0"),
        totalTipReceivedSet=money("10.0"),
    )
    order = told(node, line_node(1, "40.0"))
    assert (order.total, order.tax) == (5_000, 1_000)
    assert told(replace_fields(node, dutiesIncluded=True)).tax == 500


def replace_fields(node: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**node, **fields}


# Refunds


def test_a_returned_line_is_refunded_without_its_tax() -> None:
    # 40.00 + 60.00 of goods, 10.00 of tax; the line of 60.00 came back with its 6.00 of tax.
    node = order_node(
        "110.0", totalTaxSet=money("10.0"), current="44.0", refunded="66.0", net="44.0",
        displayFinancialStatus="PARTIALLY_REFUNDED",
    )  # fmt: skip
    order = told(node, line_node(1, "40.0"), line_node(2, "60.0", left="0.0", currentQuantity=0))
    assert (order.refunded, order.lines[0].refunded, order.lines[1].refunded) == (6_000, 0, 6_000)


def test_some_units_of_a_line_came_back() -> None:
    node = order_node("100.0", current="66.67", refunded="33.33", net="66.67")
    order = told(node, line_node(1, "100.0", left="66.67", quantity=3, currentQuantity=2))
    assert (order.refunded, order.lines[0].refunded) == (3_333, 3_333)


def test_a_share_finer_than_the_currency_is_counted_by_units() -> None:
    node = order_node("100.0", current="66.67", refunded="33.33", net="66.67")
    order = told(node, line_node(1, "100.0", left="66.666666", quantity=3, currentQuantity=2))
    assert order.lines[0].refunded == 10_000 - 6_666


def test_mere_money_is_taken_from_the_goods() -> None:
    node = order_node("100.0", refunded="15.0", net="85.0", displayFinancialStatus="PARTIALLY_REFUNDED")
    order = told(node, line_node(1, "100.0"))
    assert (order.refunded, order.lines[0].refunded) == (1_500, 0)


def test_money_beside_a_return_is_counted_too() -> None:
    node = order_node("100.0", current="60.0", refunded="45.0", net="55.0")
    order = told(node, line_node(1, "60.0"), line_node(2, "40.0", left="0.0", currentQuantity=0))
    assert order.refunded == 4_500


@pytest.mark.parametrize("current", ["95.0", "100.0"])
def test_refunded_shipping_is_no_refund_of_goods(current: str) -> None:
    node = order_node(
        "100.0", current=current, refunded="5.0", net="95.0", totalRefundedShippingSet=money("5.0"),
        shippingLine=shipping("5.0"),
    )  # fmt: skip
    assert told(node, line_node(1, "95.0")).refunded == 0


def test_an_order_that_was_refunded_whole_has_nothing_left_on_any_basis() -> None:
    node = order_node(
        "110.0", totalTaxSet=money("10.0"), refunded="110.0", net="0.0", displayFinancialStatus="REFUNDED"
    )
    assert told(node, line_node(1, "100.0")).refunded == 11_000


def test_all_goods_came_back_and_the_shipping_was_kept() -> None:
    node = order_node("105.01", current="5.0", refunded="100.01", net="5.0", shippingLine=shipping("5.0"))
    order = told(node, line_node(1, "100.0", left="0.0", currentQuantity=0))
    assert order.refunded == order.total - order.shipping == 10_001


def test_a_return_with_a_fee_kept_is_a_return() -> None:
    node = order_node("100.0", current="60.0", refunded="35.0", net="65.0")
    order = told(node, line_node(1, "60.0"), line_node(2, "40.0", left="0.0", currentQuantity=0))
    assert order.refunded == 4_000


def test_what_was_charged_too_much_and_paid_back_is_no_refund() -> None:
    assert told(order_node("100.0", refunded="10.0", net="100.0"), line_node(1, "100.0")).refunded == 0


def test_a_refund_of_a_gift_card_is_no_refund_of_goods() -> None:
    node = order_node("90.0", current="40.0", refunded="50.0", net="40.0")
    card = line_node(2, "50.0", left="0.0", currentQuantity=0, isGiftCard=True)
    order = told(node, line_node(1, "40.0"), card)
    assert order.refunded == 0
    assert order.lines[1] == replace(order.lines[1], amount=5_000, refunded=5_000, gift_card=True)


# Edits


@pytest.mark.parametrize(("total", "refunded"), [("150.0", 3_000), ("120.0", 0), ("100.0", 0)])
def test_an_edited_order_is_worth_what_is_left(total: str, refunded: int) -> None:
    # 70.00 stays, 30.00 was taken off, 50.00 added: 120.00 is left, whatever Shopify calls the total before.
    node = order_node(total, current="120.0", net="120.0", refunded="0.0")
    order = told(
        node, line_node(1, "70.0"), line_node(2, "30.0", left="0.0", currentQuantity=0), line_node(3, "50.0")
    )
    assert order.refunded == refunded
    assert order.total - (order.refunded or 0) == 12_000


def test_money_is_given_back_after_an_edit() -> None:
    # 70.00 stays, 30.00 was taken off, 50.00 added; of the 120.00 that are left, 15.00 were given back for nothing.
    node = order_node("150.0", current="120.0", refunded="15.0", net="105.0")
    gone = line_node(2, "30.0", left="0.0", currentQuantity=0)
    assert told(node, line_node(1, "70.0"), gone, line_node(3, "50.0")).refunded == 4_500


def test_money_is_given_back_after_an_edit_that_the_total_does_not_tell_of() -> None:
    # 100.00 were ordered and 50.00 were added; of the 150.00 that were paid, 15.00 were given back for nothing.
    node = order_node("100.0", current="150.0", refunded="15.0", net="135.0")
    assert told(node, line_node(1, "100.0"), line_node(2, "50.0")).refunded == 1_500


def test_what_is_still_owed_after_an_edit_is_no_refund() -> None:
    # 30.00 were taken off and 50.00 added to 100.00 that were paid: 20.00 are owed.
    node = order_node("150.0", current="120.0", net="100.0")
    gone = line_node(2, "30.0", left="0.0", currentQuantity=0)
    assert told(node, line_node(1, "70.0"), gone, line_node(3, "50.0")).refunded == 3_000


def test_the_line_of_a_tip_does_not_hide_what_an_edit_took_off() -> None:
    # 100.00 of goods stay, 30.00 are neither in the total nor paid back, and 10.00 are a tip.
    node = order_node("110.0", totalTipReceivedSet=money("10.0"))
    gone, tip = (
        line_node(2, "30.0", left="0.0", currentQuantity=0),
        line_node(3, "10.0", product=None, sku=None),
    )
    assert told(node, line_node(1, "100.0"), gone, tip).refunded == 0


@pytest.mark.parametrize(("refunded", "net"), [("0.0", "100.0"), ("30.0", "70.0")])
def test_what_was_taken_off_counts_once_before_and_after_it_is_paid_back(refunded: str, net: str) -> None:
    node = order_node("100.0", current="70.0", refunded=refunded, net=net)
    order = told(node, line_node(1, "70.0"), line_node(2, "30.0", left="0.0", currentQuantity=0))
    assert order.refunded == 3_000


def test_a_tip_is_no_obstacle_to_a_return() -> None:
    node = order_node("110.0", totalTipReceivedSet=money("10.0"), current="80.0", refunded="30.0", net="80.0")
    kept, back = line_node(1, "70.0"), line_node(2, "30.0", left="0.0", currentQuantity=0)
    tips = [line_node(place, "5.0", product=None, sku=None) for place in (3, 4)]
    assert told(node, kept, back).refunded == 3_000
    assert told(node, kept, back, line_node(3, "10.0", product=None, sku=None)).refunded == 3_000
    assert told(node, kept, back, *tips).refunded == 3_000


def test_the_line_of_a_tip_is_no_line_of_goods() -> None:
    node = order_node("50.0", totalTipReceivedSet=money("10.0"))
    tip = line_node(2, "10.0", product=None, sku=None)
    assert [line.amount for line in told(node, line_node(1, "40.0"), tip).lines] == [4_000]
    custom = [line_node(1, "30.0"), line_node(2, "10.0", product=None, sku=None)]
    assert [line.amount for line in told(node, *custom).lines] == [3_000, 1_000]


# Lines


def test_categories_come_from_types_or_from_tags() -> None:
    tagged = line_node(
        1, product={"productType": "flowers", "vendor": "V", "tags": ["sale", "Category: Roses"]}
    )
    untagged = line_node(2, product={"productType": "flowers", "vendor": "", "tags": []})
    order = told(order_node("80.0"), tagged, untagged, prefix="category:")
    assert [(line.category, line.brand) for line in order.lines] == [("Roses", "V"), ("flowers", "Meadow")]


def test_lines_have_the_order_of_their_numbers_and_none_comes_twice() -> None:
    nodes = [line_node(10, "30.0"), line_node(9, "10.0"), line_node(10, "30.0")]
    assert [line.amount for line in told(order_node("40.0"), *nodes).lines] == [1_000, 3_000]


@pytest.mark.parametrize(
    "line",
    [
        line_node(1, "10.0", discountAllocations=discounts("11.0")),
        line_node(1, quantity="2"),
        line_node(1, currentQuantity=2),
        line_node(1, name="nul\0"),
        line_node(1, originalTotalSet=None),
    ],
)
def test_a_line_that_cannot_be_used_leaves_the_whole_order_out(line: dict[str, Any]) -> None:
    order, sentence = remark(order_node(), line)
    assert order is None
    assert sentence.startswith("Left out")


def test_taxes_and_shipping_above_the_total_are_said() -> None:
    order, sentence = remark(order_node("5.0", totalTaxSet=money("2.0"), shippingLine=shipping("9.0")))
    assert order is not None
    assert (order.total, order.tax, order.shipping) == (500, 200, 300)
    assert "1001" in sentence


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "gid://shopify/Customer/1"),
        ("id", "gid://shopify/Order/99999999999999999999"),
        ("processedAt", None),
        ("processedAt", "2026-02-01T10:00:00"),
        ("updatedAt", "0001-01-01T00:00:00Z"),
        ("currencyCode", "XXX"),
        ("currencyCode", None),
        ("customer", {"id": "7"}),
        ("totalPriceSet", money("-1.0")),
        ("totalTaxSet", money("-1.0")),
    ],
)
def test_a_field_that_makes_no_sense_leaves_the_order_out(field: str, value: object) -> None:
    node = replace_fields(order_node(), **{field: value})
    if field == "totalPriceSet":
        node["currentTotalPriceSet"] = value
    order, sentence = remark(node)
    assert order is None
    assert sentence.startswith("Left out")


def test_many_remarks_are_few_words() -> None:
    remarks = Remarks()
    for number in range(1, 101):
        node = order_node(id=f"gid://shopify/Order/{number}", currencyCode="?")
        assert told_order(node, (), Categories(), remarks, SpendBasis()) is None
    (sentence,) = remarks.sentences()
    assert "and 95 more" in sentence
