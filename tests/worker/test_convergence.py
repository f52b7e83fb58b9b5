"""Whatever happens to a shop that the worker serves: once it is quiet, it is where a shop is that saw all in order.

The calm shop is synced, planned and applied at the end of each day. The rough one of these tests is left to workers: webhooks
come late, twice, in disorder or never, workers die, its people pause it, and decide about plans that wait for them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import event

from tests.apply.atelier import program
from tests.apply.test_convergence import LIVES, TwoShops
from tests.worker.bench import project_of, silent
from tests.worker.dying import WEBHOOKS, deliver
from vip_rules.adapter import Intent
from vip_rules.database.tables import dirty, inbox, plans
from vip_rules.operations.proposals import approve, proposals, refuse
from vip_rules.operations.switch import pause, resume
from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.testing import Fault, Points
from vip_rules.testing.databases import Databases, Files
from vip_rules.worker import intake as intake_module
from vip_rules.worker import standings as standings_module
from vip_rules.worker.standings import Standings
from vip_rules.worker.turn import Turn
from vip_rules.worker.worker import jobs_of, stages_of

HOW_OFTEN: Final = 300 if os.environ.get("VIP_RULES_HYPOTHESIS") == "thorough" else 6
FEWER: Final = 6
"""So many times fewer lives are lived on PostgreSQL."""

CAREFUL: Final = {"max_demotions": {"percent": 1, "count": 1}}
"""Guardrails that ask a person before the second demotion of a day."""

WORKERS: Final = 2


class Killed(BaseException):
    """The process is gone."""


def _kill() -> None:
    raise Killed


class ServedShop(TwoShops):
    """The calm shop, and the one that workers serve."""

    # The other shop's day, by hand: here workers do that.
    it_hears_of_something = it_plans = it_applies_a_plan = None  # type: ignore[assignment]

    @initialize(life=st.sampled_from(sorted(LIVES)), careful=st.booleans())
    def opens(self, life: str, careful: bool) -> None:
        self.told = self.late = 0
        super().opens(life)
        if careful:
            self.rough.program = program(status=LIVES[life], guardrails=CAREFUL)
        self.turns = [self.turn() for _ in range(WORKERS)]

    def turn(self) -> Turn:
        project = project_of(self.rough, WEBHOOKS)
        return Turn(stages_of(project, silent()) | jobs_of(project, silent()), silent(), self.rough.means.now)

    # What the rough shop goes through

    @rule(seed=st.integers(0, 99), lost=st.sampled_from([0, 0, 20, 60]), twice=st.sampled_from([0, 30]))
    def webhooks_come(self, seed: int, lost: int, twice: int) -> None:
        chance = Random(seed)
        changes = self.rough.store.changes(self.told, 1_000)
        self.told = changes[-1][0] if changes else self.told
        says = [_says(change) for _, change in changes if chance.randrange(100) >= lost]
        says += [each for each in says if chance.randrange(100) < twice]
        chance.shuffle(says)
        deliver(self.rough, *says)

    @rule(
        worker=st.integers(0, WORKERS - 1),
        turns=st.sampled_from([1, 1, 2, 5]),
        faults=st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        ("carry_out", Fault.LOST_ANSWER),
                        ("carry_out", Fault.LOST_REQUEST),
                        ("carry_out", Fault.BUSY),
                        ("look", Fault.UNREADABLE),
                        ("pages", Fault.ABORTED),
                        ("shop", Fault.ABORTED),
                    ]
                ),
                st.integers(1, 6),
            ),
            max_size=3,
        ),
        dies=st.none() | st.integers(1, 40),
    )
    def a_worker_works(
        self, worker: int, turns: int, faults: list[tuple[tuple[Any, Fault], int]], dies: int | None
    ) -> None:
        for (method, fault), call in faults:
            called = self.rough.faults.calls.get(method, 0)
            self.rough.faults.add(fault, method, calls=[called + call], times=1)
        with suppress(Killed), self.dying(dies or 0):
            for _ in range(turns):
                self.turns[worker].take()
            return
        self.turns[worker] = self.turn()

    @contextmanager
    def dying(self, deadly: int) -> Iterator[None]:
        """Let the process die at a point: before a COMMIT, before or after an effect."""
        points, engine = Points(deadly, fate=_kill), self.rough.database._engine

        def pass_by(_: Intent) -> None:
            points()

        self.rough.adapter.before = self.rough.adapter.after = pass_by
        event.listen(engine, "commit", points)
        try:
            yield
        finally:
            event.remove(engine, "commit", points)
            self.rough.adapter.before = self.rough.adapter.after = lambda intent: None

    @precondition(lambda self: self.late < 9 * 3_600)
    @rule(seconds=st.sampled_from([1, 20, 301, 901, 4_000]))
    def time_passes(self, seconds: int) -> None:
        self.late += seconds
        self.rough.clock.advance(seconds=seconds)

    @rule(seed=st.integers(0, 3), well=st.booleans())
    def a_person_decides(self, seed: int, well: bool) -> None:
        if found := self.waiting():
            name = Random(seed).choice(found)
            if well:
                approve(self.rough.database, self.rough.shop, name, self.rough.hand())
            else:
                refuse(self.rough.database, self.rough.shop, name, self.rough.hand(), "not today")

    @rule(on=st.booleans())
    def a_person_pauses_or_resumes(self, on: bool) -> None:
        if on:
            pause(self.rough.database, self.rough.shop, "stocktaking", self.rough.hand())
        else:
            resume(self.rough.database, self.rough.shop, self.rough.hand())

    @rule()
    def a_person_applies_by_hand(self) -> None:
        with suppress(Exception):
            self.rough.apply()

    def waiting(self) -> list[str]:
        with self.rough.database.reading() as connection:
            return [each.row.hash for each in proposals(connection, self.rough.shop, "waiting")]

    # The end of the day

    @rule(days=st.sampled_from([1, 1, 7, 31, 200]))
    def the_day_ends(self, days: int) -> None:
        rough = self.rough
        rough.faults = rough.adapter.faults = type(rough.faults)()
        self.calm.sync()
        self.calm.apply()
        resume(rough.database, rough.shop, rough.hand())
        self.rough.adapter.honest = True  # type: ignore[attr-defined]
        self.goes_quiet()
        for _ in range(3):
            rough.sync(full=True, confirm_smaller=True)
            Standings(project_of(rough, WEBHOOKS), silent()).everybody()
            for name in self.waiting():
                approve(rough.database, rough.shop, name, rough.hand())
            self.goes_quiet()
        left = rough.plan()
        assert (left.changes, left.waiting) == ((), 0)
        assert rough.rows(dirty, "customer_id", "plan") == []
        assert self.waiting() == []
        assert rough.rows(plans, "state", "text") == [
            (each, None) for each, _ in rough.rows(plans, "state", "text")
        ]
        assert {state for (state,) in rough.rows(inbox, "state")} <= {"done"}
        self.compare()
        self.rough.adapter.honest = False  # type: ignore[attr-defined]
        for shop in (self.calm, rough):
            shop.clock.advance(days=days)
        rough.clock.advance(seconds=-self.late)
        self.late = 0
        self.moment.advance(days=days)

    def goes_quiet(self) -> None:
        """Let workers do all that they have to do, also what rests for now."""
        for seconds in (0, 301, 901):
            self.late += seconds
            self.rough.clock.advance(seconds=seconds)
            for turn in self.turns:
                for _ in range(40):
                    if not turn.take():
                        break
                else:
                    raise AssertionError("the worker spins")


def _says(change: Any) -> dict[str, Any]:
    """What a webhook says of a change."""
    match change:
        case StoreCustomer(id=who):
            return {"customers": [who]}
        case StoreOrder(id=key):
            return {"orders": [key]}
        case ("gone customer", who):
            return {"gone_customers": [who]}
        case ("gone order", key):
            return {"gone_orders": [key]}
    raise AssertionError(change)


@pytest.mark.slow
def test_a_served_shop_ends_each_day_where_a_calm_one_does(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (intake_module, standings_module):
        monkeypatch.setattr(module, "MOST", 2)
    machine = type("ServedShop", (ServedShop,), {"databases": databases})
    often = HOW_OFTEN if isinstance(databases, Files) else HOW_OFTEN // FEWER
    run_state_machine_as_test(
        machine, settings=settings(max_examples=often, stateful_step_count=25, deadline=None)
    )
