"""The format of a file and the order of its rows change nothing; every column has its canonical type."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.store import Store
from vip_rules.files import Reading
from vip_rules.history import CUSTOMERS, EVENTS, LINES, ORDERS, History
from vip_rules.localdays import local_day, zone
from vip_rules.rates import Rate, Rates

RATES = Rates([Rate(local_day("2025-01-05", zone("UTC")), "JPY", "USD", Decimal("0.0067"))])

some = settings(max_examples=settings().max_examples // 6)
"""A store takes a while to write and read."""

Rows = list[dict[str, str | None]]


def maybe(*texts: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *texts])


def rows(**columns: st.SearchStrategy[str | None]) -> st.SearchStrategy[Rows]:
    return st.lists(st.fixed_dictionaries(columns), max_size=6)


times = st.sampled_from(["2025-01-01", "2025-01-06T03:30:00Z", "2025-03-09 02:30", "2025-01-06", "1/2/2025"])
stores = st.fixed_dictionaries(
    {
        "customers": rows(
            customer_id=st.sampled_from(["C1", "C2", "C3"]), created_at=times, joined_at=maybe("2025-02-01"),
            tags=maybe("vip", "vip,new"),
        ),
        "orders": rows(
            order_id=st.sampled_from(["O1", "O2", "O3", "O4"]),
            customer_id=maybe("C1", "C2", "C1"),
            placed_at=times,
            total=st.sampled_from(["10", "99.50", "1000", "10.00", "x"]),
            tax=maybe("1", "1.5"),
            refunded=maybe("5", "10"),
            currency=maybe("JPY", "USD", "EUR"),
            status=maybe("paid", "refunded", "lost"),
            discount=maybe("2"),
            test=maybe("true"),
        ),
        "lines": rows(
            order_id=st.sampled_from(["O1", "O2", "O3"]), sku=maybe("a", "b"), quantity=maybe("2"),
            amount=st.sampled_from(["5", "7.5", "7"]), refunded=maybe("1"),
        ),
        "events": rows(customer_id=st.sampled_from(["C1", "C2"]), type=st.just("review"), at=times),
    }
)  # fmt: skip


def written(name: str, found: Rows, columns: list[str]) -> str | pl.DataFrame:
    """Rows as CSV, JSON Lines or Parquet of texts."""
    if name.endswith(".parquet"):
        return pl.DataFrame(found, schema=dict.fromkeys(columns, pl.String))
    if name.endswith(".jsonl"):
        return "".join(json.dumps(row) + "\n" for row in found)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(found)
    return text.getvalue()


def read(files: dict[str, Rows], ending: str, rates: Rates = RATES) -> tuple[History, Reading]:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        for name, found in files.items():
            store.write(f"{name}.{ending}", written(f"x.{ending}", found, list(found[0])))
        history, reading = store.read(on_bad_rows="skip", rates=rates)
        collected = (history.customers, history.orders, history.lines, history.events)
        return History(*[frame.collect() for frame in collected]), reading


def told(reading: Reading) -> list[tuple[str, int, str]]:
    """The rejections, by the files' names without folder and ending."""
    files = {file.file: file.name for file in reading.files}
    found = []
    for rejection in reading.rejections:
        reason = rejection.reason
        for file, name in files.items():
            reason = reason.replace(file, name)
        found.append((files[rejection.file], rejection.line, reason))
    return sorted(found)


def padded(files: dict[str, Rows]) -> dict[str, Rows]:
    """Every file with a good first row, so that none is empty."""
    first: dict[str, dict[str, str]] = {
        "customers": {"customer_id": "C0", "created_at": "2020-01-01", "joined_at": "", "tags": "x"},
        "orders": {
            "order_id": "O0", "customer_id": "C0", "placed_at": "2025-01-06", "total": "5", "tax": "", "refunded": "",
            "currency": "", "status": "", "discount": "", "test": "",
        },
        "lines": {"order_id": "O0", "sku": "", "quantity": "", "amount": "5", "refunded": ""},
        "events": {"customer_id": "C0", "type": "visit", "at": "2025-01-06"},
    }  # fmt: skip
    return {name: [dict(first[name]), *found] for name, found in files.items()}


@some
@given(stores)
def test_csv_json_lines_and_parquet_say_the_same(files: dict[str, Rows]) -> None:
    files = padded(files)
    (one, first), *others = [read(files, ending) for ending in ("csv", "jsonl", "parquet")]
    for other, reading in others:
        for name in ("customers", "orders", "lines", "events"):
            assert getattr(one, name).equals(getattr(other, name)), name
        assert (reading.guests, reading.set_aside, reading.lines_left) == (
            first.guests,
            first.set_aside,
            first.lines_left,
        )
        assert [rejected[:2] for rejected in told(reading)] == [
            (name, line - 1) for name, line, _ in told(first)
        ]
    assert told(others[0][1]) == told(others[1][1])


@some
@given(stores, st.randoms(use_true_random=False), st.sampled_from(["csv", "parquet"]))
def test_the_order_of_rows_changes_nothing(files: dict[str, Rows], random: Random, ending: str) -> None:
    files = padded(files)
    shuffled = {name: random.sample(found, len(found)) for name, found in files.items()}
    (one, first), (other, second) = read(files, ending), read(shuffled, ending)
    for name in ("customers", "orders", "lines", "events"):
        frames = [getattr(history, name).sort(pl.all()) for history in (one, other)]
        assert frames[0].equals(frames[1]), name
    assert [file.rejected for file in first.files] == [file.rejected for file in second.files]
    assert (first.guests, first.set_aside, first.lines_left) == (
        second.guests,
        second.set_aside,
        second.lines_left,
    )


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("foreign", ["", "JPY"])
def test_every_column_has_its_canonical_type(ending: str, foreign: str) -> None:
    files = padded({"customers": [], "orders": [], "lines": [], "events": []})
    files["orders"][0]["currency"] = foreign
    files["orders"][0]["refunded"] = "1"
    history, _ = read(files, ending)
    for name, table in {"customers": CUSTOMERS, "orders": ORDERS, "lines": LINES, "events": EVENTS}.items():
        frame = getattr(history, name)
        assert frame.height == 1
        assert {column: str(dtype) for column, dtype in frame.schema.items()} == table
