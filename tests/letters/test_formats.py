"""Formats: exact amounts with their currency's own decimals, and words as each language has them."""

from __future__ import annotations

import pytest
from babel import Locale
from jinja2 import TemplateRuntimeError

from vip_rules.letters.formats import Formats
from vip_rules.model import Currency


def formats(locale: str, currency: str = "USD") -> Formats:
    return Formats(Locale.parse(locale), Currency.of(currency))


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "shown"),
    [
        ("en", "USD", "1742.80", "$1,742.80"),
        ("en", "USD", "2000.00", "$2,000"),
        ("en", "USD", "0.05", "$0.05"),
        ("en", "JPY", "1742", "¥1,742"),
        ("en", "KWD", "1.250", "KWD\xa01.250"),
        ("en", "HUF", "1.50", "HUF\xa01.50"),
        ("en_GB", "GBP", "19.99", "£19.99"),
        ("ko", "KRW", "250000", "₩250,000"),
        ("id", "IDR", "250000.00", "Rp250.000"),
        ("id", "IDR", "250000.50", "Rp250.000,50"),
        ("zh", "CNY", "257.20", "¥257.20"),
        ("zh_Hant_TW", "TWD", "257.00", "$257"),
        ("en", "USD", "90071992547409.93", "$90,071,992,547,409.93"),
    ],
)
def test_money_is_exact_and_has_its_own_decimals(locale: str, currency: str, amount: str, shown: str) -> None:
    assert formats(locale, currency).money(amount) == shown


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en", ["12.5%", "March 14, 2027", "4th quarter 2026", "1 day", "48 hours", "a, b, and c", "order"]),
        ("ko", ["12.5%", "2027년 3월 14일", "2026년 4분기", "1일", "48시간", "a, b 및 c", "orders"]),
        ("id", ["12,5%", "14 Maret 2027", "Kuartal ke-4 2026", "1 hari", "48 jam", "a, b, dan c", "orders"]),
        ("zh", ["12.5%", "2027年3月14日", "2026年第4季度", "1天", "48小时", "a、b和c", "orders"]),
    ],
)
def test_each_language_has_its_own_words(locale: str, shown: list[str]) -> None:
    says = formats(locale)
    assert [
        says.percent("12.50"),
        says.date("2027-03-14"),
        says.quarter("2026-Q4"),
        says.days("1"),
        says.duration("48 hours"),
        says.listed(["a", "b", "c"]),
        says.plural(1, "order", "orders"),
    ] == shown
    assert says.quarter("2026-10-01") == says.quarter("2026-12-31") == says.quarter("2026-Q4")


def test_what_is_no_duration_stays() -> None:
    assert formats("ko").duration("at once") == "at once"
    assert formats("en").listed(["a", "b"], "or") == "a or b"
    assert formats("id").number("1234.5") == "1.234,5"


@pytest.mark.parametrize("value", ["x", "", None, "NaN", "Infinity", "1,5"])
def test_what_is_no_number_is_told_without_itself(value: object) -> None:
    with pytest.raises(
        TemplateRuntimeError, match=r"^expected a number such as 19\.99, and found (nothing|another str)"
    ):
        formats("en").money(value)


@pytest.mark.parametrize("value", ["x", None, "2026-13-01", 5])
def test_what_is_no_day_is_told_without_itself(value: object) -> None:
    with pytest.raises(
        TemplateRuntimeError, match=r"^expected a day such as 2026-03-14, and found (nothing|another)"
    ):
        formats("en").date(value)
