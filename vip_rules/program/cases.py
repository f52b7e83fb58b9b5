"""JSON Schema of cases: what an author expects of a program, as data beside it (NAME.cases.json)."""

from __future__ import annotations

from typing import Any, Final

from vip_rules.benefits.arguments import Schema, amount, identifier, whole, words
from vip_rules.model import ORDER_STATUSES
from vip_rules.program.duration import duration
from vip_rules.program.grammar import closed

FORMAT: Final = 1
MOST_CASES: Final = 1_000
MOST_ORDERS: Final = 1_000
MOST_ALIKE: Final = 10_000

STATUSES: Final = ("pinned", "grace", "landing", "secured", "member", "none")


def cases_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a file of cases."""
    example = {
        "description": "two thousand in a year make silver",
        "as_of": "2026-11-20",
        "orders": [{"placed_at": "2026-03-02", "total": 2000}],
        "expect": {"tier": "silver"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:vip-rules:cases:{FORMAT}",
        "title": "Cases of a VIP program",
        "description": "Customers with their history, and the standing that the program must give them.",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_CASES,
        "items": closed(
            "A customer on a day, and what is expected of the program.",
            {
                "description": words("What the case shows, in words.", "two thousand in a year make silver"),
                "as_of": _date("The local day of the evaluation.", "2026-11-20"),
                "customer": _customer(),
                "orders": _list("The customer's orders.", _order()),
                "events": _list("What the customer did besides buying.", _event()),
                "standing": _standing(),
                "evaluated": _date(
                    "The local day at whose close the standing was so; the days after it are replayed. Left out: the day "
                    "before.",
                    "2026-11-19",
                ),
                "others": _list(
                    "Other customers of the store: scores and percentiles rank among them.", _other()
                ),
                "expect": _expect(),
            },
            ["description", "as_of", "expect"],
            title="Case",
            examples=[example],
        ),
        "examples": [[example]],
    }


def _customer() -> Schema:
    return closed(
        "The customer. What is left out: created on the day of their first order, no tags.",
        {
            "customer_id": words("The customer's id, if it matters.", "c1"),
            "created_at": _instant("When the customer was created in the store."),
            "joined_at": _instant("When the customer joined the program. Left out: when they were created."),
            "birthday": _date("The customer's birthday.", "1990-05-17"),
            "tags": _list("The customer's tags.", words("A tag.", "press")),
        },
        examples=[{"created_at": "2025-01-15", "tags": ["press"]}],
    )


def _other() -> Schema:
    orders = _list("Their orders.", _order())
    return closed(
        "Another customer, or several that are alike.",
        {
            "customer": _customer(),
            "orders": orders,
            "events": _list("What they did besides buying.", _event()),
            "times": whole("How many such customers there are. Left out: 1.", 80, least=1, most=MOST_ALIKE),
        },
        ["orders"],
        examples=[{"times": 80, "orders": [{"placed_at": "2026-03-02", "total": 100}]}],
    )


def _order() -> Schema:
    return closed(
        "An order as the store knows it.",
        {
            "order_id": words("The order's id, if it matters.", "o1"),
            "placed_at": _instant("When it was placed."),
            "total": amount("What was paid: after discounts, with tax and shipping.", 120),
            "tax": amount("The tax in the total. Left out: 0.", 20),
            "shipping": amount("The shipping in the total. Left out: 0.", 5),
            "refunded": amount("What was given back, of goods, on the spend basis.", 30),
            "discount": amount("What was taken off. Left out: 0.", 12),
            "currency": {
                "description": "Its currency. Left out: the program's.",
                "type": "string",
                "pattern": "^[A-Z]{3}$",
                "format": "currency",
                "examples": ["USD"],
            },
            "status": {
                "description": "What became of it. Left out: paid.",
                "type": "string",
                "enum": list(ORDER_STATUSES),
            },
            "test": {"description": "Whether it is a test. Left out: it isn't.", "type": "boolean"},
            "channel": words("Where it was placed.", "pos", "online"),
            "lines": _list("What was bought.", _line()),
        },
        ["placed_at", "total"],
        examples=[{"placed_at": "2026-03-02", "total": 120}],
    )


def _line() -> Schema:
    return closed(
        "A line of an order.",
        {
            "sku": words("The variant's SKU.", "SHOE-42"),
            "product": words("The product.", "Sandal"),
            "category": words("The product's category.", "shoes"),
            "brand": words("The product's brand.", "Atelier"),
            "quantity": whole("How many. Left out: 1.", 1, least=1),
            "amount": amount("What the line came to, after all discounts, on the spend basis.", 100),
            "refunded": amount("What of it was given back. Left out: 0.", 50),
            "gift_card": {
                "description": "Whether it is a gift card, which doesn't count.",
                "type": "boolean",
            },
        },
        ["amount"],
        examples=[{"category": "shoes", "amount": 100}],
    )


def _event() -> Schema:
    return closed(
        "Something that the customer did.",
        {"type": words("What it was.", "review", "referral"), "at": _instant("When it was.")},
        ["type", "at"],
        examples=[{"type": "review", "at": "2026-04-01"}],
    )


def _tier(description: str) -> Schema:
    return {**identifier(description, "silver"), "type": ["string", "null"]}


def _bound(description: str) -> Schema:
    return {**_date(description, "2026-12-31"), "type": ["string", "null"]}


def _standing() -> Schema:
    return closed(
        "The standing before the evaluation, so that the case is about what becomes of it. Left out: unknown; the case is "
        "about the tier that the customer qualifies for.",
        {
            "tier": _tier("The tier held; null for none."),
            "since": _bound("The day on which it was reached."),
            "promoted_from": _tier(
                "The tier before the promotion to this one, on the day `since`: taken back if it wasn't deserved. Left out: "
                "it isn't looked at."
            ),
            "highest_tier": _tier("The highest tier ever held. Left out: the tier."),
            "secured_until": _bound("The last day of the term."),
            "grace_until": _bound("The last day of grace."),
            "landing_until": _bound("The last day of the soft landing."),
            "landing_from": _tier("The tier before the soft landing."),
            "pin": closed(
                "The tier given by hand.",
                {
                    "tier": _tier("The tier; null for none."),
                    "until": _bound("The last day of the pin. Left out: it stays."),
                    "floor": {
                        "description": "Whether a higher tier of the customer's own counts.",
                        "type": "boolean",
                    },
                },
                ["tier"],
                examples=[{"tier": "silver", "until": "2026-12-31"}],
            ),
            "notices": _list("The warnings that were given of a demotion.", _notice()),
            "grandfathered": {
                "description": "Whether the tier was left to the customer when the program changed.",
                "type": "boolean",
            },
        },
        examples=[{"tier": "silver"}, {"tier": "gold", "since": "2026-03-02", "grace_until": "2026-12-31"}],
    )


def _notice() -> Schema:
    return closed(
        "A warning of a demotion.",
        {
            "before": duration("How long before the demotion it was due.", "60 days", "30 days"),
            "on": _date("The day on which it was given.", "2026-10-02"),
            "ahead": _date("The day of the demotion. Left out: that long after it was given.", "2026-12-01"),
        },
        ["before", "on"],
        examples=[{"before": "60 days", "on": "2026-10-02"}],
    )


def _expect() -> Schema:
    return closed(
        "What the evaluation must give: any of these.",
        {
            "tier": _tier("The tier that counts; null for none."),
            "qualified_tier": _tier("The highest tier whose `qualify` holds; null for none."),
            "status": {
                "description": "The status that is shown. Without a standing before: member or none.",
                "type": "string",
                "enum": list(STATUSES),
            },
            "since": _bound("The day on which the tier was reached; null for no tier."),
            "highest_tier": _tier("The highest tier ever held; null for none."),
            "secured_until": _bound("The last day of the term; null for none."),
            "grace_until": _bound("The last day of grace; null for none."),
            "landing_until": _bound("The last day of the soft landing; null for none."),
            "landing_from": _tier("The tier before the soft landing; null for none."),
            "benefits": _list(
                "The tier's benefits, all of them, by type or kind.",
                words("A type of benefit, or one of its kinds.", "discount", "free_shipping.expedited"),
            ),
            "reason": words("A part of one of the reasons.", "spend in the last 12 months"),
            "next_tier": _tier("The tier above; null at the top."),
            "progress": words("A part of what is missing to the next tier.", "500.00 USD"),
            "metrics": {
                "description": "Figures by their names in the output; money and percentages as texts, null for unknown.",
                "type": "object",
                "additionalProperties": False,
                "patternProperties": {"^.": {"type": ["string", "integer", "null"]}},
                "examples": [{"spend[12 months]": "2000.00"}],
            },
        },
        minProperties=1,
        examples=[{"tier": "silver"}],
    )


def _date(description: str, example: str) -> Schema:
    pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
    return {
        "description": description,
        "type": "string",
        "format": "date",
        "pattern": pattern,
        "examples": [example],
    }


def _instant(description: str) -> Schema:
    return {
        "description": f"{description} A local day, or a time of ISO 8601.",
        "type": "string",
        "format": "instant",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+(Z|[+-][0-9:]+)?)?$",
        "examples": ["2026-03-02", "2026-03-02T18:30:00-05:00"],
    }


def _list(description: str, items: Schema) -> Schema:
    return {"description": description, "type": "array", "maxItems": MOST_ORDERS, "items": items}
