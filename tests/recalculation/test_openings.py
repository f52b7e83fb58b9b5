"""Evaluating goes on from openings: again, in parts, or after a pause of days, it comes to the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recalculation.generated import ENROLLED, PEOPLE, shops
from tests.recalculation.shop import Shop, happened, program, standings, text
from vip_rules.recalculation import Decision

SOME: Final = settings(max_examples=settings().max_examples // 5)
FEW: Final = settings(max_examples=settings().max_examples // 12)


@SOME
@given(shops(), st.integers(1, 40))
def test_evaluating_twice_is_evaluating_once(shop: Shop, later: int) -> None:
    first = shop.evaluate(ENROLLED + later)
    once = standings(shop)
    again = shop.evaluate(ENROLLED + later)

    assert standings(shop) == once
    assert [_told(each) for each in again.decisions.values()] == [
        _told(first.decisions[name]) for name in again.decisions
    ]
    assert all(each.standing == each.stored for each in again.decisions.values())


@FEW
@given(shops(), st.integers(1, 40), st.lists(st.lists(st.sampled_from(PEOPLE), min_size=1), max_size=5))
def test_in_parts_and_in_any_order_it_comes_to_the_same(
    shop: Shop, later: int, parts: Sequence[Sequence[str]]
) -> None:
    whole, day = shop.copy(), ENROLLED + later
    whole.evaluate(day)
    for part in parts:
        shop.evaluate(day, *part)
    shop.evaluate(day)
    for part in parts:
        shop.evaluate(day, *part)

    assert standings(shop) == standings(whole)


@FEW
@given(shops(), st.lists(st.integers(1, 25), min_size=1, max_size=3, unique=True))
def test_a_pause_of_days_is_as_good_as_evaluating_every_day(shop: Shop, on: Sequence[int]) -> None:
    daily = shop.copy()
    told: dict[str, list[str]] = {name: [] for name in PEOPLE}
    seldom: dict[str, list[str]] = {name: [] for name in PEOPLE}
    for day in range(1, max(on) + 1):
        for name, decision in daily.evaluate(ENROLLED + day).decisions.items():
            told[name] += happened(decision)
        if day in on:
            for name, decision in shop.evaluate(ENROLLED + day).decisions.items():
                seldom[name] += happened(decision)

    assert standings(shop) == standings(daily)
    assert seldom == told


@pytest.mark.slow
@FEW
@given(shops(), st.data())
def test_each_goes_on_from_their_own_last_day(shop: Shop, data: st.DataObject) -> None:
    """Some are evaluated now and then, as their data changes; everybody at the end."""
    daily = shop.copy()
    visits = data.draw(
        st.dictionaries(st.integers(1, 20), st.lists(st.sampled_from(PEOPLE), min_size=1), max_size=3)
    )
    for day in range(1, 21):
        daily.evaluate(ENROLLED + day)
        if day in visits:
            shop.evaluate(ENROLLED + day, *visits[day])
    shop.evaluate(ENROLLED + 20)

    assert standings(shop) == standings(daily)


@FEW
@given(shops(), st.integers(2, 12))
def test_orders_that_arrive_late_move_nothing_to_an_earlier_day(shop: Shop, arrives: int) -> None:
    late = [
        name
        for name, order in shop.orders.items()
        if ENROLLED < order.day < ENROLLED + arrives and order.customer_id == "ann"
    ]
    kept = {name: shop.orders.pop(name) for name in late}
    for day in range(1, arrives):
        shop.evaluate(ENROLLED + day)
    before = shop.standing("ann")
    shop.orders |= kept
    decision = shop.evaluate(ENROLLED + arrives).decisions.get("ann")

    assert all(each.day >= ENROLLED + arrives for each in (decision.transitions if decision else ()))
    assert shop.standing("ann").since in (before.since, ENROLLED + arrives, None)


def test_an_evaluation_replaces_what_was_decided_earlier_on_that_day() -> None:
    shop = Shop(program())
    shop.order("ann", "2026-01-01", 100)
    shop.evaluate("2026-01-10")
    mistaken = shop.order("ann", "2026-02-03", 900)
    shop.evaluate("2026-02-03", "ann")
    assert shop.standing("ann").tier == "gold"

    shop.refund(mistaken)
    decision = shop.evaluate("2026-02-03", "ann").decisions["ann"]

    assert happened(decision) == []
    assert (shop.standing("ann").tier, text(shop.standing("ann").since)) == ("silver", "2026-01-10")
    assert shop.standing("ann").highest_tier == "silver"


def test_who_had_nothing_is_promoted_on_the_day_of_the_order_that_nobody_looked_at() -> None:
    shop = Shop(program())
    shop.order("bob", "2025-11-01", 1)
    shop.evaluate("2026-01-10")
    shop.order("bob", "2026-01-15", 100)

    decision = shop.evaluate("2026-01-20", "bob").decisions["bob"]

    assert happened(decision) == ["2026-01-15 promotion silver"]


def _told(decision: Decision) -> tuple[object, ...]:
    return decision.standing, decision.transitions, decision.notices, decision.opening_day, decision.opening
