"""Single values: what an amount, an id, a flag or a time can't be, and what the reader is told."""

import pytest

from tests.files.store import Store
from vip_rules.model import LARGEST_AMOUNT


def reasons(store: Store, columns: str, values: str, currency: str = "USD") -> list[str]:
    """The reasons for an order on line 3, between two good ones."""
    good = "," * columns.count(",")
    rows = [f"A,C1,2025-01-01,1,{good}", f"O9,C1,2025-01-01,{values}", f"Z,C2,2025-01-01,1,{good}"]
    store.write("orders.csv", "\n".join([f"order_id,customer_id,placed_at,total,{columns}", *rows]))
    found = store.reasons(currency=currency)
    assert [line for _, line, _ in found] == [3]
    assert store.read(on_bad_rows="skip", currency=currency)[0].orders.collect()["order_id"].to_list() == [
        "A",
        "Z",
    ]
    return found[0][2].split("; ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"1,234.00"', "has a comma: thousands separators aren't accepted"),
        ('"12,50"', "decimals follow a point, as in 1234.50"),
        ("1_000", "isn't a plain decimal such as 1234.50"),
        ("١٢", "isn't written in the digits 0 to 9"),
        ("1e3", "is written with an exponent"),
        ("1e1000000", "is written with an exponent"),
        ("$12", "without currency sign or separators"),
        ("NaN", "is not a number"),
        ("-Infinity", "is not a number"),
        ("+5", "isn't a plain decimal"),
        (".5", "isn't a plain decimal"),
        ("5.", "isn't a plain decimal"),
        ("-", "isn't a plain decimal"),
        ("0x10", "isn't a plain decimal"),
        (" 5", "begins or ends with a space"),
        ("", "total is blank"),
        ("-0.01", "is negative"),
        ("10.505", "total '10.505' has more decimals than USD has (2)"),
        ("0.00001", "has more decimals than USD has (2)"),
        ("100000000000.01", "is too large"),
        ("9" * 5000, "is too large"),
        ("1." + "0" * 5000 + "1", "has more decimals than USD has (2)"),
    ],
)
def test_amounts_are_plain_decimals(store: Store, text: str, reason: str) -> None:
    (found,) = reasons(store, "note", f"{text},")
    assert reason in found
    assert len(found) < 250


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("10", "USD", 1000),
        ("10.5", "USD", 1050),
        ("0010.50000000", "USD", 1050),
        ("-0.00", "USD", 0),
        ("100000000000", "USD", LARGEST_AMOUNT),
        ("1050.000", "JPY", 1050),
        (str(LARGEST_AMOUNT), "JPY", LARGEST_AMOUNT),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
    ],
)
def test_amounts_become_minor_units(store: Store, text: str, currency: str, minor: int) -> None:
    store.write("orders.csv", f"order_id,customer_id,placed_at,total\nO1,C1,2025-01-01,{text}\n")
    assert store.read(currency=currency)[0].orders.collect()["total"].to_list() == [minor]


@pytest.mark.parametrize(
    ("currency", "text", "decimals"), [("JPY", "10.50", 0), ("KWD", "1.2345", 3), ("CLF", "1.23456", 4)]
)
def test_each_currency_has_its_decimals(store: Store, currency: str, text: str, decimals: int) -> None:
    assert reasons(store, "note", f"{text},", currency) == [
        f"total '{text}' has more decimals than {currency} has ({decimals})"
    ]
    assert reasons(store, "currency", f"{text},{currency}") == [
        f"total '{text}' has more decimals than {currency} has ({decimals})"
    ]


@pytest.mark.parametrize(
    ("columns", "values", "found"),
    [
        ("refunded", "10,10.01", ["refunded '10.01' is more than the total '10'"]),
        ("shipping", "10,11", ["shipping '11' make more than the total '10', which includes them"]),
        ("tax,shipping", "10,6,4.01", ["tax '6' and shipping '4.01' make more than the total '10', which includes them"]),
        ("tax,refunded", "10,x,11", ["tax 'x' isn't a plain decimal such as 1234.50, without currency sign or separators",
                                     "refunded '11' is more than the total '10'"]),
        ("tax", "x,100", ["total 'x' isn't a plain decimal such as 1234.50, without currency sign or separators"]),
        ("discount", "1,-1", ["discount '-1' is negative"]),
        ("test", "1,maybe", ["test 'maybe' is neither true nor false: true, false, 1, 0, yes or no is expected"]),
        ("currency", "1,usd", ["currency 'usd' is not a currency code of ISO 4217", "did you mean USD?"]),
        ("currency", "1,Dollar", ["currency 'Dollar' is not a currency code of ISO 4217"]),
    ],
)  # fmt: skip
def test_other_columns_of_orders(store: Store, columns: str, values: str, found: list[str]) -> None:
    assert reasons(store, columns, values) == found


def test_an_unknown_status_is_told_with_the_nearest(store: Store) -> None:
    (first, second) = reasons(store, "status", "1,Refundd")
    assert first.startswith("status 'Refundd' is none of paid, partially_refunded, refunded, pending")
    assert second == "did you mean refunded?"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" O9", "begins or ends with a space"),
        ("O9\u00a0", "begins or ends with a space"),
        ("O\x1f9", "holds a control character"),
        ("O\x009", "holds a control character"),
        ("O" * 256, "is longer than 255 characters"),
        ("", "order_id is blank"),
    ],
)
def test_ids_are_clean(store: Store, text: str, reason: str) -> None:
    store.write("orders.csv", f"order_id,customer_id,placed_at,total\n{text},C1,2025-01-01,1\n")
    ((_, line, found),) = store.reasons()
    assert line == 2
    assert reason in found


def test_ids_may_be_long_and_in_any_script(store: Store) -> None:
    store.write("orders.csv", f"order_id,customer_id,placed_at,total\n{'注' * 255},C1,2025-01-01,1\n")
    assert store.read()[0].orders.collect()["order_id"].to_list() == ["注" * 255]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("11/21/2025", "isn't an ISO 8601 date or time: 2025-11-21 or 2025-11-21T14:30:00Z is expected"),
        ("21.11.2025", "isn't an ISO 8601 date or time"),
        ("1763683200", "isn't an ISO 8601 date or time"),
        ("2025-02-30", "doesn't exist in the calendar or on the clock"),
        ("2025-11-21T24:00:00", "doesn't exist in the calendar or on the clock"),
        ("2525-11-21", "is outside the years 1900 to 2199"),
    ],
)
def test_dates_in_several_formats(store: Store, text: str, reason: str) -> None:
    store.write("customers.csv", f"customer_id,created_at\nC1,2020-01-01\nC2,2020-01-01\nC3,{text}\n")
    ((_, line, found),) = store.reasons()
    assert line == 4
    assert found.startswith(f"created_at '{text}' {reason}")


def test_blanks_mean_what_is_documented(store: Store) -> None:
    header = (
        "order_id,customer_id,placed_at,total,tax,shipping,refunded,discount,status,test,channel,currency"
    )
    store.write(
        "orders.csv", f"{header}\nO1,C1,2025-01-01,5,,,,,,,,\nO2,C1,2025-01-01,5,1,2,3,4,failed,YES,pos,USD\n"
    )
    history, reading = store.read()
    assert history.orders.collect().rows() == [
        ("O1", "C1", 20089, 500, 0, 0, None, 0, "paid", False, None),
        ("O2", "C1", 20089, 500, 100, 200, 300, 400, "failed", True, "pos"),
    ]
    assert reading.present("orders") == frozenset(header.split(","))
    store.write("orders.csv", "order_id,customer_id,placed_at,total\nO1,C1,2025-01-01,5\n")
    history, reading = store.read()
    assert history.orders.collect().rows() == [
        ("O1", "C1", 20089, 500, 0, 0, None, None, "paid", False, None)
    ]
    assert reading.present("orders") == frozenset(["order_id", "customer_id", "placed_at", "total"])


def test_a_status_is_never_turned_round_by_a_suggestion(store: Store) -> None:
    for status in ("fulfilled", "unpaid", "Paid out"):
        assert "did you mean" not in "".join(reasons(store, "status", f"1,{status}"))
    assert reasons(store, "status", "1,Partially Refunded")[1] == "did you mean partially_refunded?"
