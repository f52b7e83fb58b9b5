"""Whatever becomes of webhooks on their way: by the end of the day the shop is where one is that asked its store in peace.

Two shops live the same life. The calm one syncs, plans and applies at the end of each day. The other one hears of everything by
webhooks, in any order, doubled or not at all, and works on them as they come; at the end of the day it is reconciled.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.apply.atelier import NAME, Atelier, customer, order, program
from tests.apply.test_convergence import LIVES, NO_LIMITS, PEOPLE, held, visible
from tests.worker.bench import project_of, silent
from vip_rules import inbox
from vip_rules.database import tables
from vip_rules.history import TAG_MARK
from vip_rules.inbox import Arrived
from vip_rules.localdays import day_date
from vip_rules.store import Shop
from vip_rules.testing import MemoryStore, StoppedClock
from vip_rules.testing.databases import Databases, Files
from vip_rules.testing.store import OUR_TAGS
from vip_rules.testing.webhooks import CHANGED, MemoryWebhooks
from vip_rules.webhooks import Delivery
from vip_rules.worker.deliveries import Deliveries
from vip_rules.worker.intake import Intake
from vip_rules.worker.standings import Standings
from vip_rules.worker.turn import Stage

HOW_OFTEN: Final = int(os.environ.get("VIP_RULES_LIVES", 0)) or (
    300 if os.environ.get("VIP_RULES_HYPOTHESIS") == "thorough" else 8
)
"""Lives; VIP_RULES_LIVES says another number."""

FEWER: Final = 4
"""So many times fewer lives are lived on PostgreSQL."""

WEBHOOKS: Final = MemoryWebhooks(NAME, ["secret"])


class Hearing(RuleBasedStateMachine):
    """The calm shop, and the one that hears."""

    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="hearing-"))
        self.lent = ExitStack()
        self.sent: list[Delivery] = []
        self.orders = 0

    @initialize(life=st.sampled_from(sorted(LIVES)))
    def opens(self, life: str) -> None:
        rules = program(status=LIVES[life], guardrails=NO_LIMITS)
        self.moment = StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.calm, self.hearing = (self.open(name, rules) for name in ("calm", "hearing"))
        project = project_of(self.hearing, WEBHOOKS)
        self.intake = Intake(project, silent())
        self.stages: list[Stage] = [
            self.intake,
            Standings(project, silent()),
            Deliveries(project, silent()),
        ]
        born = {"ann": date(1980, 11, 20), "bob": date(1990, 12, 1)}
        first = [customer(who, birthday=born.get(who)) for who in PEOPLE[:3]]
        self.both(lambda store: store.put_customer(*first))
        self.places("ann", 600, 10)
        self.places("bob", 300, 20)
        for shop in (self.calm, self.hearing):
            shop.sync()
            shop.apply()
        self.sent = []

    def open(self, name: str, rules: Any) -> Atelier:
        folder = self.folder / name
        folder.mkdir()
        url = self.lent.enter_context(self.databases.lent(folder))
        store = MemoryStore(Shop(currency="USD"), clock=self.moment)
        return self.lent.enter_context(closing(Atelier(folder, store=store, program=rules, url=url)))

    def both(self, happens: Callable[[MemoryStore], Any], **says: Any) -> None:
        """Let something happen in both stores, and one of them tell it."""
        self.moment.advance(seconds=1)
        for shop in (self.calm, self.hearing):
            happens(shop.store)
        self.sent.append(WEBHOOKS.delivery(says, id=self.moment().isoformat()))

    def places(self, who: str, spent: int, ago: int) -> None:
        self.orders += 1
        key = f"o{self.orders}"
        placed = order(who, spent, day=str(day_date(self.calm.today - ago)), key=key)
        self.both(lambda store: store.put_order(placed), orders=[key], customers=[who])

    def there(self) -> list[str]:
        return sorted(self.calm.store._customers)

    # Life

    @rule(
        data=st.data(),
        spent=st.sampled_from([40, 190, 250, 480, 700]),
        ago=st.sampled_from([0, 0, 1, 40, 350]),
    )
    def somebody_orders(self, data: st.DataObject, spent: int, ago: int) -> None:
        self.places(data.draw(st.sampled_from(self.there())), spent, ago)

    @rule(data=st.data(), part=st.sampled_from([None, 10_000]))
    def an_order_is_refunded(self, data: st.DataObject, part: int | None) -> None:
        key = data.draw(st.sampled_from(sorted(self.calm.store._orders)))
        self.both(lambda store: store.refund(key, part), orders=[key])

    @precondition(lambda self: len(self.calm.store._orders) > 1)
    @rule(data=st.data(), believed=st.booleans())
    def an_order_is_deleted(self, data: st.DataObject, believed: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.calm.store._orders)))
        self.both(lambda store: store.delete_order(key), **{"gone_orders" if believed else "orders": [key]})

    @rule(who=st.sampled_from(PEOPLE))
    def somebody_comes(self, who: str) -> None:
        if who not in self.there():
            self.both(lambda store: store.put_customer(customer(who)), customers=[who])

    @precondition(lambda self: len(self.there()) > 1)
    @rule(data=st.data())
    def somebody_goes(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self.there()))
        theirs = [each.id for each in self.calm.store._orders_of(who)]
        self.both(lambda store: store.delete_customer(who), customers=[who], orders=theirs)

    @rule(data=st.data(), tag=st.sampled_from(["press", "b2b"]))
    def people_tag_somebody(self, data: st.DataObject, tag: str) -> None:
        who = data.draw(st.sampled_from(self.there()))
        self.both(lambda store: store.tag(who, tag), customers=[who])

    # What becomes of webhooks

    @precondition(lambda self: bool(self.sent))
    @rule(data=st.data(), seed=st.integers(0, 99), works=st.integers(0, 3))
    def some_arrive(self, data: st.DataObject, seed: int, works: int) -> None:
        """Any of those that were ever sent, some twice, in any order; the others are late, or are lost."""
        some = data.draw(st.lists(st.integers(0, len(self.sent) - 1), min_size=1, max_size=8))
        arriving = [self.sent[which] for which in some]
        Random(seed).shuffle(arriving)
        now = self.hearing.means.now()
        with self.hearing.database.appending() as connection:
            for each in arriving:
                arrived = Arrived(
                    shop=self.hearing.shop,
                    topic=CHANGED,
                    delivery=each.headers[-1][1],
                    body=each.body,
                    sent_at=None,
                    received_at=now,
                )
                inbox.keep(connection, [arrived])
        for _ in range(works):
            for stage in self.stages:
                stage.run()

    # The end of the day

    @rule(days=st.sampled_from([1, 1, 7, 31, 200]))
    def the_day_ends(self, days: int) -> None:
        self.calm.sync()
        self.calm.apply()
        while self.intake.run():
            pass
        self.hearing.sync()
        for _ in range(50):
            if not sum(stage.run() for stage in self.stages):
                break
        else:
            raise AssertionError("the work doesn't end")
        # What the clock brings, as it does each day.
        self.hearing.apply()
        self.compare()
        for shop in (self.calm, self.hearing):
            shop.clock.advance(days=days)
        self.moment.advance(days=days)

    def compare(self) -> None:
        calm, hearing = self.calm, self.hearing
        for table in (tables.customers, tables.orders, tables.lines):
            assert mirrored(hearing, table) == mirrored(calm, table)
        assert held(hearing) == held(calm)
        assert hearing.known() == calm.known()
        (states, once), (heard_states, heard_once) = visible(calm), visible(hearing)
        assert heard_states == states
        # What happens once may have been given to somebody who lost the right to it later on the same day; but never twice, and
        # nothing that the calm shop gave is missing.
        assert set(heard_once.values()) <= {1}
        assert set(once) <= set(heard_once)
        assert set(hearing.states()) <= {"confirmed", "withdrawn"}
        assert {state for (state,) in hearing.rows(tables.inbox, "state")} <= {"done"}
        assert hearing.breaks() == []

    def teardown(self) -> None:
        try:
            if hasattr(self, "stages"):
                self.the_day_ends(1)
        finally:
            self.lent.close()
            shutil.rmtree(self.folder)


def mirrored(shop: Atelier, table: Any) -> list[tuple[Any, ...]]:
    """What the mirror has of the store, but for when it was told, and our tags: they are there once somebody looked again."""
    told = ("shop", "updated_at", "digest") if table is tables.customers else ("shop", "updated_at")
    names = [each.name for each in table.c if each.name not in told]
    return [tuple(_foreign(value) for value in row) for row in shop.rows(table, *names)]


def _foreign(value: Any) -> Any:
    """A value, without our tags if it is a set of tags."""
    if not isinstance(value, str) or TAG_MARK not in value:
        return value
    others = [tag for tag in value.strip(TAG_MARK).split(TAG_MARK) if not tag.startswith(OUR_TAGS)]
    return others or None


@pytest.mark.slow
def test_webhooks_in_any_order_end_where_asking_ends(databases: Databases) -> None:
    machine = type("Hearing", (Hearing,), {"databases": databases})
    often = HOW_OFTEN if isinstance(databases, Files) else HOW_OFTEN // FEWER
    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=often, stateful_step_count=20, deadline=None),
    )
