"""The section `guardrails`: the limits beyond which a person is asked first, or customers are told less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vip_rules.benefits.arguments import Schema, amount, choice, percentage, whole
from vip_rules.program.grammar import closed
from vip_rules.program.inspection import Inspection


@dataclass(frozen=True, slots=True)
class CreditBudget:
    """What store credits may come to in a local day or a calendar month, in minor units."""

    amount: int
    per: Literal["day", "month"]


@dataclass(frozen=True, slots=True)
class MessageLimit:
    """How many messages in so many local days, the present one included, are enough for a customer."""

    count: int
    days: int


@dataclass(frozen=True, slots=True)
class Guardrails:
    """When a person is asked first, and when customers are told less; percentages in hundredths.

    `vip_share` is the share of customers that should hold a tier, from and to. More demotions in a local day than both
    `demotion_percent` (of the members at its start) and `demotion_count` need a confirmation, as do more store credits than
    `max_credit`, if there is one. Whoever was told `max_messages` is told only what happens to their standing.
    """

    vip_share: tuple[int, int] = (10_00, 25_00)
    demotion_percent: int = 5_00
    demotion_count: int = 50
    max_credit: CreditBudget | None = None
    max_messages: MessageLimit | None = None


def guardrails_schema() -> Schema:
    """JSON Schema of the section."""
    return closed(
        "Limits beyond which a person is asked first, or customers are told less. What is left out: vip_share 10 to 25, "
        "max_demotions 5 percent and 50, no max_credit, and no max_messages.",
        {
            "vip_share": {
                "description": "Which share of the customers should hold a tier: from and to, in percent. Fewer see no path, "
                "more are not exclusive.",
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "items": percentage("A percentage of the customers.", 10, 20),
                "examples": [[10, 20]],
            },
            "max_demotions": closed(
                "More demotions in one day than both of these need a confirmation.",
                {
                    "percent": percentage("Of the members at the day's start, in percent.", 5),
                    "count": whole("A number of customers.", 50),
                },
                ["percent", "count"],
                examples=[{"percent": 5, "count": 50}],
            ),
            "max_credit": closed(
                "More store credits than this need a confirmation.",
                {
                    "amount": amount("What they may come to, in the program's currency.", 500),
                    "per": choice("In which time.", "day", "month"),
                },
                ["amount", "per"],
                examples=[{"amount": 500, "per": "day"}],
            ),
            "max_messages": closed(
                "Whoever was told this many messages isn't told that they are near the next tier or halfway to it, nor is "
                "reminded of theirs: that is told later if it is still so. What happens to their tier they are always told.",
                {
                    "count": whole("A number of messages to one customer.", 2, least=1, most=1000),
                    "days": whole("In so many days, today included.", 7, least=1, most=366),
                },
                ["count", "days"],
                examples=[{"count": 2, "days": 7}],
            ),
        },
        examples=[{"vip_share": [10, 20], "max_demotions": {"percent": 5, "count": 50}}],
    )


def read_guardrails(inspection: Inspection, node: Mapping[str, Any], pointer: str) -> Guardrails:
    """The section as far as it is sound; what isn't has its problem, and the default here."""
    share, percent, count = Guardrails().vip_share, Guardrails().demotion_percent, Guardrails().demotion_count
    place = f"{pointer}/vip_share"
    if "vip_share" in node and inspection.sound(place):
        low, high = (
            inspection.percent(f"{place}/{n}", bound) or 0 for n, bound in enumerate(node["vip_share"])
        )
        if low > high:
            inspection.problem(place, "the range ends before it starts; write the lower percentage first")
        share = (low, high)
    if "max_demotions" in node and inspection.sound(f"{pointer}/max_demotions"):
        limits = node["max_demotions"]
        percent = inspection.percent(f"{pointer}/max_demotions/percent", limits["percent"]) or 0
        count = limits["count"]
    credit = None
    if "max_credit" in node and inspection.sound(f"{pointer}/max_credit"):
        limit = inspection.money(f"{pointer}/max_credit/amount", node["max_credit"]["amount"])
        credit = None if limit is None else CreditBudget(limit, node["max_credit"]["per"])
    told = None
    if "max_messages" in node and inspection.sound(f"{pointer}/max_messages"):
        told = MessageLimit(node["max_messages"]["count"], node["max_messages"]["days"])
    return Guardrails(share, percent, count, credit, told)
