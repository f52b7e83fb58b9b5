"""Each type of benefit says itself in words, shows an example that is valid, and knows what it contradicts."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from vip_rules.benefits import BENEFITS
from vip_rules.benefits.definition import Benefit
from vip_rules.model import Currency
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.schema import program_schema

CATALOGUE = load_catalogue()
DOLLARS, YEN = Currency("USD", 2), Currency("JPY", 0)


def benefits(*documents: dict[str, Any], currency: str = "USD") -> tuple[Benefit, ...]:
    """Benefits of one tier, as they are loaded."""
    qualify = {"metric": "spend", "at_least": 1}
    tier = {"id": "vip", "name": "VIP", "qualify": qualify, "benefits": list(documents)}
    head = {"format": 1, "program": "vip", "currency": currency, "timezone": "UTC"}
    return read_program({**head, "tiers": [tier]}, "vip.json", CATALOGUE).tiers[0].benefits


def test_the_first_set() -> None:
    assert [kind.name for kind in BENEFITS] == [
        "discount",
        "free_shipping",
        "early_access",
        "store_credit",
        "exclusive_products",
        "pre_order",
        "gift",
        "support",
        "event",
        "entitlement",
    ]
    assert list(CATALOGUE.benefits) == [kind.name for kind in BENEFITS]


@pytest.mark.parametrize("kind", BENEFITS, ids=lambda kind: kind.name)
def test_definitions(kind: Any) -> None:
    assert kind.title
    assert kind.description.endswith(".")
    assert set(kind.required) | set(kind.defaults) == set(kind.properties)
    assert not set(kind.required) & set(kind.defaults)
    assert all(schema["description"].endswith(".") for schema in kind.properties.values())
    schema = program_schema(CATALOGUE)["$defs"][f"benefit.{kind.name}"]
    assert Draft202012Validator(schema).is_valid(kind.written)
    (benefit,) = benefits(kind.written)
    assert set(benefit.arguments) == set(kind.properties)
    assert benefit.sentence(DOLLARS)
    assert benefit.variant in kind.variants


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"type": "discount", "percent": 10}, "10 % discount"),
        (
            {"type": "discount", "percent": 10, "combines_with": ["order", "shipping"]},
            "10 % discount (combines with order and shipping discounts)",
        ),
        ({"type": "free_shipping", "service": "next-day"}, "free next-day shipping"),
        ({"type": "early_access", "hours": 1}, "1 hour of early access"),
        ({"type": "early_access", "hours": 72}, "72 hours of early access"),
        ({"type": "store_credit", "amount": 25, "on": "birthday"}, "25.00 USD store credit on the birthday"),
        (
            {"type": "store_credit", "amount": 1500, "on": "promotion"},
            "1,500.00 USD store credit on reaching the tier",
        ),
        ({"type": "exclusive_products"}, "exclusive products"),
        ({"type": "exclusive_products", "collection": "atelier"}, "exclusive products (atelier)"),
        ({"type": "pre_order"}, "pre-order"),
        ({"type": "gift", "on": "annual", "what": "a luxury item"}, "a luxury item as an annual gift"),
        ({"type": "gift", "on": "purchase", "what": "a tote bag"}, "a tote bag as a gift with purchase"),
        ({"type": "support", "level": "personal"}, "a personal representative"),
        (
            {"type": "support", "level": "priority", "response_time": "2 hours"},
            "priority support, with an answer within 2 hours",
        ),
        ({"type": "event", "kind": "private", "what": "a dinner"}, "invitations to private events: a dinner"),
        ({"type": "entitlement", "what": "returns within 90 days"}, "returns within 90 days"),
    ],
)
def test_sentences(document: dict[str, Any], sentence: str) -> None:
    (benefit,) = benefits(document)
    assert benefit.sentence(DOLLARS) == sentence


def test_arguments_are_exact() -> None:
    from decimal import Decimal

    half, credit = benefits(
        {"type": "discount", "percent": Decimal("12.5")},
        {"type": "store_credit", "amount": 500, "on": "quarter"},
        currency="JPY",
    )
    assert (half.arguments["percent"], half.sentence(YEN)) == (12_50, "12.5 % discount")
    assert (credit.arguments["amount"], credit.sentence(YEN)) == (500, "500 JPY store credit each quarter")


def test_kinds_have_names_of_their_own() -> None:
    assert CATALOGUE.benefits["free_shipping"].variants == (
        "free_shipping",
        "free_shipping.standard",
        "free_shipping.expedited",
        "free_shipping.next-day",
    )
    assert CATALOGUE.benefits["discount"].variants == ("discount",)
    (shipping,) = benefits({"type": "free_shipping", "service": "expedited"})
    assert shipping.variant == "free_shipping.expedited"


def test_side_by_side() -> None:
    """What may stand in one tier: credits and gifts on several occasions, events of several kinds, any entitlements."""
    documents = (
        {"type": "store_credit", "amount": 5, "on": "birthday"},
        {"type": "store_credit", "amount": 5, "on": "quarter"},
        {"type": "gift", "on": "annual", "what": "a pen"},
        {"type": "gift", "on": "annual", "what": "a book"},
        {"type": "event", "kind": "virtual"},
        {"type": "event", "kind": "regional"},
        {"type": "entitlement", "what": "a note"},
        {"type": "entitlement", "what": "a monogram"},
    )
    assert len({benefit.identity for benefit in benefits(*documents)}) == len(documents)
