"""What orders count for on each basis of spend, and what was given back of them; every amount was worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from vip_rules.model import SpendBasis
from vip_rules.store import StoreOrder

from tests.recordings import load
from tests.specification import BASES, BOTH, NEITHER, SHIPPING, TAX, Worth, worth
from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.fields import Unusable
from vip_rules_woocommerce.reading.orders import order
from vip_rules_woocommerce.reading.products import Product

Row = dict[str, Any]
CARD = 9
PRODUCTS: Mapping[int, Product] = {5: Product("Tea"), CARD: Product(gift_card=True)}


def line(number: int, total: str, tax: str, product: int = 5) -> Row:
    """A line of an order."""
    return {
        "id": number,
        "name": "Tea",
        "product_id": product,
        "quantity": 2,
        "total": total,
        "total_tax": tax,
        "meta_data": [],
    }


ROW: Row = {
    "id": 77,
    "status": "completed",
    "currency": "USD",
    "created_via": "checkout",
    "customer_id": 4,
    "date_created_gmt": "2026-11-01T05:30:00",
    "date_modified_gmt": "2026-11-02T06:00:00",
    "discount_total": "0.00",
    "shipping_total": "5.00",
    "shipping_tax": "0.40",
    "total_tax": "2.84",
    "total": "38.34",
    "line_items": [line(11, "18.00", "1.44"), line(12, "9.50", "0.76")],
    "refunds": [],
}
"""Goods of 18.00 and 9.50 and a fee of 3.00, shipping of 5.00, and 8 % of tax on all: 1.44, 0.76, 0.24 and 0.40."""


def on_all(row: Row, *refunds: Row) -> list[StoreOrder]:
    """An order as it is told on the four bases."""
    told = [{"id": each["id"], "total": f"-{each['amount']}", "total_tax": "0.00"} for each in refunds]
    details = {each["id"]: each for each in refunds}
    return [order({**row, "refunds": told}, details, PRODUCTS, Choices(), spend) for spend in BASES]


def items(*each: tuple[int, str, str]) -> list[Row]:
    """Items of a refund: each of the order's item with an id, an amount and a tax."""
    return [
        {
            "id": 900 + number,
            "total": f"-{total}",
            "total_tax": f"-{tax}",
            "meta_data": [{"key": "_refunded_item_id", "value": str(number)}],
        }
        for number, total, tax in each
    ]


def refund(amount: str, *lines: tuple[int, str, str], number: int = 1, **more: list[Row]) -> Row:
    """A refund of money, and of lines."""
    besides: Row = {"shipping_lines": [], "fee_lines": [], **more}
    return {"id": number, "amount": amount, "line_items": items(*lines), **besides}


def worths(orders: Sequence[StoreOrder]) -> list[Worth]:
    return [worth(each, spend) for each, spend in zip(orders, BASES, strict=True)]


def counted(orders: Sequence[StoreOrder]) -> list[int]:
    return [each.counted for each in worths(orders)]


def refunded(orders: Sequence[StoreOrder]) -> list[int]:
    return [each.refunded for each in worths(orders)]


def amounts(orders: Sequence[StoreOrder]) -> list[list[tuple[int, int]]]:
    return [[(each.amount, each.refunded) for each in told.lines] for told in orders]


def test_goods_fees_taxes_and_shipping() -> None:
    orders = on_all(ROW)
    # 38.34 without 2.84 and 5.00, without 5.40, without 2.84, and whole.
    assert counted(orders) == [3_050, 3_294, 3_550, 3_834]
    assert refunded(orders) == [0, 0, 0, 0]
    net, gross = [(1_800, 0), (950, 0)], [(1_944, 0), (1_026, 0)]
    assert amounts(orders) == [net, gross, net, gross]


def test_the_tax_on_shipping_is_told_with_the_shipping_where_tax_counts() -> None:
    told = dict(zip(BASES, on_all(ROW), strict=True))
    assert [(told[spend].tax, told[spend].shipping) for spend in (NEITHER, SHIPPING)] == [(284, 500)] * 2
    assert [(told[spend].tax, told[spend].shipping) for spend in (TAX, BOTH)] == [(244, 540)] * 2


def test_a_unit_is_given_back_with_its_tax_where_tax_counts() -> None:
    orders = on_all(ROW, refund("9.72", (11, "9.00", "0.72")))
    assert refunded(orders) == [900, 972, 900, 972]
    net, gross = [(1_800, 900), (950, 0)], [(1_944, 972), (1_026, 0)]
    assert amounts(orders) == [net, gross, net, gross]


def test_tax_alone_is_given_back_where_it_counts() -> None:
    assert refunded(on_all(ROW, refund("1.44", (11, "0.00", "1.44")))) == [0, 144, 0, 144]


def test_shipping_is_given_back_where_it_counts() -> None:
    orders = on_all(ROW, refund("5.40", shipping_lines=items((31, "5.00", "0.40"))))
    assert refunded(orders) == [0, 0, 500, 540]
    assert {each.status for each in orders} == {"partially_refunded"}


def test_a_fee_is_given_back_with_its_tax() -> None:
    assert refunded(on_all(ROW, refund("3.24", fee_lines=items((21, "3.00", "0.24"))))) == [
        300,
        324,
        300,
        324,
    ]


def test_what_names_nothing_comes_from_the_goods_first_on_each_basis() -> None:
    orders = on_all(ROW, refund("7.00"), refund("5.00", (12, "2.00", "0.16"), number=2))
    # 7.00; 2.00 and its tax of 0.16; and 2.84 more than that.
    assert refunded(orders) == [700 + 200 + 284, 700 + 216 + 284, 700 + 200 + 284, 700 + 216 + 284]


def test_less_money_than_items_comes_from_the_goods_first_too() -> None:
    back = refund("10.00", (11, "9.00", "0.72"), shipping_lines=items((31, "5.00", "0.40")))
    assert refunded(on_all(ROW, back)) == [900, 972, 1_000, 1_000]


def test_all_goods_came_back_and_only_shipping_is_left_where_it_counts() -> None:
    fee = items((21, "3.00", "0.24"))
    orders = on_all(ROW, refund("32.94", (11, "18.00", "1.44"), (12, "9.50", "0.76"), fee_lines=fee))
    assert worths(orders) == [
        Worth(3_050, 3_050, False),
        Worth(3_294, 3_294, False),
        Worth(3_550, 3_050),
        Worth(3_834, 3_294),
    ]


@pytest.mark.parametrize("tax", ["1.66", "1.67"])
def test_what_is_left_by_rounding_alone_is_no_order(tax: str) -> None:
    # Three times 10.00 with a fifth of tax on top of the price: 8.33 and 1.66 or 1.67 each, but 25.00 and 5.00 for all.
    lines = [line(number, "8.33", tax) for number in (11, 12, 13)]
    row = {**ROW, "line_items": lines, "shipping_tax": "0.00", "total_tax": "5.00", "total": "35.00"}
    amount = {"1.66": "29.97", "1.67": "30.00"}[tax]
    assert worths(on_all(row, refund(amount, *((number, "8.33", tax) for number in (11, 12, 13))))) == [
        Worth(2_500, 2_500, False),
        Worth(3_000, 3_000, False),
        Worth(3_000, 2_500),
        Worth(3_500, 3_000),
    ]


def test_a_cent_that_was_not_given_back_of_a_line_is_left() -> None:
    fee = items((21, "3.00", "0.24"))
    orders = on_all(ROW, refund("32.93", (11, "17.99", "1.44"), (12, "9.50", "0.76"), fee_lines=fee))
    assert worths(orders)[:2] == [Worth(3_050, 3_049), Worth(3_294, 3_293)]


def test_an_order_that_was_refunded_whole_is_none_on_any_basis() -> None:
    orders = on_all({**ROW, "status": "refunded"}, refund("30.00"), refund("8.34", number=2))
    assert refunded(orders) == [3_834] * 4
    assert not any(each.is_order for each in worths(orders))


def test_a_gift_card_is_counted_neither_when_it_is_bought_nor_when_it_is_given_back() -> None:
    # Tea of 18.00 with 1.44 of tax, and a card of 50.00, which has none.
    lines = [line(11, "18.00", "1.44"), line(12, "50.00", "0.00", CARD)]
    row = {**ROW, "line_items": lines, "shipping_tax": "0.00", "shipping_total": "0.00", "total_tax": "1.44"}
    row["total"] = "69.44"
    assert worths(on_all(row, refund("50.00", (12, "50.00", "0.00")))) == [
        Worth(1_800, 0),
        Worth(1_944, 0),
        Worth(1_800, 0),
        Worth(1_944, 0),
    ]
    row["total"] = "69.45"  # a cent more than the lines, by rounding
    back = on_all(row, refund("19.44", (11, "18.00", "1.44")))
    assert worths(back) == [Worth(value, value, False) for value in (1_801, 1_945, 1_801, 1_945)]


def test_a_currency_without_decimals() -> None:
    row = {
        **ROW,
        "currency": "JPY",
        "line_items": [line(11, "1200", "120")],
        "shipping_total": "500.00",
        "shipping_tax": "50.00",
        "total_tax": "170",
        "total": "1870.00",
        "discount_total": "0",
    }
    orders = on_all(row, refund("660", (11, "600", "60")))
    assert counted(orders) == [1_200, 1_320, 1_700, 1_870]
    assert refunded(orders) == [600, 660, 600, 660]


def test_an_order_that_cost_nothing_is_one_on_every_basis() -> None:
    nothing = dict.fromkeys(("total", "total_tax", "shipping_total", "shipping_tax"), "0.00")
    assert worths(on_all({**ROW, **nothing, "line_items": [line(11, "0.00", "0.00")]})) == [Worth(0, 0)] * 4


def test_a_recorded_order_with_four_refunds_is_read_with_taxes() -> None:
    row = load("order-get-partially-refunded")["body"]
    details = {each["id"]: each for each in load("refunds-list-of-order")["body"]}
    # 21.25 with 1.89 of tax for a unit of the first line, 22.50 without tax for the second, 5.00 for nothing named.
    back = [order(row, details, {}, Choices(), spend).refunded for spend in BASES]
    assert back == [4_875, 5_064, 4_875, 5_064]


@pytest.mark.parametrize("spend", [TAX, BOTH])
@pytest.mark.parametrize("row", [{"shipping_tax": None}, {"line_items": [{**line(11, "1.00", ""), "id": 1}]}])
def test_an_order_without_the_taxes_that_count_is_set_aside(spend: SpendBasis, row: Row) -> None:
    with pytest.raises(Unusable, match="_tax is"):
        order({**ROW, **row}, {}, PRODUCTS, Choices(), spend)
    order({**ROW, **row}, {}, PRODUCTS, Choices(), SHIPPING)
