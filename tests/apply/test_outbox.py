"""Intents are sent until their outcome is known: lost answers, busy stores, refusals, pauses, and changes made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.apply.atelier import Atelier, Watched, customer, order, program, seen
from tests.apply.conftest import Opened, fill
from vip_rules.adapter import Intent
from vip_rules.apply import apply_plan
from vip_rules.delivery import deliver
from vip_rules.operations.drift import look
from vip_rules.operations.switch import pause, resume
from vip_rules.plan import PlanRefused
from vip_rules.testing import Fault
from vip_rules.testing.adapter import CAPABILITIES
from vip_rules.testing.faults import Call

CREDIT = "promotion:gold:cat"


@pytest.fixture
def rising(running: Atelier) -> Atelier:
    """cat is to rise to gold: with tags, entitlements, a credit and a message."""
    running.store.put_order(order("cat", 600, key="rise"))
    running.sync()
    running.adapter.attempts = []
    return running


def of_kind(kind: str) -> Callable[[Call], bool]:
    return lambda call: call.intent is not None and call.intent.kind == kind


# Lost answers


@pytest.mark.parametrize("number", range(1, 5))
@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST])
def test_a_lost_answer_is_read_back_and_nothing_is_done_twice(
    rising: Atelier, fault: Fault, number: int
) -> None:
    plan = rising.plan()
    wanted = [change.key for change in plan.changes if change.kind != "standing"]
    before = len(rising.store.done())
    calls = rising.faults.calls["carry_out"]
    rising.faults.add(fault, calls=[calls + number])
    applied = rising.apply(plan)
    key = wanted[number - 1]
    assert any(said.startswith(f"{key}: unknown: the store didn't answer") for said in applied.delivered.told)
    credit_in_doubt = key == CREDIT and fault is Fault.LOST_REQUEST
    times = {each: len(rising.store.done(each)) for each in wanted}
    assert times == {each: 0 if each == key and credit_in_doubt else 1 for each in wanted}
    assert len(rising.store.done()) == before + 4 - credit_in_doubt
    assert rising.intents()[key] == ("parked" if credit_in_doubt else "confirmed")
    assert rising.plan().changes == ()
    rising.apply()
    assert len(rising.store.done()) == before + 4 - credit_in_doubt


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST])
def test_a_credit_in_doubt_is_never_sent_again_while_the_store_cannot_be_read(
    rising: Atelier, fault: Fault
) -> None:
    rising.faults.add(fault, when=of_kind("store_credit"), times=1)
    rising.faults.add(Fault.UNREADABLE, "look", when=of_kind("store_credit"), times=4)
    for _ in range(3):
        applied = rising.apply()
        assert rising.intents()[CREDIT] == "unknown"
        assert f"{CREDIT}: still unknown: the store didn't answer" in applied.delivered.told
        assert applied.delivered.left == 1
        rising.clock.advance(days=1)
    assert rising.adapter.attempts.count(CREDIT) == 1
    # The fourth time it is looked for in vain once more, the fifth it is found out.
    rising.apply()
    rising.apply()
    assert rising.intents()[CREDIT] == ("confirmed" if fault is Fault.LOST_ANSWER else "parked")
    assert rising.adapter.attempts.count(CREDIT) == 1


def test_a_state_that_cannot_be_read_back_is_put_again_only_so_often(rising: Atelier) -> None:
    rising.faults.add(Fault.LOST_REQUEST, when=of_kind("customer"))
    rising.faults.add(Fault.UNREADABLE, "look", when=of_kind("customer"))
    applied = rising.apply()
    assert rising.adapter.attempts.count("customer:cat") == 5
    assert rising.intents()["customer:cat"] == "unknown"
    assert applied.delivered.left == 1
    rising.apply()
    assert rising.adapter.attempts.count("customer:cat") == 5


# A busy store


def test_a_busy_store_is_waited_for(rising: Atelier) -> None:
    rising.faults.add(Fault.BUSY, times=1)
    applied = rising.apply()
    assert rising.slept == [30]
    assert (applied.delivered.stopped, applied.delivered.left) == ("", 0)
    assert rising.adapter.attempts[:2] == ["customer:cat", "customer:cat"]
    assert rising.plan().changes == ()


def test_a_store_that_stays_busy_is_left_alone_and_the_next_apply_goes_on(rising: Atelier) -> None:
    plan = rising.plan()
    rising.faults.add(Fault.BUSY, times=12)
    for _ in range(4):
        applied = rising.apply(plan)
        assert applied.delivered.stopped.startswith("the store is busy: call apply again later")
        assert applied.delivered.left == 4
        assert sum(rising.slept) <= 60
        rising.slept.clear()
    assert len(rising.adapter.attempts) == 12, "one call a time asks whether it is still busy"
    applied = rising.apply(plan)
    assert (applied.delivered.stopped, applied.delivered.left) == ("", 0)
    assert rising.states()["planned"] == 0
    assert seen(rising.store, ["cat"])[CREDIT] == 1


def test_waiting_begins_anew_once_the_store_takes_something(rising: Atelier) -> None:
    calls = rising.faults.calls["carry_out"]
    rising.faults.add(Fault.BUSY, calls=[calls + n for n in (1, 2, 4, 5, 7)])
    assert rising.apply().delivered.stopped == ""
    assert rising.slept == [30] * 5


def test_one_busy_carrier_does_not_keep_another_from_its_work(opened: Opened) -> None:
    letters = opened()
    fill(letters)
    channel = Watched(letters.store, letters.faults, capabilities={"message": CAPABILITIES["message"]})
    letters.channels = (channel,)
    letters.sync()
    letters.faults.seconds = 300
    letters.faults.add(Fault.BUSY, when=of_kind("message"))
    applied = letters.apply(letters.plan(welcome=True))
    assert applied.delivered.stopped.startswith("the store is busy")
    assert letters.slept == []
    assert len(channel.attempts) == 1
    assert letters.states() == {"confirmed": 9, "planned": 2}
    assert seen(letters.store, ["ann"])["promotion:gold:ann"] == 1


# Refusals


def test_what_the_store_refuses_is_told_and_not_tried_every_day(rising: Atelier) -> None:
    rising.faults.add(
        Fault.REFUSED,
        when=lambda call: call.intent is not None and call.intent.key == "customer:cat",
        times=1,
    )
    applied = rising.apply()
    assert applied.delivered.told == ["customer:cat: refused: the store says no"]
    assert [each["key"] for each in rising.remembered("refused")] == ["customer:cat"]
    for _ in range(3):
        rising.clock.advance(days=1)
        plan = rising.plan()
        assert plan.changes == ()
        assert any("1 effect was refused or waits for a person" in note for note in plan.notes)
        rising.apply(plan)
    assert rising.adapter.attempts.count("customer:cat") == 1
    # Only when something else is to be there is it tried again.
    rising.store.refund("rise")
    rising.sync()
    rising.apply()
    assert seen(rising.store, ["cat"]).get("customer:cat", ([], {}))[0] == []


# The pause


@pytest.mark.parametrize("position", range(4))
def test_a_pause_lets_one_call_end_at_most_and_resume_goes_on(rising: Atelier, position: int) -> None:
    plan = rising.plan()
    wanted = [change.key for change in plan.changes if change.kind != "standing"]

    def pauses(intent: Intent) -> None:
        if intent.key == wanted[position]:
            pause(rising.database, rising.shop, "stocktaking", rising.hand())

    rising.adapter.before = pauses
    applied = rising.apply(plan)
    assert rising.adapter.attempts == wanted[: position + 1]
    assert applied.delivered.left == 3 - position
    assert (applied.delivered.stopped == "paused by ada: vip-rules resume goes on") == (position < 3)
    with pytest.raises(PlanRefused, match=r"paused by ada \(stocktaking\)"):
        rising.apply(plan)
    rising.store.put_order(order("bob", 20))
    assert rising.sync().written.orders.new == 1, "receiving goes on"
    resume(rising.database, rising.shop, rising.hand())
    rising.apply(plan)
    assert rising.adapter.attempts == wanted
    assert rising.states()["planned"] == 0


# What people change by hand


def test_what_was_changed_by_hand_is_left_alone_while_nothing_of_it_is_to_change(running: Atelier) -> None:
    running.store.untag("ann", "vip-gold")
    running.store.drop("discount", "discount:gold")
    running.sync()
    plan = running.plan()
    assert plan.changes == ()
    running.apply(plan)
    assert "vip-gold" not in running.store.customer("ann").tags
    found = look(running.database, running.shop, running.means)
    assert sorted(each.key for each in found.differences) == ["customer:ann", "discount:gold"]


def test_a_tag_that_somebody_else_gave_is_told(running: Atelier) -> None:
    running.store.put_customer(
        customer("dan", tags=("vip-gold", "press"), updated_at=running.clock()),
        customer("eve", tags=("vip-friend",)),
    )
    running.sync()
    found = look(running.database, running.shop, running.means)
    (stray,) = found.differences
    assert (stray.key, stray.stray, stray.found and stray.found["tags"]) == (
        "customer:dan",
        True,
        ["vip-gold"],
    )
    assert "didn't give" in stray.sentence()
    running.store.untag("dan", "vip-gold")
    assert look(running.database, running.shop, running.means).differences == []


def test_a_change_by_hand_is_told_when_the_plan_overwrites_it(running: Atelier) -> None:
    running.store.untag("bob", "vip-silver")
    running.store.put_order(order("bob", 400))
    running.sync()
    applied = running.apply()
    said = "customer:bob: was changed in the store by hand; it is put as the plan has it"
    assert said in applied.delivered.told
    (entry,) = running.remembered("drift")
    assert (entry["key"], entry["says"]["expected"]["tags"], entry["says"]["found"]["tags"]) == (
        "customer:bob",
        ["vip-no-cart-reminders", "vip-silver"],
        ["vip-no-cart-reminders"],
    )
    assert running.store.customer("bob").tags == ("vip-gold", "vip-no-cart-reminders")


def test_a_change_by_hand_is_not_forgotten_when_the_process_dies_after_overwriting_it(
    running: Atelier,
) -> None:
    running.store.untag("bob", "vip-silver")
    running.store.put_order(order("bob", 400))
    running.sync()

    def dies(intent: Intent) -> None:
        if intent.key == "customer:bob":
            raise KeyboardInterrupt

    running.adapter.after = dies
    with pytest.raises(KeyboardInterrupt):
        running.apply()
    running.adapter.after = lambda _: None
    running.apply()
    assert [each["key"] for each in running.remembered("drift")] == ["customer:bob"]


def test_what_is_not_ours_is_never_touched(opened: Opened) -> None:
    shop = opened(program=program(status={"grace": "none", "demotion": "to qualified", "warn_before": []}))
    fill(shop)
    store = shop.store
    store.tag("ann", "press", "VIP")
    store.set_field("ann", "shoe_size", 39)
    store.hold("discount", "SUMMER", {"percent": "20"})
    store.hold("free_shipping", "over 50", {"service": "standard"})
    store.hold("store_credit", "sorry", {"amount": "5.00"}, "ann")
    shop.sync()
    shop.apply()
    store.refund("a")
    shop.clock.advance(days=1)
    shop.sync()
    shop.apply()
    assert "ann" not in shop.tiers()
    assert store.customer("ann").tags == ("press", "VIP")
    assert store.fields("ann") == {"shoe_size": 39}
    kept = {(each.kind, each.key) for kind in CAPABILITIES for each in store.held(kind)}
    assert kept >= {("discount", "SUMMER"), ("free_shipping", "over 50"), ("store_credit", "sorry")}


# What nobody carries out


def test_what_nobody_carries_out_is_said_parked_or_remembered(opened: Opened) -> None:
    able = {kind: CAPABILITIES[kind] for kind in ("customer", "discount")}
    shop = opened(capabilities=able)
    fill(shop)
    shop.sync()
    plan = shop.plan(welcome=True)
    assert {gap.kind: gap.says for gap in plan.gaps} == {
        "message": "nothing carries it out here: recorded in the ledger",
        "store_credit": "nothing carries it out here: parked in the outbox for a person",
        "entitlements": "nothing carries it out here: parked in the outbox for a person",
        "free_shipping": "nothing carries it out here: parked in the outbox for a person",
    }
    shop.apply(plan)
    parked = {key for key, state in shop.intents().items() if state == "parked"}
    assert parked == {"promotion:gold:ann", "entitlements:ann", "free_shipping:gold"}
    assert [each["customer_id"] for each in shop.remembered("notice")] == ["ann", "bob"]
    # And that is that: neither the same day nor the next is any of it planned again.
    for _ in range(2):
        assert shop.plan(welcome=True).changes == ()
        shop.apply()
        shop.clock.advance(days=1)
    assert len(shop.remembered("notice")) == 2


def test_what_an_adapter_lacks_is_said_in_the_plan(opened: Opened) -> None:
    lacking = {**CAPABILITIES, "discount": replace(CAPABILITIES["discount"], lacks="Only one for all tiers.")}
    shop = opened(capabilities=lacking)
    fill(shop)
    shop.sync()
    assert ("discount", 2, "Only one for all tiers.") in [
        (gap.kind, gap.changes, gap.says) for gap in shop.plan().gaps
    ]


def test_deleted_customers_get_nothing_and_leave_nothing_behind(running: Atelier) -> None:
    running.store.delete_customer("ann")
    running.store.put_customer(customer("dan", birthday=date(1990, 1, 1)))
    running.sync()
    plan = running.plan()
    assert [(change.key, change.what) for change in plan.changes] == [("standing:ann", "standing closed")]
    running.adapter.attempts = []
    running.apply(plan)
    assert (running.adapter.attempts, running.tiers(), running.plan().changes) == ([], {"bob": "silver"}, ())
    assert "customer:ann" not in running.known()


def test_a_store_that_asked_to_be_left_alone_is_left_alone_by_later_deliveries(rising: Atelier) -> None:
    means = replace(rising.means, patience=2)
    rising.faults.add(Fault.BUSY, times=1)
    plan = rising.plan()
    applied = apply_plan(rising.database, rising.shop, rising.program, plan, means)
    assert (applied.delivered.left, len(rising.adapter.attempts)) == (4, 1)
    rising.clock.advance(seconds=27)
    again = deliver(rising.database, rising.shop, means, day=rising.today)
    assert again.stopped.startswith("the store is busy")
    assert len(rising.adapter.attempts) == 1
    rising.clock.advance(seconds=3)
    assert deliver(rising.database, rising.shop, means, day=rising.today).left == 0
    # With nothing to send nobody is waited for.
    rising.faults.add(Fault.BUSY, times=1)
    assert deliver(rising.database, rising.shop, means, day=rising.today).stopped == ""
