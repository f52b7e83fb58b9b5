"""Orders in other currencies: converted exactly with their lines, or set aside."""

from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tests.files.store import Store
from vip_rules.files.exchange import converted, daily_rates, too_large
from vip_rules.localdays import local_day, zone
from vip_rules.model import LARGEST_AMOUNT, Currency
from vip_rules.rates import Rate, Rates

HEADER = "order_id,customer_id,placed_at,total,tax,shipping,refunded,discount,currency\n"
USD = Currency.of("USD")


def rates(*given: tuple[str, str, str]) -> Rates:
    return Rates(
        Rate(local_day(day, zone("UTC")), source, "USD", Decimal(rate)) for day, source, rate in given
    )


def test_the_rate_of_the_day_holds_for_an_order_and_its_lines(store: Store) -> None:
    store.write(
        "orders.csv",
        HEADER + "O1,C1,2025-01-31,1500,100,50,200,10,JPY\nO2,C1,2025-02-01,1500,,,,,JPY\n"
        "O3,C1,2025-02-01,1.234,,,,,KWD\nO4,C1,2025-02-01,9.99,,,,,\n",
    )
    store.write("lines.csv", "order_id,amount,refunded\nO1,1350,200\nO3,1.234,\nO4,9.99,\n")
    table = rates(
        ("2025-02-01", "JPY", "0.0100"), ("2025-01-01", "JPY", "0.0067"), ("2025-01-01", "KWD", "3.25")
    )
    history, reading = store.read(rates=table)
    columns = ("order_id", "total", "tax", "shipping", "refunded", "discount")
    assert history.orders.collect().select(columns).rows() == [
        ("O1", 1005, 67, 34, 134, 7),
        ("O2", 1500, 0, 0, None, 0),
        ("O3", 401, 0, 0, None, 0),
        ("O4", 999, 0, 0, None, 0),
    ]
    assert history.lines.collect().select("order_id", "amount", "refunded").rows() == [
        ("O1", 904, 134),
        ("O3", 401, 0),
        ("O4", 999, 0),
    ]
    assert reading.set_aside == ()


def test_without_a_rate_an_order_is_set_aside_and_told(store: Store) -> None:
    rows = "".join(f"J{n},C1,2025-01-0{n},100,,,,,JPY\n" for n in range(1, 6))
    store.write("orders.csv", HEADER + rows + "E1,C1,2025-01-01,5,,,,,EUR\nO1,C1,2025-01-01,5,,,,,USD\n")
    store.write("lines.csv", "order_id,amount\nJ1,100\nJ5,100\nE1,5\nO1,5\n")
    history, reading = store.read(rates=rates(("2025-01-05", "JPY", "0.01")))
    assert sorted(history.orders.collect()["order_id"]) == ["J5", "O1"]
    assert sorted(history.lines.collect()["order_id"]) == ["J5", "O1"]
    assert [(aside.currency, aside.count, aside.examples) for aside in reading.set_aside] == [
        ("EUR", 1, ("E1",)),
        ("JPY", 4, ("J1", "J2", "J3")),
    ]
    assert reading.lines_left == 2
    assert (
        "4 orders in JPY set aside for want of an exchange rate on their day (J1, J2, J3, …): "
        "add it to the table of rates."
    ) in reading.summary()
    history, reading = store.read()
    assert history.orders.collect()["order_id"].to_list() == ["O1"]


def test_rounding_breaks_no_rule(store: Store) -> None:
    store.write("orders.csv", HEADER + "O1,C1,2025-01-01,3,1,2,3,,JPY\n")
    store.write("lines.csv", "order_id,amount,refunded\nO1,3,3\n")
    (row,) = store.read(rates=rates(("2025-01-01", "JPY", "0.005")))[0].orders.collect().rows(named=True)
    assert (row["total"], row["tax"], row["shipping"], row["refunded"]) == (2, 0, 1, 2)
    (row,) = store.read(rates=rates(("2025-01-01", "JPY", "0.0075")))[0].orders.collect().rows(named=True)
    assert (row["total"], row["tax"], row["shipping"], row["refunded"]) == (2, 1, 1, 2)


def test_what_gets_too_large_is_rejected(store: Store) -> None:
    store.write(
        "orders.csv",
        HEADER + f"O1,C1,2025-01-01,{LARGEST_AMOUNT},,,,,JPY\nO2,C1,2025-01-01,5,,,,9000000,JPY\n",
    )
    store.write("lines.csv", "order_id,amount\nO2,5\n")
    table = rates(("2025-01-01", "JPY", "999999999.999999999999"))
    found = store.reasons(rates=table)
    words = "an amount is more than 100,000,000,000.00 USD when it is converted"
    assert found[1:] == [("orders.csv", 2, words), ("orders.csv", 3, words)]
    assert found[0][:2] == ("lines.csv", 2)


def test_lines_have_the_decimals_of_their_order(store: Store) -> None:
    store.write("orders.csv", HEADER + "O1,C1,2025-01-01,1500,,,,,JPY\nO2,C1,2025-01-01,15,,,,,\n")
    store.write(
        "lines.csv", "order_id,amount\nO1,7.5\nO1,700\nO2,7.55\nO2,7.555\nO2,1.00001\nO2,200000000000\n"
    )
    assert store.reasons(rates=rates(("2025-01-01", "JPY", "0.01"))) == [
        ("lines.csv", 2, "an amount has more decimals than its order's currency JPY has"),
        ("lines.csv", 5, "an amount has more decimals than its order's currency USD has"),
        ("lines.csv", 6, "amount '1.00001' has more decimals than any currency has (4)"),
        ("lines.csv", 7, "an amount is too large for an amount of money in USD"),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, LARGEST_AMOUNT), st.sampled_from(["JPY", "KWD", "EUR"]), st.integers(0, 9)),
        min_size=1,
    ),
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.sampled_from(["JPY", "KWD", "EUR"]),
            st.decimals("0.000000000001", "999999999.999999999999", places=12),
        ),
        unique_by=lambda rate: rate[:2],
    ),
)
def test_a_column_is_converted_as_its_values(
    amounts: list[tuple[int, str, int]], known: list[tuple[int, str, Decimal]]
) -> None:
    table = Rates(Rate(day, source, "USD", rate) for day, source, rate in known)
    frame = pl.DataFrame(
        amounts, schema={"total": pl.Int64, "foreign": pl.String, "day": pl.Int32}, orient="row"
    )
    joined = frame.join(
        daily_rates(table, ["EUR", "JPY", "KWD"], USD, 0, 9),
        on=["foreign", "day"],
        how="left",
        maintain_order="left",
    )
    found = joined.select("numerator", too_large(["total"]).alias("large"), converted("total")).rows()
    for (amount, source, day), (numerator, large, total) in zip(amounts, found, strict=True):
        expected = table.convert(amount, Currency.of(source), USD, day)
        assert (numerator is None) == (expected is None)
        assert large == (expected is not None and expected > LARGEST_AMOUNT)
        if not large:
            assert total == (amount if expected is None else expected)
