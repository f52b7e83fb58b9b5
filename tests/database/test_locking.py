"""One at a time at each kind of work of a shop, over processes and threads."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import text

from tests.database.opened import only_postgresql, opened
from vip_rules.database.connection import Database
from vip_rules.database.failure import AtWork, DatabaseFailed
from vip_rules.database.locking import Work

HOLDER = (
    "from datetime import datetime, UTC; from vip_rules.database.connection import Database\n"
    "database = Database.open({url!r}, clock=lambda: datetime(2026, 11, 20, 12, tzinfo=UTC))\n"
    "with database.lock(1):\n"
    "    print('held', flush=True); input()\n"
    "database.close()"
)


@pytest.fixture
def other(url: str) -> Iterator[Database]:
    """The same database, as another process has it."""
    found = opened(url)
    yield found
    found.close()


@contextmanager
def held_elsewhere(url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the first shop's lock until it reads a line."""
    command = [sys.executable, "-c", HOLDER.format(url=url)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_one_applier_at_a_time_for_each_shop(database: Database, other: Database) -> None:
    said = (
        r"^another apply is running \(process \d+ since 2026-11-20T12:00:00\+00:00\): call the command again"
    )
    with database.lock(1):
        with pytest.raises(AtWork, match=said) as refused, other.lock(1):
            pass
        assert refused.value.exit_code == 3
        with other.lock(2):
            pass
    with other.lock(1):
        pass


def test_different_kinds_of_work_go_on_at_once_but_no_two_of_one(database: Database, other: Database) -> None:
    kinds: tuple[Work, ...] = ("apply", "sync", "schedule")
    with ExitStack() as stack:
        for work in kinds:
            stack.enter_context(database.lock(1, work))
        for work in kinds:
            with pytest.raises(AtWork, match=f"another {work} is running"), other.lock(1, work):
                pass
    for work in kinds:
        with other.lock(1, work):
            pass


def test_a_dead_applier_loses_its_lock(url: str, database: Database) -> None:
    with held_elsewhere(url) as applier:
        with pytest.raises(AtWork, match=f"process {applier.pid} "), database.lock(1):
            pass
        applier.kill()
        applier.wait()
        with database.lock(1, patience=10):
            pass


def test_the_patient_get_the_lock_once_it_is_free(url: str, database: Database) -> None:
    with held_elsewhere(url) as applier:
        assert applier.stdin is not None
        threading.Timer(0.2, applier.stdin.close).start()
        with database.lock(1, patience=30):
            assert applier.wait() is not None


def test_patience_has_an_end(database: Database, other: Database) -> None:
    with database.lock(1, "schedule"):
        with (
            pytest.raises(AtWork, match="another schedule is running"),
            other.lock(1, "schedule", patience=0.05),
        ):
            pass
        with other.lock(1):
            pass


def test_whoever_fails_gives_the_lock_back(database: Database, other: Database) -> None:
    with pytest.raises(KeyError), database.lock(1):
        raise KeyError
    with other.lock(1):
        pass


@only_postgresql
def test_who_has_lost_a_lock_writes_no_more(database: Database, other: Database) -> None:
    """The session ends with the connection: the server was started anew, or the network broke."""
    with ExitStack() as stack:
        stack.enter_context(database.lock(1))
        with database.writing():
            pass
        end_session_of_lock(other)
        with (
            other.lock(1),
            pytest.raises(DatabaseFailed, match="this apply has lost its lock"),
            database.writing(),
        ):
            raise AssertionError("two are at work")
        # Looking does no harm, and neither does writing by those who need no lock.
        with database.reading(), other.writing():
            pass
    with database.lock(1), database.writing():
        pass


@only_postgresql
def test_who_waits_for_a_writer_finds_out_that_the_lock_was_lost_meanwhile(
    url: str, database: Database, other: Database
) -> None:
    patient = opened(url, patience=30)
    failures: list[DatabaseFailed] = []
    locked = threading.Event()

    def applies() -> None:
        try:
            with patient.lock(1):
                locked.set()
                with patient.writing():
                    pass
        except DatabaseFailed as failure:
            failures.append(failure)

    with database.writing():
        applier = threading.Thread(target=applies)
        applier.start()
        locked.wait()
        end_session_of_lock(other)
    applier.join()
    patient.close()
    assert "has lost its lock" in str(failures[0])


def end_session_of_lock(database: Database) -> None:
    """What the server does to a session whose client is gone."""
    ending = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name LIKE 'process %'"
    )
    with database.reading() as connection:
        assert connection.scalar(text(ending))
    with database.lock(1, patience=10):
        pass
