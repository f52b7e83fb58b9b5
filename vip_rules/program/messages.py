"""The section `messages`: what customers are told of their standing, and on which occasions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vip_rules.benefits.arguments import Schema, amount, words
from vip_rules.program.grammar import closed, decided_by
from vip_rules.program.inspection import Inspection

OCCASIONS: Final = {
    "welcome": "The customer reaches a first tier.",
    "promotion": "The customer reaches a higher tier.",
    "near_next_tier": "All that a customer lacks to the next tier is spend, no more than `within`. Told once a calendar year "
    "for each tier.",
    "halfway_to_next_tier": "A customer has at least half of each thing that they lack to the next tier. Told once a calendar "
    "year for each tier, and not after near_next_tier.",
    "demotion_warning": "A demotion lies ahead, as long before it as `warn_before` in the status says.",
    "demotion": "The customer is demoted.",
    "quarterly_reminder": "A calendar quarter begins: a reminder of what the tier carries, for those who had it before.",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A template that is sent on an occasion; `within` (minor units) for near_next_tier only."""

    on: str
    template: str
    within: int | None = None


def messages_schema() -> Schema:
    """JSON Schema of the section; its parts are `message_definitions`."""
    return {
        "description": "Messages to customers, each with the occasion and the name of its template.",
        "type": "array",
        "maxItems": 100,
        "items": {"$ref": "#/$defs/message"},
        "examples": [[{"on": "near_next_tier", "within": 200, "template": "almost-there"}]],
    }


def message_definitions() -> dict[str, Schema]:
    """The $defs of messages: any message, and that of each occasion."""
    message = decided_by("on", "occasion", "The occasion.", OCCASIONS, "message")
    message["allOf"][0]["required"] = ["on"]
    message |= {
        "title": "Message",
        "description": "A message to a customer.",
        "examples": [{"on": "near_next_tier", "within": 200, "template": "almost-there"}],
    }
    return {"message": message, **{f"message.{on}": _message(on) for on in OCCASIONS}}


def read_message(inspection: Inspection, node: Mapping[str, Any], pointer: str) -> Message | None:
    """A message of the section; None if something in it isn't sound."""
    within = None
    if "within" in node and inspection.sound(f"{pointer}/within"):
        within = inspection.money(f"{pointer}/within", node["within"])
    if not inspection.sound(pointer):
        return None
    return Message(node["on"], node["template"], within)


def _message(on: str) -> Schema:
    title = on.replace("_", " ").capitalize()
    properties: dict[str, Schema] = {"on": {"const": on, "title": title, "description": OCCASIONS[on]}}
    if on == "near_next_tier":
        properties["within"] = amount(
            "How little spend may be missing, in the program's currency.", 200, positive=True
        )
    properties["template"] = words("The name of the message's template.", "almost-there")
    return closed(OCCASIONS[on], properties, list(properties), title=title)
