"""A process may be killed at any point: whoever goes on ends where an uninterrupted run ends, and nothing is doubled."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.apply.atelier import NOON, Atelier, customer, order, seen
from tests.apply.dying import PLAN, carry_out
from vip_rules.canonical import digest
from vip_rules.plan import read_plan
from vip_rules.store import Shop
from vip_rules.testing import Life, MemoryStore, live, serve
from vip_rules.testing.databases import Databases, Files

CHUNKS: Final = 4
"""Into so many tests the points are dealt out, for several processes to share them."""

FEWER: Final = 15
"""Of so many points one is tried on PostgreSQL, where a process that is killed leaves no transaction open."""

COMMANDS: Final = ("sync", "plan", "apply")
PEOPLE: Final = ("ann", "bob", "cat", "dan", "eve")


@dataclass(frozen=True)
class Day:
    """A day in the life of a shop: what happens in the store before it is synced, planned and applied."""

    name: str
    happens: Callable[[MemoryStore], None]
    now: datetime = NOON
    batch: int = 1
    before: Day | None = None


def opens(store: MemoryStore) -> None:
    birthdays = {"bob": date(1980, 11, 20)}
    store.put_customer(*(customer(who, birthday=birthdays.get(who)) for who in PEOPLE[:4]))
    store.put_order(order("ann", 600), order("bob", 300), order("cat", 550, key="big"))
    store.put_order(order("dan", 210, day="2025-11-25"))


def goes_on(store: MemoryStore) -> None:
    """bob rises, cat's promotion is revoked, dan's spend is too long ago by now, eve comes, and ann goes."""
    store.put_order(order("bob", 300, day="2026-11-28"))
    store.refund("big")
    store.put_customer(customer("eve", created_at=date(2026, 11, 27)))
    store.put_order(order("eve", 900, day="2026-11-28"))
    store.delete_customer("ann")


FIRST: Final = Day("enrolment", opens, batch=4)
LATER: Final = Day("a week later", goes_on, now=NOON + timedelta(days=8), before=FIRST)
DAYS: Final = [FIRST, LATER]


@dataclass
class World:
    """A store, and the folder with the database and the plan."""

    folder: Path
    store: MemoryStore
    databases: Databases

    def copy(self, folder: Path) -> World:
        shutil.copytree(self.folder, folder)
        twin = MemoryStore(self.store.shop())
        twin.restore(self.store.snapshot())
        return World(folder, twin, self.databases)

    @contextmanager
    def opened(self, day: Day) -> Iterator[Atelier]:
        with (
            self.databases.of(self.folder) as url,
            closing(Atelier(self.folder, store=self.store, batch=day.batch, now=day.now, url=url)) as atelier,
        ):
            yield atelier

    def run(self, day: Day, command: str, deadly: int = 0) -> Life:
        """Let a process carry out a command, and die at a point of it (0: at none)."""
        with serve(self.store) as address, self.databases.of(self.folder) as url:
            return live(carry_out, address, url, self.folder, command, day.batch, day.now, deadly=deadly)

    def state(self) -> str:
        """A digest of all that a process leaves: the database, the plan, and what was done in the store."""
        rows, plan = self.databases.state(self.folder), self.folder / PLAN
        return digest(rows, plan.read_text("utf-8") if plan.exists() else "", repr(self.store.done()))


@dataclass(frozen=True)
class Straight:
    """A day on which nobody dies: the world before each command, how many points it has, and how the day ends."""

    before: dict[str, World]
    points: dict[str, int]
    ending: dict[str, Any]
    happened: dict[str, int]
    done: list[str]


def lived(folder: Path, databases: Databases, day: Day) -> Straight:
    """Let a day go by without a death."""
    if day.before is None:
        folder.mkdir()
        world = World(folder, MemoryStore(Shop(currency="USD")), databases)
    else:
        straight = lived(folder, databases, day.before)
        world = straight.before["end"]
        (world.folder / PLAN).unlink()
    day.happens(world.store)
    before, points = {}, {}
    for command in COMMANDS:
        before[command] = world.copy(folder.with_name(f"{day.name}, before {command}"))
        points[command] = world.run(day, command).points
    before["end"] = world
    with world.opened(day) as atelier:
        return Straight(before, points, ending(atelier), happened(atelier), done(atelier))


def ending(atelier: Atelier) -> dict[str, Any]:
    """All that has to be the same in the end, but for what happens once."""
    visible = seen(atelier.store, PEOPLE)
    return {
        "standings": atelier.standings(),
        "known": atelier.known(),
        "seen": {key: what for key, what in visible.items() if not isinstance(what, int)},
    }


def happened(atelier: Atelier) -> dict[str, int]:
    """How often each thing that happens once has happened in the store."""
    return {key: times for key, times in seen(atelier.store, PEOPLE).items() if isinstance(times, int)}


def done(atelier: Atelier) -> list[str]:
    """What was done in the store, each time that it was; but for what happens once."""
    once = happened(atelier)
    return sorted(each.key for each in atelier.store.done() if each.key not in once)


def applies_again(atelier: Atelier) -> None:
    """Apply the same plan again if it was made."""
    atelier.sync()
    file = atelier.folder / PLAN
    atelier.apply(read_plan(file) if file.exists() else atelier.plan(welcome=True))


def plans_anew(atelier: Atelier) -> None:
    atelier.sync()
    atelier.apply(atelier.plan(welcome=True))


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Callable[[Day], Straight]:
    found: dict[str, Straight] = {}

    def of(day: Day) -> Straight:
        if day.name not in found:
            found[day.name] = lived(tmp_path_factory.mktemp("straight") / "world", databases, day)
        return found[day.name]

    return of


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.name)
def test_the_days_are_worth_dying_on(day: Day, straight: Callable[[Day], Straight]) -> None:
    told = straight(day)
    kinds = {key.split(":")[0] for key in (*told.ending["seen"], *told.happened)}
    assert kinds >= {"customer", "discount", "free_shipping", "entitlements", "promotion", "birthday"}
    assert set(told.happened.values()) == {1}
    assert told.points["sync"] > 20
    assert told.points["apply"] > 100


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("day", DAYS, ids=lambda day: day.name)
def test_a_process_killed_at_any_point_doubles_and_loses_nothing(
    day: Day, chunk: int, straight: Callable[[Day], Straight], databases: Databases, tmp_path: Path
) -> None:
    told = straight(day)
    points = [(command, n) for command in COMMANDS for n in range(1, told.points[command] + 1)]
    if not isinstance(databases, Files):
        # Moments at which a commit or a request can be lost are in tests/testing, on both; this one is of statements.
        points = points[::FEWER]
    size = len(points) // CHUNKS + 1
    states: set[str] = set()
    for command, deadly in points[chunk * size : (chunk + 1) * size]:
        killed = told.before[command].copy(tmp_path / f"{command} {deadly}")
        assert killed.run(day, command, deadly).killed
        # Between most points nothing changes outside of the process: what was gone on from once ends the same way again.
        if (state := killed.state()) in states:
            continue
        states.add(state)
        for go_on in (applies_again, plans_anew):
            world = killed.copy(tmp_path / f"{command} {deadly} {go_on.__name__}")
            with world.opened(day) as atelier:
                go_on(atelier)
                ends_well(atelier, told)


def ends_well(atelier: Atelier, told: Straight) -> None:
    """It ended as if there had been no death."""
    assert ending(atelier) == told.ending
    assert done(atelier) == told.done
    intents, times = atelier.intents(), happened(atelier)
    assert times.keys() <= told.happened.keys()
    doubtful = [key for key in told.happened if (times.get(key, 0), intents[key]) != (1, "confirmed")]
    # A credit in the very call that was under way: only a person can know, and it is set aside for one.
    assert len(doubtful) <= atelier.batch
    for key in doubtful:
        assert "message" not in key
        assert (times.get(key, 0), intents[key]) in {(0, "parked"), (1, "parked")}
        assert key in {each["key"] for each in atelier.remembered("parked")}
    assert atelier.breaks() == []
    asked = len(atelier.adapter.attempts)
    plan = atelier.plan()
    assert not plan.changes
    atelier.apply(plan)
    assert len(atelier.adapter.attempts) == asked
