"""A refund takes back the promotion that it undoes, at once and in every term; nothing else does."""

from __future__ import annotations

import pytest

from tests.recalculation.shop import Shop, happened, program, spend, text, tier
from vip_rules.standing import Standing

RANKED = {"metric": "spend_percentile", "window": "12 months", "at_least": 50}


@pytest.mark.parametrize("term", ["rolling", "12 months", "calendar year", "lifetime"])
def test_a_refund_days_later_takes_the_promotion_back(term: str) -> None:
    shop = Shop(program(status={"term": term}))
    shop.order("ann", "2026-01-01", 100)
    shop.evaluate("2026-01-10")
    before = shop.standing("ann")
    bought = shop.order("ann", "2026-02-01", 500)
    shop.evaluate("2026-02-01")
    shop.evaluate("2026-02-19")
    shop.refund(bought)

    decision = shop.evaluate("2026-02-20").decisions["ann"]

    assert happened(decision) == ["2026-02-20 revocation silver"]
    after = shop.standing("ann")
    assert (after.tier, after.since, after.highest_tier) == ("silver", before.since, "silver")
    assert after.grace_until is None
    assert after.notices == ()


def test_two_promotions_are_taken_back_at_once() -> None:
    shop = Shop(program())
    shop.order("ann", "2026-01-01", 1)
    shop.evaluate("2026-01-10")
    first = shop.order("ann", "2026-01-20", 100)
    shop.evaluate("2026-01-20")
    second = shop.order("ann", "2026-01-25", 500)
    shop.evaluate("2026-01-25")
    shop.evaluate("2026-01-31")
    for order in (first, second):
        shop.refund(order)

    decision = shop.evaluate("2026-02-01", "ann").decisions["ann"]

    assert happened(decision) == ["2026-02-01 revocation silver", "2026-02-01 revocation None"]
    assert shop.standing("ann") == Standing()


def test_after_a_pause_it_is_taken_back_from_the_first_day_that_nobody_looked_at() -> None:
    """Nobody knows when the refund was made: no day that was decided already is touched."""
    shop = Shop(program())
    shop.order("ann", "2026-01-01", 100)
    shop.evaluate("2026-01-10")
    bought = shop.order("ann", "2026-01-11", 500)
    shop.evaluate("2026-01-11")
    shop.refund(bought)

    assert happened(shop.evaluate("2026-01-20").decisions["ann"]) == ["2026-01-12 revocation silver"]


def test_of_two_promotions_the_one_that_was_deserved_stays() -> None:
    shop = Shop(program())
    shop.order("ann", "2026-01-01", 1)
    shop.evaluate("2026-01-10")
    shop.order("ann", "2026-01-20", 100)
    shop.evaluate("2026-01-20")
    bought = shop.order("ann", "2026-01-26", 500)
    shop.evaluate("2026-01-26")
    assert shop.standing("ann").tier == "gold"
    shop.refund(bought)
    shop.evaluate("2026-01-27")

    assert (shop.standing("ann").tier, text(shop.standing("ann").since)) == ("silver", "2026-01-20")


def test_who_qualifies_by_other_orders_now_keeps_what_they_were_given() -> None:
    shop = Shop(program())
    bought = shop.order("ann", "2026-01-01", 500)
    shop.evaluate("2026-01-10")
    shop.evaluate("2026-01-31")
    shop.order("ann", "2026-02-01", 500)
    shop.refund(bought)

    shop.evaluate("2026-02-01")

    assert (shop.standing("ann").tier, text(shop.standing("ann").since)) == ("gold", "2026-01-10")


def test_a_promotion_by_another_rule_is_not_taken_back_by_the_present_one() -> None:
    shop = Shop(program(status={"grace": "3 months"}))
    bought = shop.order("ann", "2026-01-01", 500)
    shop.evaluate("2026-01-10")
    dearer = program(tier("silver", spend(100)), tier("gold", spend(600)), status={"grace": "3 months"})
    shop.change(dearer, "2026-01-20")
    shop.evaluate("2026-01-20")
    shop.refund(bought)

    decision = shop.evaluate("2026-01-21").decisions["ann"]

    assert shop.standing("ann").tier == "gold"
    assert "revocation" not in [each.kind for each in decision.transitions]


def test_a_promotion_between_two_evaluations_can_be_taken_back_too() -> None:
    """The order is refunded before anybody looks: by today's data there never was a promotion."""
    shop = Shop(program())
    shop.order("ann", "2026-01-01", 1)
    shop.evaluate("2026-01-10")
    shop.refund(shop.order("ann", "2026-01-15", 500))

    decisions = shop.evaluate("2026-01-20").decisions

    assert "ann" not in decisions


def test_a_promotion_is_judged_by_the_cut_points_of_its_day() -> None:
    """Bob and Cleo outgrow Ann, which takes nothing from her; her own refund does."""
    ranked = program(tier("top", RANKED), status={"grace": "none", "warn_before": []})
    shop = Shop(ranked)
    for name, amount in (("ann", 50), ("bob", 20), ("cleo", 10)):
        shop.order(name, "2026-01-01", amount)
    shop.evaluate("2026-01-10")
    assert shop.standing("ann").tier == "top"
    deserved = shop.copy()
    for name in ("bob", "cleo"):
        deserved.order(name, "2026-01-11", 900)
    assert [each.kind for each in deserved.evaluate("2026-01-12").decisions["ann"].transitions] == [
        "demotion"
    ]

    shop.refund("#0")
    shop.order("ann", "2026-01-02", 5)
    assert happened(shop.evaluate("2026-01-12").decisions["ann"]) == ["2026-01-11 revocation None"]


def test_a_rule_about_the_tier_before_is_judged_by_the_tier_before_the_promotion() -> None:
    """Nobody who has gold meets the rule for gold any more: that takes nothing back."""
    climbing = {"all": [{"metric": "current_tier", "is": "silver"}, spend(500)]}
    rules = program(
        tier("silver", spend(100)), tier("gold", climbing, spend(500)), status={"grace": "3 months"}
    )
    shop = Shop(rules)
    shop.order("ann", "2026-01-01", 100)
    shop.evaluate("2026-01-10")
    bought = shop.order("ann", "2026-01-11", 500)
    shop.evaluate("2026-01-11")
    assert shop.standing("ann").tier == "gold"
    shop.evaluate("2026-01-12")
    shop.evaluate("2026-01-19")
    assert shop.standing("ann").tier == "gold"

    shop.refund(bought)
    assert happened(shop.evaluate("2026-01-20").decisions["ann"]) == ["2026-01-20 revocation silver"]


def test_ranks_in_a_new_rule_leave_older_promotions_alone() -> None:
    """There are no cut points of the day of the promotion that the new rule could use."""
    shop = Shop(program())
    bought = shop.order("ann", "2026-01-01", 500)
    shop.order("bob", "2026-01-01", 100)
    shop.evaluate("2026-01-10")
    more = program(
        tier("silver", spend(100)), tier("gold", spend(500)), tier("top", {**RANKED, "at_least": 90})
    )
    shop.change(more, "2026-01-20")
    shop.refund(bought)

    shop.evaluate("2026-01-20")

    assert shop.standing("ann").tier is None


def test_what_is_left_of_a_tier_taken_back_is_no_rise() -> None:
    """Who qualifies for a lower tier by what is left of their orders lost a tier: nobody congratulates them."""
    rules = program()
    shop = Shop(rules)
    shop.order("ann", "2026-01-01", 1)
    shop.evaluate("2026-01-10")
    small, large = shop.order("ann", "2026-01-11", 100), shop.order("ann", "2026-01-11", 400)
    shop.evaluate("2026-01-11")
    assert small != large
    shop.refund(large)

    decision = shop.evaluate("2026-01-12").decisions["ann"]

    assert happened(decision) == ["2026-01-12 revocation None", "2026-01-12 promotion silver"]
    assert decision.rises(rules.tiers) == ()
