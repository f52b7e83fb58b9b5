"""CSV: whatever a spreadsheet or a shop's export does to it."""

import pytest

from tests.files.store import CUSTOMERS, ORDERS, Store


def test_a_plain_file_is_read(store: Store) -> None:
    history, reading = store.read()
    assert history.orders.collect().select("order_id", "customer_id", "day", "total", "status").rows() == [
        ("O1", "C1", 20412, 10000, "paid"),
        ("O2", "C2", 20413, 2000, "paid"),
    ]
    assert history.customers.collect().rows() == [
        ("C1", 18262, 18262, None, None, None),
        ("C2", 18808, 18808, None, None, None),
    ]
    assert history.lines is None
    assert history.events is None
    assert reading.rejections == ()


@pytest.mark.parametrize(
    "changed",
    [
        ORDERS.replace("\n", "\r\n"),
        "\ufeff" + ORDERS,
        ORDERS.rstrip("\n"),
        "\n" + ORDERS.replace("\n", "\n\n"),
        ORDERS.replace("O1", '"O1"'),
    ],
    ids=["CRLF", "BOM", "no last line end", "blank lines", "quoted"],
)
def test_how_lines_end_and_begin_does_not_matter(store: Store, changed: str) -> None:
    expected = store.read()[0].orders.collect()
    store.write("orders.csv", changed)
    assert store.read()[0].orders.collect().equals(expected)
    store.write("orders.csv.gz", changed)
    assert store.read()[0].orders.collect().equals(expected)


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_refused(store: Store, name: str, encoding: str) -> None:
    store.write(name, ORDERS.encode(encoding))
    assert str(store.refused()).endswith("is UTF-16 text; save it in UTF-8")


def test_other_encodings_are_rejected_by_line(store: Store) -> None:
    store.write("orders.csv", (ORDERS + "O3,C1,2025-01-01,5\n").encode().replace(b"O2", b"\xe9"))
    assert store.reasons() == [("orders.csv", 3, "the text isn't UTF-8")]
    assert store.read(on_bad_rows="skip")[0].orders.collect()["order_id"].to_list() == ["O1", "O3"]
    store.write("orders.csv", ORDERS.encode().replace(b"order_id", b"\xe9"))
    assert "no readable header line" in str(store.refused())


def test_a_row_is_named_by_the_line_where_it_begins(store: Store) -> None:
    store.write(
        "orders.csv",
        'order_id,customer_id,placed_at,total,note\r\nO1,C1,2025-01-01,1,"two\r\nlines"\r\n\r\n'
        'O2,C1,2025-01-01,-1,"and\nthree\n"\r\nO3,C1,2025-01-01,-1,\r\n',
    )
    assert store.reasons() == [
        ("orders.csv", 5, "total '-1' is negative"),
        ("orders.csv", 8, "total '-1' is negative"),
    ]


def test_unbalanced_quotes_are_rejected_and_reading_goes_on(store: Store) -> None:
    store.write("orders.csv", ORDERS.replace("O1", '"O1"x') + 'O3,C1,2025-01-01,"5\nO4,C1,2025-01-01,6\n')
    (first, second) = store.reasons()
    assert first[1] == 2
    assert "can't be read as CSV" in first[2]
    assert second[1] == 4
    assert "goes on to line 5: is a quotation mark never closed?" in second[2]
    assert store.read(on_bad_rows="skip")[0].orders.collect()["order_id"].to_list() == ["O2"]


def test_a_field_too_many_or_too_few(store: Store) -> None:
    store.write("orders.csv", ORDERS + "O3,C1,2025-01-01\nO4,C1,2025-01-01,1,234.00\n")
    assert store.reasons() == [
        ("orders.csv", 4, "the row has 3 fields, the header 4"),
        ("orders.csv", 5, "the row has 5 fields, the header 4"),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "order_id,customer_id,placed_at",
            "a column is missing: total (found: order_id, customer_id, placed_at)",
        ),
        ("order_id,customer_id,placed_at,totl", "a column is missing: total; is it totl?"),
        ("Order_ID,placed_at,total", "columns are missing: order_id; is it Order_ID? and customer_id"),
        ("order_id,customer_id,placed_at,total,total", "'total' is there twice among the columns"),
        ("order_id;customer_id;placed_at;total", "columns must be separated by commas"),
        ('"order_id,customer_id', "no readable header line"),
        ("", "is empty, not even a header"),
        ("\n\n", "no readable header line"),
    ],
)
def test_unusable_headers(store: Store, header: str, message: str) -> None:
    store.write("orders.csv", header)
    assert message in str(store.refused(on_bad_rows="skip"))


def test_a_header_alone_is_a_shop_without_orders(store: Store) -> None:
    store.write("orders.csv", ORDERS.splitlines()[0])
    history, reading = store.read()
    assert history.orders.collect().height == 0
    assert reading.files[1].read == 0


def test_names_and_places_that_cannot_be_files(store: Store) -> None:
    store.write("orders.tsv", ORDERS)
    assert "the name must end in .csv, .csv.gz, .jsonl" in str(store.refused())
    store.paths["orders"] = store.folder / "none.csv"
    assert "No such file" in str(store.refused())
    (store.folder / "folder.csv").mkdir()
    store.paths["orders"] = store.folder / "folder.csv"
    assert "is a folder" in str(store.refused())


def test_a_broken_archive_is_refused(store: Store) -> None:
    whole = store.write("orders.csv.gz", ORDERS * 100).read_bytes()
    store.paths["orders"].write_bytes(whole[: len(whole) // 2])
    assert "is broken after line" in str(store.refused(on_bad_rows="skip"))
    store.paths["orders"].write_bytes(ORDERS.encode())
    assert "is broken after line 0" in str(store.refused(on_bad_rows="skip"))


def test_a_line_without_end_is_refused(store: Store) -> None:
    store.write("orders.csv", ORDERS + "x" * 1_000_001)
    assert "orders.csv:4: the line is longer than 1,000,000 bytes" in str(store.refused(on_bad_rows="skip"))


def test_chunks_join_without_a_seam(store: Store) -> None:
    rows = "".join(f"X{n},C1,2025-01-01,{n}\n" for n in range(120_000))
    store.write("orders.csv", ORDERS + rows + "X7,C1,2025-01-01,8\n" + "bad\n")
    done: list[tuple[str, int, int]] = []
    history, reading = store.read(on_bad_rows="skip", progress=lambda *at: done.append(at))
    assert (reading.files[1].read, reading.files[1].accepted) == (120_004, 120_001)
    assert history.orders.collect()["total"].sum() == 100 * (sum(range(120_000)) - 7) + 12_000
    assert [rejection.line for rejection in reading.rejections] == [11, 120_004, 120_005]
    sizes = [at for at in done if at[0] == str(store.paths["orders"])]
    assert len(sizes) == 3
    assert sizes[-1][1] == sizes[-1][2] == store.paths["orders"].stat().st_size


def test_a_customer_column_may_have_any_place(store: Store) -> None:
    store.write("customers.csv", "\n".join(",".join(reversed(row.split(","))) for row in CUSTOMERS.split()))
    assert store.read()[0].customers.collect()["customer_id"].to_list() == ["C1", "C2"]
