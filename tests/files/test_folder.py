from pathlib import Path

import pytest

from tests.files.adapting import customers, notes, opened, orders, told
from tests.files.exports import SHOPIFY_CUSTOMERS, SHOPIFY_ORDERS, WOOCOMMERCE_CUSTOMERS, table
from tests.files.store import Store
from vip_rules.errors import InvalidInput

ORDER_2 = "order_id,customer_id,placed_at,total\nO3,C1,2025-11-22,3\n"


def refusal(folder: Path) -> str:
    with pytest.raises(InvalidInput) as refused:
        told(opened(folder))
    return str(refused.value)


def test_a_folder_that_isnt_there_is_refused_with_what_to_put_into_it(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidInput, match=r"there is no folder .*: make it, .*customers\.csv and orders\.csv"
    ):
        opened(tmp_path / "exports")


def test_a_folder_without_orders_is_refused(store: Store) -> None:
    (store.folder / "orders.csv").unlink()
    assert "has no orders: expected customers and orders" in refusal(store.folder)


def test_two_files_of_one_kind_are_refused_by_their_names(store: Store) -> None:
    store.write("orders.jsonl.gz", '{"order_id": "O1"}\n')
    assert "orders.csv and orders.jsonl.gz" in refusal(store.folder)


def test_a_part_twice_is_refused(store: Store) -> None:
    (store.folder / "orders.csv").rename(store.folder / "orders-1.csv")
    store.write("orders-1.jsonl", '{"order_id": "O1"}\n')
    assert "orders-1.csv and orders-1.jsonl" in refusal(store.folder)


@pytest.mark.parametrize(
    "names", [("orders-2.csv", "orders-10.csv"), ("orders_2026-01.csv", "ORDERS_2026-02.csv")]
)
def test_numbered_files_are_parts_of_one(store: Store, names: tuple[str, str]) -> None:
    (store.folder / "orders.csv").rename(store.folder / names[0])
    store.write(names[1], ORDER_2)
    pages = told(opened(store.folder))
    assert list(orders(pages)) == ["O1", "O2", "O3"]
    assert f"{names[0]} to " in notes(pages)


def test_parts_can_be_of_several_formats_of_text(store: Store) -> None:
    (store.folder / "orders.csv").rename(store.folder / "orders-1.csv")
    store.write("orders-2.csv.gz", ORDER_2)
    row = '{"order_id": "O4", "customer_id": "C1", "placed_at": "2025-11-22", "total": 4, "tax": 1}\n'
    store.write("orders-3.jsonl", row)
    found = orders(told(opened(store.folder)))
    assert (list(found), found["O4"].tax) == (["O1", "O2", "O3", "O4"], 100)


def test_parts_with_different_columns_are_refused(store: Store) -> None:
    (store.folder / "orders.csv").rename(store.folder / "orders-1.csv")
    store.write("orders-2.csv", "order_id,customer_id,placed_at,total,tax\n")
    assert "only one of them has tax" in refusal(store.folder)


def test_parts_of_parquet_are_refused(store: Store) -> None:
    import polars as pl

    (store.folder / "orders.csv").rename(store.folder / "orders-1.csv")
    store.write("orders-2.parquet", pl.DataFrame({"order_id": ["O3"]}))
    assert "write one Parquet file" in refusal(store.folder)


def test_a_row_of_a_later_part_is_named_by_its_own_file_and_line(store: Store) -> None:
    (store.folder / "orders.csv").rename(store.folder / "orders-1.csv")
    store.write("orders-2.csv", ORDER_2 + "O4,C9,2025-11-22,1\nO1,C1,2025-11-21T03:00:00Z,100.00\n")
    with pytest.raises(InvalidInput) as refused:
        told(opened(store.folder))
    places = [(Path(each.file).name, each.line, each.reason) for each in refused.value.rejections]
    assert [place[:2] for place in places] == [("orders-2.csv", 3), ("orders-2.csv", 4)]
    assert places[1][2] == f"the same order again (first on line 2 of {store.folder / 'orders-1.csv'})"


def test_a_link_out_of_the_folder_is_refused(store: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "events.csv"
    elsewhere.write_text("customer_id,type,at\n")
    (store.folder / "events.csv").symlink_to(elsewhere)
    assert "is a link to a file outside" in refusal(store.folder)


def test_other_tables_in_the_folder_are_named_as_unread(store: Store) -> None:
    store.write("orders-old.csv", "whatever\n")
    (store.folder / ".orders.csv").write_text("hidden\n")
    (store.folder / "notes.txt").write_text("no table\n")
    said = notes(told(opened(store.folder)))
    assert f"orders-old.csv in {store.folder} left unread." in said


def test_an_export_is_known_by_its_header_whatever_its_name(tmp_path: Path) -> None:
    person = {"Customer ID": "'1", "Email": "ann@example.org"}
    (tmp_path / "customers.csv").write_text(table(SHOPIFY_CUSTOMERS, [person]))
    (tmp_path / "Umsatz 2026.csv").write_text(table(SHOPIFY_ORDERS, []))
    assert list(customers(told(opened(tmp_path)))) == ["1"]


def test_events_can_lie_beside_a_platforms_export(tmp_path: Path) -> None:
    person = {"Customer ID": "'1", "Email": "ann@example.org"}
    (tmp_path / "customers.csv").write_text(table(SHOPIFY_CUSTOMERS, [person]))
    (tmp_path / "orders.csv").write_text(table(SHOPIFY_ORDERS, []))
    (tmp_path / "events.csv").write_text("customer_id,type,at\n1,review,2026-01-01\n")
    assert [event.type for page in told(opened(tmp_path)) for event in page.events] == ["review"]


def test_half_an_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(table(SHOPIFY_ORDERS, []))
    assert "has none of its customers: export them too" in refusal(tmp_path)


def test_files_of_two_stores_are_refused(store: Store) -> None:
    store.write("orders_export.csv", table(SHOPIFY_ORDERS, []))
    assert "orders_export.csv (Shopify), customers.csv and orders.csv lie beside each other" in refusal(
        store.folder
    )
    (store.folder / "orders.csv").unlink()
    (store.folder / "customers.csv").write_text(table(WOOCOMMERCE_CUSTOMERS, []))
    assert "customers.csv (WooCommerce) and orders_export.csv (Shopify)" in refusal(store.folder)
