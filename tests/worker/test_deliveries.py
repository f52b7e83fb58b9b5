"""What is left in the outbox goes on by itself; what only a person can know waits."""

from tests.apply.atelier import Atelier, order
from tests.worker.bench import project_of, silent
from vip_rules.channels.quiet_hours import QuietHours
from vip_rules.database.tables import outbox
from vip_rules.testing import Fault
from vip_rules.worker.deliveries import Deliveries


def deliveries_of(shop: Atelier) -> Deliveries:
    project = project_of(shop)
    vars(project)["means"] = shop.means
    return Deliveries(project, silent())


def rises(shop: Atelier) -> None:
    """cat is promoted: a tier, its effects, a credit and a message."""
    shop.store.put_order(order("cat", 900))
    shop.sync()
    shop.apply()


def test_what_a_busy_store_left_goes_on_later_and_later(running: Atelier) -> None:
    running.faults.add(Fault.BUSY)
    rises(running)
    stage = deliveries_of(running)
    moments = []
    for second in range(31):
        asked = len(running.adapter.attempts)
        stage.run()
        if len(running.adapter.attempts) > asked:
            moments.append(second)
        running.clock.advance(seconds=1)
    assert moments == [0, 2, 6, 14, 30]
    running.adapter.faults = type(running.faults)()
    running.clock.advance(seconds=32)
    assert stage.run()
    assert running.states().keys() == {"confirmed"}
    assert not stage.run()


def test_what_is_unknown_is_read_back_until_the_store_says_it(running: Atelier) -> None:
    running.faults.add(Fault.LOST_ANSWER, when=lambda call: call.intent.kind == "store_credit")  # type: ignore[union-attr]
    running.faults.add(Fault.UNREADABLE, "look", when=lambda call: call.intent.kind == "store_credit")  # type: ignore[union-attr]
    rises(running)
    assert running.states()["unknown"] == 1
    stage = deliveries_of(running)
    looked = running.faults.calls["look"]
    for _ in range(15):
        assert not stage.run()
        running.clock.advance(seconds=1)
    assert running.faults.calls["look"] - looked == 4
    running.adapter.faults = type(running.faults)()
    running.clock.advance(seconds=32)
    assert stage.run()
    assert running.states().keys() == {"confirmed"}
    assert len(running.store.held("store_credit")) == 1


def test_in_quiet_hours_only_messages_rest(running: Atelier) -> None:
    running.quiet = QuietHours.of("11:00-13:00", running.program.timezone)
    rises(running)
    stage = deliveries_of(running)
    assert [kind for kind, state in running.rows(outbox, "kind", "state") if state == "planned"] == [
        "message"
    ]
    asked = len(running.adapter.attempts)
    running.clock.advance(seconds=1_800)
    assert not stage.run()
    assert len(running.adapter.attempts) == asked
    running.clock.advance(seconds=3_600)
    assert stage.run()
    assert running.states().keys() == {"confirmed"}


def test_what_a_person_has_to_decide_waits(running: Atelier) -> None:
    running.faults.add(Fault.REFUSED, times=1)
    rises(running)
    stage = deliveries_of(running)
    asked = len(running.adapter.attempts)
    assert running.states()["refused"] == 1
    for _ in range(3):
        assert not stage.run()
        running.clock.advance(seconds=1_000)
    assert len(running.adapter.attempts) == asked
