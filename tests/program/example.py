"""The program of the design, as a document to be changed, and what is found wrong in a document."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Final

from vip_rules.errors import InvalidDocument
from vip_rules.plugins import load_catalogue
from vip_rules.program.lint import lint
from vip_rules.program.load import read_program

CATALOGUE: Final = load_catalogue()

EXAMPLE: Final = '{"metric": "spend", "window": "12 months", "at_least": 2000}'
SPEND: Final = {"metric": "spend", "window": "12 months", "at_least": 2000}

PROGRAM: Final[dict[str, Any]] = {
    "$schema": "./program.schema.json",
    "format": 1,
    "program": "atelier-vip",
    "currency": "USD",
    "timezone": "America/New_York",
    "spend": {"includes_tax": False, "includes_shipping": False},
    "conditions": {
        "loyal regular": {
            "all": [
                {"metric": "orders", "window": "12 months", "at_least": 12},
                {"metric": "days_since_last_order", "at_most": 60},
            ]
        }
    },
    "tiers": [
        {
            "id": "silver",
            "name": "Silver VIP",
            "qualify": {"any": [SPEND, {"condition": "loyal regular"}]},
            "benefits": [
                {"type": "discount", "percent": 10},
                {"type": "free_shipping", "service": "standard"},
                {"type": "early_access", "hours": 24},
                {"type": "store_credit", "amount": 25, "on": "birthday"},
            ],
        },
        {
            "id": "gold",
            "name": "Gold VIP",
            "qualify": {"metric": "spend", "window": "12 months", "at_least": 5000},
            "keep": {"metric": "spend", "window": "12 months", "at_least": 4500},
            "benefits": [
                {"type": "discount", "percent": 15},
                {"type": "free_shipping", "service": "expedited"},
                {"type": "early_access", "hours": 48},
                {"type": "store_credit", "amount": 50, "on": "birthday"},
                {"type": "exclusive_products"},
                {"type": "support", "level": "priority"},
            ],
        },
    ],
    "status": {
        "term": "rolling",
        "grace": "3 months",
        "demotion": "one tier",
        "soft_landing": {"for": "30 days", "keep": ["free_shipping"]},
        "warn_before": ["60 days", "30 days"],
    },
    "segments": [
        {"id": "sale-shopper", "when": {"metric": "discounted_share", "window": "12 months", "at_least": 60}}
    ],
    "messages": [{"on": "near_next_tier", "within": 200, "template": "almost-there"}],
    "economics": {"gross_margin": 40, "costs": {"free_shipping.expedited": 10, "support": 25}},
    "guardrails": {"vip_share": [10, 20], "max_demotions": {"percent": 5, "count": 50}},
}


def spend(**keys: Any) -> dict[str, Any]:
    """A comparison of the lifetime's spend."""
    return {"metric": "spend", **keys}


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The example with other values at some places: ("/tiers/0/id", "bronze"); a new key is added."""
    document = deepcopy(PROGRAM)
    for place, value in changes:
        node: Any = document
        *path, last = place.split("/")[1:]
        for step in path:
            node = node[int(step)] if isinstance(node, list) else node[step]
        node[int(last) if isinstance(node, list) else last] = value
    return document


def problems(document: Any) -> dict[str, str]:
    """What is wrong in a document, each message by its place; the messages of one place are joined by line ends."""
    try:
        read_program(document, "vip.json", CATALOGUE)
    except InvalidDocument as error:
        return joined((problem.pointer, problem.message) for problem in error.problems)
    return {}


def advice(document: Any) -> dict[str, str]:
    """What is advised on a valid document, as `problems` gives it."""
    found = lint(read_program(document, "vip.json", CATALOGUE))
    assert all(problem.lint and problem.file == "vip.json" for problem in found)
    return joined((problem.pointer, problem.message) for problem in found)


def joined(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    by_place: dict[str, str] = {}
    for place, message in found:
        by_place[place] = f"{by_place[place]}\n{message}" if place in by_place else message
    return by_place
