"""The section `segments`: groups of customers beside the tiers, for campaigns to include or leave out."""

from __future__ import annotations

from dataclasses import dataclass

from vip_rules.benefits.arguments import Schema, identifier
from vip_rules.conditions import Condition
from vip_rules.program.grammar import CONDITION, closed


@dataclass(frozen=True, slots=True)
class Segment:
    """The customers for whom a condition holds, whatever their tier."""

    id: str
    when: Condition


def segments_schema() -> Schema:
    """JSON Schema of the section."""
    example = {
        "id": "sale-shopper",
        "when": {"metric": "discounted_share", "window": "12 months", "at_least": 60},
    }
    return {
        "description": "Groups of customers beside the tiers; a customer may be in any number of them.",
        "type": "array",
        "maxItems": 200,
        "items": closed(
            "A group of customers.",
            {"id": identifier("Its name in the store, such as a tag.", "sale-shopper"), "when": CONDITION},
            ["id", "when"],
            title="Segment",
            examples=[example],
        ),
        "examples": [[example]],
    }
