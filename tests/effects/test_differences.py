"""A plan is what should be so, less what is known to be so or on its way."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.apply.atelier import DOCUMENT, Atelier, customer, order, program, seen, tier
from tests.apply.conftest import Opened
from vip_rules.database.tables import outbox
from vip_rules.localdays import day_date
from vip_rules.plan import Plan, PlanRefused
from vip_rules.testing import Fault
from vip_rules.testing.adapter import CAPABILITIES

SILVER, GOLD = DOCUMENT["tiers"]


def told(plan: Plan, kind: str | None = None) -> list[tuple[str, str, str]]:
    return [(each.sign, each.key, each.reason) for each in plan.changes if kind is None or each.kind == kind]


def signs(plan: Plan) -> dict[str, str]:
    return {each.key: each.sign for each in plan.changes}


def without(benefit: str, of: Any = GOLD) -> Any:
    """A tier without a benefit."""
    return of | {"benefits": [each for each in of["benefits"] if each["type"] != benefit]}


def test_the_first_plan_adds_all_that_is_desired_grants_of_the_store_first(atelier: Atelier) -> None:
    assert [(sign, key) for sign, key, _ in told(atelier.plan())] == [
        ("+", "segment:silver"),
        ("+", "discount:silver"),
        ("+", "segment:gold"),
        ("+", "discount:gold"),
        ("+", "free_shipping:gold"),
        ("+", "standing:ann"),
        ("+", "standing:bob"),
        ("+", "customer:ann"),
        ("+", "entitlements:ann"),
        ("+", "customer:bob"),
    ]


def test_each_change_has_its_reason(atelier: Atelier) -> None:
    reasons = {key: reason for _, key, reason in told(atelier.plan())}

    assert reasons["discount:gold"] == "Gold VIP carries 15 % discount"
    assert reasons["standing:ann"] == (
        "qualifies for Gold VIP: spend in the last 12 months: 600.00 USD (at least 500.00 USD)"
    )
    assert reasons["customer:bob"] == "Silver VIP"


def test_what_differs_is_changed_and_says_what_is_there_now(running: Atelier) -> None:
    running.store.put_order(order("bob", 300))
    running.sync()

    plan = running.plan()

    assert signs(plan) == {
        "standing:bob": "~",
        "customer:bob": "~",
        "entitlements:bob": "+",
        "promotion:gold:bob": "+",
        f"promotion:gold:{day_date(running.today)}:bob": "+",
    }
    (change,) = [each for each in plan.changes if each.key == "customer:bob"]
    assert change.content["known"]["tags"] == ["vip-no-cart-reminders", "vip-silver"]
    assert change.content["payload"]["tags"] == ["vip-gold", "vip-no-cart-reminders"]


def test_what_nothing_asks_for_any_more_is_removed(running: Atelier) -> None:
    running.store.refund("a")
    running.sync()

    plan = running.plan()

    assert signs(plan) == {"standing:ann": "-", "customer:ann": "-", "entitlements:ann": "-"}
    assert ("-", "customer:ann", "no tier any more") in told(plan)
    running.apply(plan)
    assert seen(running.store, ["ann"]).get("customer:ann") is None


@pytest.mark.parametrize("state", ["planned", "unknown"])
def test_what_is_on_its_way_is_not_planned_again(running: Atelier, state: str) -> None:
    running.store.put_order(order("bob", 300))
    running.sync()
    running.apply()
    with running.database.writing() as connection:
        connection.execute(update(outbox).where(outbox.c.key == "customer:bob").values(state=state))

    plan = running.plan()

    assert plan.changes == ()
    assert plan.waiting == 1


def test_what_was_refused_is_not_asked_again_until_something_else_is_desired(opened: Opened) -> None:
    shop = opened()
    shop.store.put_customer(customer("ann"))
    shop.store.put_order(order("ann", 300, key="a"))
    shop.sync()
    shop.faults.add(
        Fault.REFUSED,
        "carry_out",
        when=lambda call: call.intent is not None and call.intent.key == "customer:ann",
    )
    shop.apply()
    assert shop.intents()["customer:ann"] == "refused"

    assert shop.plan().changes == ()
    assert any("for a person" in note for note in shop.plan().notes)

    shop.store.put_order(order("ann", 300))
    shop.sync()
    assert signs(shop.plan())["customer:ann"] == "+"


def test_what_people_have_to_do_is_parked_once(opened: Opened) -> None:
    shop = opened(capabilities={k: v for k, v in CAPABILITIES.items() if k != "entitlements"})
    shop.store.put_customer(customer("ann"))
    shop.store.put_order(order("ann", 600))
    shop.sync()
    plan = shop.plan()
    assert [(gap.kind, gap.changes) for gap in plan.gaps if gap.kind == "entitlements"] == [
        ("entitlements", 1)
    ]

    shop.apply(plan)

    assert shop.intents()["entitlements:ann"] == "parked"
    assert shop.plan().changes == ()


def test_a_benefit_that_the_program_drops_is_taken_from_the_store(running: Atelier) -> None:
    running.program = program(tiers=[SILVER, without("free_shipping")])

    plan = running.plan()

    assert ("-", "free_shipping:gold", "the program no longer has it") in told(plan)
    assert "standing:ann" not in signs(plan)
    running.apply(plan)
    assert not running.store.held("free_shipping")


def test_nobody_moves_because_a_discount_changed(running: Atelier) -> None:
    silver = SILVER | {"benefits": [{"type": "discount", "percent": 12}]}
    running.program = program(tiers=[silver, GOLD])

    plan = running.plan()

    assert told(plan, "standing") == []
    assert signs(plan) == {"discount:silver": "~", "customer:bob": "~"}


def test_a_renamed_tier_moves_nobody_and_takes_its_tag_along(running: Atelier) -> None:
    running.program = program(tiers=[SILVER, GOLD | {"id": "best", "was": ["gold"]}])

    plan = running.plan()

    assert signs(plan) == {
        "segment:best": "+",
        "discount:best": "+",
        "free_shipping:best": "+",
        "customer:ann": "~",
        "entitlements:ann": "~",
        "customer:bob": "~",
        "discount:gold": "-",
        "free_shipping:gold": "-",
        "segment:gold": "-",
    }
    running.apply(plan)
    assert [tag for tag in running.store.customer("ann").tags if tag.startswith("vip-")] == [
        "vip-best",
        "vip-no-cart-reminders",
    ]
    assert running.plan().changes == ()
    assert running.plan(as_of=running.today + 1).changes == ()


def test_a_tier_that_is_held_and_vanished_refuses_the_plan(running: Atelier) -> None:
    running.program = program(tiers=[SILVER])

    with pytest.raises(PlanRefused, match=r'no longer has the tier "gold" \(held by 1\)'):
        running.plan()


@pytest.mark.parametrize("on_change", ["now", "next-check", "keep-existing"])
def test_after_a_change_was_applied_the_same_day_has_nothing_left_to_do(
    running: Atelier, on_change: Any
) -> None:
    running.program = program(tiers=[tier("silver", 250), tier("gold", 5000)])

    running.apply(running.plan(on_change=on_change))
    before = running.standings()

    assert running.plan().changes == ()
    assert running.plan(customers=["ann", "bob"]).changes == ()
    assert running.standings() == before


def test_some_people_are_not_planned_before_everybody_is_enrolled(atelier: Atelier) -> None:
    with pytest.raises(PlanRefused, match="plan everybody first"):
        atelier.plan(customers=["ann"])


def test_some_people_are_not_planned_by_a_program_that_took_over_from_nobody(running: Atelier) -> None:
    running.program = program(tiers=[tier("silver", 250), tier("gold", 5000)])

    with pytest.raises(PlanRefused, match="plan everybody first"):
        running.plan(customers=["ann"])


def test_who_moves_before_the_first_ranking_is_applied_spoils_it_for_nobody_else(atelier: Atelier) -> None:
    """Ann's order comes between plan and apply: she is compared by the plan's own cut points."""
    ranked = tier("top", 1) | {
        "qualify": {"metric": "spend_percentile", "window": "12 months", "at_least": 30}
    }
    atelier.program = program(tiers=[ranked])
    plan = atelier.plan()
    atelier.store.put_order(order("ann", 1))
    atelier.store.put_order(order("cat", 500))
    atelier.sync()

    applied = atelier.apply(plan)

    assert applied.stale == {}
    assert set(atelier.tiers()) == {"ann", "bob"}


def test_the_plan_of_some_people_is_about_them_alone(running: Atelier) -> None:
    for who in ("bob", "cat"):
        running.store.put_order(order(who, 300))
    running.sync()

    assert {each.customer_id for each in running.plan(customers=["cat"]).changes} == {"cat"}


def test_a_birthday_is_credited_once_whatever_happens(running: Atelier) -> None:
    running.store.put_customer(customer("ann", birthday=day_date(running.today)))
    running.sync()
    running.apply()
    assert [each.key for each in running.store.held("store_credit")] == ["birthday:2026:ann"]
    assert running.plan().changes == ()
    assert running.plan(as_of=running.today + 1).changes == ()


def test_a_changed_birthday_brings_no_second_credit_within_300_days(running: Atelier) -> None:
    running.store.put_customer(customer("ann", birthday=day_date(running.today)))
    running.sync()
    running.apply()
    running.store.put_customer(customer("ann", birthday=date(1990, 1, 15)))
    running.sync()

    early = running.plan(as_of=running.today + 57)
    assert "birthday:2027:ann" not in signs(early)


def test_who_was_merged_has_no_second_birthday(running: Atelier) -> None:
    for who in ("ann", "bob"):
        running.store.put_customer(customer(who, birthday=day_date(running.today)))
    running.sync()
    running.apply(running.plan(customers=["bob"]))
    assert [each.key for each in running.store.held("store_credit")] == ["birthday:2026:bob"]
    running.store.merge("bob", "ann")
    running.sync()

    assert not any(key.startswith("birthday") for key in signs(running.plan()))


def test_the_shops_own_midnight_begins_the_day_of_a_birthday(running: Atelier) -> None:
    """In New York, after summer time is over, days begin at five o'clock UTC."""
    running.store.put_customer(customer("ann", birthday=day_date(running.today + 1)))
    running.sync()
    five = day_date(running.today + 1).isoformat() + "T05:00:00+00:00"
    left = datetime.fromisoformat(five) - running.clock()

    running.clock.advance(seconds=int(left.total_seconds()) - 1)
    assert not any(key.startswith("birthday") for key in signs(running.plan()))
    running.clock.advance(seconds=1)
    assert any(key.startswith("birthday") for key in signs(running.plan()))


PRINTED = """
import sys
from pathlib import Path
from tests.apply.atelier import Atelier, DOCUMENT
shop = Atelier(Path(sys.argv[1]))
plan = shop.plan()
from vip_rules.plan import write_plan
write_plan(plan, Path(sys.argv[2]))
shop.close()
"""


@pytest.mark.slow
def test_the_same_plan_comes_out_in_every_process_to_the_byte(running: Atelier, tmp_path: Path) -> None:
    for who in ("bob", "cat", "ann"):
        running.store.put_customer(customer(f"{who}2"))
        running.store.put_order(order(who, 300), order(f"{who}2", 700))
    running.sync()
    made = []
    for seed in ("0", "1", "77"):
        file = tmp_path / f"{seed}.json"
        subprocess.run(
            [sys.executable, "-c", PRINTED, str(running.folder), str(file)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )
        made.append(file.read_bytes())

    assert made[0] == made[1] == made[2]
    assert len(running.plan().changes) > 10
