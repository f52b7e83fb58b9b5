"""The section `economics`: what the program costs and what orders bring, for `vip-rules economics`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vip_rules.benefits.arguments import Schema, amount, percentage
from vip_rules.benefits.definition import BenefitType
from vip_rules.program.grammar import closed
from vip_rules.program.inspection import Inspection
from vip_rules.program.places import escaped


@dataclass(frozen=True, slots=True)
class Economics:
    """`gross_margin` in hundredths of a percent; `costs` in minor units, by a benefit's type or kind."""

    gross_margin: int
    costs: Mapping[str, int] = field(default_factory=dict)


def economics_schema(benefits: Iterable[BenefitType]) -> Schema:
    """JSON Schema of the section."""
    costs = {name: amount(_cost(kind, name), 10) for kind in benefits for name in kind.variants}
    return closed(
        "What the program costs, to weigh it against the margin.",
        {
            "gross_margin": percentage(
                "What is left of the spend after the cost of goods, in percent of it.", 40
            ),
            "costs": closed(
                "What benefits cost: a shipped order for free_shipping, a customer's year for all others. A kind "
                "(free_shipping.expedited) goes before its type (free_shipping). Discounts and store credits cost what they "
                "give, unless a cost is stated here.",
                costs,
                examples=[{"free_shipping.expedited": 10, "support": 25}],
            ),
        },
        ["gross_margin"],
        examples=[{"gross_margin": 40, "costs": {"free_shipping.expedited": 10, "support": 25}}],
    )


def read_economics(inspection: Inspection, node: Mapping[str, Any], pointer: str) -> Economics | None:
    """The section, if its margin is sound."""
    listed = node.get("costs")
    costs = {
        name: inspection.money(f"{pointer}/costs/{name}", cost)
        for name, cost in (listed if isinstance(listed, dict) else {}).items()
        if inspection.sound(f"{pointer}/costs/{escaped(name)}")
    }
    if "gross_margin" not in node or not inspection.sound(f"{pointer}/gross_margin"):
        return None
    margin = inspection.percent(f"{pointer}/gross_margin", node["gross_margin"])
    known = {name: cost for name, cost in costs.items() if cost is not None}
    return None if margin is None else Economics(margin, known)


def _cost(kind: BenefitType, name: str) -> str:
    what = f"{kind.title}, {name.partition('.')[2]}" if "." in name else kind.title
    return f"{what}: what it costs, in the program's currency, {'an order' if kind.name == 'free_shipping' else 'a year'}."
