"""A program whose top tier carries every benefit, and who writes its letters."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from vip_rules.letters.letters import Letters
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program

CATALOGUE = load_catalogue()

BENEFITS: tuple[dict[str, Any], ...] = (
    {"type": "discount", "percent": "12.5", "combines_with": ["product", "shipping"]},
    {"type": "free_shipping", "service": "next-day"},
    {"type": "early_access", "hours": 48},
    {"type": "store_credit", "amount": "25.00", "on": "birthday"},
    {"type": "exclusive_products", "collection": ""},
    {"type": "pre_order"},
    {"type": "gift", "on": "purchase", "what": "EAU"},
    {"type": "support", "level": "priority", "response_time": "2 hours"},
    {"type": "event", "kind": "virtual", "what": ""},
    {"type": "entitlement", "what": "90 days"},
)


def program(currency: str = "USD", messages: tuple[dict[str, Any], ...] = (), **names: str) -> Program:
    """Silver and gold, by their ids; `names` are other ones for them."""
    document = {
        "format": 1,
        "program": "letters",
        "currency": currency,
        "timezone": "Asia/Seoul",
        "tiers": [
            {
                "id": tier,
                "name": names.get(tier, tier.title()),
                "qualify": {"metric": "orders", "at_least": least},
            }
            for tier, least in (("silver", 1), ("gold", 9))
        ],
        "messages": list(messages),
    }
    document["tiers"][1]["benefits"] = [{"type": "discount", "percent": Decimal("12.5")}]  # type: ignore[index]
    return read_program(document, "program.json", CATALOGUE)


def letters(
    folder: Path | None = None,
    *,
    currency: str = "USD",
    language: str = "en",
    shop: str = "",
    messages: tuple[dict[str, Any], ...] = (),
    **names: str,
) -> Letters:
    made = program(currency, messages, **names)
    return Letters(made, CATALOGUE.metrics, CATALOGUE.benefits, folder=folder, language=language, shop=shop)


def payload(occasion: str, data: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """What a message says; `data` as of JSON."""
    told = json.loads(json.dumps(data or {}))
    return {"occasion": occasion, "template": occasion, "day": "2026-10-01", "tier": "gold", "text": "…"} | {
        "data": told,
        **more,
    }
