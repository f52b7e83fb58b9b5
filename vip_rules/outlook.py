"""Outlook: what customers lack to a condition on the cheapest path, and until which day, as data and as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from vip_rules.conditions import Condition
from vip_rules.localdays import day_date
from vip_rules.metrics.definition import Unit
from vip_rules.metrics.figure import Figure, Value
from vip_rules.model import Currency
from vip_rules.progress import Requirement, missing
from vip_rules.wording import day_in_words, target_in_words


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a customer lacks: the requirement, their figure, how far it is off, and until which day it counts.

    `gap` is in the figure's unit, None where there is no distance (a text, an unknown figure). `through` is the last day on
    which the figure still is what it is now if nothing is added; None: for ever.
    """

    requirement: Requirement
    value: Value
    gap: int | None
    through: int | None

    @property
    def figure(self) -> Figure:
        """The figure that falls short."""
        return self.requirement.figure

    @property
    def more(self) -> bool:
        """Whether more is needed, rather than less."""
        need = self.requirement
        if need.comparator in ("at_least", "more_than"):
            return True
        return isinstance(self.value, int) and isinstance(need.target, int) and self.value < need.target

    def gap_in_words(self, currency: Currency) -> str | None:
        """The distance as people say it: "257.20 USD more", "3 percentage points less"; None where there is none."""
        if self.gap is None:
            return None
        shown = self.figure.shown(self.gap, currency)
        if self.figure.metric.unit is Unit.PERCENT:
            shown = shown.replace("%", "percentage point" if shown == "1 %" else "percentage points")
        return f"{shown} {'more' if self.more else 'less'}"

    def sentence(self, currency: Currency) -> str:
        """All of it in a sentence."""
        need, figure = self.requirement, self.figure
        wanted = target_in_words(figure, need.comparator, need.target, currency)
        said = f"{figure.phrase}: {wanted} needed, {figure.shown(self.value, currency)} now"
        gap = self.gap_in_words(currency)
        if gap is None:
            return said
        said += f"; {gap}"
        return said if self.through is None else f"{said}, by {day_in_words(day_date(self.through))}"

    def record(self, currency: Currency) -> dict[str, Any]:
        """All of it as plain data: money and percentages as decimal texts, the day in ISO 8601."""
        figure = self.figure
        return {
            "metric": figure.key,
            "figure": figure.text(self.value, currency),
            self.requirement.comparator: self._target(currency),
            "gap": figure.text(self.gap, currency),
            "by": None if self.through is None else str(day_date(self.through)),
        }

    def _target(self, currency: Currency) -> Any:
        target = self.requirement.target
        if isinstance(target, int) and not isinstance(target, bool):
            return self.figure.text(target, currency)
        return list(target) if isinstance(target, tuple) else target


def lacks(condition: Condition, frame: pl.DataFrame) -> dict[str, tuple[Lack, ...]]:
    """What each customer of a frame of figures lacks to a condition, by customer; nothing for those for whom it holds.

    `frame` is of `Qualifications`, or of `evaluate_days` with one day of each customer.
    """
    found: dict[str, list[Lack]] = {customer: [] for customer in frame["customer_id"]}
    for requirement, flags in missing(condition, nw.from_native(frame, eager_only=True)).items():
        short = frame.filter(flags.to_native())
        for customer, lack in _lacking(requirement, short):
            found[customer].append(lack)
    return {customer: tuple(each) for customer, each in found.items()}


def _lacking(requirement: Requirement, short: pl.DataFrame) -> Iterator[tuple[str, Lack]]:
    """Those who lack one requirement."""
    key, known = requirement.figure.key, requirement.known
    gaps: list[int | None] = [None] * short.height
    if requirement.measurable and requirement.comparator != "not_equals":
        gaps = short.select(gap=requirement.gap(pl.col(key).cast(pl.Int64)))["gap"].to_list()
    first_days: list[int | None] = [None] * short.height if known is None else short[known].to_list()
    since = list(zip(first_days, short["day"], strict=True))
    through = {
        (first, day): None if first is None else requirement.counts_through(first, day)
        for first, day in set(since)
    }
    for customer, value, gap, days in zip(short["customer_id"], short[key], gaps, since, strict=True):
        yield customer, Lack(requirement, value, gap, through[days])
