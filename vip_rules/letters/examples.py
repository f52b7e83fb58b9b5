"""Examples of messages' payloads: what templates are checked and shown with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vip_rules.benefits.definition import Benefit
from vip_rules.model import Currency
from vip_rules.program.program import Program

_DAY = "2026-10-01"
_UNTIL = "2027-03-14"


def examples(occasion: str, program: Program) -> Iterator[dict[str, Any]]:
    """Payloads of an occasion, with a program's tiers and benefits: one that tells everything, one that tells the least."""
    names = [tier.name for tier in program.tiers]
    top = program.tiers[-1]
    below = program.tiers[-2] if len(names) > 1 else None
    benefits = [_benefit(benefit, program.currency) for benefit in top.benefits]
    full: dict[str, Any]
    least: dict[str, Any]
    tier: str | None = top.id
    lowest: str | None = top.id
    match occasion:
        case "welcome" | "promotion":
            full = {
                "tier_name": top.name,
                "former_name": below.name if below else None,
                "benefits": benefits,
            }
            least = {"tier_name": top.name, "former_name": None, "benefits": []}
        case "near_next_tier" | "halfway_to_next_tier":
            tier, lowest = below.id if below else None, None
            least = {"tier_name": None, "next": top.id, "next_name": top.name, "missing": []}
            full = least | {
                "tier_name": below.name if below else None,
                "missing": _lacks(program.currency),
            }
            if occasion == "near_next_tier":
                full |= {"amount": program.currency.major(_MISSING), "through": _UNTIL}
        case "demotion_warning":
            least = {"tier_name": top.name, "until": _UNTIL, "then": None, "then_name": None, "keep": []}
            full = least | {"keep": _lacks(program.currency)}
            if below:
                full |= {"then": below.id, "then_name": below.name}
        case "demotion":
            tier, lowest = below.id if below else None, None
            least = {"former_name": top.name, "tier_name": None}
            full = least | {"tier_name": below.name if below else None}
        case _:
            full = {"tier_name": top.name, "quarter": "2026-Q4", "benefits": benefits}
            least = full | {"benefits": []}
    yield {"occasion": occasion, "day": _DAY, "tier": tier, "text": "", "data": full}
    if least != full:
        yield {"occasion": occasion, "day": _DAY, "tier": lowest, "text": "", "data": least}


_WANTED, _NOW = 200_000, 174_280
_MISSING = _WANTED - _NOW
"""In minor units, whatever the currency."""


def _lacks(currency: Currency) -> list[dict[str, Any]]:
    spend = {
        "metric": "spend[12 months]",
        "figure": currency.major(_NOW),
        "at_least": currency.major(_WANTED),
        "gap": currency.major(_MISSING),
        "by": _UNTIL,
        "unit": "money",
    }
    orders = {
        "metric": "orders[12 months]",
        "figure": "3",
        "at_least": "4",
        "gap": "1",
        "by": None,
        "unit": "count",
    }
    return [spend, orders]


def _benefit(benefit: Benefit, currency: Currency) -> dict[str, Any]:
    """A benefit as messages have it: money and percentages as decimal texts."""
    said: dict[str, Any] = {"type": benefit.type.name}
    for name, value in benefit.arguments.items():
        match benefit.type.properties.get(name, {}).get("format"):
            case "money":
                said[name] = currency.major(value)
            case "percent":
                said[name] = f"{value // 100}.{value % 100:02d}"
            case _:
                said[name] = list(value) if isinstance(value, tuple) else value
    return said
