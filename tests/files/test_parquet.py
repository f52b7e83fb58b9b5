"""Parquet: types are honoured, binary floats refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from tests.files.store import ORDERS, Store
from vip_rules.errors import InvalidInput
from vip_rules.files.damage import reading_of
from vip_rules.model import LARGEST_AMOUNT

AT = [datetime(2025, 11, 21, 3, tzinfo=UTC), datetime(2025, 11, 21, 12, tzinfo=UTC)]


def frame(**changed: Any) -> pl.DataFrame:
    columns = {"order_id": ["O1", "O2"], "customer_id": ["C1", "C2"], "placed_at": AT}
    money = {"total": pl.Series([Decimal("100.00"), Decimal("20.00")], dtype=pl.Decimal(18, 2))}
    return pl.DataFrame(columns | money | changed)


def decimals(precision: int, scale: int, *values: str) -> pl.Series:
    return pl.Series([Decimal(value) for value in values], dtype=pl.Decimal(precision, scale))


@pytest.mark.parametrize(
    ("column", "values", "found"),
    [
        ("total", decimals(38, 18, "100.10", "20"), [10010, 2000]),
        ("total", decimals(10, 1, "100.1", "20"), [10010, 2000]),
        ("total", decimals(18, 2, "0.01", "0.00"), [1, 0]),
        ("total", decimals(18, 6, "0.01", "5.00"), [1, 500]),
        ("total", pl.Series([100, 20], dtype=pl.Int32), [10000, 2000]),
        ("total", pl.Series([100, 20], dtype=pl.UInt64), [10000, 2000]),
        ("total", ["100.10", "20"], [10010, 2000]),
        ("placed_at", AT, [20412, 20413]),
        ("placed_at", pl.Series(AT).dt.cast_time_unit("ns"), [20412, 20413]),
        ("placed_at", pl.Series(AT).dt.cast_time_unit("ms").dt.replace_time_zone(None), [20413, 20413]),
        ("placed_at", [date(2025, 11, 21), date(1960, 1, 1)], [20413, -3653]),
        ("placed_at", ["2025-11-21T03:00:00Z", "2025-11-21"], [20412, 20413]),
        ("order_id", [1, 2], ["1", "2"]),
        ("order_id", pl.Series(["A", "B"], dtype=pl.Categorical), ["A", "B"]),
        ("customer_id", pl.Series(["C1", "C2"], dtype=pl.Enum(["C1", "C2"])), ["C1", "C2"]),
        ("channel", ["", None], [None, None]),
        ("channel", [None, None], [None, None]),
        ("channel", [7, None], ["7", None]),
        ("status", ["", "refunded"], ["paid", "refunded"]),
        ("test", [True, None], [True, False]),
        ("test", [1, 0], [True, False]),
        ("test", ["no", "True"], [False, True]),
        ("refunded", [None, "5"], [None, 500]),
        ("refunded", [None, None], [None, None]),
        ("discount", [None, 5], [0, 500]),
    ],
)
def test_types_are_honoured(store: Store, column: str, values: Any, found: list[object]) -> None:
    store.write("orders.parquet", frame(**{column: values}))
    orders = store.read()[0].orders.collect()
    assert orders[{"placed_at": "day"}.get(column, column)].to_list() == found


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("total", [100.1, 20.0], "the column total is a binary float, because"),
        ("tax", [None, 1.0], "write it as decimal, an integer of major units, or text and export again"),
        ("order_id", [1.0, 2.0], "the column order_id is a binary float: write it as text or an integer"),
        ("placed_at", [1, 2], "the column placed_at has the Parquet type Int64; a timestamp, a date or text is expected"),
        ("total", [True, False], "the column total has the Parquet type Boolean"),
        ("total", [b"1", b"2"], "the column total has the Parquet type Binary"),
        ("order_id", [[1], [2]], "the column order_id has the Parquet type List(Int64)"),
        ("status", [1, 2], "the column status has the Parquet type Int64; text is expected"),
        ("test", AT, "boolean, text or an integer 0 or 1 is expected"),
    ],
)  # fmt: skip
def test_other_types_are_refused_as_a_whole(store: Store, column: str, values: Any, message: str) -> None:
    store.write("orders.parquet", frame(**{column: values}))
    refusal = store.refused(on_bad_rows="skip")
    assert message.replace(", because", "") in str(refusal).replace(
        ", because a binary float can't hold it exactly", ""
    )
    assert refusal.rejections == ()


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("order_id", ["O1", None], "order_id is blank"),
        ("order_id", ["O1", ""], "order_id is blank"),
        ("order_id", ["O1", "O2 "], "order_id 'O2 ' begins or ends with a space"),
        ("order_id", ["O1", "O\0"], "order_id 'O\\x00' holds a control character"),
        ("placed_at", [AT[0], None], "placed_at is blank"),
        ("placed_at", [AT[0], datetime(2200, 1, 1, tzinfo=UTC)], "is outside the years 1900 to 2199"),
        ("placed_at", [date(2025, 1, 1), date(1899, 12, 31)], "is outside the years 1900 to 2199"),
        ("placed_at", ["2025-01-01", "1/2/2025"], "placed_at '1/2/2025' isn't an ISO 8601 date or time"),
        ("total", decimals(18, 3, "1", "1.005"), "total '1.005' has more decimals than USD has (2)"),
        ("total", decimals(38, 18, "1", "1.005"), "has more decimals than USD has (2)"),
        ("total", decimals(38, 0, "1", "9" * 38), "is too large for an amount of money"),
        ("total", decimals(18, 2, "1", "100000000000.01"), "is too large for an amount of money"),
        ("total", decimals(18, 2, "1", "-0.01"), "total '-0.01' is negative"),
        ("total", [1, 2**62], "is too large for an amount of money"),
        ("total", pl.Series([1, 2**64 - 1], dtype=pl.UInt64), "is too large for an amount of money"),
        ("total", [1, -1], "total '-1' is negative"),
        ("total", [1, None], "total is blank"),
        ("total", ["1", "1,000.00"], "thousands separators"),
        ("status", ["paid", "canceled"], "did you mean cancelled?"),
        ("test", [0, 2], "test '2' is neither true nor false"),
        ("refunded", [0, 21], "refunded '21' is more than the total '20.00'"),
    ],
)  # fmt: skip
def test_bad_rows_are_told_by_number(store: Store, column: str, values: Any, reason: str) -> None:
    store.write("orders.parquet", frame(**{column: values}))
    ((_, row, found),) = store.reasons()
    assert row == 2
    assert reason in found
    history, reading = store.read(on_bad_rows="skip")
    assert history.orders.collect()["order_id"].to_list() == ["O1"]
    assert (reading.files[1].read, reading.files[1].accepted) == (2, 1)


def test_currencies_stand_beside_amounts(store: Store) -> None:
    store.write("orders.parquet", frame(currency=["KWD", "JPY"], total=decimals(18, 4, "1.2345", "1.5")))
    assert [(row, reason) for _, row, reason in store.reasons()] == [
        (1, "total '1.2345' has more decimals than KWD has (3)"),
        (2, "total '1.5000' has more decimals than JPY has (0)"),
    ]
    store.write("orders.parquet", frame(currency=["", "USD"], total=decimals(18, 4, "1.2300", "1.5")))
    assert store.read()[0].orders.collect()["total"].to_list() == [123, 150]
    store.write("orders.parquet", frame(currency=["JPY", None], total=[LARGEST_AMOUNT, 5]))
    _, reading = store.read()
    assert [(aside.currency, aside.examples) for aside in reading.set_aside] == [("JPY", ("O1",))]


def test_tags_and_quantities(store: Store) -> None:
    store.write(
        "customers.parquet",
        pl.DataFrame(
            {
                "customer_id": ["C1", "C2", "C3"],
                "created_at": [date(2020, 1, 1)] * 3,
                "tags": [["b", " a"], [], None],
            }
        ),
    )
    store.write("orders.parquet", frame())
    store.write(
        "lines.parquet", pl.DataFrame({"order_id": ["O1", "O2"], "amount": [1, 2], "quantity": [3, None]})
    )
    history, _ = store.read()
    assert history.customers.collect()["tags"].to_list() == ["\x1fa\x1fb\x1f", None, None]
    assert history.lines.collect()["quantity"].to_list() == [3, 1]


def test_unusable_files(store: Store) -> None:
    store.write("orders.parquet", b"")
    assert "is empty" in str(store.refused())
    store.write("orders.parquet", b"order_id,customer_id\n")
    assert "can't be read as Parquet" in str(store.refused())
    whole = store.write("orders.parquet", frame()).read_bytes()
    store.write("orders.parquet", whole[:50] + whole[-100:])
    assert "can't be read as Parquet" in str(store.refused())
    store.write("orders.parquet", frame().drop("total"))
    assert "a column is missing: total" in str(store.refused())


def test_a_name_with_a_star_is_a_name(store: Store) -> None:
    store.paths["orders"] = store.folder / "ord*[1].parquet"
    frame().write_parquet(store.paths["orders"])
    (store.folder / "ord2[1].parquet").write_bytes(b"another file")
    assert store.read()[0].orders.collect().height == 2


def test_an_empty_file_is_a_shop_without_orders(store: Store) -> None:
    store.write("orders.parquet", frame().clear())
    done: list[tuple[str, int, int]] = []
    assert store.read(progress=lambda *at: done.append(at))[0].orders.collect().height == 0
    assert (str(store.paths["orders"]), 0, 0) in done


def test_frames_stay_lazy(store: Store) -> None:
    store.write("orders.parquet", frame())
    orders = store.read()[0].orders
    assert isinstance(orders, pl.LazyFrame)
    assert "Parquet SCAN" in orders.explain()


@pytest.mark.parametrize(
    "far",
    [
        pl.Series([20000, 2**31 - 1], dtype=pl.Int32).cast(pl.Date),
        pl.Series([20000, -(2**31)], dtype=pl.Int32).cast(pl.Date),
        pl.Series([10**12, 2**62]).cast(pl.Datetime("ms")),
        pl.Series([10**12, -(2**62)]).cast(pl.Datetime("ms", "UTC")),
        pl.Series([10**15, 2**63 - 1]).cast(pl.Datetime("us", "UTC")),
        pl.Series([10**18, -(2**63)]).cast(pl.Datetime("ns")),
    ],
)
def test_days_far_off_are_rejected_like_others(store: Store, far: pl.Series) -> None:
    store.write("orders.parquet", frame(placed_at=far))
    ((_, row, reason),) = store.reasons()
    assert row == 2
    assert reason.endswith("is outside the years 1900 to 2199")
    (store.folder / "orders.parquet").unlink()
    store.write("orders.csv", ORDERS)
    store.write("customers.parquet", pl.DataFrame({"customer_id": ["C1", "C2"], "created_at": far}))
    assert [line for name, line, _ in store.reasons() if name == "customers.parquet"] == [2]


@pytest.mark.parametrize("column", ["order_id", "customer_id", "channel", "status", "total"])
def test_damage_in_any_column_is_found_while_reading(store: Store, column: str) -> None:
    many = pl.DataFrame({name: values.to_list() * 500 for name, values in whole().to_dict().items()})
    many = many.with_columns(order_id=pl.int_range(pl.len()).cast(pl.String))
    path = store.write("orders.parquet", b"")
    pq.write_table(many.to_arrow(), path, compression="zstd")
    chunk = pq.ParquetFile(path).metadata.row_group(0)
    place = next(
        chunk.column(n) for n in range(chunk.num_columns) if chunk.column(n).path_in_schema == column
    )
    data = bytearray(path.read_bytes())
    start = place.dictionary_page_offset or place.data_page_offset
    for at in range(start, start + place.total_compressed_size):
        data[at] ^= 0x5A
    path.write_bytes(data)
    assert f"{path} can't be read as Parquet: " in str(store.refused(on_bad_rows="skip"))


def whole() -> pl.DataFrame:
    return frame(channel=["pos", "online"], status=["paid", "paid"], total=["10.00", "20.00"])


def test_every_flipped_byte_ends_in_a_message_or_a_history(store: Store) -> None:
    good = store.write("orders.parquet", whole()).read_bytes()
    refused = 0
    for at in range(4, len(good), 7):
        store.write("orders.parquet", good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        try:
            with reading_of(store.paths["orders"]):
                history, _ = store.read(on_bad_rows="skip")
                history.orders.collect()
        except InvalidInput:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize("damage", [pl.exceptions.ComputeError("x"), pl.exceptions.PanicException("x")])
def test_what_is_computed_later_names_the_files(damage: BaseException) -> None:
    with (
        pytest.raises(InvalidInput, match=r"^a\.parquet or b\.parquet can't be read as Parquet: x; export"),
        reading_of(Path("a.parquet"), None, Path("c.csv"), Path("b.parquet")),
    ):
        raise damage
    with pytest.raises(type(damage)), reading_of(Path("c.csv")):
        raise damage


def test_an_output_that_has_gone_is_no_damage() -> None:
    with pytest.raises(BrokenPipeError), reading_of(Path("a.parquet")):
        raise BrokenPipeError
