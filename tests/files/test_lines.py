"""Order lines: their values, and the positions that decide where a refund is spread."""

from itertools import permutations

import polars as pl
import pytest

from tests.files.store import Store

HEADER = "order_id,sku,product,category,brand,quantity,amount,refunded,gift_card\n"


def test_lines_are_read(store: Store) -> None:
    store.write("lines.csv", HEADER + "O1,s,p,c,b,2,19.99,5,yes\nO1,,,,,,0,,\n")
    assert store.read()[0].lines.collect().rows() == [
        ("O1", 0, "s", "p", "c", "b", 2, 1999, 500, True),
        ("O1", 0, None, None, None, None, 1, 0, 0, False),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("O1,,,,,-1,5,,", "quantity '-1' is not a whole number of units from 0 to 1,000,000,000"),
        ("O1,,,,,1.0,5,,", "quantity '1.0' is not a whole number"),
        ("O1,,,,,1000000001,5,,", "is not a whole number"),
        ("O1,,,,,99999999999999999999,5,,", "is not a whole number"),
        ("O1,,,,,1,,,", "amount is blank"),
        ("O1,,,,,1,-5,,", "amount '-5' is negative"),
        ("O1,,,,,1,5,5.01,", "refunded '5.01' is more than the amount '5'"),
        ("O1,,,,,1,5,,maybe", "gift_card 'maybe' is neither true nor false"),
        (",,,,,1,5,,", "order_id is blank"),
    ],
)
def test_bad_lines(store: Store, row: str, reason: str) -> None:
    store.write("lines.csv", HEADER + "O1,,,,,0,5,,\n" + row)
    ((_, line, found),) = store.reasons()
    assert line == 3
    assert reason in found


def test_positions_follow_from_what_lines_say(store: Store) -> None:
    store.write(
        "orders.csv",
        "order_id,customer_id,placed_at,total,refunded,status\n"
        "O1,C1,2025-01-01,50,5,paid\nO2,C1,2025-01-01,50,,refunded\nO3,C1,2025-01-01,50,,paid\n",
    )
    rows = ["O1,b,,,,,5,,", "O1,a,,,,2,5,,", "O1,a,,,,1,5,,", "O2,,,,,,7,,", "O3,z,,,,,1,,"]
    found = set()
    for some in list(permutations(rows))[::7]:
        store.write("lines.csv", HEADER + "\n".join(some))
        lines = store.read()[0].lines.collect().select("order_id", "sku", "quantity", "line").sort(pl.all())
        found.add(tuple(lines.rows()))
    assert found == {
        (("O1", "a", 1, 0), ("O1", "a", 2, 1), ("O1", "b", 1, 2), ("O2", None, 1, 0), ("O3", "z", 1, 0))
    }
