from pathlib import Path
from typing import Any

import pytest

from tests.files.adapting import customers, notes, opened, orders, told
from tests.files.exports import PAID, SHOPIFY_CUSTOMERS, SHOPIFY_ORDERS, table
from vip_rules.errors import InvalidInput
from vip_rules.model import OrderLine
from vip_rules.store import Page, StoreOrder

ANN = {"Customer ID": "'6001", "First Name": "Ann", "Email": "Ann@Example.org", "Tags": "press, friend"}
BO = {"Customer ID": "'6002", "First Name": "Bo", "Email": "bo@example.org"}


def order(name: str, email: str = "ann@example.org", **more: str) -> dict[str, Any]:
    return {
        **PAID,
        "Name": name,
        "Email": email,
        "Created at": "2026-03-01 23:30:00 -0800",
        "Lineitem quantity": "1",
        "Lineitem name": "Tee",
        "Lineitem price": more.get("Total", "0.00"),
        "Id": name.replace("#", "77"),
        **more,
    }


def line(name: str, **more: str) -> dict[str, Any]:
    return {"Name": name, "Email": "ann@example.org", **more}


def export(folder: Path, *rows: dict[str, Any], people: tuple[dict[str, Any], ...] = (ANN, BO)) -> Path:
    (folder / "customers_export.csv").write_text(table(SHOPIFY_CUSTOMERS, list(people)))
    (folder / "orders_export_1.csv").write_text(table(SHOPIFY_ORDERS, list(rows)))
    return folder


def read(folder: Path, *rows: dict[str, Any], currency: str = "USD") -> list[Page]:
    return told(opened(export(folder, *rows), currency=currency))


def only_order(folder: Path, *rows: dict[str, Any], currency: str = "USD") -> StoreOrder:
    (found,) = orders(read(folder, *rows, currency=currency)).values()
    return found


def test_an_order_is_its_customers_by_email_on_the_local_day_of_its_creation(tmp_path: Path) -> None:
    found = only_order(
        tmp_path, order("#1001", "ANN@example.org ", Total="120.00", Taxes="9.50", Shipping="5.00")
    )
    assert (found.id, found.customer_id, str(found.placed_at)) == ("771001", "6001", "2026-03-02")
    assert (found.total, found.tax, found.shipping, found.refunded) == (12000, 950, 500, 0)
    assert (found.status, found.channel, found.currency) == ("paid", "web", "USD")


def test_the_rows_after_an_orders_first_are_its_lines(tmp_path: Path) -> None:
    pages = read(
        tmp_path,
        order("#1", Total="50.00", **{"Lineitem quantity": "2", "Lineitem price": "15.00", "Vendor": "Acme"}),
        line("#1", **{"Lineitem quantity": "1", "Lineitem name": "Mug", "Lineitem price": "20.00"}),
        order("#2", Total="7.00"),
    )
    found = orders(pages)
    assert [(each.product, each.brand, each.quantity, each.amount) for each in found["771"].lines] == [
        ("Tee", "Acme", 2, 3000),
        ("Mug", None, 1, 2000),
    ]
    assert len(found["772"].lines) == 1
    assert "orders_export_1.csv (orders): 2 rows read, 2 used." in notes(pages)
    assert "orders_export_1.csv (lines): 3 rows read, 3 used." in notes(pages)


def test_a_discount_of_the_whole_order_is_shared_out_over_its_lines(tmp_path: Path) -> None:
    found = only_order(
        tmp_path,
        order(
            "#1", Total="25.00", Shipping="5.00", **{"Lineitem price": "10.00", "Discount Amount": "10.00"}
        ),
        line("#1", **{"Lineitem quantity": "2", "Lineitem name": "Mug", "Lineitem price": "10.00"}),
    )
    assert [each.amount for each in found.lines] == [666, 1334]
    assert (found.discount, sum(each.amount for each in found.lines)) == (1000, 2000)


def test_the_discount_of_a_line_is_that_lines(tmp_path: Path) -> None:
    found = only_order(
        tmp_path,
        order("#1", Total="15.00", **{"Lineitem price": "10.00", "Lineitem discount": "5.00"}),
        line("#1", **{"Lineitem quantity": "1", "Lineitem name": "Mug", "Lineitem price": "10.00"}),
    )
    assert [each.amount for each in found.lines] == [500, 1000]


def test_lines_of_an_order_that_was_free_are_worth_nothing(tmp_path: Path) -> None:
    found = only_order(tmp_path, order("#1", Total="0.00"))
    assert found.lines == (OrderLine(product="Tee"),)


def test_taxes_that_prices_include_are_taken_out_of_goods_and_shipping(tmp_path: Path) -> None:
    found = only_order(
        tmp_path, order("#1", Subtotal="119.00", Shipping="11.90", Taxes="20.90", Total="130.90")
    )
    assert (found.total, found.tax, found.shipping) == (13090, 2090, 1000)
    assert [each.amount for each in found.lines] == [10000]


def test_duties_are_taxes(tmp_path: Path) -> None:
    found = only_order(tmp_path, order("#1", Total="120.00", Taxes="10.00", Duties="3.05"))
    assert found.tax == 1305


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("paid", "paid"),
        ("refunded", "refunded"),
        ("partially_refunded", "partially_refunded"),
        ("pending", "pending"),
        ("authorized", "pending"),
        ("partially_paid", "pending"),
        ("voided", "voided"),
        ("expired", "voided"),
    ],
)
def test_payment_statuses_mean_what_counts(tmp_path: Path, written: str, status: str) -> None:
    found = only_order(tmp_path, order("#1", Total="5.00", **{"Financial Status": written}))
    assert found.status == status


@pytest.mark.parametrize("written", ["", "settled"])
def test_a_payment_status_that_nobody_knows_is_no_payment(tmp_path: Path, written: str) -> None:
    with pytest.raises(InvalidInput, match=r"orders_export_1\.csv:2: status .* is none of paid"):
        read(tmp_path, order("#1", Total="5.00", **{"Financial Status": written}))


def test_a_cancelled_order_is_cancelled_whatever_was_paid(tmp_path: Path) -> None:
    found = only_order(tmp_path, order("#1", Total="5.00", **{"Cancelled at": "2026-03-02 10:00:00 -0800"}))
    assert found.status == "cancelled"


def test_a_refund_is_told_as_the_export_has_it(tmp_path: Path) -> None:
    partly = {"Financial Status": "partially_refunded", "Refunded Amount": "12.34"}
    assert only_order(tmp_path, order("#1", Total="50.00", **partly)).refunded == 1234


def test_an_order_refunded_without_a_figure_is_refunded_whole(tmp_path: Path) -> None:
    found = only_order(tmp_path, order("#1", Total="50.00", **{"Financial Status": "refunded"}))
    assert (found.status, found.refunded) == ("refunded", None)


def test_an_order_of_nobody_known_is_a_guests(tmp_path: Path) -> None:
    pages = read(
        tmp_path,
        order("#1", "eve@example.org", Total="9.00"),
        order("#2", "", Total="9.00"),
        order("#3", Total="1.00"),
    )
    assert list(orders(pages)) == ["773"]
    assert "2 orders of guests" in notes(pages)
    assert "2 lines left out" in notes(pages)


def test_orders_of_another_currency_wait_for_a_rate(tmp_path: Path) -> None:
    pages = read(tmp_path, order("#1", Total="9.00", Currency="CAD"), order("#2", Total="8.00"))
    assert list(orders(pages)) == ["772"]
    assert "1 order in CAD set aside" in notes(pages)


def test_amounts_are_in_the_currencys_own_minor_units(tmp_path: Path) -> None:
    rows = (
        order("#1", Total="1100", Subtotal="1000", Shipping="100", Taxes="100", Currency="JPY"),
        line("#1", **{"Lineitem quantity": "1", "Lineitem name": "Mug", "Lineitem price": "500"}),
    )
    found = only_order(tmp_path, *rows, currency="JPY")
    assert (found.total, found.tax, found.shipping) == (1100, 100, 91)
    assert [each.amount for each in found.lines] == [625, 284]


def test_customers_came_with_their_first_order(tmp_path: Path) -> None:
    pages = read(
        tmp_path,
        order("#1", Total="1.00"),
        order("#2", Total="1.00", **{"Created at": "2025-06-30 23:59:59 -0400"}),
        order("#3", "eve@example.org", Total="1.00", **{"Created at": "2026-04-01 08:00:00 -0400"}),
    )
    found = customers(pages)
    assert {key: str(each.created_at) for key, each in found.items()} == {
        "6001": "2025-06-30",
        "6002": "2026-04-01",
    }
    assert found["6001"].tags == ("friend", "press")
    assert "the day of their first order stands for it" in notes(pages)


def test_without_any_order_customers_came_today(tmp_path: Path) -> None:
    assert {str(each.created_at) for each in customers(read(tmp_path)).values()} == {"2026-05-03"}


def test_an_older_export_knows_customers_by_email_alone(tmp_path: Path) -> None:
    columns = SHOPIFY_CUSTOMERS[1:]
    export(tmp_path, order("#1", Total="1.00"))
    person = {"First Name": "Ann", "Email": "Ann@Example.org"}
    (tmp_path / "customers_export.csv").write_text(table(columns, [person]))
    pages = told(opened(tmp_path))
    assert list(customers(pages)) == ["ann@example.org"]
    assert orders(pages)["771"].customer_id == "ann@example.org"


def test_personal_data_is_told_only_where_it_is_wanted(tmp_path: Path) -> None:
    birth = "Date of birth (customer.metafields.facts.birth_date)"
    columns = [*SHOPIFY_CUSTOMERS, birth]
    export(tmp_path)
    (tmp_path / "customers_export.csv").write_text(table(columns, [{**ANN, birth: "'1985-05-03"}]))
    adapter = opened(tmp_path)
    (plain,) = customers(told(adapter)).values()
    assert (plain.birthday, plain.email) == (None, None)
    (whole,) = customers(told(adapter, "birthday", "email", "language")).values()
    assert (str(whole.birthday), whole.email, whole.language) == ("1985-05-03", "ann@example.org", None)


def test_the_file_is_read_as_windows_writes_it(tmp_path: Path) -> None:
    export(tmp_path)
    rows = [order("#1", Total="5.00", Notes="Ring twice,\r\nplease"), order("#2", Total="6.00")]
    text = table(SHOPIFY_ORDERS, rows, end="\r\n")
    (tmp_path / "orders_export_1.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert set(orders(told(opened(tmp_path)))) == {"771", "772"}


def test_a_bad_row_is_named_by_its_line_in_the_merchants_own_file(tmp_path: Path) -> None:
    rows = (
        order("#1", Total="5.00", Notes="two\nlines"),
        order("#2", Total="six", **{"Lineitem price": "6.00"}),
        line("#2", **{"Lineitem quantity": "1.5", "Lineitem name": "Mug", "Lineitem price": "2.00"}),
        order("#3", Total="1.00", **{"Lineitem price": "$1"}),
    )
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path, *rows)
    assert [(each.line, each.reason.split(" ")[0]) for each in refused.value.rejections] == [
        (4, "order_id"),
        (4, "total"),
        (5, "quantity"),
        (6, "amount"),
    ]
    assert "orders_export_1.csv:4: total 'six' isn't a plain decimal" in str(refused.value)


def test_a_row_that_cant_be_read_is_rejected_once(tmp_path: Path) -> None:
    export(tmp_path, order("#1", Total="5.00"))
    with (tmp_path / "orders_export_1.csv").open("a") as file:
        file.write("#2,ann@example.org,paid\n")
    with pytest.raises(
        InvalidInput, match=r"orders_export_1\.csv:3: the row has 3 fields, the header 79"
    ) as refused:
        told(opened(tmp_path))
    assert len(refused.value.rejections) == 1


def test_several_files_of_orders_are_one_export(tmp_path: Path) -> None:
    export(tmp_path, order("#1", Total="5.00"))
    second = table(SHOPIFY_ORDERS, [order("#2", Total="6.00"), order("#3", Total="x")])
    (tmp_path / "orders_export_2.csv").write_text(second)
    with pytest.raises(InvalidInput, match=r"orders_export_2\.csv:3: total 'x'"):
        told(opened(tmp_path))
    pages = told(opened(tmp_path, on_bad_rows="skip"))
    assert {key: len(each.lines) for key, each in orders(pages).items()} == {"771": 1, "772": 1}


def test_an_order_twice_is_told_by_both_places(tmp_path: Path) -> None:
    export(tmp_path, order("#1", Total="5.00"))
    (tmp_path / "orders_export_2.csv").write_text(table(SHOPIFY_ORDERS, [order("#1", Total="6.00")]))
    with pytest.raises(InvalidInput, match=r"is also on line 2 of .*orders_export_2\.csv with other content"):
        told(opened(tmp_path))


def test_an_order_is_whole_where_the_file_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vip_rules.files.delimited.CHUNK_ROWS", 2)
    mug = {"Lineitem quantity": "1", "Lineitem name": "Mug", "Lineitem price": "10.00"}
    rows = (
        order("#1", Total="30.00", **{"Lineitem price": "10.00"}),
        *(line("#1", **mug) for _ in range(4)),
        order("#2", Total="1.00"),
    )
    found = orders(read(tmp_path, *rows))
    assert [each.amount for each in found["771"].lines] == [600] * 5
    assert [each.amount for each in found["772"].lines] == [100]
