"""A program with every kind of benefit, a plugin's too, and what a shop's members are to have by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tests.recalculation.shop import Shop, number, spend, tier
from vip_rules.benefits.arguments import amount, words
from vip_rules.benefits.definition import BenefitType
from vip_rules.effects.approaches import Approaches
from vip_rules.effects.effect import Effect
from vip_rules.effects.messages import Messages
from vip_rules.effects.reminders import Reminders
from vip_rules.effects.states import CustomerEffects
from vip_rules.hookspecs import hookimpl
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program

DAY: Final = number("2026-01-10")


class Lounges:
    """A plugin with a benefit of its own."""

    @hookimpl
    def vip_rules_benefits(self) -> Iterator[BenefitType]:
        yield BenefitType(
            name="lounge",
            title="Lounge",
            description="A lounge in one of our shops.",
            properties={"shop": words("Which shop.", "Vienna"), "worth": amount("What it is worth.", 40)},
            required=("shop", "worth"),
            sentence=lambda given, currency: f"the lounge in {given['shop']}",
            example={"shop": "Vienna", "worth": 40},
        )


CATALOGUE: Final[Catalogue] = load_catalogue([Lounges()])

SILVER: Final = [
    {"type": "discount", "percent": Decimal("7.5")},
    {"type": "free_shipping", "service": "standard"},
    {"type": "store_credit", "amount": 25, "on": "birthday"},
]
GOLD: Final = [
    {"type": "discount", "percent": 15, "combines_with": ["shipping"]},
    {"type": "free_shipping", "service": "expedited"},
    {"type": "early_access", "hours": 48},
    {"type": "lounge", "shop": "Vienna", "worth": 40},
]
LIFE: Final = {
    "grace": "1 week",
    "warn_before": [],
    "soft_landing": {"for": "30 days", "keep": ["free_shipping", "early_access"]},
}


def program(status: Mapping[str, Any] = LIFE, **more: Any) -> Program:
    """Silver from 100 in 12 months, gold from 500; no benefit is missing."""
    document: dict[str, Any] = {
        "format": 1,
        "program": "members",
        "currency": "EUR",
        "timezone": "Europe/Vienna",
        "tiers": [
            tier("silver", spend(100), benefits=SILVER),
            tier("gold", spend(500), benefits=GOLD),
        ],
        "status": status,
    }
    return read_program({**document, **more}, "members.json", CATALOGUE)


def shop_with(*orders: tuple[str, str, int], **more: Any) -> Shop:
    """A shop whose customers ordered on some days for some money, enrolled on DAY."""
    shop = Shop(program(**more))
    for customer, day, paid in orders:
        shop.order(customer, day, paid)
    shop.evaluate(DAY)
    return shop


def effects(shop: Shop, day: int | str) -> dict[str, Effect]:
    """The states of customers on a day, by key; the evaluation is kept."""
    recalculation = shop.evaluate(day)
    states = CustomerEffects(shop.program, recalculation, {}, {})
    return {each.key: each for decision in recalculation.decisions.values() for each in states.of(decision)}


def messages(
    shop: Shop,
    day: int | str,
    people: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    welcome: bool = False,
) -> list[Effect]:
    """What customers are told on a day; the evaluation is kept."""
    recalculation = shop.evaluate(day)
    telling = Messages(shop.program, recalculation.qualifications.as_of, people or {})
    decisions = recalculation.decisions.values()
    return [each for decision in decisions for each in telling.of(decision, welcome=welcome)]


def unasked(shop: Shop, day: int | str, *people: str) -> list[Effect]:
    """What customers may be told unasked on a day, whatever they were told before; the evaluation is kept."""
    recalculation = shop.evaluate(day, *people)
    telling = Messages(shop.program, recalculation.qualifications.as_of, {})
    approaches = Approaches(shop.program, recalculation, shop.trusted_from)
    reminders = Reminders(shop.program, recalculation)
    return [
        *approaches.effects(approaches.nudges(), telling),
        *reminders.effects(reminders.nudges(), telling),
    ]
