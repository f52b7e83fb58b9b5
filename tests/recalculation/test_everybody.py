"""Everybody in one go comes to the same as each customer alone, whatever the program asks for."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recalculation.shop import Shop, happened, number, program, spend, tier
from tests.specification.stores import Situation, situations
from vip_rules.model import Customer
from vip_rules.program.load import read_program
from vip_rules.recalculation import Decision

FEW: Final = settings(max_examples=settings().max_examples // 6)
PAUSE: Final = 4

STATUSES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"grace": "none", "warn_before": []},
    {"grace": {"cycles": 2, "at_least": "3 days"}, "warn_before": ["5 days", "2 days"]},
    {"term": "12 months", "grace": "1 day", "demotion": "to qualified", "warn_before": ["1 week"]},
    {"term": "calendar year", "grace": "2 days"},
)

CLIMB: Final = {"all": [{"metric": "current_tier", "one_of": ["silver", "gold"]}, spend(300, "1 month")]}
REMEMBERED: Final = {"all": [{"metric": "highest_tier", "is": "gold"}, spend(50, "10 days")]}


@pytest.mark.slow
@FEW
@given(situations(), st.sampled_from(STATUSES), st.sampled_from((0, 0, 400)), st.booleans())
def test_alone_everybody_comes_to_what_they_come_to_among_all(
    situation: Situation, status: dict[str, Any], trusted: int, paused: bool
) -> None:
    document = {**situation.document, "status": status}
    shop = Shop(read_program(document, "generated.json"), trusted_from=None)
    shop.trusted_from = situation.as_of - trusted if trusted else None
    shop.customers = {each.id: each for each in situation.store.customers}
    shop.orders = {each.id: each for each in situation.store.orders}
    shop.evaluate(situation.as_of - PAUSE)
    if not paused:
        shop.evaluate(situation.as_of - 1)
    last = shop.copy()
    shop.evaluate(situation.as_of)
    # Whoever is evaluated alone is scored by the cut points of the last recalculation.
    last.cut_points = shop.cut_points

    together = last.look(situation.as_of)

    for name in last.customers:
        alone = last.look(situation.as_of, name).decisions
        assert _told(alone.get(name)) == _told(together.decisions.get(name))


def test_a_rule_about_the_tier_before_sees_the_day_before() -> None:
    """Gold takes silver first: the order of one day can't lead to both at once, the next day does."""
    rules = program(tier("silver", spend(100)), tier("gold", CLIMB, spend(1)))
    shop = Shop(rules)
    shop.order("ann", "2026-01-01", 1)
    shop.evaluate("2026-01-10")
    shop.order("ann", "2026-01-12", 400)

    told = happened(shop.evaluate("2026-01-20").decisions["ann"])

    assert told == ["2026-01-12 promotion silver", "2026-01-13 promotion gold"]


def test_a_rule_about_the_highest_tier_remembers_it() -> None:
    rules = program(
        tier("silver", {"any": [spend(300, "10 days"), REMEMBERED]}), tier("gold", spend(500, "10 days"))
    )
    shop = Shop(rules)
    shop.order("ann", "2026-01-09", 500)
    shop.order("bob", "2026-01-09", 1)
    shop.evaluate("2026-01-10")
    shop.evaluate("2026-01-25")
    assert shop.standing("ann").tier is None
    for name in ("ann", "bob"):
        shop.order(name, "2026-01-26", 60)

    shop.evaluate("2026-01-26")

    assert (shop.standing("ann").tier, shop.standing("bob").tier) == ("silver", None)


def test_an_untrusted_window_leaves_a_standing_as_it_is_and_is_counted() -> None:
    rules = program(tier("silver", spend(100, "3 months")))
    shop = Shop(rules)
    shop.order("ann", "2026-01-01", 100)
    shop.order("bob", "2026-01-01", 1)
    shop.evaluate("2026-01-10")
    shop.trusted_from = number("2026-03-01")

    recalculation = shop.evaluate("2026-04-20")

    assert recalculation.undecided == 2
    assert shop.standing("ann").tier == "silver"
    shop.customers["cleo"] = Customer("cleo", shop.trusted_from)
    assert shop.evaluate("2026-06-20").undecided == 0
    assert shop.standing("ann").tier is None


def _told(decision: Decision | None) -> tuple[Any, ...] | None:
    """A decision, with what would keep the tier in plain data."""
    if decision is None:
        return None
    keep = tuple((lack.figure.key, lack.value, lack.gap, lack.through) for lack in decision.keep)
    return (decision.standing, decision.transitions, decision.moments, decision.notices, decision.ahead, keep)
