"""A changed program moves nobody by itself: what it does to those who hold a tier is the author's choice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.recalculation.shop import Shop, happened, program, spend, text, tier
from vip_rules.lifecycle import OnChange
from vip_rules.program.program import Program

LIFE = {"grace": "3 months", "warn_before": ["30 days"]}
DAY = "2026-02-01"


def rules(silver: int = 100, gold: int = 500, **more: Any) -> Program:
    return program(tier("silver", spend(silver)), tier("gold", spend(gold)), status={**LIFE, **more})


def enrolled() -> Shop:
    """Ann has gold with 600, Bob silver with 200, Cleo nothing with 50."""
    shop = Shop(rules())
    for name, amount in (("ann", 600), ("bob", 200), ("cleo", 50)):
        shop.order(name, "2026-01-01", amount)
    shop.evaluate("2026-01-10")
    return shop


def moved(shop: Shop, changed: Program, on_change: OnChange) -> dict[str, list[str]]:
    shop.change(changed, DAY, on_change)
    decisions = shop.evaluate(DAY).decisions
    return {name: told for name, each in decisions.items() if (told := happened(each))}


@pytest.mark.parametrize(
    ("on_change", "expected"),
    [
        ("now", {"ann": [f"{DAY} demotion silver"], "bob": [f"{DAY} demotion None"]}),
        ("next-check", {"ann": [f"{DAY} grace gold"], "bob": [f"{DAY} grace silver"]}),
        ("keep-existing", {}),
    ],
)
def test_dearer_tiers(on_change: OnChange, expected: dict[str, list[str]]) -> None:
    assert moved(enrolled(), rules(silver=300, gold=1000), on_change) == expected


@pytest.mark.parametrize("on_change", ["now", "next-check", "keep-existing"])
def test_cheaper_tiers_promote_at_once(on_change: OnChange) -> None:
    expected = {"bob": [f"{DAY} promotion gold"], "cleo": [f"{DAY} promotion silver"]}

    assert moved(enrolled(), rules(silver=40, gold=150), on_change) == expected


@pytest.mark.parametrize("on_change", ["now", "next-check", "keep-existing"])
def test_the_day_of_the_change_is_decided_anew_as_it_was(on_change: OnChange) -> None:
    shop = enrolled()
    first = moved(shop, rules(silver=300, gold=1000), on_change)
    after = {name: shop.standing(name) for name in ("ann", "bob", "cleo")}

    again = shop.evaluate(DAY)

    assert {name: told for name, each in again.decisions.items() if (told := happened(each))} == first
    assert {name: shop.standing(name) for name in ("ann", "bob", "cleo")} == after
    shop.evaluate(DAY, "bob")
    assert shop.standing("bob") == after["bob"]


def test_who_is_kept_stays_until_they_meet_the_new_rules() -> None:
    shop = enrolled()
    moved(shop, rules(silver=300, gold=1000), "keep-existing")
    shop.evaluate("2027-06-01")
    assert shop.standing("ann").tier == "gold"

    shop.order("ann", "2027-06-02", 1000)
    shop.evaluate("2027-06-02")
    assert not shop.standing("ann").grandfathered
    shop.evaluate("2028-06-02")
    assert shop.standing("ann").grace_until is not None


@pytest.mark.parametrize("on_change", ["next-check", "keep-existing"])
def test_nobody_moves_because_a_benefit_changed(on_change: OnChange) -> None:
    shop = enrolled()
    before = dict(shop.stored)
    richer = program(
        tier("silver", spend(100), benefits=[{"type": "discount", "percent": 5}]),
        tier("gold", spend(500), benefits=[{"type": "discount", "percent": 15}]),
        status=LIFE,
    )

    assert moved(shop, richer, on_change) == {}
    assert shop.stored == before


def test_the_days_before_the_change_are_not_decided_by_the_new_rules() -> None:
    """Nobody evaluated between the order and the change: the new rule decides on its own day."""
    shop = enrolled()
    shop.order("cleo", "2026-01-20", 60)

    assert moved(shop, rules(), "next-check") == {"cleo": [f"{DAY} promotion silver"]}
    assert text(shop.standing("cleo").since) == DAY


def test_the_choice_is_for_one_day_only() -> None:
    shop = enrolled()
    moved(shop, rules(), "now")
    shop.order("cleo", "2026-02-10", 50)

    assert happened(shop.evaluate("2026-02-11").decisions["cleo"]) == ["2026-02-10 promotion silver"]


def test_what_is_taken_back_never_leads_to_a_tier_that_is_gone() -> None:
    """Nobody held silver any more when the program dropped it; Ann once rose from it."""
    shop = enrolled()
    shop.order("dan", "2026-01-12", 100)
    shop.evaluate("2026-01-12")
    dear = shop.order("dan", "2026-01-13", 500)
    shop.evaluate("2026-01-13")
    only_gold = program(tier("gold", spend(500)), status=LIFE)
    moved(shop, only_gold, "next-check")
    shop.refund(dear)

    decision = shop.evaluate("2026-02-02").decisions["dan"]

    assert happened(decision) == ["2026-02-02 revocation None"]
    assert shop.standing("dan").since is None
