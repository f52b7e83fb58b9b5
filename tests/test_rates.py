import os
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.errors import InvalidInput
from vip_rules.localdays import local_day, zone
from vip_rules.model import LARGEST_AMOUNT, Currency
from vip_rules.rates import Rate, Rates

USD, JPY, KWD = Currency.of("USD"), Currency.of("JPY"), Currency.of("KWD")


def day(text: str) -> int:
    return local_day(text, zone("UTC"))


@pytest.fixture
def rates(tmp_path: Path) -> Callable[[str], Rates]:
    def read(text: str) -> Rates:
        path = tmp_path / "rates.csv"
        path.write_text(text, "utf-8", newline="")
        return Rates.read(path)

    return read


def test_the_latest_rate_not_after_the_day_holds(rates: Callable[[str], Rates]) -> None:
    table = rates("﻿day,from,to,rate\r\n2025-02-01,EUR,USD,1.10\r\n2025-01-01,EUR,USD,1.05\r\n\r\n")
    assert table.rate("EUR", "USD", day("2024-12-31")) is None
    assert table.rate("EUR", "USD", day("2025-01-01")) == Decimal("1.05")
    assert table.rate("EUR", "USD", day("2025-01-31")) == Decimal("1.05")
    assert table.rate("EUR", "USD", day("2026-01-01")) == Decimal("1.10")


def test_there_is_no_inverse_and_no_crossing(rates: Callable[[str], Rates]) -> None:
    table = rates("day,from,to,rate\n2025-01-01,EUR,USD,2\n2025-01-01,USD,JPY,150\n")
    assert table.rate("USD", "EUR", day("2025-06-01")) is None
    assert table.rate("EUR", "JPY", day("2025-06-01")) is None
    assert table.convert(100, USD, Currency.of("EUR"), day("2025-06-01")) is None


@pytest.mark.parametrize(
    ("amount", "source", "target", "rate", "converted"),
    [
        (1500, JPY, USD, "0.0067", 1005),
        (50, JPY, USD, "0.0001", 0),  # 0.5 cents: to the even 0
        (150, JPY, USD, "0.0001", 2),  # 1.5 cents: to the even 2
        (250, JPY, USD, "0.0001", 2),
        (251, JPY, USD, "0.0001", 3),
        (1_234, KWD, USD, "3.25", 401),  # 1.234 KWD are 4.0105 USD
        (1_999, USD, JPY, "150", 2998),  # 19.99 USD are 2998.5 JPY
        (1_999, USD, KWD, "0.31", 6197),
        (LARGEST_AMOUNT, USD, KWD, "999999999.999999999999", 99_999_999_999_999_999_999_900),
    ],
)
def test_conversion_is_exact_and_half_even(
    amount: int, source: Currency, target: Currency, rate: str, converted: int
) -> None:
    table = Rates([Rate(0, source.code, target.code, Decimal(rate))])
    assert table.convert(amount, source, target, 5) == converted


@given(
    st.integers(0, LARGEST_AMOUNT),
    st.sampled_from([USD, JPY, KWD]),
    st.sampled_from([USD, JPY, KWD]),
    st.decimals("0.000000000001", "999999999", places=12),
)
def test_conversion_is_what_decimals_say(
    amount: int, source: Currency, target: Currency, rate: Decimal
) -> None:
    exact = Context(prec=60)
    major = exact.multiply(Decimal(amount).scaleb(-source.exponent, exact), rate)
    expected = exact.quantize(exact.scaleb(major, target.exponent), Decimal(1))
    assert exact.rounding == ROUND_HALF_EVEN
    assert Rates([Rate(0, source.code, target.code, rate)]).convert(amount, source, target, 0) == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2025-01-01,EUR,USD,1e3", "isn't a decimal above 0"),
        ("2025-01-01,EUR,USD,0.00", "isn't a decimal above 0"),
        ("2025-01-01,EUR,USD,-1", "isn't a decimal above 0"),
        ("2025-01-01,EUR,USD,", "isn't a decimal above 0"),
        ('2025-01-01,EUR,USD,"1,08"', "isn't a decimal above 0"),
        ("2025-01-01,EUR,USD,1.0000000000001", "12 after it"),
        ("2025-01-01,EUR,USD", "four fields"),
        ("2025-01-01,EUE,USD,1", "did you mean EUR"),
        ("2025-01-01,EUR,EUR,1", "to itself"),
        ("01/02/2025,EUR,USD,1", "isn't a date such as 2025-11-21"),
        ("2025-01-01T00:00:00Z,EUR,USD,1", "isn't a date such as 2025-11-21"),
        ("2025-02-30,EUR,USD,1", "doesn't exist"),
        ('2025-01-01,"EUR"x,USD,1', "can't be read as CSV"),
        ("2024-12-31,EUR,USD,1.2", "another rate from EUR to USD for 2024-12-31 is on line 2"),
    ],
)
def test_bad_rows_are_told_by_line(rates: Callable[[str], Rates], row: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match="1 row can't be used") as refused:
        rates(f"day,from,to,rate\n2024-12-31,EUR,USD,1.1\n{row}\n2025-12-31,EUR,USD,1.3\n")
    (rejection,) = refused.value.rejections
    assert rejection.line == 3
    assert reason in rejection.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "is empty"), ("day,from,rate\n", "exactly day, from, to, rate"), ("\n\n", "is empty")],
)
def test_unusable_files(rates: Callable[[str], Rates], text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        rates(text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        Rates.read(tmp_path / "none.csv")
    path = tmp_path / "rates.csv"
    path.write_bytes("day,from,to,rate\n".encode("utf-16"))
    with pytest.raises(InvalidInput, match="isn't UTF-8"):
        Rates.read(path)


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InvalidInput, match=r"pipe\.csv is not a regular file; expected a CSV file$"):
        Rates.read(tmp_path / "pipe.csv")
    with pytest.raises(InvalidInput, match=r"is a folder; expected a CSV file$"):
        Rates.read(tmp_path)


def test_long_values_are_cut(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("x" * 100_000, "utf-8")
    with pytest.raises(InvalidInput) as refused:
        Rates.read(file)
    assert len(str(refused.value)) < 600
    file.write_text(f"day,from,to,rate\n2025-01-01,{'x' * 100_000},USD,1\n", "utf-8")
    with pytest.raises(InvalidInput) as refused:
        Rates.read(file)
    assert len(refused.value.rejections[0].reason) < 120
