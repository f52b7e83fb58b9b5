"""Processes die where they are told to; who goes on after that ends well, and an adapter that doesn't is found out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
import requests
from sqlalchemy import create_engine, event, text
from sqlalchemy.pool import Pool

from tests.database.opened import lending, need_server
from tests.testing.remote import (
    GivesUp,
    Hopes,
    Promises,
    RemoteAdapter,
    RemoteStore,
    RemoteWorkbench,
    Resends,
    Server,
    Waits,
)
from vip_rules.testing import Life, MemoryStore, Points, crash_contract, live, lose
from vip_rules.testing.crashes import CHUNKS
from vip_rules.testing.databases import Files
from vip_rules.testing.days import NAMES
from vip_rules.testing.dying import careless
from vip_rules.testing.examples import example
from vip_rules.testing.rehearsal import Accident, Rehearsal

TestRemote = pytest.mark.slow(crash_contract(RemoteWorkbench))


EVERY: Final = 1 if os.environ.get("VIP_RULES_HYPOTHESIS") == "thorough" else 4
"""Of so many moments one is tried on PostgreSQL, where processes take longer to begin; all in the thorough profile."""


@pytest.mark.slow
@pytest.mark.parametrize("day", NAMES)
class TestRemoteOnPostgreSQL:
    """The moments again; but what the store does to a request that was cut off doesn't depend on the database."""

    @pytest.fixture(scope="class")
    @classmethod
    def rehearsal(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
        need_server()
        event.listen(Pool, "checkout", careless)
        with (
            closing(lending("postgresql")) as databases,
            closing(RemoteWorkbench(tmp_path_factory.mktemp("workbench"))) as workbench,
        ):
            yield Rehearsal(workbench, databases, tmp_path_factory.mktemp("rehearsal"))
        event.remove(Pool, "checkout", careless)

    @pytest.mark.parametrize("chunk", range(CHUNKS))
    def test_whoever_is_killed_at_any_moment_doubles_and_loses_nothing(
        self, rehearsal: Rehearsal, day: str, chunk: int
    ) -> None:
        rehearsal.check(day, "killed", chunk, CHUNKS, in_turns=True, every=EVERY)


SENT = example("entitlements", "1"), example("discount", "")


def write_twice(points: Points, file: Path) -> None:
    """Two transactions of a statement each, with a point before each statement and around each COMMIT."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE numbers (number INTEGER)"))
    points.statements()
    points.commits()
    for number in (1, 2):
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO numbers VALUES (:number)"), {"number": number})


def send_twice(points: Points, address: str) -> None:
    """Two requests; who sends them notices if one of them breaks off."""
    points.requests()
    store = RemoteStore(address)
    for intent in SENT:
        try:
            store.carry_out(intent)
        except requests.ConnectionError:
            points()


def fail(_: Points) -> None:
    raise ValueError("out of roses")


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put_customer(*RemoteWorkbench.customers)
    return store


@pytest.fixture
def address(store: MemoryStore) -> Iterator[str]:
    server = Server(store)
    yield server.address
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("deadly", "rows"), [(1, 0), (2, 0), (3, 1), (4, 1), (5, 1), (6, 2)])
def test_a_process_dies_before_a_statement_or_around_a_commit(tmp_path: Path, deadly: int, rows: int) -> None:
    file = tmp_path / "numbers.db"
    assert live(write_twice, file, deadly=deadly) == Life(killed=True, points=deadly)
    with create_engine(f"sqlite:///{file}").connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM numbers")) == rows


def test_a_process_that_is_spared_tells_how_many_points_it_has(tmp_path: Path) -> None:
    assert live(write_twice, tmp_path / "numbers.db") == Life(killed=False, points=6)


@pytest.mark.parametrize(("deadly", "done"), [(1, 0), (2, 1), (3, 1), (4, 2)])
def test_a_process_dies_around_a_request(store: MemoryStore, address: str, deadly: int, done: int) -> None:
    assert live(send_twice, address, deadly=deadly).killed
    assert len(store.done()) == done


@pytest.mark.parametrize(("deadly", "done"), [(1, 1), (2, 2), (3, 1), (4, 2)])
def test_a_request_or_its_answer_is_lost(store: MemoryStore, address: str, deadly: int, done: int) -> None:
    life = live(send_twice, address, deadly=deadly, fate=lose)
    assert not life.killed
    assert len(store.done()) == done


def test_what_a_process_raises_is_told() -> None:
    with pytest.raises(RuntimeError, match="ValueError: out of roses"):
        live(fail)


BROKEN: dict[type[RemoteAdapter], tuple[Accident, str]] = {
    Resends: ("cut off", "is there 2 times instead of 1"),
    Waits: ("cut off", "is there 2 times instead of 1"),
    GivesUp: ("cut off", "ended refused"),
    Hopes: ("cut off", "is there 0 times instead of 1"),
    Promises: ("killed", "is there 2 times instead of 1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("adapter", BROKEN)
def test_a_broken_adapter_is_found_out(adapter: type[RemoteAdapter], tmp_path: Path) -> None:
    accident, complaint = BROKEN[adapter]

    class BrokenWorkbench(RemoteWorkbench):
        opened = adapter

    with closing(Files()) as databases, closing(BrokenWorkbench(tmp_path)) as workbench:
        rehearsal = Rehearsal(workbench, databases, tmp_path)
        rehearsal.straight("enrolment")
        # The credits come in the last quarter.
        with pytest.raises(AssertionError, match=complaint):
            rehearsal.check("enrolment", accident, chunk=3, chunks=4)
