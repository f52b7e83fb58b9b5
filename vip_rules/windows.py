"""Windows: which local days a metric looks at, as of a day. Bounds are integers, computed here and never by an engine."""

from __future__ import annotations

import json
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from vip_rules.errors import VipRulesError
from vip_rules.localdays import day_date, day_number

NAMED: Final = (
    "calendar year",
    "previous calendar year",
    "calendar quarter",
    "membership year",
    "lifetime",
)
ROLLING: Final = re.compile(r"([1-9][0-9]{0,4}) (day|week|month|year)s?")
LONGEST_YEARS: Final = 100


class InvalidWindow(VipRulesError):
    """A text that isn't a window; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days after `after` (None: from the beginning) up to and including `until`."""

    after: int | None
    until: int


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A window as an author writes it: `count` and `unit` for a rolling one ("12 months"), else a name.

    >>> today = day_number(date(2026, 11, 20))
    >>> Window.of("12 months").bounds(today) == Bounds(day_number(date(2025, 11, 20)), today)
    True
    """

    name: str
    count: int = 0
    unit: str = ""

    @classmethod
    def of(cls, text: str) -> Window:
        """The window that a text names. Raises InvalidWindow."""
        if text in NAMED:
            return cls(text)
        match = ROLLING.fullmatch(text)
        if not match:
            raise InvalidWindow(
                f'{json.dumps(text, ensure_ascii=False)} is no window; expected "N days", "N weeks", "N months" or "N years" '
                f"with N from 1, or one of {json.dumps(NAMED)[1:-1]}"
            )
        count, unit = int(match[1]), match[2]
        if count * {"day": 1, "week": 7, "month": 30, "year": 365}[unit] > LONGEST_YEARS * 366:
            raise InvalidWindow(
                f'{json.dumps(text)} is longer than {LONGEST_YEARS} years; write "lifetime" instead'
            )
        return cls(f"{count} {unit}{'' if count == 1 else 's'}", count, unit)

    @property
    def bounded(self) -> bool:
        """Whether it begins somewhere, so that it has a first and a second half."""
        return self.name != "lifetime"

    @property
    def personal(self) -> bool:
        """Whether its beginning differs from customer to customer (the membership year)."""
        return self.name == "membership year"

    @property
    def phrase(self) -> str:
        """As a part of a sentence: "spend in the last 12 months"."""
        if self.count:
            return f"in the last {self.name if self.count > 1 else self.unit}"
        return {
            "calendar year": "in this calendar year",
            "previous calendar year": "in the previous calendar year",
            "calendar quarter": "in this calendar quarter",
            "membership year": "in this membership year",
            "lifetime": "so far",
        }[self.name]

    def bounds(self, as_of: int, joined: int | None = None) -> Bounds:
        """The days that count as of the local day `as_of`. A membership year needs the day of joining."""
        today = day_date(as_of)
        if self.name == "lifetime":
            return Bounds(None, as_of)
        if self.name == "calendar year":
            return Bounds(day_number(date(today.year, 1, 1)) - 1, as_of)
        if self.name == "previous calendar year":
            return Bounds(day_number(date(today.year - 1, 1, 1)) - 1, day_number(date(today.year, 1, 1)) - 1)
        if self.name == "calendar quarter":
            return Bounds(day_number(date(today.year, (today.month - 1) // 3 * 3 + 1, 1)) - 1, as_of)
        if self.name == "membership year":
            return Bounds((as_of if joined is None else last_anniversary(joined, as_of)) - 1, as_of)
        if self.unit in ("day", "week"):
            return Bounds(as_of - self.count * (7 if self.unit == "week" else 1), as_of)
        return Bounds(day_number(plus_months(today, -self._months)), as_of)

    def counts_through(self, order_day: int, as_of: int, joined: int | None = None) -> int | None:
        """The last day on which an order of `order_day`, in the window as of `as_of`, still counts; None: for ever."""
        today, placed = day_date(as_of), day_date(order_day)
        if self.name == "lifetime":
            return None
        if self.name in ("calendar year", "previous calendar year"):
            return day_number(date(today.year, 12, 31))
        if self.name == "calendar quarter":
            return day_number(plus_months(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), 3)) - 1
        if self.name == "membership year":
            begin = as_of if joined is None else last_anniversary(joined, as_of)
            return anniversary(begin if joined is None else joined, day_date(begin).year + 1) - 1
        if self.unit in ("day", "week"):
            return order_day + self.count * (7 if self.unit == "week" else 1) - 1
        back = plus_months(placed, self._months)
        # A clamped month's end (30 November + 3 months = 28 February) still looks back to before the order.
        return day_number(back) - (1 if plus_months(back, -self._months) >= placed else 0)

    @property
    def _months(self) -> int:
        return self.count * (12 if self.unit == "year" else 1)


LIFETIME: Final = Window("lifetime")


def plus_months(value: date, months: int) -> date:
    """A date some calendar months away, clamped to the month's end: 31 January + 1 month is 28 or 29 February."""
    month = value.year * 12 + value.month - 1 + months
    year, month = divmod(month, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(value.day, monthrange(year, month + 1)[1]))


def anniversary(joined: int, year: int) -> int:
    """The day of a year on which somebody's joining returns; 29 February falls on the 28th."""
    first = day_date(joined)
    return day_number(date(year, first.month, min(first.day, monthrange(year, first.month)[1])))


def last_anniversary(joined: int, as_of: int) -> int:
    """The latest anniversary of joining (or the joining itself) not after `as_of`; `joined` if that is later."""
    if joined >= as_of:
        return joined
    year = day_date(as_of).year
    this_year = anniversary(joined, year)
    return this_year if this_year <= as_of else anniversary(joined, year - 1)
