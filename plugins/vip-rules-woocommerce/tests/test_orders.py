"""Orders as the shop tells them become orders of the core, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.model import OrderLine, SpendBasis
from vip_rules.store import StoreOrder

from tests.recordings import load
from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.fields import Unusable
from vip_rules_woocommerce.reading.orders import GONE, order, remarks
from vip_rules_woocommerce.reading.products import Product

NEITHER = SpendBasis()
LINE = {
    "id": 11,
    "name": "Tea &amp; Biscuits",
    "product_id": 5,
    "quantity": 2,
    "total": "18.00",
    "total_tax": "1.44",
    "sku": "TEA",
    "price": Decimal("8.999999"),
    "meta_data": [],
}
OTHER = {
    **LINE,
    "id": 12,
    "name": "Cup",
    "product_id": 6,
    "quantity": 1,
    "total": "9.50",
    "total_tax": "0.76",
}
ROW: dict[str, Any] = {
    "id": 77,
    "status": "completed",
    "currency": "USD",
    "created_via": "checkout",
    "customer_id": 4,
    "date_created_gmt": "2026-11-01T05:30:00",
    "date_modified_gmt": "2026-11-02T06:00:00",
    "discount_total": "2.00",
    "shipping_total": "5.00",
    "total_tax": "2.60",
    "total": "38.10",
    "line_items": [LINE, OTHER],
    "refunds": [],
}
"""Goods for 27.50 after a discount of 2.00, a fee of 3.00, shipping of 5.00, and taxes of all that of 2.60."""


def read(
    row: Mapping[str, Any],
    refunds: Mapping[int, Any] | None = None,
    spend: SpendBasis = NEITHER,
    **choices: Any,
) -> StoreOrder:
    products = {5: Product("Tea", "Leaf"), 6: Product(gift_card=False)}
    return order(row, refunds or {}, products, Choices(**choices), spend)


def test_an_order_is_told_to_the_cent() -> None:
    assert read(ROW) == StoreOrder(
        id="77",
        customer_id="4",
        placed_at=datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        updated_at=datetime(2026, 11, 2, 6, tzinfo=UTC),
        currency="USD",
        total=3810,
        tax=260,
        shipping=500,
        refunded=0,
        discount=200,
        status="paid",
        channel="web",
        lines=(
            OrderLine("TEA", "Tea & Biscuits", "Tea", "Leaf", 2, 1800),
            OrderLine("TEA", "Cup", None, None, 1, 950),
        ),
    )


def test_a_shop_s_own_checkout_is_read() -> None:
    told = read(load("order-get-from-shop-checkout")["body"])
    assert (told.status, told.total, told.tax, told.shipping) == ("pending", 3539, 289, 750)
    assert [line.amount for line in told.lines] == [2500]


def test_a_discount_is_taken_off_the_lines() -> None:
    told = read(load("order-create-coupon-ok")["body"])
    assert (told.customer_id, told.total, told.discount) == (None, 4137, 1200)
    assert [(line.amount, line.quantity) for line in told.lines] == [(3800, 2)]


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("processing", "paid"),
        ("completed", "paid"),
        ("refunded", "refunded"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        *((status, "pending") for status in ("pending", "on-hold", "checkout-draft", "auto-draft", "trash")),
        ("shipped", "pending"),
    ],
)
def test_statuses_mean_what_the_design_says(status: str, meant: str) -> None:
    assert read({**ROW, "status": status}).status == meant


def test_an_order_in_the_trash_is_gone() -> None:
    row = load("order-get-trashed")["body"]
    assert row["status"] in GONE
    assert read(row).status == "pending"


def test_a_status_of_a_plugin_counts_if_it_was_chosen() -> None:
    row = {**ROW, "status": "shipped"}
    assert read(row, paid_statuses=frozenset({"shipped"})).status == "paid"
    assert [note for note in remarks(row, Choices()) if "'shipped'" in note]
    assert not list(remarks(row, Choices(paid_statuses=frozenset({"shipped"}))))


@pytest.mark.parametrize(
    ("origin", "channel"),
    [
        ("checkout", "web"),
        ("store-api", "web"),
        ("admin", "web"),
        ("deposit", "web"),
        ("", "web"),
        (None, "web"),
        ("pos-rest-api", "pos"),
        ("POS", "pos"),
        ("wcpos", "pos"),
    ],
)
def test_the_channel_is_where_it_was_bought(origin: str | None, channel: str) -> None:
    assert read({**ROW, "created_via": origin}).channel == channel


# Amounts that can't be right


@pytest.mark.parametrize(
    "total",
    [
        "38,10",
        "38.105",
        "1.000,00",
        "",
        None,
        38,
        Decimal("38.1"),
        "1e3",
        "٣٨",
        "NaN",
        "-1.00",
        "9" * 31,
        "1" * 20,
        True,
    ],
)
def test_an_amount_that_is_not_one_sets_the_order_aside(total: Any) -> None:
    with pytest.raises(Unusable, match="total is"):
        read({**ROW, "total": total})


@pytest.mark.parametrize(
    "name", ["total_tax", "shipping_total", "discount_total", "date_created_gmt", "currency"]
)
def test_an_order_without_its_figures_is_set_aside(name: str) -> None:
    with pytest.raises(Unusable, match=name):
        read({key: value for key, value in ROW.items() if key != name})


@pytest.mark.parametrize(
    ("code", "total", "minor"), [("JPY", "3810", 3810), ("JPY", "38.00", 38), ("KWD", "38.125", 38125)]
)
def test_amounts_are_in_the_currency_s_own_unit(code: str, total: str, minor: int) -> None:
    amounts = dict.fromkeys(("total_tax", "shipping_total", "discount_total"), "0")
    assert read({**ROW, **amounts, "currency": code, "total": total, "line_items": []}).total == minor


def test_an_unknown_currency_sets_the_order_aside() -> None:
    with pytest.raises(Unusable, match="currency: 'XBT'"):
        read({**ROW, "currency": "XBT"})


def test_a_part_of_a_unit_is_a_unit() -> None:
    assert read({**ROW, "line_items": [{**LINE, "quantity": Decimal("1.25")}]}).lines[0].quantity == 2


def test_a_line_that_takes_money_off_is_left_out_and_said() -> None:
    row = {**ROW, "line_items": [LINE, {**OTHER, "total": "-3.00"}]}
    assert [line.amount for line in read(row).lines] == [1800]
    assert read(row).total == 3810
    assert len([note for note in remarks(row, Choices()) if "takes money off" in note]) == 1


# Refunds


def refund(
    number: int, amount: str, *items: tuple[int, str, str], shipping: tuple[str, str] | None = None
) -> dict[str, Any]:
    """A refund of some lines, each with its amount and tax, and of shipping."""
    lines = [
        {
            "id": 900 + line,
            "total": f"-{total}",
            "total_tax": f"-{tax}",
            "meta_data": [{"key": "_refunded_item_id", "value": str(line)}],
        }
        for line, total, tax in items
    ]
    back = [{"id": 990, "total": f"-{shipping[0]}", "total_tax": f"-{shipping[1]}"}] if shipping else []
    return {"id": number, "amount": amount, "line_items": lines, "shipping_lines": back, "fee_lines": []}


def refunded(*refunds: dict[str, Any], **changes: Any) -> StoreOrder:
    told = [{"id": each["id"], "total": f"-{each['amount']}", "total_tax": "0.00"} for each in refunds]
    return read({**ROW, "refunds": told, **changes}, {each["id"]: each for each in refunds})


def test_a_refund_of_a_line_is_its_goods_without_tax() -> None:
    told = refunded(refund(1, "9.72", (11, "9.00", "0.72")))
    assert (told.status, told.refunded) == ("partially_refunded", 900)
    assert [line.refunded for line in told.lines] == [900, 0]


def test_a_refund_of_shipping_and_tax_takes_nothing_from_the_goods() -> None:
    told = refunded(refund(1, "5.40", shipping=("5.00", "0.40")), refund(2, "1.44", (11, "0.00", "1.44")))
    assert (told.status, told.refunded) == ("partially_refunded", 0)


def test_a_refund_that_names_nothing_is_taken_from_the_goods() -> None:
    told = refunded(refund(1, "7.00"), refund(2, "5.00", (12, "2.00", "0.16")))
    assert told.refunded == 700 + 200 + (500 - 216)
    assert [line.refunded for line in told.lines] == [0, 200]


def test_more_items_than_money_are_as_much_as_was_given_back() -> None:
    assert refunded(refund(1, "4.00", (11, "9.00", "0.72"))).refunded == 400


def test_refunds_of_one_line_add_up_to_no_more_than_the_line() -> None:
    told = refunded(refund(1, "9.00", (12, "9.00", "0.00")), refund(2, "9.00", (12, "9.00", "0.00")))
    assert [line.refunded for line in told.lines] == [0, 950]
    assert told.refunded == 1800


def test_an_order_that_was_refunded_whole_needs_no_details() -> None:
    told = [
        {"id": 1, "total": "-30.00", "total_tax": "0.00"},
        {"id": 2, "total": "-8.10", "total_tax": "0.00"},
    ]
    order_told = read({**ROW, "status": "refunded", "refunds": told})
    assert (order_told.status, order_told.refunded) == ("refunded", 3810)


def test_the_status_refunded_without_a_refund_has_no_figure() -> None:
    assert read({**ROW, "status": "refunded"}).refunded is None


def test_a_refund_of_nothing_is_none() -> None:
    told = refunded(refund(1, "0.00"))
    assert (told.status, told.refunded) == ("paid", 0)


def test_a_refund_whose_details_are_gone_is_taken_from_the_goods() -> None:
    told = read({**ROW, "refunds": [{"id": 1, "total": "-6.00", "total_tax": "0.00"}]})
    assert told.refunded == 600


def test_a_recorded_order_with_four_refunds_is_read() -> None:
    row = load("order-get-partially-refunded")["body"]
    details = {each["id"]: each for each in load("refunds-list-of-order")["body"]}
    told = read(row, details)
    # 21.25 for a unit of the first line, 22.50 for the second, 5.00 for nothing named, and 0.00.
    assert (told.status, told.refunded) == ("partially_refunded", 2125 + 2250 + 500)
    assert [line.refunded for line in told.lines] == [2125, 2250]
    assert [line.quantity for line in told.lines] == [3, 1]
    whole = read(load("order-get-fully-refunded")["body"])
    assert (whole.status, whole.refunded, whole.total) == ("refunded", 10208, 10208)


# Gift cards


def test_a_gift_card_is_told_by_its_product_or_by_its_line() -> None:
    card = Product(gift_card=True)
    marked = {**OTHER, "meta_data": [{"key": "pw_gift_card_number", "value": "ABCD-1234"}]}
    assert [line.gift_card for line in order(ROW, {}, {5: card}, Choices(), NEITHER).lines] == [True, False]
    assert [line.gift_card for line in read({**ROW, "line_items": [LINE, marked]}).lines] == [False, True]


def test_a_refund_of_a_gift_card_takes_nothing_from_the_other_goods() -> None:
    row = {**ROW, "refunds": [{"id": 1, "total": "-27.50", "total_tax": "0.00"}]}
    both = {1: refund(1, "27.50", (11, "18.00", "0.00"), (12, "9.50", "0.00"))}
    assert order(row, both, {5: Product(gift_card=True)}, Choices(), NEITHER).refunded == 950


# Whatever comes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.decimals() | st.just("12.50"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ROW, *LINE]), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.sampled_from([*ROW]), VALUES, max_size=4),
    st.dictionaries(st.sampled_from([*LINE]), VALUES),
)
def test_whatever_an_order_holds_it_is_read_or_set_aside(
    changes: dict[str, Any], line: dict[str, Any]
) -> None:
    row = {**ROW, "line_items": [{**LINE, **line}], **changes, "id": 77}
    try:
        told = read(row)
    except Unusable:
        return
    assert all(type(each) is int for each in (told.total, told.tax, told.shipping, told.discount))
    assert all(type(each.amount) is int and type(each.quantity) is int for each in told.lines)
    assert all(isinstance(note, str) for note in remarks(row, Choices()))
