"""Times as people write them."""

from __future__ import annotations

import re

import pytest

from vip_rules.program.status import TERM
from vip_rules.program.times import meant
from vip_rules.windows import NAMED, ROLLING

WINDOW = f"^({'|'.join([ROLLING.pattern, *NAMED])})$"
DURATION = f"^{ROLLING.pattern}$"


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("year", ["1 year", "calendar year"]),
        ("Yearly", ["1 year", "calendar year"]),
        ("1y", ["1 year", "calendar year"]),
        ("2y", ["2 years"]),
        ("month", ["1 month"]),
        ("12m", ["12 months"]),
        ("12months", ["12 months"]),
        ("12-months", ["12 months"]),
        ("12 Months", ["12 months"]),
        ("last 12 months", ["12 months"]),
        ("１２ months", ["12 months"]),
        ("012 months", ["12 months"]),
        ("last 90 days", ["90 days"]),
        ("twelve months", ["12 months"]),
        ("12 months rolling", ["12 months"]),
        ("quarter", ["3 months", "calendar quarter"]),
        ("2 quarters", ["6 months"]),
        ("this year", ["calendar year"]),
        ("YTD", ["calendar year"]),
        ("last year", ["previous calendar year", "1 year"]),
        ("forever", ["lifetime"]),
        ("365", ["1 year", "365 days"]),
        ("12", ["12 months", "12 days"]),
        ("90", ["90 days"]),
        *(
            (text, [])
            for text in ("", "0 months", "0", "2026", "2026-01-01", "1.5 years", "soon", "24h", "year 2026")
        ),
        ("9" * 5_000 + " days", []),
    ],
)
def test_windows_that_somebody_means(text: str, times: list[str]) -> None:
    assert meant(text, WINDOW) == times
    assert all(re.search(WINDOW, time) for time in times)


def test_only_what_is_allowed_is_offered() -> None:
    assert meant("year", DURATION) == ["1 year"]
    assert meant("quarter", DURATION) == ["3 months"]
    assert meant("2 years", TERM) == ["24 months"]
    assert meant("forever", DURATION) == []
    assert meant("no", f"^(none|{ROLLING.pattern})$") == ["none"]
