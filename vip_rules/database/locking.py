"""One at a time at each kind of work of a shop, over processes: a lock of the operating system, or of PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, get_args

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from vip_rules.database.failure import AtWork, DatabaseFailed

Work = Literal["apply", "sync", "schedule", "backup"]
"""What is done by one at a time."""

_SPACE: Final = 0x76697072
"""Sets our locks apart from those of other programs in the same PostgreSQL database; each kind of work has the next number."""

_NOT_IN_TIME: Final = "55P03"
"""PostgreSQL's code for a lock that wasn't free in time."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lock of PostgreSQL that is held: by the session of this number, for a shop's work."""

    session: int
    shop: int
    work: Work


@contextmanager
def file_lock(path: Path, work: Work, clock: Callable[[], datetime], patience: float) -> Iterator[None]:
    """Hold a lock file, after so many seconds at most; who holds it, and since when, stands in a file beside it.

    Raises AtWork if it is held.
    """
    holder = path.with_suffix(".holder")
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise _taken(work, _read(holder)) from None
    except OSError as error:
        raise DatabaseFailed(f"the lock {path} can't be taken: {error.strerror}") from None
    try:
        holder.write_text(_this_process(clock), "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def session_lock(
    connection: Connection, shop: int, work: Work, clock: Callable[[], datetime], patience: float
) -> Iterator[Held]:
    """Hold an advisory lock of PostgreSQL, after so many seconds at most, on a connection that is closed afterwards.

    The session is named after who holds it, and since when. Raises AtWork if it is held.
    """
    key = {"space": _space(work), "shop": shop}
    if not _acquired(connection, key, patience):
        raise _taken(work, _holder(connection, key))
    name = {"name": _this_process(clock)}
    named = connection.execute(
        text("SELECT pg_backend_pid(), set_config('application_name', :name, false)"), name
    )
    session = named.one()[0]
    # The lock belongs to the session: no transaction stays open for as long as it is held.
    connection.commit()
    try:
        yield Held(session, shop, work)
    finally:
        # A session that was lost has lost its lock, too.
        with suppress(DBAPIError):
            connection.execute(text("SELECT pg_advisory_unlock(:space, :shop)"), key)
            connection.commit()


def one_writer(connection: Connection) -> None:
    """Wait until no other transaction of PostgreSQL writes, and hold the others off until the end of this one."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:space)"), {"space": _SPACE})


def check_held(connection: Connection, held: Held) -> None:
    """Make sure, in a transaction that alone may write, that a lock is held still: another one may be at work otherwise.

    Whoever takes it after this waits with their first writing until this transaction has ended. Raises DatabaseFailed.
    """
    ours = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = :session AND classid = :space "
        "AND objid = :shop AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    key = {"session": held.session, "space": _space(held.work), "shop": held.shop}
    if not connection.scalar(ours, key):
        raise DatabaseFailed(
            f"this {held.work} has lost its lock, the connection to the database broke: call the command again, and it goes on "
            "from here"
        )


def _space(work: Work) -> int:
    return _SPACE + get_args(Work).index(work)


def _acquired(connection: Connection, key: dict[str, int], patience: float) -> bool:
    if patience <= 0:
        return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:space, :shop)"), key))
    longest = {"longest": f"{max(1, round(1000 * patience))}ms"}
    connection.execute(text("SELECT set_config('lock_timeout', :longest, true)"), longest)
    try:
        connection.execute(text("SELECT pg_advisory_lock(:space, :shop)"), key)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _NOT_IN_TIME:
            raise
        connection.rollback()
        return False
    return True


def _this_process(clock: Callable[[], datetime]) -> str:
    return f"process {os.getpid()} since {clock().isoformat(timespec='seconds')}"


def _taken(work: Work, holder: str) -> AtWork:
    said = f" ({holder})" if holder else ""
    return AtWork(f"another {work} is running{said}: call the command again when it has ended")


def _read(holder: Path) -> str:
    try:
        return holder.read_text("utf-8")
    except OSError:
        return ""


def _holder(connection: Connection, key: dict[str, int]) -> str:
    """Who holds a lock, as their session is named; empty if it was given back meanwhile."""
    found = connection.execute(
        text(
            "SELECT activity.application_name, host(nullif(activity.client_addr, mine.client_addr)) "
            "FROM pg_locks JOIN pg_stat_activity AS activity USING (pid), pg_stat_activity AS mine "
            "WHERE locktype = 'advisory' AND granted AND classid = :space AND objid = :shop AND objsubid = 2 "
            "AND mine.pid = pg_backend_pid() AND database = mine.datid"
        ),
        key,
    ).first()
    if found is None:
        return ""
    name, elsewhere = found
    return f"{name}, on {elsewhere}" if elsewhere else str(name)
