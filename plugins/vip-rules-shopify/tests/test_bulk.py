"""Bulk operations: waited for, fetched whole or not at all, and joined whatever the order of their rows."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vip_rules.adapter import PlatformFailed

from tests.reading.desk import customer, desk, ids, order, told
from tests.reading.nodes import line_node, order_node
from tests.shop.bulk import BulkOperation
from tests.shop.faults import Call, Fault
from vip_rules_shopify.reading.operations import OperationLost
from vip_rules_shopify.reading.staging import Staging, staging

CUSTOMERS = [customer(number) for number in range(1, 5)]
ORDERS = [order(number, 1, lines=number % 4 + 1) for number in range(11, 18)]
EVERYTHING = ({each.id: each for each in CUSTOMERS}, {each.id: each for each in ORDERS})

LINES_OF = {5: 0, 6: 1, 31: 3, 7_000_000_000_000: 2}
ROWS = [
    row
    for number, count in LINES_OF.items()
    for row in (
        order_node(id=f"gid://shopify/Order/{number}"),
        *(
            line_node(10 * number + place, __parentId=f"gid://shopify/Order/{number}")
            for place in range(1, count + 1)
        ),
    )
]


def written(row: dict[str, object], *, escaped: bool, spaced: bool) -> bytes:
    text = orjson.dumps(row)
    if escaped:
        text = text.replace(b"/", rb"\/")
    return text.replace(b'":', b'": ') if spaced else text


# The join


@given(st.permutations(ROWS), st.booleans(), st.booleans(), st.integers(0, 40))
def test_rows_in_any_order_make_the_same_orders(
    rows: list[dict[str, object]], escaped: bool, spaced: bool, after: int
) -> None:
    with staging() as found:
        assert found.fill((written(row, escaped=escaped, spaced=spaced) for row in rows), "Order") == len(
            rows
        )
        joined = {
            number: (node["id"], sorted(line["id"] for line in lines))
            for number, node, lines in found.objects(after)
        }
    assert list(joined) == [number for number in LINES_OF if number > after]
    for number, (told_id, lines) in joined.items():
        assert told_id == f"gid://shopify/Order/{number}"
        assert lines == [
            f"gid://shopify/LineItem/{10 * number + place}" for place in range(1, LINES_OF[number] + 1)
        ]


def test_a_name_that_looks_like_a_parent_is_a_name() -> None:
    name = '","__parentId":"gid://shopify/Order/31","x":"'
    row = line_node(1, name=name, __parentId="gid://shopify/Order/6")
    with staging() as found:
        found.fill([orjson.dumps(row), orjson.dumps(order_node(id="gid://shopify/Order/6"))], "Order")
        ((number, _, (line,)),) = found.objects(0)
    assert (number, line["name"]) == (6, name)


def test_what_was_laid_aside_before_is_gone() -> None:
    with staging() as found:
        found.fill(map(orjson.dumps, ROWS), "Order")
        assert found.fill([], "Order") == 0
        assert list(found.objects(0)) == []


@pytest.mark.parametrize("place", [0, -1])
def test_parts_without_their_object_are_no_orders(place: int) -> None:
    lines = [line_node(1, __parentId="gid://shopify/Order/8")]
    whole = order_node(id="gid://shopify/Order/9" if place == 0 else "gid://shopify/Order/7")
    with staging() as found:
        found.fill(map(orjson.dumps, [whole, *lines]), "Order")
        with pytest.raises(PlatformFailed, match="without the object"):
            list(found.objects(0))


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b"5", b"{}", b'{"id":"gid://shopify/Customer/1"}', b'{"__parentId":7}', b"\xff"]
)
def test_a_line_that_is_no_row_is_not_read_over(line: bytes) -> None:
    with staging() as found:
        with pytest.raises(PlatformFailed, match="call the command again"):
            found.fill([orjson.dumps(ROWS[0]), line], "Order")
        assert found.fill([orjson.dumps(ROWS[0])], "Order") == 1


def test_half_a_character_is_no_obstacle() -> None:
    rows = [
        rb'{"id":"gid:\/\/shopify\/Order\/5","sourceName":"\ud83d"}',
        rb'{"id":"gid:\/\/shopify\/Order\/6","sourceName":',
    ]
    with staging() as found:
        found.fill(rows, "Order")
        objects = found.objects(0)
        assert next(objects)[1]["sourceName"] == "?"
        with pytest.raises(PlatformFailed, match="isn't JSON"):
            next(objects)


def test_a_full_disk_is_said() -> None:
    with pytest.raises(PlatformFailed, match="TMPDIR"), staging() as found:
        fill_a_small_disk(found)


def fill_a_small_disk(rows: Staging) -> None:
    rows._connection.execute("PRAGMA max_page_count=4").close()
    rows.fill(map(orjson.dumps, 100 * ROWS), "Order")


# Waiting


def test_a_slow_operation_is_waited_for_with_longer_and_longer_pauses() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.bulk.polls = 40
        assert told(shop.read()) == EVERYTHING
        assert shop.time.slept == sorted(shop.time.slept[:40]) + sorted(shop.time.slept[40:])
        assert max(shop.time.slept) == 30


def test_patience_ends_and_the_next_reading_waits_for_the_same_operation() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.bulk.polls = 1_000
        with shop.reader() as reader:
            pages = reader.pages(None, full=True, wanted=frozenset())
            before = list(islice(pages, 2))
            with pytest.raises(PlatformFailed, match="still at work"):
                next(pages)
        for operation in shop.shop.bulk.operations.values():
            operation.polls = 0
        assert told(shop.read(before[-1].cursor))[1] == EVERYTHING[1]
        assert shop.shop.count("BulkRunQuery") == 2


def test_an_operation_that_nobody_lived_to_note_is_found_again() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.bulk.polls = 3
        assert shop.read(count=2)  # it dies, and its cursor with it
        assert told(shop.read()) == EVERYTHING
        assert shop.shop.count("BulkRunQuery") == 2


def test_an_operation_that_ended_is_not_taken_for_a_new_one() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.read()
        shop.fill([customer(9)], [])
        assert "9" in told(shop.read())[0]


def test_a_lost_answer_to_a_start_starts_nothing_twice() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.faults.add(Fault.LOST_ANSWER, when=bulk_start, times=1)
        assert told(shop.read()) == EVERYTHING
        assert len(shop.shop.bulk.operations) == 2


def test_other_operations_are_waited_for() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        for number in range(1, 6):
            shop.shop.bulk.operations[number] = BulkOperation(number, "{ other }", shop.time.now, 1)

        def end_one(seconds: float) -> None:  # not money
            shop.time.slept.append(seconds)
            if len(shop.time.slept) > 3:
                shop.shop.bulk.operations.pop(len(shop.time.slept) - 3, None)

        shop.time.sleep = end_one  # type: ignore[method-assign]
        assert told(shop.read()) == EVERYTHING
        assert shop.shop.count("BulkRunQuery") > 2


# What goes wrong


def test_a_shop_that_starts_nothing_is_asked_a_few_times_only() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.faults.add(Fault.HTTP_503, when=bulk_start)
        with pytest.raises(PlatformFailed, match=r"doesn't start a bulk operation: .* 503, 5 times"):
            shop.read()
        assert shop.shop.count("BulkRunQuery") == 5


@pytest.mark.parametrize(
    "fault", [Fault.TRUNCATED_JSONL, Fault.HALF_ANSWER, Fault.LOST_REQUEST, Fault.HTTP_503]
)
def test_a_file_that_is_cut_is_fetched_again(fault: Fault) -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.faults.add(fault, kind="download", times=2)
        assert told(shop.read()) == EVERYTHING


@pytest.mark.parametrize("fault", [Fault.TRUNCATED_JSONL, Fault.HALF_ANSWER, Fault.HTTP_503])
def test_of_a_file_that_stays_cut_nothing_is_taken(fault: Fault) -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.faults.add(fault, kind="download", times=3)
        with shop.reader() as reader:
            pages = reader.pages(None, full=True, wanted=frozenset())
            before = list(islice(pages, 2))
            with pytest.raises(PlatformFailed) as failed:
                next(pages)
        assert "again" in str(failed.value)
        assert "signed" not in str(failed.value)
        assert ids(before) == []
        assert told(shop.read(before[-1].cursor, wanted=frozenset()))[1] == EVERYTHING[1]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.BULK_FAILED, "failed: something went wrong at Shopify"),
        (Fault.BULK_CANCELED, "cancelled"),
        (Fault.BULK_EXPIRED, "seven days"),
    ],
)
def test_an_operation_that_fails_gives_nothing_and_another_one_is_begun_next_time(
    fault: Fault, reason: str
) -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.faults.add(fault, times=2)
        with shop.reader() as reader:
            pages = reader.pages(None, full=True, wanted=frozenset({"language"}))
            before = list(islice(pages, 2))
            with pytest.raises(OperationLost, match=reason):
                next(pages)
        assert not [call for call in shop.shop.calls if call.kind == "download"]
        after = shop.read(before[-1].cursor)
        assert told(after) == EVERYTHING
        assert [note for page in after for note in page.notes if "from the start again" in note]


def test_missing_scopes_are_named() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.faults.add(Fault.BULK_FAILED)
        shop.shop.bulk.error = "ACCESS_DENIED"
        with pytest.raises(PlatformFailed, match="read_customers"):
            shop.read()


def test_a_file_that_is_gone_in_the_middle_is_read_from_the_start() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        before = shop.read(page=2, count=6)
        assert told(before)[1]
        for operation in shop.shop.bulk.operations.values():
            operation.status = "EXPIRED"
        after = shop.read(before[-1].cursor, page=2)
        assert told([*before, *after]) == EVERYTHING
        assert told(after) == ({}, EVERYTHING[1])


def bulk_start(call: Call) -> bool:
    return call.operation == "BulkRunQuery"


def test_the_next_reading_starts_where_the_operations_began() -> None:
    with desk(CUSTOMERS, ORDERS) as shop:
        shop.shop.bulk.polls = 10
        began = shop.time.now
        cursor = orjson.loads(shop.read()[-1].cursor or "")
        assert shop.time.now > began
        for kind in ("customers", "orders"):
            assert datetime.fromisoformat(cursor[kind]["since"]) == began
