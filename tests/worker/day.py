"""A day of a shop that is left to workers: what it is before, and how it ends where nothing goes wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from tests.apply.atelier import NOON, Atelier, customer, order, seen
from tests.apply.conftest import fill
from tests.worker.dying import BATCH, asked, deliver, turn_of, work, worked
from vip_rules.adapter import ONCE
from vip_rules.canonical import digest
from vip_rules.database.tables import customers, dirty, inbox, jobs, orders, outbox
from vip_rules.inbox import LEASE
from vip_rules.store import Shop
from vip_rules.testing import Life, MemoryStore, live, serve
from vip_rules.testing.databases import Databases

PEOPLE: Final = ("ann", "bob", "cat", "dan", "eve")
LATER: Final = NOON + timedelta(days=1)
AFTER: Final = LATER + timedelta(microseconds=LEASE, seconds=1)
"""When another worker goes on: what the dead one had leased is free by then."""


@dataclass(frozen=True)
class World:
    """A store, and the folder with the database."""

    folder: Path
    store: MemoryStore
    databases: Databases

    def copy(self, folder: Path) -> World:
        shutil.copytree(self.folder, folder)
        twin = MemoryStore(self.store.shop())
        twin.restore(self.store.snapshot())
        return World(folder, twin, self.databases)

    @contextmanager
    def opened(self, now: datetime) -> Iterator[Atelier]:
        with (
            self.databases.of(self.folder) as url,
            closing(Atelier(self.folder, store=self.store, batch=BATCH, now=now, url=url)) as atelier,
        ):
            yield atelier

    def live(self, deadly: int = 0) -> Life:
        """Let a process work, and die at a point of it (0: at none)."""
        with self.served() as where:
            return live(worked, *where, deadly=deadly)

    @contextmanager
    def served(self) -> Iterator[tuple[str, str, Path, datetime]]:
        """What a process needs to work: the store's address, the database's URL, the folder, and the time."""
        with serve(self.store) as address, self.databases.of(self.folder) as url:
            yield address, url, self.folder, LATER

    def state(self) -> str:
        """A digest of all that a process leaves: the database, and what was done in the store."""
        return digest(self.databases.state(self.folder), repr(self.store.done()))


@dataclass(frozen=True)
class Straight:
    """A day on which nobody dies: the world before it, how it ends, and how many points it has, and calls of the store."""

    before: World
    points: int
    calls: int
    ending: dict[str, Any]
    happened: dict[str, int]


def begun(folder: Path, databases: Databases) -> World:
    """A shop of which much is to be done: it has members since yesterday, and webhooks came of most of what happened."""
    folder.mkdir()
    world = World(folder, MemoryStore(Shop(currency="USD")), databases)
    store = world.store
    with world.opened(NOON) as shop:
        fill(shop)
        shop.sync()
        shop.apply()
    with world.opened(LATER) as shop:
        store.put_order(order("cat", 900, key="cat's"))
        store.refund("b")
        store.put_customer(customer("dan", birthday=date(1980, 11, 21)))
        store.put_order(order("dan", 250, key="dan's"))
        store.delete_customer("ann")
        # Of this one the webhook is lost.
        store.put_customer(customer("eve"))
        store.put_order(order("eve", 210, key="eve's"))
        deliver(
            shop,
            {"orders": ["cat's"]},
            {"orders": ["b"]},
            b"no JSON at all",
            {"customers": ["dan"], "orders": ["dan's"]},
            {"orders": ["dan's"]},
            {"gone_customers": ["ann"]},
        )
    return world


def straight_of(folder: Path, databases: Databases) -> Straight:
    """Let the day go by, in a folder, without a death."""
    world = begun(folder / "world", databases)
    before = world.copy(folder / "before")
    with before.copy(folder / "another").served() as where:
        calls = live(asked, *where).points
    points = world.live().points
    with world.opened(AFTER) as shop:
        goes_on(shop)
        return Straight(before, points, calls, ending(shop), happened(shop))


def ending(shop: Atelier) -> dict[str, Any]:
    """All that has to be the same in the end, but for what happens once."""
    return {
        "customers": shop.rows(customers),
        "orders": shop.rows(orders),
        "dirty": shop.rows(dirty),
        "standings": shop.standings(),
        "known": shop.known(),
        "seen": {key: what for key, what in _seen(shop).items() if not isinstance(what, int)},
        "inbox": shop.rows(inbox, "number", "state"),
        "jobs": shop.rows(jobs, "name", "outcome", "ran_for"),
    }


def happened(shop: Atelier) -> dict[str, int]:
    """How often each thing that happens once has happened in the store."""
    return {key: times for key, times in _seen(shop).items() if isinstance(times, int)}


def _seen(shop: Atelier) -> dict[str, Any]:
    return seen(shop.store, PEOPLE)


def goes_on(shop: Atelier) -> None:
    """Another worker does what there is to do, then what rested; and reads what became of the store by that."""
    turn = turn_of(shop)
    for seconds in (0, 10, 1_000):
        shop.clock.advance(seconds=seconds)
        work(shop, turn)


def ends_well(shop: Atelier, straight: Straight, deadly: int) -> None:
    """It ended as if there had been no death."""
    found = ending(shop)
    for name, expected in straight.ending.items():
        assert found[name] == expected, deadly
    times = happened(shop)
    states = {key: state for key, kind, state in shop.rows(outbox, "key", "kind", "state") if kind in ONCE}
    assert times.keys() <= straight.happened.keys()
    doubtful = [key for key in straight.happened if (times.get(key, 0), states[key]) != (1, "confirmed")]
    # A credit in the very call that was under way: only a person can know, and it is set aside for one.
    assert len(doubtful) <= BATCH
    for key in doubtful:
        assert "message" not in key
        assert (times.get(key, 0), states[key]) in {(0, "parked"), (1, "parked")}
    assert shop.breaks() == []
    assert not shop.plan().changes
    asked = len(shop.adapter.attempts)
    goes_on(shop)
    assert len(shop.adapter.attempts) == asked
