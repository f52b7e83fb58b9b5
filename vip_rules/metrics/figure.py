"""A figure: a metric over a window with a filter. What a comparison asks for, and what evaluation computes once for all."""

from __future__ import annotations

import json
from dataclasses import dataclass

from vip_rules.history import TAG_MARK
from vip_rules.metrics.definition import Metric, Unit, Windows
from vip_rules.model import Currency
from vip_rules.windows import LIFETIME, Window

Value = int | str | None
"""A figure's value: minor units, a count, days, a score, hundredths of a percent, a text; None is unknown."""


@dataclass(frozen=True, slots=True)
class Where:
    """A filter: each key with the values that it lets through; all keys must match."""

    values: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, where: dict[str, str | list[str]]) -> Where:
        """A filter as a program writes it. The order of keys and values makes no difference."""
        pairs = ((key, (value,) if isinstance(value, str) else value) for key, value in where.items())
        return cls(tuple(sorted((key, tuple(sorted(set(values)))) for key, values in pairs)))

    def only(self, *keys: str) -> Where:
        """The part of the filter that concerns some keys."""
        return Where(tuple(pair for pair in self.values if pair[0] in keys))

    def __bool__(self) -> bool:
        return bool(self.values)

    def __str__(self) -> str:
        return ", ".join(f"{key}={'|'.join(map(_unmistakable, values))}" for key, values in self.values)

    @property
    def phrase(self) -> str:
        """As the end of a sentence: " (category shoes or bags)"; empty for no filter."""
        if not self.values:
            return ""
        return f" ({', '.join(f'{key} {_listed(values)}' for key, values in self.values)})"


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over a window (None for a metric that has none), narrowed by a filter."""

    metric: Metric
    window: Window | None = LIFETIME
    where: Where = Where()

    @classmethod
    def of(cls, metric: Metric, window: Window | None = None, where: Where | None = None) -> Figure:
        """A figure with the metric's default window: lifetime, or none."""
        if metric.windows is Windows.NONE:
            window = None
        elif window is None:
            window = LIFETIME
        return cls(metric, window, where or Where())

    def __hash__(self) -> int:
        return hash((self.metric.name, self.window, self.where))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Figure):
            return NotImplemented
        return (self.metric.name, self.window, self.where) == (other.metric.name, other.window, other.where)

    @property
    def key(self) -> str:
        """Its name in the output: "spend[12 months]", "orders", "spend[12 months, category=bags|shoes]"."""
        window = "" if self.window is None or self.window == LIFETIME else self.window.name
        inner = ", ".join(part for part in (window, str(self.where)) if part)
        return f"{self.metric.name}[{inner}]" if inner else self.metric.name

    @property
    def needs(self) -> tuple[str, ...]:
        """The optional input columns without which it would mean nothing, by file: "lines.category"."""
        rows = {"channel": "orders", "type": "events"}
        return (*self.metric.needs, *(f"{rows.get(key, 'lines')}.{key}" for key, _ in self.where.values))

    @property
    def phrase(self) -> str:
        """As a part of a sentence: "spend in the last 12 months (channel pos)"."""
        # "days since the last order" needs no "so far".
        bare = self.window is None or (self.window == LIFETIME and self.metric.unit is Unit.DAYS)
        window = "" if self.window is None or bare else self.window.phrase
        return self.metric.sentence.format(window=window).strip() + self.where.phrase

    def text(self, value: Value, currency: Currency) -> str | None:
        """A value as output carries it: money and percentages as decimals, a set as its members; None if unknown."""
        if value is None or isinstance(value, bool):
            return None
        if isinstance(value, str):
            return ", ".join(members(value)) if self.metric.unit is Unit.SET else value
        if self.metric.unit is Unit.MONEY:
            return currency.major(value)
        if self.metric.unit is Unit.PERCENT:
            return f"{value // 100}.{value % 100:02d}"
        return str(value)

    def shown(self, value: Value, currency: Currency) -> str:
        """A value as people read it: "1,234.50 USD", "12 days", "87.5 %", "unknown"."""
        if value is None:
            return "unknown"
        if isinstance(value, str):
            return f'"{self.text(value, currency)}"' if self.text(value, currency) else "none"
        match self.metric.unit:
            case Unit.MONEY:
                return currency.shown(value)
            case Unit.PERCENT:
                return f"{value // 100:,}.{value % 100:02d}".rstrip("0").rstrip(".") + " %"
            case Unit.DAYS:
                return f"{value:,} day{'' if value == 1 else 's'}"
            case _:
                return f"{value:,}"


def first_day_name(figure: Figure) -> str:
    """The name of the column with the first day of a figure's rows in its window."""
    return f"first day of {figure.key}"


def members(wrapped: str) -> list[str]:
    """The members of a set as a frame holds it."""
    return [member for member in wrapped.split(TAG_MARK) if member]


def _unmistakable(value: str) -> str:
    """A value as it is, or in quotes where it has a sign that separates values."""
    return json.dumps(value, ensure_ascii=False) if set(value) & set('|,=[]"') else value


def _listed(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"
