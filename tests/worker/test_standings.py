from io import StringIO

import pytest

from tests.apply.atelier import Atelier, customer, order, program
from tests.apply.conftest import Opened
from tests.worker.bench import project_of, silent
from vip_rules.adapter import Intent
from vip_rules.database.tables import dirty, plans
from vip_rules.logs.logs import Logs
from vip_rules.mirror.dirty import marks
from vip_rules.operations.proposals import (
    UnknownPlan,
    apply_approved,
    approve,
    expire,
    proposals,
    refuse,
)
from vip_rules.operations.switch import pause, resume
from vip_rules.plan import PlanRefused
from vip_rules.worker.deliveries import Deliveries
from vip_rules.worker.standings import Standings
from vip_rules.worker.turn import Turn


def standings_of(shop: Atelier) -> Standings:
    return Standings(project_of(shop), silent())


def worked(shop: Atelier) -> Standings:
    """The stage, after it has done all there was to do."""
    worker = standings_of(shop)
    while worker.run():
        pass
    return worker


def waiting(shop: Atelier) -> list[tuple[str, list[str]]]:
    with shop.database.reading() as connection:
        return [(each.row.hash, each.limits) for each in proposals(connection, shop.shop, "waiting")]


def states(shop: Atelier) -> list[str]:
    return [state for (state,) in shop.rows(plans, "state")]


def dirty_of(shop: Atelier) -> set[str]:
    with shop.database.reading() as connection:
        return set(marks(connection, shop.shop))


def test_those_who_changed_are_evaluated_and_what_follows_is_sent(running: Atelier) -> None:
    running.store.put_order(order("cat", 900))
    running.sync()
    assert standings_of(running).run()
    assert running.tiers() == {"ann": "gold", "bob": "silver", "cat": "gold"}
    assert "vip-gold" in running.store.customer("cat").tags


def test_when_nobody_changed_there_is_nothing_to_do(running: Atelier) -> None:
    running.sync()
    worker = standings_of(running)
    while worker.run():
        pass
    ledger = len(running.remembered_all())
    assert not worker.run()
    assert len(running.remembered_all()) == ledger


def test_a_change_that_moves_nobody_leaves_nothing_in_the_ledger(running: Atelier) -> None:
    running.store.put_order(order("cat", 1))
    running.sync()
    ledger = len(running.remembered_all())
    worker = standings_of(running)
    while worker.run():
        pass
    assert dirty_of(running) == set()
    assert len(running.remembered_all()) == ledger


def test_while_paused_nothing_is_decided(running: Atelier) -> None:
    running.store.put_order(order("cat", 900))
    running.sync()
    pause(running.database, running.shop, "stocktaking", running.hand())
    assert not standings_of(running).run()
    assert running.tiers() == {"ann": "gold", "bob": "silver"}
    assert "cat" in dirty_of(running)


def test_the_first_standings_are_a_persons(atelier: Atelier) -> None:
    worker = standings_of(atelier)
    assert not worker.run()
    assert "nobody has a standing yet" in worker.everybody()
    assert atelier.tiers() == {}
    ((name, limits),) = waiting(atelier)
    assert limits == ["nobody has a standing yet: the first plan is a person's"]
    approve(atelier.database, atelier.shop, name, atelier.hand())
    assert worker.run()
    assert atelier.tiers() == {"ann": "gold", "bob": "silver"}
    assert states(atelier) == ["approved"]


def test_applying_by_hand_decides_a_waiting_plan(atelier: Atelier) -> None:
    standings_of(atelier).everybody()
    atelier.apply()
    assert waiting(atelier) == []
    assert states(atelier) == ["approved"]


def test_another_program_is_a_persons(running: Atelier) -> None:
    running.program = program(tiers=program_tiers(bar=100))
    running.store.put_order(order("cat", 900))
    running.sync()
    worker = standings_of(running)
    assert worker.run()
    ((name, limits),) = waiting(running)
    version = running.program.version
    assert limits == [f"the program {version} is another than the one that was applied last"]
    assert running.tiers() == {"ann": "gold", "bob": "silver"}
    # It is proposed once, also if it is refused.
    assert not worker.run()
    refuse(running.database, running.shop, name, running.hand(), "not yet")
    assert not worker.run()
    assert waiting(running) == []


def test_the_plan_of_another_program_is_applied_once_it_is_approved(running: Atelier) -> None:
    running.program = program(tiers=program_tiers(bar=100))
    worker = standings_of(running)
    assert worker.run()
    ((name, _),) = waiting(running)
    approve(running.database, running.shop, name, running.hand())
    while worker.run():
        pass
    assert running.row().program_version == running.program.version
    assert running.tiers() == {"ann": "gold", "bob": "silver"}


def program_tiers(bar: int) -> list[dict[str, object]]:
    qualify = {"metric": "spend", "window": "12 months", "at_least": bar}
    return [
        {"id": "silver", "name": "Silver", "qualify": qualify, "benefits": []},
        {"id": "gold", "name": "Gold", "qualify": {**qualify, "at_least": 5 * bar}, "benefits": []},
    ]


# Beyond the guardrails


def crowd(opened: Opened) -> Atelier:
    """A shop whose program asks a person before more than 1 demotion: four members, enrolled yesterday."""
    shop = opened(program=program(guardrails={"max_demotions": {"percent": 1, "count": 1}}))
    for who in ("ann", "bob", "cat", "dan"):
        shop.store.put_customer(customer(who))
        shop.store.put_order(order(who, 600, key=who))
    shop.store.put_customer(customer("eve"))
    shop.sync()
    shop.apply()
    shop.clock.advance(days=1)
    return shop


def fall(shop: Atelier, *people: str) -> None:
    for who in people:
        shop.store.refund(who)
    shop.sync()


def test_what_is_within_the_limits_goes_on_and_the_rest_waits(opened: Opened) -> None:
    shop = crowd(opened)
    shop.store.put_order(order("eve", 900))
    fall(shop, "ann", "bob", "cat")
    worked(shop)
    assert shop.tiers() == {"ann": "gold", "bob": "gold", "cat": "gold", "dan": "gold", "eve": "gold"}
    ((name, limits),) = waiting(shop)
    assert "3 demotions" in limits[0]
    assert dirty_of(shop) == set()
    assert [who for who, plan in shop.rows(dirty, "customer_id", "plan") if plan == name] == [
        "ann",
        "bob",
        "cat",
    ]


def test_an_approved_plan_is_applied_exactly(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worker = worked(shop)
    ((name, _),) = waiting(shop)
    approve(shop.database, shop.shop, name[:8], shop.hand())
    while worker.run():
        pass
    assert shop.tiers() == {"dan": "gold"}
    assert shop.rows(dirty) == []
    assert [entry["says"]["by"] for entry in shop.remembered("approval")] == ["ada"]
    assert shop.remembered("confirmation") != []


def test_a_refused_plan_leaves_them_as_they_are_for_the_day(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worker = worked(shop)
    ((name, _),) = waiting(shop)
    refuse(shop.database, shop.shop, name, shop.hand(), "a mistake in the shop")
    assert not worker.run()
    assert shop.tiers() == {"ann": "gold", "bob": "gold", "cat": "gold", "dan": "gold"}
    assert [entry["says"]["reason"] for entry in shop.remembered("refusal")] == ["a mistake in the shop"]


def test_who_changes_while_their_plan_waits_is_looked_at_again(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worker = worked(shop)
    shop.store.put_order(order("ann", 700))
    shop.sync()
    while worker.run():
        pass
    ((name, _),) = waiting(shop)
    approve(shop.database, shop.shop, name, shop.hand())
    while worker.run():
        pass
    assert shop.tiers() == {"ann": "gold", "dan": "gold"}


def test_a_plan_whose_day_is_over_expires(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worked(shop)
    shop.clock.advance(days=1)
    with shop.database.writing() as connection:
        assert expire(connection, shop.shop, shop.today) == 1
    assert dirty_of(shop) == {"ann", "bob", "cat"}
    assert states(shop) == ["expired"]


def test_an_approved_plan_that_can_not_be_applied_any_more_says_why(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worked(shop)
    ((name, _),) = waiting(shop)
    approve(shop.database, shop.shop, name, shop.hand())
    shop.clock.advance(days=1)
    with pytest.raises(PlanRefused, match="that day is over"):
        apply_approved(shop.database, shop.shop, shop.program, shop.means)
    ((state, reason),) = shop.rows(plans, "state", "reason")
    assert state == "refused"
    assert "that day is over" in reason


def test_who_was_left_to_a_plan_that_another_ended_is_looked_at_again(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob")
    everybody = shop.plan()
    fall(shop, "cat", "dan")
    worker = standings_of(shop)
    worker.run()
    assert dirty_of(shop) == set()
    shop.apply(everybody, confirm=everybody.hash)
    assert states(shop) == ["expired"]
    assert dirty_of(shop) == {"cat", "dan"}
    assert worker.run()
    ((_, limits),) = waiting(shop)
    assert "4 demotions" in limits[0]


def test_a_plan_for_everybody_decides_about_those_who_were_left_to_others(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob")
    worker = standings_of(shop)
    worker.run()
    worker.everybody()
    ((name, _),) = waiting(shop)
    assert {plan for _, plan in shop.rows(dirty, "customer_id", "plan")} == {name}
    refuse(shop.database, shop.shop, name, shop.hand(), "a mistake in the shop")
    assert dirty_of(shop) == set()
    shop.clock.advance(days=1)
    with shop.database.writing() as connection:
        expire(connection, shop.shop, shop.today)
    assert dirty_of(shop) == {"ann", "bob"}


def test_a_plan_that_was_applied_is_not_refused_by_who_comes_later(opened: Opened) -> None:
    """Its worker died once it was stored; the next one comes on another day."""
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worker = standings_of(shop)
    worker.run()
    ((name, _),) = waiting(shop)
    approve(shop.database, shop.shop, name, shop.hand())

    def dies(_: Intent) -> None:
        raise KeyboardInterrupt

    shop.adapter.before = dies
    with pytest.raises(KeyboardInterrupt):
        worker.run()
    shop.adapter.before = lambda intent: None
    shop.clock.advance(days=1)
    assert not worker.run()
    assert shop.rows(plans, "state", "text") == [("approved", None)]
    assert shop.tiers() == {"dan": "gold"}


def test_a_plan_of_another_version_hinders_nobody(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob")
    worker = standings_of(shop)
    worker.run()
    ((name, _),) = waiting(shop)
    with shop.database.writing() as connection:
        connection.execute(plans.update().values(text="{}"))
    approve(shop.database, shop.shop, name, shop.hand())
    with pytest.raises(PlanRefused, match="is no plan of this version"):
        worker.run()
    assert states(shop) == ["refused"]
    assert worker.run()
    assert len(waiting(shop)) == 1
    with shop.database.writing() as connection:
        connection.execute(plans.update().values(text="{}"))
    fall(shop, "cat")
    assert worker.run()
    ((_, limits),) = waiting(shop)
    assert "1 demotions" not in limits[0]


def test_only_one_person_decides(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob")
    standings_of(shop).run()
    ((name, _),) = waiting(shop)
    approve(shop.database, shop.shop, name, shop.hand())
    with pytest.raises(UnknownPlan):
        approve(shop.database, shop.shop, name, shop.hand())
    with pytest.raises(UnknownPlan):
        refuse(shop.database, shop.shop, name, shop.hand(), "a mistake in the shop")
    assert states(shop) == ["approved"]


def test_a_plan_that_is_approved_while_another_is_applied_comes_next(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob")
    worker = standings_of(shop)
    worker.run()
    ((name, _),) = waiting(shop)
    shop.store.put_order(order("eve", 900))
    shop.sync()

    def approves(_: Intent) -> None:
        shop.adapter.before = lambda intent: None
        approve(shop.database, shop.shop, name, shop.hand())

    shop.adapter.before = approves
    assert worker.run()
    assert shop.tiers().keys() == {"ann", "bob", "cat", "dan", "eve"}
    assert worker.run()
    assert shop.tiers().keys() == {"cat", "dan", "eve"}


def test_a_plan_that_was_approved_does_nothing_after_one_for_everybody(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob")
    worker = standings_of(shop)
    worker.run()
    ((name, _),) = waiting(shop)
    approve(shop.database, shop.shop, name, shop.hand())
    everybody = shop.plan()
    shop.apply(everybody, confirm=everybody.hash)
    before = shop.standings(), shop.known(), len(shop.store.done())
    while worker.run():
        pass
    assert (shop.standings(), shop.known(), len(shop.store.done())) == before
    assert shop.rows(plans, "state", "text") == [("approved", None)]
    assert shop.rows(dirty) == []


def test_a_pause_in_the_midst_lets_one_call_end_and_the_rest_goes_on_after_it(running: Atelier) -> None:
    running.store.put_order(order("cat", 900))
    running.sync()
    project = project_of(running)

    def pausing(_: Intent) -> None:
        running.adapter.before = lambda intent: None
        pause(running.database, running.shop, "stocktaking", running.hand())

    running.adapter.before = pausing
    done = len(running.store.done())
    assert standings_of(running).run()
    deliveries = Deliveries(project, silent())
    assert not deliveries.run()
    assert len(running.store.done()) == done + 1
    resume(running.database, running.shop, running.hand())
    assert deliveries.run()
    assert running.states().keys() == {"confirmed"}


def test_what_can_never_be_applied_is_not_tried_each_second(running: Atelier) -> None:
    """Somebody applied a day that is still to come: nothing is decided before it."""
    running.apply(running.plan(as_of=running.today + 9, explicit=True))
    running.store.put_order(order("cat", 900))
    running.sync()
    lines = StringIO()
    turn = Turn(
        {"standings": standings_of(running)},
        Logs.to(lines, clock=running.clock).of("atelier"),
        running.means.now,
    )
    for _ in range(3_600):
        assert not turn.take()
        running.clock.advance(seconds=1)
    assert len(lines.getvalue().splitlines()) == 12
    running.clock.advance(days=9)
    assert turn.take()
    assert running.tiers()["cat"] == "gold"


def test_everybody_beyond_the_limits_waits_as_one_plan(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    assert "a plan waits for a person: 3 demotions" in standings_of(shop).everybody()
    assert len(waiting(shop)) == 1
    assert shop.tiers() == {"ann": "gold", "bob": "gold", "cat": "gold", "dan": "gold"}


def test_who_is_redacted_is_in_no_waiting_plan(opened: Opened) -> None:
    from vip_rules.operations.erasure import erase

    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worked(shop)
    erase(shop.database, shop.shop, "ann", shop.hand(), shop.means)
    assert waiting(shop) == []
    assert '"ann"' not in shop.dump()


def test_a_plan_that_was_made_twice_waits_once(opened: Opened) -> None:
    shop = crowd(opened)
    fall(shop, "ann", "bob", "cat")
    worker = standings_of(shop)
    worker.everybody()
    worker.everybody()
    assert len(waiting(shop)) == 1
