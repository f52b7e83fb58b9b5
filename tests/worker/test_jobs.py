import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.apply.atelier import Atelier, customer, order, program
from tests.apply.conftest import Opened, fill
from tests.worker.bench import project_of, silent
from vip_rules.adapter import PlatformFailed, Stopping
from vip_rules.database.tables import inbox, jobs, plans
from vip_rules.inbox import Arrived, Became, keep, settle
from vip_rules.operations.erasure import erase
from vip_rules.operations.switch import pause, resume
from vip_rules.project import Outside, Project
from vip_rules.testing import Fault, FaultPlan
from vip_rules.worker.deliveries import Deliveries
from vip_rules.worker.jobs import UNSAID, Jobs
from vip_rules.worker.worker import jobs_of


def jobs_for(shop: Atelier, **worker: Any) -> Jobs:
    stage = jobs_of(project_of(shop, **worker), silent())["jobs"]
    assert isinstance(stage, Jobs)
    return stage


def ran(shop: Atelier) -> dict[str, tuple[str, list[str]]]:
    rows = shop.rows(jobs, "name", "outcome", "says")
    return {name: (outcome, json.loads(says)) for name, outcome, says in rows}


def run_all(stage: Jobs) -> int:
    """How many jobs there were to do."""
    count = 0
    while stage.run():
        count += 1
    return count


def test_at_the_first_start_the_store_is_read_and_everybody_looked_at(running: Atelier) -> None:
    running.store.put_customer(customer("dan"))
    running.store.put_order(order("dan", 600))
    assert run_all(jobs_for(running)) == 4
    assert running.tiers()["dan"] == "gold"
    found = ran(running)
    assert {name: outcome for name, (outcome, _) in found.items()} == dict.fromkeys(
        ("reconcile", "daily", "nightly", "repair"), "done"
    )
    assert "Customers: " in found["reconcile"][1][0]
    assert "4 customers" in found["daily"][1][0]
    # Its time has never come yet.
    assert found["nightly"][1] == []


def test_nothing_is_due_twice(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)
    assert run_all(stage) == 0
    running.clock.advance(seconds=900)
    assert run_all(stage) == 1


def test_what_was_missed_is_made_up_once(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)
    running.clock.advance(days=5)
    assert run_all(stage) == 4
    assert run_all(stage) == 0


def test_the_night_reads_everything_and_tells_what_was_changed_by_hand(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)
    running.store.untag("ann", "vip-gold")
    running.clock.advance(days=1)
    run_all(stage)
    outcome, says = ran(running)["nightly"]
    assert outcome == "done"
    assert "Customers: 3 told" in says[0]
    assert any(each.startswith("customer:ann: ") and "vip-gold" in each for each in says)


def test_old_webhooks_are_forgotten_in_the_night(running: Atelier) -> None:
    stage = jobs_for(running, keep_webhooks_days=2)
    run_all(stage)
    now = running.means.now()
    arrived = [
        Arrived(shop=running.shop, topic="t", delivery=str(n), body=b"{}", sent_at=None, received_at=now)
        for n in range(2)
    ]
    with running.database.writing() as connection:
        keep(connection, arrived)
        settle(connection, {1: Became("done")}, now)
    running.clock.advance(days=3)
    run_all(stage)
    assert running.rows(inbox, "number", "state") == [(2, "waiting")]


def test_while_paused_reading_goes_on_and_the_rest_is_made_up_after(running: Atelier) -> None:
    pause(running.database, running.shop, "stocktaking", running.hand())
    stage = jobs_for(running)
    run_all(stage)
    assert set(ran(running)) == {"reconcile", "nightly"}
    resume(running.database, running.shop, running.hand())
    assert run_all(stage) == 2
    assert set(ran(running)) == {"reconcile", "daily", "nightly", "repair"}


def test_what_the_store_could_not_do_is_tried_again_later_and_later(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)
    running.clock.advance(seconds=900)
    waits = []
    broken = running.adapter.shop

    def failing() -> Any:
        raise PlatformFailed("the store doesn't answer: try again later")

    running.adapter.shop = failing  # type: ignore[method-assign]
    for _ in range(3):
        assert stage.run()
        ((failures, retry_at),) = [
            tuple(row[1:])
            for row in running.rows(jobs, "name", "failures", "retry_at")
            if row[0] == "reconcile"
        ]
        waits.append((retry_at - running.means.now()) // 1_000_000)
        assert not stage.run()
        running.clock.advance(seconds=waits[-1])
    assert waits == [2, 4, 8]
    assert failures == 3
    assert ran(running)["reconcile"] == ("failed", ["the store doesn't answer: try again later"])
    running.adapter.shop = broken  # type: ignore[method-assign]
    assert stage.run()
    assert ran(running)["reconcile"][0] == "done"


def test_what_a_person_has_to_decide_is_not_tried_again_and_again(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)
    for who in ("ann", "bob"):
        running.store.delete_customer(who)
    running.clock.advance(days=1)
    run_all(stage)
    outcome, says = ran(running)["nightly"]
    assert outcome == "refused"
    assert "over 10 % less" in says[0]
    assert run_all(stage) == 0


def test_a_job_that_is_stopped_in_its_midst_is_due_at_the_next_start(running: Atelier) -> None:
    run_all(jobs_for(running))
    before = ran(running)
    running.clock.advance(days=1)
    project = project_of(running)
    outside = replace(project.outside, stopping=lambda: True)
    stage = jobs_of(replace_in(project, outside), silent())["jobs"]
    with pytest.raises(Stopping):
        stage.run()
    assert ran(running) == before
    assert run_all(jobs_for(running)) == 4


def replace_in(project: Project, outside: Outside) -> Project:
    """The same project with something else from outside, over the same store."""
    again = replace(project, outside=outside)
    vars(again)["adapter"] = project.adapter
    return again


def test_a_mistake_of_ours_is_told_by_its_class_and_the_worker_lives(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)

    def slip() -> Iterator[str]:
        raise ZeroDivisionError("canary")
        yield ""

    running.adapter.repair = slip  # type: ignore[method-assign]
    running.clock.advance(days=1)
    run_all(stage)
    assert ran(running)["repair"] == ("failed", ["it failed with ZeroDivisionError: the log says where"])


def test_nobody_is_looked_at_before_the_store_was_read(opened: Opened) -> None:
    shop = opened(faults=FaultPlan())
    fill(shop)
    shop.faults.add(Fault.ABORTED, "shop", times=1)
    stage = jobs_for(shop)
    run_all(stage)
    assert {name: outcome for name, (outcome, _) in ran(shop).items()} == {
        "reconcile": "failed",
        "daily": "failed",
        "nightly": "done",
        "repair": "done",
    }
    assert shop.rows(plans) == []
    shop.clock.advance(seconds=2)
    run_all(stage)
    assert "nobody has a standing yet" in ran(shop)["daily"][1][0]
    assert len(shop.rows(plans)) == 1


def test_a_job_that_is_due_again_at_once_lets_the_others_have_their_turn(running: Atelier) -> None:
    stage = jobs_for(running)
    pages = running.adapter.pages

    def slow(*given: Any, **named: Any) -> Iterator[Any]:
        running.clock.advance(seconds=1_000)
        return pages(*given, **named)

    running.adapter.pages = slow  # type: ignore[method-assign]
    for _ in range(5):
        assert stage.run()
    assert set(ran(running)) == {"reconcile", "daily", "nightly", "repair"}


def test_a_day_that_a_pause_breaks_into_is_made_up_after_it(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)
    running.clock.advance(days=1)
    stage.run()
    plan = stage._standings._plan

    def pausing(people: Any) -> Any:
        pause(running.database, running.shop, "stocktaking", running.hand())
        return plan(people)

    stage._standings._plan = pausing  # type: ignore[method-assign]
    run_all(stage)
    assert ran(running)["daily"][0] == "failed"
    stage._standings._plan = plan  # type: ignore[method-assign]
    resume(running.database, running.shop, running.hand())
    running.clock.advance(seconds=2)
    run_all(stage)
    assert ran(running)["daily"][0] == "done"


def test_what_fell_due_while_nobody_was_at_work_is_given_once(opened: Opened) -> None:
    """A birthday, and the end of a grace period, in a week in which the service was down."""
    shop = opened(
        program=program(status={"grace": "3 days", "demotion": "to qualified", "warn_before": ["2 days"]})
    )
    fill(shop)
    shop.store.put_customer(customer("bob", birthday=date(1980, 11, 24)), customer("dan"))
    shop.store.put_order(order("dan", 600, day="2025-11-23"))
    shop.sync()
    shop.apply()
    stage = jobs_for(shop)
    run_all(stage)
    shop.clock.advance(days=8)
    run_all(stage)
    # Nobody was told in time: the demotion waits until they were.
    assert shop.tiers()["dan"] == "gold"
    for _ in range(3):
        shop.clock.advance(days=1)
        run_all(stage)
    assert shop.tiers() == {"ann": "gold", "bob": "silver"}
    assert [each.key for each in shop.store.held("store_credit")] == ["birthday:2026:bob"]
    assert shop.breaks() == []


def test_a_store_that_is_down_does_not_hinder_the_day(running: Atelier) -> None:
    stage = jobs_for(running)
    run_all(stage)
    running.store.put_customer(customer("bob", birthday=date(1980, 11, 22)))
    running.sync()
    running.clock.advance(days=1)
    running.faults.add(Fault.ABORTED, "shop")
    running.faults.add(Fault.BUSY)
    run_all(stage)
    assert (ran(running)["reconcile"][0], ran(running)["daily"][0]) == ("failed", "done")
    key = "birthday:2026:bob"
    assert running.intents()[key] == "planned"
    running.adapter.faults = FaultPlan()
    deliveries = Deliveries(project_of(running), silent())
    assert deliveries.run()
    assert running.intents()[key] == "confirmed"


def test_one_process_at_a_time_does_jobs(running: Atelier) -> None:
    stage = jobs_for(running)
    with running.database.lock(running.shop, "schedule"):
        assert not stage.run()
    assert stage.run()


@pytest.mark.parametrize("name", ["reconcile", "daily"])
def test_each_job_has_its_own_time(running: Atelier, name: str) -> None:
    run_all(jobs_for(running))
    ((ran_for,),) = [tuple(row[1:]) for row in running.rows(jobs, "name", "ran_for") if row[0] == name]
    noon = running.means.now()
    assert noon - ran_for == {"reconcile": 0, "daily": (12 * 60 - 5) * 60 * 1_000_000}[name]


def test_what_a_job_found_of_somebody_who_is_erased_meanwhile_isnt_kept(
    running: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = jobs_for(running)
    run_all(stage)
    running.clock.advance(days=1)
    running.store.untag("ann", "vip-gold")
    look = running.adapter.look

    def erased_meanwhile(intents: Any) -> Any:
        sights = look(intents)
        if any(intent.customer_id == "ann" for intent in intents):
            monkeypatch.setattr(running.adapter, "look", look)
            erase(running.database, running.shop, "ann", running.hand(), running.means)
        return sights

    monkeypatch.setattr(running.adapter, "look", erased_meanwhile)
    run_all(stage)
    outcome, says = ran(running)["nightly"]
    assert (outcome, says) == ("done", [UNSAID])
