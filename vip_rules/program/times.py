"""Times as people write them, "year", "12m" or "last 90 days", and as a program does: "1 year", "12 months", "90 days"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

NUMBERS: Final = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)

UNITS: Final = {
    word: unit
    for unit, words in {
        "day": "d day days daily",
        "week": "w wk wks week weeks weekly",
        "month": "m mo mos mon mth mths month months monthly",
        "quarter": "q qtr quarter quarters quarterly",
        "year": "y yr yrs year years yearly annual annually",
    }.items()
    for word in words.split()
}

FILLERS: Final = ("a", "an", "the", "in", "of", "per", "last", "past", "previous", "rolling", "trailing")

NAMES: Final = {
    **dict.fromkeys(("this year", "current year", "year to date", "ytd"), "calendar year"),
    **dict.fromkeys(("last year", "previous year"), "previous calendar year"),
    **dict.fromkeys(("this quarter", "current quarter", "quarter to date", "qtd"), "calendar quarter"),
    **dict.fromkeys(("all", "all time", "always", "ever", "forever", "unlimited"), "lifetime"),
    **dict.fromkeys(("0", "no", "nothing", "0 days", "0 months"), "none"),
}

MOST_MONTHS: Final = 24
"""A number alone is probably one of days if it is more; up to it may be one of months."""

LONGEST_COUNT: Final = 5

MOST_ALONE: Final = 999
"""A number alone that is more is probably no time, but a year."""


def meant(text: str, pattern: str) -> list[str]:
    """The times that somebody may have meant by a text, at most two, among those that a pattern allows."""

    def allowed(time: str) -> bool:
        return re.search(pattern, time) is not None

    words = re.findall(r"\d+|[a-z]+", text.casefold()[:60])
    named = NAMES.get(" ".join(words))
    times = [named] if named else []
    match [word for word in words if word not in FILLERS]:
        case [unit] if unit in UNITS:
            times += _spans(1, UNITS[unit], allowed)
        case [number, unit] if unit in UNITS and _count(number):
            times += _spans(_count(number), UNITS[unit], allowed)
        case [number] if _count(number):
            times += _of_a_number(_count(number))
    return [time for time in times if allowed(time)][:2]


def _spans(count: int, unit: str, allowed: Callable[[str], bool]) -> Iterator[str]:
    if unit == "quarter":
        yield _span(3 * count, "month")
    elif unit == "year" and not allowed(_span(count, unit)):
        yield _span(12 * count, "month")
    else:
        yield _span(count, unit)
    if count == 1:
        yield f"calendar {unit}"


def _of_a_number(count: int) -> Iterator[str]:
    if count in (365, 366):
        yield "1 year"
    if count <= MOST_MONTHS:
        yield _span(count, "month")
    if count <= MOST_ALONE:
        yield _span(count, "day")


def _count(word: str) -> int:
    """The number that a word is; 0 if it is none."""
    if word in NUMBERS:
        return NUMBERS.index(word) + 1
    return int(word) if word.isdecimal() and len(word) <= LONGEST_COUNT else 0


def _span(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"
