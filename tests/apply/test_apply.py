"""Exactly the plan is applied, once, to those who haven't moved since."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from tests.apply.atelier import TODAY, Atelier, customer, order, program, seen
from tests.apply.conftest import Opened, fill
from vip_rules.adapter import Intent
from vip_rules.database.tables import recalculations
from vip_rules.operations.erasure import erase
from vip_rules.operations.pins import pin
from vip_rules.plan import PlanRefused, read_plan, write_plan
from vip_rules.standing import Pin

# What is refused


def test_another_program_refuses_the_plan(atelier: Atelier) -> None:
    plan = atelier.plan()
    atelier.program = program(messages=[])
    with pytest.raises(
        PlanRefused, match=r"the plan was made with the program atelier-vip sha256:\w+, and it is"
    ):
        atelier.apply(plan)
    assert (atelier.tiers(), atelier.store.done()) == ({}, [])


def test_another_shop_refuses_the_plan(atelier: Atelier) -> None:
    plan = replace(atelier.plan(), shop="elsewhere")
    with pytest.raises(PlanRefused, match="for the shop elsewhere, and this is atelier"):
        atelier.apply(plan)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"percent": "10"', '"percent": "90"'),
        ('"customer_id": "ann"', '"customer_id": "cat"'),
        ('"as_of": "2026-11-20"', '"as_of": "2026-11-21"'),
        ('"explicit": false', '"explicit": true'),
        ('"what": "enrolment to', '"what": "promotion to'),
        ('"at_least": "500.00"', '"at_least": "5.00"'),
    ],
)
def test_a_plan_file_that_was_changed_is_refused(atelier: Atelier, old: str, new: str) -> None:
    file = atelier.folder / "plan.json"
    write_plan(atelier.plan(welcome=True), file)
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(PlanRefused, match="was changed since it was made"):
        read_plan(file)


def test_a_plan_survives_its_file(atelier: Atelier) -> None:
    plan, file = atelier.plan(welcome=True), atelier.folder / "plan.json"
    write_plan(plan, file)
    assert read_plan(file) == plan
    assert atelier.apply(read_plan(file)).intents == len(
        [each for each in plan.changes if each.kind != "standing"]
    )


@pytest.mark.parametrize(("hours", "over"), [(11, False), (12, True)])
def test_a_plan_expires_at_the_end_of_its_local_day(atelier: Atelier, hours: int, over: bool) -> None:
    plan = atelier.plan()
    atelier.clock.advance(seconds=hours * 3600)
    if over:
        with pytest.raises(PlanRefused, match="was for 2026-11-20, and that day is over: make a new plan"):
            atelier.apply(plan)
    else:
        assert atelier.apply(plan).standings == 2


def test_a_plan_for_a_day_of_ones_choice_does_not_expire(atelier: Atelier) -> None:
    plan = atelier.plan(explicit=True)
    atelier.clock.advance(days=3)
    atelier.apply(plan)
    assert atelier.row().last_applied == TODAY
    assert atelier.rows(recalculations, "day") == [(TODAY,)]


def test_a_day_before_the_last_applied_one_is_refused(atelier: Atelier) -> None:
    earlier = atelier.plan(explicit=True)
    atelier.apply(atelier.plan(as_of=TODAY + 1, explicit=True))
    with pytest.raises(PlanRefused, match="for 2026-11-20, and 2026-11-21 was applied already"):
        atelier.apply(earlier)
    with pytest.raises(PlanRefused, match="2026-11-20 is before the last applied day"):
        atelier.plan(explicit=True)


# Once


def test_the_same_plan_applied_twice_does_nothing_more(atelier: Atelier) -> None:
    plan = atelier.plan(welcome=True)
    first = atelier.apply(plan)
    done, standings = atelier.store.done(), atelier.standings()
    again = atelier.apply(plan)
    assert (first.again, again.again, again.intents) == (False, True, 0)
    assert (atelier.store.done(), atelier.standings()) == (done, standings)


def test_apply_after_apply_plans_and_does_nothing(atelier: Atelier) -> None:
    atelier.apply(atelier.plan(welcome=True))
    done = atelier.store.done()
    plan = atelier.plan(welcome=True)
    assert (plan.changes, plan.waiting) == ((), 0)
    atelier.apply(plan)
    atelier.clock.advance(days=1)
    assert atelier.plan().changes == ()
    assert atelier.store.done() == done


def test_two_plans_of_one_day_give_a_credit_once(opened: Opened) -> None:
    shop = opened()
    fill(shop)
    shop.store.put_customer(customer("ann", birthday=date(1980, 11, 21)))
    shop.sync()
    shop.apply()
    shop.clock.advance(days=1)
    first = shop.plan()
    # Another customer's order makes it another plan.
    shop.store.put_order(order("cat", 300))
    shop.sync()
    second = shop.plan()
    shop.apply(first)
    applied = shop.apply(second)
    assert seen(shop.store, ["ann"])["birthday:2026:ann"] == 1
    assert shop.intents()["birthday:2026:ann"] == "confirmed"
    assert list(applied.stale) == ["ann"]
    assert shop.tiers()["cat"] == "silver"


# Who has moved since


def orders_more(shop: Atelier) -> None:
    shop.store.put_order(order("cat", 400))


def is_refunded(shop: Atelier) -> None:
    shop.store.refund("rise")


def is_deleted(shop: Atelier) -> None:
    shop.store.delete_customer("cat")


def is_merged(shop: Atelier) -> None:
    shop.store.merge("cat", "bob")


def is_erased(shop: Atelier) -> None:
    erase(shop.database, shop.shop, "cat", shop.hand(), shop.means)


def is_pinned(shop: Atelier) -> None:
    given = Pin("gold", None, "a friend of the house", "ada")
    pin(shop.database, shop.shop, shop.program, "cat", given, shop.hand())


MOVES = [orders_more, is_refunded, is_deleted, is_merged, is_erased, is_pinned]


@pytest.mark.parametrize("moves", MOVES)
def test_who_moved_since_the_plan_is_skipped_and_told_and_the_rest_goes_through(
    running: Atelier, moves: Callable[[Atelier], None]
) -> None:
    running.store.put_customer(customer("dan"))
    running.store.put_order(order("cat", 250, key="rise"), order("dan", 300))
    running.sync()
    plan = running.plan()
    moves(running)
    running.sync()
    attempted = len(running.adapter.attempts)
    applied = running.apply(plan)
    assert list(applied.stale) == ["cat"]
    assert "since the plan was made" in applied.stale["cat"]
    assert "cat" not in "".join(running.adapter.attempts[attempted:])
    assert running.tiers()["dan"] == "silver"
    assert seen(running.store, ["dan"])["customer:dan"][0] == ["vip-no-cart-reminders", "vip-silver"]
    assert "cat" not in running.tiers() or moves is is_pinned
    # A further plan sees to them.
    running.apply()
    assert running.plan().changes == ()
    tags = ["vip-gold", "vip-no-cart-reminders"] if moves in (orders_more, is_pinned) else []
    assert seen(running.store, ["cat"]).get("customer:cat", ([], {}))[0] == tags


def test_a_change_that_alters_nothing_of_what_is_to_be_done_is_no_move(running: Atelier) -> None:
    running.store.put_order(order("cat", 250))
    running.sync()
    plan = running.plan()
    running.store.tag("cat", "newsletter")
    running.store.put_order(order(None, 900))
    running.sync()
    assert running.apply(plan).stale == {}
    assert running.tiers()["cat"] == "silver"


def test_a_stale_customer_is_looked_at_again(running: Atelier) -> None:
    running.store.put_order(order("cat", 250))
    running.sync()
    plan = running.plan()
    running.store.put_order(order("cat", 300))
    running.sync()
    running.apply(plan)
    assert [each["customer_id"] for each in running.remembered("stale")] == ["cat"]
    assert running.plan(customers=["cat"]).evaluated == ("cat",)
    running.apply(running.plan(customers=["cat"]))
    assert running.tiers()["cat"] == "gold"


# What is entitled to, asked right before each effect


@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize("moves", [is_refunded, is_erased, is_deleted, is_merged])
def test_who_loses_the_right_between_two_effects_gets_none_of_the_rest(
    running: Atelier, moves: Callable[[Atelier], None], position: int
) -> None:
    running.store.put_order(order("cat", 600, key="rise"))
    running.sync()
    plan = running.plan()
    wanted = [change.key for change in plan.changes if change.kind != "standing"]
    assert len(wanted) == 4
    running.adapter.attempts = []

    def loses(intent: Intent) -> None:
        if intent.key == wanted[position]:
            moves(running)
            running.sync()

    running.adapter.before = loses
    running.apply(plan)
    sent, taken_out = running.adapter.attempts[: position + 1], running.adapter.attempts[position + 1 :]
    assert sent == wanted[: position + 1], "the last was under way"
    assert set(taken_out) <= ({"customer:cat", "entitlements:cat"} if moves is is_erased else set())
    assert not running.states() & Counter(("planned", "sent", "unknown"))
    assert moves is not is_erased or not re.search(r"\bcat\b", running.dump())


def test_a_refund_between_plan_and_apply_grants_nothing(running: Atelier) -> None:
    running.store.put_order(order("cat", 600, key="rise"))
    running.sync()
    plan = running.plan()
    assert {each.key for each in plan.changes} >= {"promotion:gold:cat", "customer:cat", "entitlements:cat"}
    is_refunded(running)
    running.sync()
    attempted = len(running.adapter.attempts)
    running.apply(plan)
    assert running.adapter.attempts[attempted:] == []
    assert "cat" not in running.tiers()


def test_a_credit_that_was_withdrawn_can_be_earned_again(running: Atelier) -> None:
    running.store.put_order(order("cat", 600, key="rise"))
    running.sync()

    def loses(_: object) -> None:
        running.adapter.before = lambda _: None
        is_refunded(running)
        running.sync()

    running.adapter.before = loses
    running.apply()
    assert "promotion:gold:cat" in [each["key"] for each in running.remembered("withdrawn")]
    running.apply()
    assert seen(running.store, ["cat"]).get("promotion:gold:cat", 0) == 0
    running.store.put_order(order("cat", 700))
    running.sync()
    running.apply()
    assert seen(running.store, ["cat"])["promotion:gold:cat"] == 1
