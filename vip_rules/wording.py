"""Wording: how days and targets are said to people, in sentences of explanations, plans and messages."""

from __future__ import annotations

from datetime import date

from vip_rules.comparators import COMPARATORS, Target
from vip_rules.metrics.figure import Figure
from vip_rules.model import Currency


def day_in_words(day: date) -> str:
    """A day as people write it: 14 March 1999."""
    return f"{day.day} {day:%B %Y}"


def target_in_words(figure: Figure, comparator: str, target: Target, currency: Currency) -> str:
    """A test's target in words: "at least 2,000.00 USD", '"vip"', "known"."""
    if isinstance(target, bool):
        return "known" if target else "unknown"
    phrase = COMPARATORS[comparator].phrase if comparator in COMPARATORS else "other than"
    if isinstance(target, int):
        return f"{phrase} {figure.shown(target, currency)}"
    texts = (target,) if isinstance(target, str) else target
    quoted = ", ".join(f'"{text}"' for text in texts)
    return f"{phrase} {quoted}".strip()
