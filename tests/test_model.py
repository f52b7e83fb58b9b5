"""Money: exact in every currency, and nothing that isn't money gets in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.model import LARGEST_AMOUNT, Currency, InvalidMoney, currency_codes


@pytest.mark.parametrize(
    ("code", "amount", "minor", "major", "shown"),
    [
        ("USD", "19.99", 1999, "19.99", "19.99 USD"),
        ("USD", "100.0", 10_000, "100.00", "100.00 USD"),
        ("USD", "1234567.5", 123_456_750, "1234567.50", "1,234,567.50 USD"),
        ("JPY", "1200", 1200, "1200", "1,200 JPY"),
        ("JPY", "1200.00", 1200, "1200", "1,200 JPY"),
        ("KWD", "0.005", 5, "0.005", "0.005 KWD"),
        ("USD", "-0.05", -5, "-0.05", "-0.05 USD"),
    ],
)
def test_money_is_exact(code: str, amount: str, minor: int, major: str, shown: str) -> None:
    currency = Currency.of(code)
    assert currency.minor(Decimal(amount)) == minor
    assert currency.major(minor) == major
    assert currency.shown(minor) == shown


@pytest.mark.parametrize(
    ("code", "amount"),
    [
        ("USD", "19.999"),
        ("JPY", "10.50"),
        ("USD", "1e1000000"),
        ("USD", "NaN"),
        ("USD", "Infinity"),
        ("USD", "1e-400"),
    ],
)
def test_what_is_not_money(code: str, amount: str) -> None:
    with pytest.raises(InvalidMoney):
        Currency.of(code).minor(Decimal(amount))


def test_the_largest_amount() -> None:
    dollars = Currency.of("USD")
    assert dollars.minor(Decimal(LARGEST_AMOUNT) / 100) == LARGEST_AMOUNT
    with pytest.raises(InvalidMoney, match="out of range"):
        dollars.minor(Decimal(LARGEST_AMOUNT + 1) / 100)


@pytest.mark.parametrize("code", ["usd", "XAU", "ABC", "", "US"])
def test_unknown_currencies(code: str) -> None:
    with pytest.raises(InvalidMoney, match="ISO 4217"):
        Currency.of(code)


@given(st.sampled_from(currency_codes()), st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT))
def test_there_and_back(code: str, minor: int) -> None:
    currency = Currency.of(code)
    assert currency.minor(Decimal(currency.major(minor))) == minor


@pytest.mark.parametrize(
    ("code", "amount", "message"),
    [
        ("USD", "19.999", "19.999 has more decimals than USD has (2); write 19.99 or 20.00"),
        ("JPY", "25.50", "25.50 has more decimals than JPY has (0); write 25 or 26"),
        ("USD", "-1.005", "-1.005 has more decimals than USD has (2); write -1.00 or -1.01"),
        ("USD", "0.001", "0.001 has more decimals than USD has (2); write 0.01"),
    ],
)
def test_what_to_write_instead_of_too_many_decimals(code: str, amount: str, message: str) -> None:
    with pytest.raises(InvalidMoney) as raised:
        Currency.of(code).minor(Decimal(amount))
    assert str(raised.value) == message
