"""Rows against each other: the same one again, references that lead nowhere, guests."""

import polars as pl
import pytest

from tests.files.store import Store
from vip_rules.files.reading import LONGEST_LIST

HEADER = "order_id,customer_id,placed_at,total\n"


def test_the_same_order_again_is_kept_once(store: Store) -> None:
    store.write(
        "orders.csv", HEADER + "O1,C1,2025-01-01,5\nO2,C1,2025-01-01,5\nO1,C1,2025-01-01T12:00,5.00\n" * 1
    )
    assert store.reasons() == [("orders.csv", 4, "the same order again (first on line 2)")]
    assert store.read(on_bad_rows="skip")[0].orders.collect()["order_id"].to_list() == ["O1", "O2"]


def test_the_same_order_with_other_content_is_rejected_throughout(store: Store) -> None:
    store.write(
        "orders.csv",
        HEADER + "O1,C1,2025-01-01,5\nO2,C1,2025-01-01,5\nO1,C1,2025-01-01,6\nO1,C1,2025-01-01,5\n",
    )
    words = "with other content; nobody can know which is right"
    assert store.reasons() == [
        ("orders.csv", 2, f"order_id 'O1' is also on line 4 {words}"),
        ("orders.csv", 4, f"order_id 'O1' is also on line 2 {words}"),
        ("orders.csv", 5, f"order_id 'O1' is also on line 2 {words}"),
    ]
    assert store.read(on_bad_rows="skip")[0].orders.collect()["order_id"].to_list() == ["O2"]


def test_an_order_that_was_rejected_once_spoils_its_id(store: Store) -> None:
    store.write("orders.csv", HEADER + "O1,C1,2025-01-01,x\nO2,C1,2025-01-01,5\nO1,C1,2025-01-01,6\n")
    assert [line for _, line, _ in store.reasons()] == [2, 4]


def test_the_same_customer_twice(store: Store) -> None:
    rows = "C3,2020-01-01\nC3,2020-01-01T09:00\nC1,2020-01-01\nC2,2020-01-02\nC1,2020-01-02\n"
    store.write("customers.csv", "customer_id,created_at\n" + rows)
    words = "with other content; nobody can know which is right"
    assert store.reasons() == [
        ("customers.csv", 3, "the same customer again (first on line 2)"),
        ("customers.csv", 4, f"customer_id 'C1' is also on line 6 {words}"),
        ("customers.csv", 6, f"customer_id 'C1' is also on line 4 {words}"),
        ("orders.csv", 2, f"customer_id 'C1' is of a row of {store.paths['customers']} that was rejected"),
    ]


def test_references_have_to_lead_somewhere(store: Store) -> None:
    store.write("orders.csv", HEADER + "O1,C1,2025-01-01,5\nO2,C9,2025-01-01,5\nO3,C1 ,2025-01-01,5\n")
    store.write("lines.csv", "order_id,amount\nO1,5\nO2,5\nO9,5\n")
    store.write(
        "events.csv", "customer_id,type,at\nC1,review,2025-01-01\nC9,review,2025-01-01\n,review,2025-01-01\n"
    )
    customers, orders = store.paths["customers"], store.paths["orders"]
    assert store.reasons() == [
        ("events.csv", 3, f"customer_id 'C9' is no customer of {customers}"),
        ("events.csv", 4, "customer_id is blank"),
        ("lines.csv", 3, f"order_id 'O2' is of a row of {orders} that was rejected"),
        ("lines.csv", 4, f"order_id 'O9' is no order of {orders}"),
        ("orders.csv", 3, f"customer_id 'C9' is no customer of {customers}"),
        (
            "orders.csv",
            4,
            f"customer_id 'C1 ' is no customer of {customers}, and begins or ends with a space",
        ),
    ]


def test_repeated_lines_and_events_are_two(store: Store) -> None:
    store.write("lines.csv", "order_id,amount\nO1,5\nO1,5\n")
    store.write("events.csv", "customer_id,type,at\nC1,review,2025-01-01\nC1,review,2025-01-01\n")
    history, _ = store.read()
    assert history.lines.collect()["amount"].to_list() == [500, 500]
    assert history.events.collect().rows() == [("C1", "review", 20089)] * 2


def test_guests_are_counted_and_left_out_with_their_lines(store: Store) -> None:
    store.write("orders.csv", HEADER + "O1,C1,2025-01-01,5\nO2,,2025-01-01,5\nO3,,2025-01-01,5\n")
    store.write("lines.csv", "order_id,amount\nO1,5\nO2,5\nO2,4\n")
    history, reading = store.read()
    assert history.orders.collect()["order_id"].to_list() == ["O1"]
    assert history.lines.collect()["order_id"].to_list() == ["O1"]
    assert (reading.guests, reading.lines_left) == (2, 2)
    assert [(file.read, file.accepted) for file in reading.files] == [(2, 2), (3, 1), (3, 1)]
    assert reading.summary()[-2:] == (
        "2 orders of guests (without customer_id) left out: nobody's standing rests on them.",
        "2 lines left out together with the orders of guests or set aside.",
    )


def test_nothing_is_loaded_if_a_row_is_rejected(store: Store) -> None:
    store.write("orders.csv", HEADER + "O1,C1,2025-01-01,5\nO2,C9,2025-01-01,5\nO3,C1,2025-01-01,\n")
    refusal = store.refused()
    assert str(refusal) == (
        f"2 rows can't be used (2 in {store.paths['orders']}) and nothing was loaded: "
        "mend the files, or leave such rows out (--on-bad-rows skip)"
    )
    assert [rejection.line for rejection in refusal.rejections] == [3, 4]
    history, reading = store.read(on_bad_rows="skip")
    assert history.orders.collect()["order_id"].to_list() == ["O1"]
    assert f"{store.paths['orders']}: 3 rows read, 1 used, 2 rows rejected." in reading.summary()


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_all_rejected_rows_are_counted_and_many_listed(store: Store, name: str) -> None:
    count = LONGEST_LIST + 7
    orders = pl.select(
        pl.concat_str(pl.lit("O"), pl.int_range(count)).alias("order_id"),
        pl.lit("C1").alias("customer_id"),
        pl.lit("2025-01-01").alias("placed_at"),
        pl.lit("-1").alias("total"),
    )
    store.write(name, orders if name.endswith("parquet") else orders.write_csv())
    refusal = store.refused()
    assert str(refusal).startswith(f"{count:,} rows can't be used")
    first = 1 if name.endswith("parquet") else 2
    assert [rejection.line for rejection in refusal.rejections] == list(range(first, first + LONGEST_LIST))
    history, reading = store.read(on_bad_rows="skip")
    assert history.orders.collect().height == reading.files[1].accepted == 0


def test_unused_columns_are_told_if_they_look_misspelt(store: Store) -> None:
    store.write(
        "customers.csv", "customer_id,created_at,email,birthday,tag\nC1,2020-01-01,a@b,1980-01-01,vip\n"
    )
    store.write("orders.csv", "order_id,customer_id,placed_at,total,channels\nO1,C1,2025-01-01,5,1\n")
    _, reading = store.read()
    customers, orders = reading.files
    assert [str(column) for column in customers.ignored] == ["birthday", "email", "tag (did you mean tags?)"]
    assert [str(column) for column in orders.ignored] == ["channels (did you mean channel?)"]
    assert reading.summary() == (
        f"{customers.file}: 1 row read, 1 used.",
        f"{customers.file}: left unread: tag (did you mean tags?), birthday and email.",
        f"{orders.file}: 1 row read, 1 used.",
        (
            f"{orders.file} has no tax and no shipping (totals are taken as they are), "
            "no refunded (nothing was given back unless status says so), no status (every order counts as paid)."
        ),
        f"{orders.file}: left unread: channels (did you mean channel?).",
    )
    assert reading.present("lines") == frozenset()
