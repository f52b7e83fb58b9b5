"""Formats: amounts, days, numbers and lists as a language writes them; the filters of templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, cast

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from jinja2 import TemplateRuntimeError

from vip_rules.model import Currency

_QUARTER: Final = re.compile(r"(\d{4})-?Q([1-4])")
_GRANULARITY: Final[Mapping[str, Literal["day", "hour", "minute", "second"]]] = {
    "day": "day",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
}
_NEVER: Final = 10**12
_DURATION: Final = re.compile(r"([1-9][0-9]{0,3}) (second|minute|hour|day)s?")


@dataclass(frozen=True)
class Formats:
    """How one language writes things, with money in the program's currency. Values are plain data: decimal texts, ISO dates."""

    locale: Locale
    currency: Currency

    def filters(self) -> dict[str, Callable[..., str]]:
        """The filters of templates, by their names."""
        return {
            "money": self.money,
            "percent": self.percent,
            "number": self.number,
            "date": self.date,
            "quarter": self.quarter,
            "days": self.days,
            "duration": self.duration,
            "listed": self.listed,
            "plural": self.plural,
        }

    def money(self, amount: Any) -> str:
        """An amount of major units in the currency: "$257.20". Whole amounts have no decimals."""
        value = _decimal(amount)
        decimals = 0 if value == value.to_integral_value() else self.currency.exponent
        pattern = copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (decimals, decimals)
        code = self.currency.code
        shown: str = pattern.apply(value, self.locale, currency=code, currency_digits=False)
        # A currency without a sign of its own stands apart from the number.
        return re.sub(rf"{code}(?=\d)", f"{code}\xa0", shown)

    def percent(self, number: Any) -> str:
        """A percentage: "12.5" is 12.5%."""
        return format_percent(_decimal(number).scaleb(-2), "#,##0.##%", locale=self.locale)

    def number(self, number: Any) -> str:
        """A number as people write it: "1,234"."""
        return format_decimal(_decimal(number), locale=self.locale)

    def date(self, day: Any) -> str:
        """A day in words, from an ISO date."""
        return format_date(_day(day), format="long", locale=self.locale)

    def quarter(self, quarter: Any) -> str:
        """A quarter in words: from "2026-Q4", or from a day in it."""
        match = _QUARTER.fullmatch(str(quarter))
        day = date(int(match[1]), int(match[2]) * 3, 1) if match else _day(quarter)
        return format_date(day, self._quarter_pattern, locale=self.locale)

    @property
    def _quarter_pattern(self) -> str:
        # "4th quarter 2026"; the long form of Korean is that of reports.
        pattern = self.locale.datetime_skeletons.get("yQQQ" if self.locale.language == "ko" else "yQQQQ")
        return pattern.pattern if pattern else "QQQQ y"

    def days(self, number: Any) -> str:
        """So many days: "12 days"."""
        return self._counted(number, "day")

    def duration(self, text: str) -> str:
        """A time such as "2 hours" in this language; what isn't one stays."""
        match = _DURATION.fullmatch(text)
        return self._counted(match[1], match[2]) if match else text

    def _counted(self, number: Any, unit: str) -> str:
        time = timedelta(**{f"{unit}s": int(number)})
        # Never in larger units than it is given in: early access of 48 hours isn't one of 2 days.
        return format_timedelta(time, granularity=_GRANULARITY[unit], threshold=_NEVER, locale=self.locale)

    def listed(self, items: Sequence[Any], style: str = "standard") -> str:
        """Items in a row: "a, b, and c"; style "or": "a, b, or c"."""
        known = cast("Literal['standard', 'or']", style)
        return format_list([str(item) for item in items], style=known, locale=self.locale)

    def plural(self, number: Any, one: str, other: str) -> str:
        """That form of a word which goes with a number: with "order" and "orders", 1 order and 2 orders."""
        return one if self.locale.plural_form(_decimal(number)) == "one" else other


def _decimal(number: Any) -> Decimal:
    try:
        found = Decimal(str(number))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise TemplateRuntimeError(f"expected a number such as 19.99, and found {_kind(number)}")
    return found


def _day(day: Any) -> date:
    try:
        return date.fromisoformat(day)
    except (TypeError, ValueError):
        raise TemplateRuntimeError(f"expected a day such as 2026-03-14, and found {_kind(day)}") from None


def _kind(value: Any) -> str:
    """What a value is, without what it says: it may be a customer's."""
    return "nothing: ask first, with {% if … %}" if value is None else f"another {type(value).__name__}"
