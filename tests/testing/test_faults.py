"""Planned faults happen where they are planned, and nowhere else."""

from datetime import UTC, datetime

import pytest

from vip_rules.adapter import Confirmed, Missing, PlatformFailed, Refused, RetryAfter, Unknown, Unreadable
from vip_rules.testing import Fault, FaultPlan, MemoryAdapter, MemoryStore, StoppedClock
from vip_rules.testing.examples import CUSTOMERS, example

NOTHING = frozenset[str]()


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put_customer(*CUSTOMERS)
    return store


def test_faults_befall_calls_by_their_numbers(store: MemoryStore) -> None:
    plan = FaultPlan(seconds=7)
    plan.add(Fault.BUSY, calls=[1])
    plan.add(Fault.LOST_REQUEST, calls=[2])
    plan.add(Fault.LOST_ANSWER, calls=[3])
    plan.add(Fault.REFUSED, calls=[5])
    adapter, message = MemoryAdapter(store, plan), example("message", "1")
    outcomes, done = [], []
    for _ in range(5):
        outcomes += [type(outcome) for outcome in adapter.carry_out([message])]
        done.append(len(store.done()))
    assert outcomes == [RetryAfter, Unknown, Unknown, Confirmed, Refused]
    assert done == [0, 0, 1, 1, 1]
    assert plan.calls == {"carry_out": 5}


def test_faults_befall_calls_that_are_picked(store: MemoryStore) -> None:
    plan = FaultPlan()
    plan.add(
        Fault.BUSY, when=lambda call: call.intent is not None and call.intent.customer_id == "2", times=1
    )
    adapter = MemoryAdapter(store, plan, batch=3)
    intents = [example("customer", customer.id) for customer in CUSTOMERS]
    assert [type(outcome) for outcome in adapter.carry_out(intents)] == [Confirmed, RetryAfter, Confirmed]
    assert [type(outcome) for outcome in adapter.carry_out(intents)] == [Confirmed] * 3


def test_a_slow_call_is_done_while_the_clock_moves(store: MemoryStore) -> None:
    clock = StoppedClock(datetime(2026, 11, 20, 23, 59, 50, tzinfo=UTC))
    plan = FaultPlan(seconds=20, advance=lambda seconds: clock.advance(seconds=seconds))
    plan.add(Fault.SLOW)
    (outcome,) = MemoryAdapter(store, plan).carry_out([example("customer", "1")])
    assert isinstance(outcome, Confirmed)
    assert clock() == datetime(2026, 11, 21, 0, 0, 10, tzinfo=UTC)


def test_an_unreadable_look_is_not_missing(store: MemoryStore) -> None:
    plan = FaultPlan()
    plan.add(Fault.UNREADABLE, "look", times=1)
    adapter, intent = MemoryAdapter(store, plan), example("customer", "1")
    assert isinstance(adapter.look([intent])[0], Unreadable)
    assert adapter.look([intent]) == [Missing()]


def test_a_shop_may_not_answer(store: MemoryStore) -> None:
    plan = FaultPlan()
    plan.add(Fault.ABORTED, "shop", times=1)
    adapter = MemoryAdapter(store, plan)
    with pytest.raises(PlatformFailed):
        adapter.shop()
    assert adapter.shop().currency == "USD"


def told(store: MemoryStore, plan: FaultPlan) -> list[str]:
    pages = MemoryAdapter(store, plan, page_size=2).pages(None, full=True, wanted=NOTHING)
    return [customer.id for page in pages for customer in page.customers]


def test_a_reading_breaks_off_in_the_middle(store: MemoryStore) -> None:
    plan = FaultPlan()
    plan.add(Fault.ABORTED, "pages", calls=[2])
    pages = MemoryAdapter(store, plan, page_size=2).pages(None, full=True, wanted=NOTHING)
    assert [customer.id for customer in next(pages).customers] == ["1", "2"]
    with pytest.raises(PlatformFailed):
        next(pages)


def test_a_page_is_cut_and_nobody_says_so(store: MemoryStore) -> None:
    plan = FaultPlan()
    plan.add(Fault.CUT, "pages", calls=[1])
    assert told(store, plan) == ["1", "3"]


def test_a_reading_is_empty_and_nobody_says_so(store: MemoryStore) -> None:
    plan = FaultPlan()
    plan.add(Fault.EMPTY, "pages", calls=[1])
    assert told(store, plan) == []
    assert told(store, plan) == ["1", "2", "3"]
