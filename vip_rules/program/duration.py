"""Durations: how long something lasts, in the grammar of rolling windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from vip_rules.benefits.arguments import Schema
from vip_rules.errors import VipRulesError
from vip_rules.localdays import day_date, day_number
from vip_rules.program.wording import quoted
from vip_rules.windows import ROLLING, InvalidWindow, Window, plus_months

Unit = Literal["day", "week", "month", "year"]


class InvalidDuration(VipRulesError):
    """A text that isn't a duration; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A time of so many days, weeks, months or years.

    >>> from datetime import date
    >>> day_date(Duration.of("3 months").after(day_number(date(2026, 11, 30)))) == date(2027, 2, 28)
    True
    """

    count: int
    unit: Unit

    @classmethod
    def of(cls, text: str) -> Duration:
        """The duration that a text names. Raises InvalidDuration."""
        if not ROLLING.fullmatch(text):
            raise InvalidDuration(
                f'{quoted(text)} is no duration; expected "N days", "N weeks", "N months" or "N years" with N from 1'
            )
        try:
            window = Window.of(text)
        except InvalidWindow:
            raise InvalidDuration(f"{quoted(text)} is longer than 100 years; write a shorter time") from None
        return cls(window.count, cast(Unit, window.unit))

    def after(self, start: int) -> int:
        """The local day this long after another; months and years are those of the calendar, clamped to the month's end."""
        match self.unit:
            case "day" | "week":
                return start + self.count * (7 if self.unit == "week" else 1)
            case _:
                return day_number(
                    plus_months(day_date(start), self.count * (12 if self.unit == "year" else 1))
                )

    @property
    def days(self) -> int:
        """Roughly its days, a month as 30 and a year as 365: to compare durations."""
        return self.count * {"day": 1, "week": 7, "month": 30, "year": 365}[self.unit]

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


def duration(description: str, *examples: str) -> Schema:
    """JSON Schema of a duration."""
    shape = {"type": "string", "format": "duration", "pattern": f"^{ROLLING.pattern}$"}
    return {"description": description, **shape, "examples": list(examples)}
