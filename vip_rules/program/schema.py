"""The JSON Schema of programs, assembled from the registered metrics and benefits. Editors complete and explain by it."""

from __future__ import annotations

from typing import Any, Final

from vip_rules.benefits.arguments import Schema, identifier, words
from vip_rules.model import currency_codes
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.cases import cases_schema
from vip_rules.program.economics import economics_schema
from vip_rules.program.grammar import (
    BENEFIT,
    CONDITION,
    benefit_definitions,
    closed,
    condition,
    condition_definitions,
)
from vip_rules.program.guardrails import guardrails_schema
from vip_rules.program.messages import message_definitions, messages_schema
from vip_rules.program.segments import segments_schema
from vip_rules.program.status import status_schema
from vip_rules.program.zones import time_zones

__all__ = ["FORMAT", "cases_schema", "program_schema"]

FORMAT: Final = 1
"""The number of the program format; a program names it."""

MOST_TIERS: Final = 50
MOST_NAMED_CONDITIONS: Final = 500

EXAMPLE_TIER: Final = {
    "id": "silver",
    "name": "Silver VIP",
    "qualify": {"metric": "spend", "window": "12 months", "at_least": 2000},
    "benefits": [{"type": "discount", "percent": 10}],
}


def program_schema(catalogue: Catalogue | None = None) -> dict[str, Any]:
    """JSON Schema (2020-12) of a program, with the metrics and benefits of a catalogue (None: the installed ones)."""
    catalogue = catalogue or load_catalogue()
    benefits = catalogue.benefits.values()
    program = closed(
        "Who is a VIP, and what that brings.",
        {
            "$schema": {
                "description": "Where the JSON Schema of programs is, for editors.",
                "type": "string",
            },
            "format": {
                "description": "The number of the program format.",
                "const": FORMAT,
                "examples": [FORMAT],
            },
            "program": identifier("The program's id: a short name for machines.", "atelier-vip"),
            "currency": {
                "description": "The currency of all amounts, as a code of ISO 4217.",
                "type": "string",
                "format": "currency",
                "enum": currency_codes(),
                "examples": ["USD", "EUR"],
            },
            "timezone": {
                "description": "The time zone in which the program's days begin and end, by its IANA name.",
                "type": "string",
                "format": "time zone",
                "enum": list(time_zones()),
                "examples": ["America/New_York", "Europe/Berlin"],
            },
            "spend": _spend(),
            "conditions": {
                "description": 'Conditions with names, to be used in others as {"condition": NAME}.',
                "type": "object",
                "additionalProperties": False,
                "patternProperties": {r"^\S(.{0,98}\S)?$": CONDITION},
                "maxProperties": MOST_NAMED_CONDITIONS,
                "examples": [{"loyal regular": {"metric": "orders", "window": "12 months", "at_least": 12}}],
            },
            "tiers": {
                "description": "The tiers, from lowest to highest. A customer is in the highest one whose `qualify` holds.",
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_TIERS,
                "items": {"$ref": "#/$defs/tier"},
                "examples": [[EXAMPLE_TIER]],
            },
            "status": status_schema(benefits),
            "segments": segments_schema(),
            "messages": messages_schema(),
            "economics": economics_schema(benefits),
            "guardrails": guardrails_schema(),
        },
        ["format", "program", "currency", "timezone", "tiers"],
        title="VIP program",
        examples=[
            {
                "format": FORMAT,
                "program": "atelier-vip",
                "currency": "USD",
                "timezone": "America/New_York",
                "tiers": [EXAMPLE_TIER],
            }
        ],
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vip-rules:program:{FORMAT}",
        **program,
        "$defs": {
            "tier": _tier(),
            **condition_definitions(catalogue.metrics),
            **benefit_definitions(catalogue.benefits),
            **message_definitions(),
        },
    }


def _spend() -> Schema:
    return closed(
        "What an order's spend is made of, beside the goods after all discounts.",
        {
            "includes_tax": {"description": "Whether tax counts. Left out: it doesn't.", "type": "boolean"},
            "includes_shipping": {
                "description": "Whether shipping counts. Left out: it doesn't.",
                "type": "boolean",
            },
        },
        examples=[{"includes_tax": False, "includes_shipping": False}],
    )


def _tier() -> Schema:
    return closed(
        "A tier: who reaches it, who keeps it, and what it carries.",
        {
            "id": identifier(
                "Its short name for machines: tags, files, other conditions. Keep it; see `was`.", "silver"
            ),
            "name": words("Its name for people.", "Silver VIP"),
            "qualify": condition("Who reaches the tier."),
            "keep": condition(
                "Who keeps the tier, if that is easier than to reach it. Left out: who qualifies."
            ),
            "benefits": {
                "description": "Exactly what the tier carries; nothing is taken over from the tiers below.",
                "type": "array",
                "maxItems": 100,
                "items": BENEFIT,
                "examples": [[{"type": "discount", "percent": 10}]],
            },
            "was": {
                "description": "Former ids of the tier, if it was renamed: its members stay in it.",
                "type": "array",
                "maxItems": 50,
                "items": identifier("A former id.", "vip"),
                "examples": [["vip"]],
            },
        },
        ["id", "name", "qualify"],
        title="Tier",
        examples=[EXAMPLE_TIER],
    )
