"""The fast evaluator agrees with the specification exactly, on whatever program and store, on each engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from unittest.mock import patch
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.specification.evaluator import Outcome, evaluate
from tests.specification.fast import evaluate_fast, evaluate_fast_days
from tests.specification.figures import Store
from tests.specification.programs import ZONES
from tests.specification.sales import is_counted
from tests.specification.stores import EPOCH, Situation, instant, situations
from vip_rules.localdays import local_day


def examples(percent: int) -> settings:
    """So many percent of the profile's examples. Situations are large: how long they take to draw says nothing."""
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
    most = max(settings().max_examples * percent // 100, 1)
    return settings(max_examples=most, suppress_health_check=slow, phases=set(Phase) - {Phase.explain})


@given(situations())
@examples(150)
def test_polars_agrees(situation: Situation) -> None:
    assert fast(situation, "polars") == specified(situation)


@given(situations())
@examples(40)
def test_duckdb_agrees(situation: Situation) -> None:
    assert fast(situation, "duckdb") == specified(situation)


@given(
    situations(),
    st.sets(st.sampled_from((-731, -366, -31, -1, 1, 30, 90)) | st.integers(-800, 400), max_size=4),
)
@examples(40)
def test_many_days_at_once_agree(situation: Situation, away: set[int]) -> None:
    days = sorted({situation.as_of, *(situation.as_of + n for n in away)})
    each = {day: evaluate(situation.program, situation.store, day) for day in days}
    assert evaluate_fast_days(situation.program, situation.store, days) == each


@given(situations())
@examples(12)
def test_many_days_in_portions_agree(situation: Situation) -> None:
    days = (situation.as_of - 1, situation.as_of)
    whole = evaluate_fast_days(situation.program, situation.store, days)
    with patch("vip_rules.evaluation.slices.MOST_ROWS", 25):
        assert evaluate_fast_days(situation.program, situation.store, days) == whole


@given(situations(), st.randoms(use_true_random=False))
@examples(30)
def test_the_order_of_rows_makes_no_difference(situation: Situation, chance: Random) -> None:
    shuffled = replace(situation, store=shuffle(situation.store, chance))
    assert fast(shuffled, "polars") == fast(situation, "polars")


@given(situations())
@examples(30)
def test_orders_that_are_not_counted_make_no_difference(situation: Situation) -> None:
    counted = tuple(order for order in situation.store.orders if is_counted(order))
    without = replace(situation, store=replace(situation.store, orders=counted))
    assert fast(without, "polars") == fast(situation, "polars")


@given(situations())
@examples(30)
def test_what_comes_later_makes_no_difference(situation: Situation) -> None:
    store, as_of = situation.store, situation.as_of
    orders = tuple(order for order in store.orders if order.day <= as_of)
    events = tuple(event for event in store.events if event.day <= as_of)
    before = replace(situation, store=Store(store.customers, orders, events))
    assert fast(before, "polars") == fast(situation, "polars")


@given(st.integers(18_000, 22_000), st.integers(0, 86_399), st.sampled_from(ZONES))
def test_an_instant_counts_on_its_local_day(day: int, seconds: int, zone: str) -> None:
    at = instant(day, seconds)
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    wall_clock: datetime = at + offset
    assert local_day(at.isoformat(), ZoneInfo(zone)) == (wall_clock.date() - EPOCH).days


def specified(situation: Situation) -> dict[str, Outcome]:
    return evaluate(situation.program, situation.store, situation.as_of)


def fast(situation: Situation, engine: str) -> dict[str, Outcome]:
    return evaluate_fast(situation.program, situation.store, situation.as_of, engine)


def shuffle(store: Store, chance: Random) -> Store:
    customers, orders, events = list(store.customers), list(store.orders), list(store.events)
    for rows in (customers, orders, events):
        chance.shuffle(rows)
    return Store(tuple(customers), tuple(orders), tuple(events))
