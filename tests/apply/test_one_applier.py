"""One applier of a shop at a time, also while it is paused in the middle of a call."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from tests.apply.atelier import Atelier
from tests.apply.conftest import Opened, fill
from vip_rules.adapter import Intent
from vip_rules.database.failure import DatabaseFailed
from vip_rules.plan import read_plan, write_plan
from vip_rules.planning.known import OPEN
from vip_rules.testing import connect, serve

PLAN = "plan.json"
STOPS_AT = 3
"""The effect before which the first applier stands still."""


def applies_and_stops(address: str, url: str, folder: Path) -> None:
    """Apply the plan of a folder, and stand still in the middle of it until somebody says to go on."""
    atelier = Atelier(folder, store=connect(address), url=url)

    def stops(_: Intent) -> None:
        if len(atelier.adapter.attempts) == STOPS_AT:
            os.kill(os.getpid(), signal.SIGSTOP)

    atelier.adapter.before = stops
    atelier.apply(read_plan(folder / PLAN))


def test_whoever_comes_second_is_refused_and_told_who_is_at_work(opened: Opened) -> None:
    shop = opened()
    fill(shop)
    shop.sync()
    write_plan(shop.plan(welcome=True), shop.folder / PLAN)
    with serve(shop.store) as address:
        first = multiprocessing.get_context("spawn").Process(
            target=applies_and_stops, args=(address, shop.url, shop.folder)
        )
        first.start()
        assert first.pid is not None
        _, status = os.waitpid(first.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        done = shop.store.done()
        said = rf"^another apply is running \(process {first.pid} since 2026-11-20T17:00:00\+00:00\): call the command again"
        for _ in range(2):
            with pytest.raises(DatabaseFailed, match=said):
                shop.apply(read_plan(shop.folder / PLAN))
        assert shop.adapter.attempts == []
        assert shop.store.done() == done
        assert len(done) == STOPS_AT - 1
        # Looking and planning go on, and say what is under way.
        assert shop.plan(welcome=True).waiting == sum(state in OPEN for state in shop.intents().values())
        os.kill(first.pid, signal.SIGCONT)
        first.join()
    assert first.exitcode == 0
    applied = shop.apply(read_plan(shop.folder / PLAN))
    assert (applied.again, shop.adapter.attempts) == (True, [])
    assert shop.states() == {"confirmed": len(shop.store.done())}


def test_an_applier_that_was_killed_leaves_the_way_free(opened: Opened) -> None:
    shop = opened()
    fill(shop)
    shop.sync()
    write_plan(shop.plan(welcome=True), shop.folder / PLAN)
    with serve(shop.store) as address:
        first = multiprocessing.get_context("spawn").Process(
            target=applies_and_stops, args=(address, shop.url, shop.folder)
        )
        first.start()
        assert first.pid is not None
        os.waitpid(first.pid, os.WUNTRACED)
        os.kill(first.pid, signal.SIGKILL)
        first.join()
    assert shop.apply(read_plan(shop.folder / PLAN)).again
    assert {len(shop.store.done(key)) for key in shop.intents()} == {1}


def test_another_shop_of_the_same_database_may_be_applied_meanwhile(atelier: Atelier) -> None:
    with atelier.database.lock(atelier.shop + 1):
        assert atelier.apply().standings == 2
