"""Without earlier standings everybody is enrolled as of the day; who comes later is promoted."""

from __future__ import annotations

from dataclasses import replace

from tests.recalculation.shop import JOINED, Shop, happened, number, program, standings, text
from vip_rules.model import Customer
from vip_rules.recalculation import Stored
from vip_rules.standing import Pin, Standing


def test_everybody_is_enrolled_as_of_the_day_at_the_highest_tier() -> None:
    shop = Shop(program())
    shop.order("ann", "2025-06-01", 500)
    shop.order("bob", "2025-06-01", 99)
    shop.order("cleo", "2024-06-01", 500)

    recalculation = shop.evaluate("2026-01-10")

    assert recalculation.enrolment
    assert list(recalculation.decisions) == ["ann"]
    assert happened(recalculation.decisions["ann"]) == ["2026-01-10 enrolment gold"]
    assert text(shop.standing("ann").since) == "2026-01-10"


def test_on_its_own_day_an_enrolment_is_decided_anew() -> None:
    shop = Shop(program())
    bought = shop.order("ann", "2025-06-01", 500)
    shop.evaluate("2026-01-10")
    shop.refund(bought)
    shop.order("ann", "2025-07-01", 100)
    shop.order("bob", "2026-01-10", 500)

    recalculation = shop.evaluate("2026-01-10")

    assert recalculation.enrolment
    assert happened(recalculation.decisions["ann"]) == ["2026-01-10 enrolment silver"]
    assert happened(recalculation.decisions["bob"]) == ["2026-01-10 enrolment gold"]
    assert shop.standing("ann").highest_tier == "silver"


def test_who_loses_the_tier_on_the_day_of_the_enrolment_never_had_one() -> None:
    shop = Shop(program())
    bought = shop.order("ann", "2025-06-01", 500)
    shop.evaluate("2026-01-10")
    shop.refund(bought)

    shop.evaluate("2026-01-10")

    assert standings(shop) == {}


def test_who_comes_later_is_promoted() -> None:
    shop = Shop(program())
    shop.order("ann", "2025-06-01", 500)
    shop.evaluate("2026-01-10")
    shop.customers["bob"] = Customer("bob", number("2026-01-12"))
    shop.order("bob", "2026-01-12", 500)

    recalculation = shop.evaluate("2026-01-13")

    assert not recalculation.enrolment
    assert happened(recalculation.decisions["bob"]) == ["2026-01-12 promotion gold"]


def test_a_pin_from_before_the_enrolment_stays_above_what_is_enrolled() -> None:
    shop = Shop(program())
    shop.order("ann", "2025-06-01", 100)
    pin = Pin("gold", None, "a friend of the house", "ann")
    shop.stored["ann"] = Stored(Standing(pin=pin), number("2026-01-05"))

    for _ in range(2):
        decision = shop.evaluate("2026-01-10").decisions["ann"]

        assert (decision.standing.tier, decision.standing.pin) == ("silver", pin)
        today = decision.on(number("2026-01-10"))
        assert today.effective(shop.program.tiers, number("2026-01-10")) == "gold"


def test_a_pin_alone_is_no_tier() -> None:
    shop = Shop(program())
    shop.customers["ann"] = Customer("ann", JOINED)
    shop.evaluate("2026-01-10", "ann")
    shop.pin("ann", Pin("gold", number("2026-02-01"), "a complaint", "bob"))

    decision = shop.evaluate("2026-02-02").decisions["ann"]

    assert happened(decision) == ["2026-02-02 pin ended None"]
    assert decision.standing == replace(decision.stored, pin=None)
