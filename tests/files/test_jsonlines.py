"""JSON Lines: numbers as they are written, and whatever is no JSON object."""

import json
import time

import pytest

from tests.files.store import Store

ORDER = {"order_id": "O2", "customer_id": "C1", "placed_at": "2025-11-21", "total": "100.00"}


def line(**changed: object) -> str:
    return json.dumps(ORDER | changed)


def test_numbers_flags_and_nulls_are_understood(store: Store) -> None:
    store.write("customers.jsonl", '{"customer_id": 7, "created_at": "2020-01-01"}\n')
    text = line(customer_id=7, test=True, refunded=None, tax=5, shipping=0)
    store.write("orders.jsonl.gz", "\ufeff" + text.replace('"100.00"', "100.10") + "\r\n\r\n")
    (row,) = store.read()[0].orders.collect().rows(named=True)
    assert (row["customer_id"], row["total"], row["tax"], row["refunded"], row["test"]) == (
        "7",
        10010,
        500,
        None,
        True,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "the line isn't a JSON object"),
        ("5", "the line isn't a JSON object"),
        ('{"order_id": "O2"', "the line isn't JSON: Expecting ',' delimiter"),
        ('{"order_id": "O2", "order_id": "O3"}', "the key 'order_id' is there twice in one object"),
        ('{"note": {"a": 1, "a": 2}}', "the key 'a' is there twice in one object"),
        (line(total=0).replace("0}", "NaN}"), "NaN is not a number of JSON"),
        (line(total=0).replace("0}", "-Infinity}"), "-Infinity is not a number of JSON"),
        (line(note=0).replace("0}", "[" * 100_000 + "]" * 100_000 + "}"), "the JSON is nested too deeply"),
        (line(note="x" * 1_000_000), "the line is longer than 1,000,000 bytes"),
        (line(total=0).replace("0}", "1" * 5000 + "}"), "is too large for an amount of money"),
        (line(total=0).replace("0}", "1e3}"), "is written with an exponent"),
        (line(total=0).replace("0}", "1e1000000}"), "is written with an exponent"),
        (line(total=0).replace("0}", "19.999}"), "total '19.999' has more decimals than USD has (2)"),
        (line(total=True), "total 'true' isn't a plain decimal"),
        (line(total=None), "total is blank"),
        (line(total=["1"]), "total holds an object or a list"),
        (line(order_id={"id": 1}), "order_id holds an object or a list"),
        (line(order_id="O\ud800"), "half of a surrogate pair"),
        (line(order_id="O\0"), "order_id 'O\\x00' holds a control character"),
        (line(placed_at=1763683200), "placed_at '1763683200' isn't an ISO 8601 date or time"),
    ],
)
def test_unusable_lines_are_told_by_line(store: Store, text: str, reason: str) -> None:
    store.write("orders.jsonl", f"{line(order_id='O1')}\n{text}\n{line(order_id='O9')}\n")
    ((_, number, found),) = store.reasons()
    assert number == 2
    assert reason in found
    assert store.read(on_bad_rows="skip")[0].orders.collect()["order_id"].to_list() == ["O1", "O9"]


def test_text_that_is_not_utf_8(store: Store) -> None:
    store.write("orders.jsonl", line().encode() + b'\n{"order_id": "\xe9"}\n')
    assert store.reasons() == [("orders.jsonl", 2, "the text isn't UTF-8")]
    store.write("orders.jsonl", line().encode("utf-16"))
    assert "is UTF-16" in str(store.refused())


def test_a_key_that_is_never_there_is_a_missing_column(store: Store) -> None:
    store.write("orders.jsonl", line().replace("total", "totl"))
    assert "a column is missing: total (is it totl?)" in str(store.refused())
    store.write("orders.jsonl", f"{line(order_id='O1')}\n{line().replace('total', 'totl')}\n")
    assert store.reasons() == [("orders.jsonl", 2, "total is blank")]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_objects_is_refused(store: Store, content: str) -> None:
    store.write("events.jsonl", content)
    message = str(store.refused())
    assert "is empty" in message or "holds no JSON objects" in message


def test_tags_are_text_or_a_list(store: Store) -> None:
    rows = [
        {"customer_id": "C1", "created_at": "2020-01-01", "tags": ["vip", " new ", "", "vip"]},
        {"customer_id": "C2", "created_at": "2020-01-01", "tags": "vip,new"},
        {"customer_id": "C3", "created_at": "2020-01-01", "tags": []},
        {"customer_id": "C4", "created_at": "2020-01-01"},
    ]
    store.write("customers.ndjson", "\n".join(map(json.dumps, rows)))
    assert store.read()[0].customers.collect()["tags"].to_list() == ["\x1fnew\x1fvip\x1f"] * 2 + [None] * 2


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ([None], "tags must be a text or a list of texts"),
        ({}, "tags must be a text or a list of texts"),
        (["a\x1fb"], "tags 'a\\x1fb' holds a control character"),
        ("\ud800", "half of a surrogate pair"),
    ],
)
def test_other_tags_are_rejected(store: Store, tags: object, reason: str) -> None:
    rows = [{"customer_id": f"C{n}", "created_at": "2020-01-01"} for n in (1, 2)]
    rows.append({"customer_id": "C3", "created_at": "2020-01-01", "tags": tags})  # type: ignore[dict-item]
    store.write("customers.jsonl", "\n".join(map(json.dumps, rows)))
    ((_, number, found),) = store.reasons()
    assert number == 3
    assert reason in found


def test_a_list_around_the_objects_is_refused(store: Store) -> None:
    store.write("orders.jsonl", f"\n [{line()}]\n")
    assert "orders.jsonl:2: a JSON list begins; expected one object a line, without a list" in str(
        store.refused(on_bad_rows="skip")
    )


@pytest.mark.parametrize(
    "keys", [[f"k{n}" for n in range(90_000)], [f"k{n}" for n in range(90_000)] + ["k7"]]
)
def test_too_many_keys_are_refused_at_once(store: Store, keys: list[str]) -> None:
    begun = time.monotonic()
    text = "{" + ",".join(f'"{key}":1' for key in keys) + "}"
    store.write("orders.jsonl", f"{line()}\n{text}\n")
    error = store.refused()
    found = str(error) + "".join(map(str, error.rejections))
    assert "jsonl:2: " in found
    assert "more than 1,000 different keys" in found or "the key 'k7' is there twice" in found
    assert time.monotonic() - begun < 10
