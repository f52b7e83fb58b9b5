from pathlib import Path
from typing import Any

import pytest

from tests.files.adapting import customers, notes, opened, orders, told
from tests.files.exports import WOOCOMMERCE_CUSTOMERS, WOOCOMMERCE_ITEMS, WOOCOMMERCE_ORDERS, table
from vip_rules.errors import InvalidInput
from vip_rules.model import OrderLine
from vip_rules.store import Page, StoreOrder

ANN = {"customer_id": "7", "email": "ann@example.org", "date_registered": "2024-02-29 22:15:00"}
GUEST = {"customer_id": "0", "email": "eve@example.org", "date_registered": "2026-01-01 10:00:00"}


def order(number: str, **more: str) -> dict[str, Any]:
    return {
        "order_id": number,
        "order_date": "2026-03-01 23:30:00",
        "status": "completed",
        "shipping_total": "5",
        "tax_total": "9.50",
        "discount_total": "0.00",
        "order_total": "114.50",
        "refunded_total": "0.00",
        "order_currency": "USD",
        "customer_id": "7",
        **more,
    }


def read(folder: Path, *rows: dict[str, Any], columns: list[str] = WOOCOMMERCE_ORDERS) -> list[Page]:
    (folder / "customers.csv").write_text(table(WOOCOMMERCE_CUSTOMERS, [ANN, GUEST]))
    (folder / "orders-2026.csv").write_text(table(columns, list(rows)))
    return told(opened(folder))


def only_order(folder: Path, *rows: dict[str, Any], columns: list[str] = WOOCOMMERCE_ORDERS) -> StoreOrder:
    (found,) = orders(read(folder, *rows, columns=columns)).values()
    return found


def test_an_order_is_its_customers_by_number_on_the_day_of_the_shops_clock(tmp_path: Path) -> None:
    found = only_order(tmp_path, order("31", refunded_total="10.00"))
    assert (found.id, found.customer_id, str(found.placed_at)) == ("31", "7", "2026-03-01")
    assert (found.total, found.tax, found.shipping, found.refunded) == (11450, 950, 500, 1000)
    assert (found.status, found.discount, found.lines) == ("paid", 0, ())


def test_customers_came_when_they_registered_and_guests_are_none(tmp_path: Path) -> None:
    pages = read(tmp_path, order("31"))
    assert {key: str(each.created_at) for key, each in customers(pages).items()} == {"7": "2024-02-29"}
    assert "export one row per item to have their lines" in notes(pages)


def test_orders_without_an_account_are_guests(tmp_path: Path) -> None:
    pages = read(tmp_path, order("31", customer_id="0"), order("32", customer_id=""), order("33"))
    assert list(orders(pages)) == ["33"]
    assert "2 orders of guests" in notes(pages)


def test_rows_of_one_order_are_its_items(tmp_path: Path) -> None:
    columns = [*WOOCOMMERCE_ORDERS, *WOOCOMMERCE_ITEMS]
    mug = {
        "item_name": "Mug",
        "item_sku": "M-1",
        "item_quantity": "2",
        "item_total": "30.00",
        "item_refunded": "0",
    }
    tee = {"item_name": "Tee", "item_quantity": "1", "item_total": "70.00", "item_refunded": "70.00"}
    rows = (order("31", **mug), order("31", **tee), order("32", **tee))
    found = orders(read(tmp_path, *rows, columns=columns))
    assert found["31"].lines == (
        OrderLine(sku="M-1", product="Mug", quantity=2, amount=3000),
        OrderLine(product="Tee", amount=7000, refunded=7000),
    )
    assert len(found["32"].lines) == 1


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("processing", "paid"),
        ("wc-completed", "paid"),
        ("on-hold", "pending"),
        ("pending", "pending"),
        ("checkout-draft", "pending"),
        ("failed", "failed"),
        ("cancelled", "cancelled"),
        ("trash", "cancelled"),
    ],
)
def test_statuses_mean_what_counts(tmp_path: Path, written: str, status: str) -> None:
    assert only_order(tmp_path, order("31", status=written)).status == status


def test_a_status_of_another_plugin_is_for_the_merchant_to_judge(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"orders-2026\.csv:2: status 'shipped' is none of paid"):
        read(tmp_path, order("31", status="wc-shipped"))


def test_an_order_refunded_without_a_figure_is_refunded_whole(tmp_path: Path) -> None:
    found = only_order(tmp_path, order("31", status="refunded"))
    assert (found.status, found.refunded) == ("refunded", None)


def test_an_export_without_refunds_is_refused(tmp_path: Path) -> None:
    columns = [name for name in WOOCOMMERCE_ORDERS if name != "refunded_total"]
    row = {name: value for name, value in order("31").items() if name != "refunded_total"}
    with pytest.raises(InvalidInput, match="a column is missing: refunded_total"):
        read(tmp_path, row, columns=columns)


def test_the_report_of_analytics_is_refused_because_it_names_no_customer(tmp_path: Path) -> None:
    columns = [
        "Date",
        "Order #",
        "N. Revenue (formatted)",
        "Status",
        "Customer",
        "Customer type",
        "Net Sales",
    ]
    (tmp_path / "orders.csv").write_text(table(columns, []))
    with pytest.raises(InvalidInput, match="doesn't tell which customer an order is of"):
        told(opened(tmp_path))
