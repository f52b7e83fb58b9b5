"""CSV: whatever a spreadsheet or a shop's export does to it."""

import gzip
import os
import time

import pytest

from tests.files.store import CUSTOMERS, ORDERS, Store
from vip_rules.files import ReasonCount, RejectedRows

EXCEL = "in Excel choose 'CSV UTF-8 (comma delimited)'"


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
    assert f"is UTF-16 text; save it in UTF-8: {EXCEL}" in str(store.refused())


def test_other_encodings_are_rejected_by_line(store: Store) -> None:
    store.write("orders.csv", (ORDERS + "O3,C1,2025-01-01,5\n").encode().replace(b"O2", b"\xe9"))
    assert store.reasons() == [("orders.csv", 3, f"the text isn't UTF-8: {EXCEL}")]
    assert store.read(on_bad_rows="skip")[0].orders.collect()["order_id"].to_list() == ["O1", "O3"]
    store.write("orders.csv", ORDERS.encode().replace(b"order_id", b"\xe9"))
    assert "columns was found: the text isn't UTF-8: in Excel choose" in str(store.refused())


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
    assert second[2] == (
        "a quotation mark is never closed: it was opened on line 4, and the row goes on to line 5"
    )
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
        ("order_id,customer_id,placed_at,totl", "a column is missing: total (is it totl?)"),
        ("Order_ID,placed_at,total", "columns are missing: order_id (is it Order_ID?) and customer_id"),
        (
            "Name,Email,Date,Total Price",
            "order_id (is it Name?), customer_id (is it Email?), placed_at (is it Date?) and",
        ),
        ("Name,Email,Date,Total Price", "and total (is it Total Price?)"),
        ("order_id,customer_id,placed_at,total,total", "'total' is there twice among the columns"),
        (
            "order_id;customer_id;placed_at;total",
            f"the columns are separated by semicolons; expected commas: {EXCEL}",
        ),
        ("order_id\tcustomer_id\tplaced_at", "the columns are separated by tabs; expected commas"),
        ("sep=;\norder_id;customer_id", "the first line is 'sep=;' instead of the names of the columns"),
        ("sep=,\norder_id,customer_id", "the first line is 'sep=' instead of the names of the columns"),
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
    assert "is a folder; expected a file" in str(store.refused())
    os.mkfifo(store.folder / "pipe.csv")
    store.paths["orders"] = store.folder / "pipe.csv"
    assert "is not a regular file; expected a file" in str(store.refused())


def test_a_broken_archive_is_refused(store: Store) -> None:
    whole = store.write("orders.csv.gz", ORDERS * 100).read_bytes()
    store.paths["orders"].write_bytes(whole[: len(whole) // 2])
    assert "is broken after line" in str(store.refused(on_bad_rows="skip"))
    store.paths["orders"].write_bytes(ORDERS.encode())
    assert "orders.csv.gz isn't packed with gzip, as its name says" in str(store.refused(on_bad_rows="skip"))


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


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("orders.csv", gzip.compress(ORDERS.encode(), mtime=0), "orders.csv is packed with gzip: name it orders.csv.gz"),
        ("orders.csv", b"PAR1....PAR1", "is a Parquet file: let its name end in .parquet"),
        ("orders.csv", b"PK\x03\x04....", "is an Excel workbook or another ZIP archive: save it as CSV UTF-8 in Excel"),
        ("orders.xlsx", b"PK\x03\x04....", "is a workbook: save it as CSV UTF-8 (comma delimited) in Excel"),
    ],
)  # fmt: skip
def test_files_that_are_something_else(store: Store, name: str, content: bytes, message: str) -> None:
    store.write(name, content)
    assert message in str(store.refused(on_bad_rows="skip"))


def test_empty_rows_are_passed_over(store: Store) -> None:
    store.write("orders.csv", ORDERS + ",,,\n,,,,,,\n")
    history, reading = store.read()
    assert history.orders.collect().height == 2
    assert reading.files[1].read == 2


@pytest.mark.parametrize(
    ("rows", "opened"),
    [
        ('O3,C1,"a\nb",2025-01-01,1\nO4,C1,"c\n\nd,2025-01-01,1\n', 6),
        ('O3,C1,"a\n""b"",\n",2025-01-01,"1\n', 6),
        ('O3,C1,"never,2025-01-01,1\n' + "O4,C1,x,2025-01-01,1\n" * 10, 4),
        ('O3,C1,"never,2025-01-01,1\n' + "O4,C1,x,2025-01-01,1\n" * 10_000, 4),
    ],
)
def test_an_open_quotation_mark_is_found(store: Store, rows: str, opened: int) -> None:
    good = "O1,C1,,2025-01-01,1\nO2,C1,,2025-01-01,1\n"
    store.write("orders.csv", "order_id,customer_id,note,placed_at,total\n" + good + rows)
    refusal = store.refused()
    found = [each.reason for each in refusal.rejections]
    assert any(
        reason.startswith(f"a quotation mark is never closed: it was opened on line {opened},")
        for reason in found
    )


def test_too_many_columns_are_refused_at_once(store: Store) -> None:
    begun = time.monotonic()
    store.write("orders.csv", ",".join(["order_id", *(f"c{n}" for n in range(150_000))])[:999_999] + "\n")
    assert "columns; at most 1,000 are read" in str(store.refused(on_bad_rows="skip"))
    header = "order_id,customer_id,placed_at,total," + ",".join(f"status{n}" for n in range(996))
    store.write("orders.csv", f"{header}\n")
    assert "the column 'status0' looks like status: rename it status; the column" in str(store.refused())
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("Status", "status"),
        ("refund ed", "refunded"),
        ("Refund", "refunded"),
        ("Test", "test"),
        ("currncy", "currency"),
        ("TAX", "tax"),
        ("shiping", "shipping"),
        ("discounts", "discount"),
    ],
)
def test_a_misspelt_column_that_decides_is_refused(store: Store, column: str, meant: str) -> None:
    store.write("orders.csv", f"order_id,customer_id,placed_at,total,{column}\nO1,C1,2025-01-01,1,\n")
    assert (
        f"the column '{column}' looks like {meant}: rename it {meant}, or give it quite another name"
        in str(store.refused(on_bad_rows="skip"))
    )
    store.write(
        "orders.csv", f"order_id,customer_id,placed_at,total,{column},{meant}\nO1,C1,2025-01-01,1,x,\n"
    )
    assert [each.name for each in store.read()[1].files[1].ignored] == [column]


@pytest.mark.parametrize("column", ["Gift Card", "quantitiy", "Refunded"])
def test_a_misspelt_column_of_lines_is_refused(store: Store, column: str) -> None:
    store.write("lines.csv", f"order_id,amount,{column}\nO1,1,\n")
    assert f"the column '{column}' looks like " in str(store.refused(on_bad_rows="skip"))


def test_other_columns_are_listed_and_absent_ones_explained(store: Store) -> None:
    names = ["chanel", "Financial Status", *(f"note{n}" for n in range(12))]
    store.write("orders.csv", f"order_id,customer_id,placed_at,total,tax,{','.join(names)}\n")
    _, absent, unread = (each for each in store.read()[1].summary() if "orders.csv" in each)
    assert absent == (
        f"{store.paths['orders']} has no shipping (totals are taken as they are), "
        "no refunded (nothing was given back unless status says so), no status (every order counts as paid)."
    )
    assert unread == (
        f"{store.paths['orders']}: left unread: chanel (did you mean channel?), Financial Status, note0, note1, note10, "
        "note11, note2, note3, note4, note5 and 4 other columns."
    )


def test_rejected_rows_are_counted_by_reason(store: Store) -> None:
    bad = "".join(f"X{n},C1,2025-01-01,{n}.123\n" for n in range(30)) + "Y,C9,2025-01-01,1\nZ,C1\n"
    store.write("orders.csv", ORDERS + bad)
    refusal = store.refused()
    assert isinstance(refusal, RejectedRows)
    path = str(store.paths["orders"])
    assert refusal.reading.rejected == 32
    assert refusal.reading.reasons[0] == ReasonCount(path, "total has more decimals than USD has (2)", 30, 4)
    assert refusal.reading.rejections_by_reason() == (
        f"{path}: 30 rows: total has more decimals than USD has (2), such as line 4",
        f"{path}:34: customer_id is no customer of {store.paths['customers']}",
        f"{path}:35: the row hasn't the 4 fields of the header",
    )
    assert refusal.reading.rejections_by_reason(most=1)[1:] == ("2 rows more, for these or other reasons",)


def test_counts_are_whole_where_lists_are_not(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("reading", "sifting", "identity"):
        monkeypatch.setattr(f"vip_rules.files.{module}.LONGEST_LIST", 3)
    rows = "".join(f"X{n},C1,2025-01-01,1.123\n" for n in range(10)) + "".join(
        f"{ORDERS.splitlines()[1]}\n" for _ in range(5)
    )
    store.write("orders.csv", ORDERS + rows)
    refusal = store.refused()
    assert isinstance(refusal, RejectedRows)
    assert (refusal.reading.rejected, len(refusal.rejections)) == (15, 3)
    assert sum(each.count for each in refusal.reading.reasons) == 13
    assert refusal.reading.rejections_by_reason()[-1] == "2 rows more, for these or other reasons"
