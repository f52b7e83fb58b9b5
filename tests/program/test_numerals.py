"""Numbers as people write them."""

from __future__ import annotations

import json

import pytest

from vip_rules.program.numerals import Numeral, in_quotation_marks, without_quotation_marks


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("2000", "2000", ""),
        ("2000.50", "2000.50", ""),
        ("2,000", "2000", ""),
        ("1,234,567.89", "1234567.89", ""),
        ("2 000", "2000", ""),
        ("2\u202f000", "2000", ""),
        ("2'000", "2000", ""),
        ("2_000", "2000", ""),
        ("2.000,50", "2000.50", ""),
        ("1.234.567", "1234567", ""),
        ("19,99", "19.99", ""),
        ("+5", "5", ""),
        ("007", "7", ""),
        ("0", "0", ""),
        (".5", "0.5", ""),
        ("5.", "5", ""),
        ("1e3", "1e3", ""),
        ("$2,000", "2000", "$"),
        ("US$ 20", "20", "US$"),
        ("USD 20", "20", "USD"),
        ("20 €", "20", "€"),
        ("20 %", "20", "%"),
        ("60 days", "60", "days"),
        ("60d", "60", "d"),
    ],
)
def test_numbers_are_understood(text: str, number: str, unit: str) -> None:
    numeral = Numeral.of(text)
    assert numeral is not None
    assert (numeral.number, numeral.unit) == (number, unit)
    json.loads(numeral.number)


@pytest.mark.parametrize(
    "text",
    [
        *("", "$", "many", "2k", "2 million", "-5", "1,2,3", "2,0000", "2,000 000", "$20 USD", "10-20"),
        *("٢", "²", "1 2", "2026-11-20", "12:30", "9" * 50),
    ],
)
def test_what_is_no_number_for_sure(text: str) -> None:
    assert Numeral.of(text) is None
    assert in_quotation_marks(text, "money", whole=False) == ""
    assert without_quotation_marks(text) == ""


def test_a_unit_that_is_not_the_metrics_is_not_dropped_in_silence() -> None:
    assert in_quotation_marks("8 weeks", "days", whole=True) == "the unit is days"
    assert in_quotation_marks("10 $", "percent", whole=False) == "the unit is percent"
    assert in_quotation_marks("10 percent", "percent", whole=False) == "write 10, the unit is percent"
    assert in_quotation_marks("10.5", "days", whole=True) == ""


def test_numbers_of_json_are_right() -> None:
    for text in ("0", "2000", "19.99", "1e3", "1E-3"):
        assert without_quotation_marks(text) == ""
