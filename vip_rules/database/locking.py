"""One applier of a shop at a time, over processes: a lock of the operating system, or of PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text

from vip_rules.database.failure import DatabaseFailed

Work = Literal["apply", "sync"]
"""What is done by one at a time."""

_SPACE: Final = 0x76697072
"""Sets our locks apart from those of other programs in the same PostgreSQL database."""


@contextmanager
def file_lock(path: Path, work: Work, clock: Callable[[], datetime]) -> Iterator[None]:
    """Hold a lock file; who holds it, and since when, stands in a file beside it. Raises DatabaseFailed if it is held."""
    holder = path.with_suffix(".holder")
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise _taken(work, _read(holder)) from None
    except OSError as error:
        raise DatabaseFailed(f"the lock {path} can't be taken: {error.strerror}") from None
    try:
        holder.write_text(f"process {os.getpid()} since {clock().isoformat(timespec='seconds')}", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def session_lock(connection: Connection, shop: int, work: Work) -> Iterator[None]:
    """Hold an advisory lock of PostgreSQL on a connection of its own. Raises DatabaseFailed if it is held."""
    space = _SPACE if work == "apply" else _SPACE + 1
    key = {"space": space, "shop": shop}
    if not connection.scalar(text("SELECT pg_try_advisory_lock(:space, :shop)"), key):
        raise _taken(work, _session(connection, space, shop))
    # The lock belongs to the session: no transaction stays open for as long as it is held.
    connection.commit()
    try:
        yield
    finally:
        connection.execute(text("SELECT pg_advisory_unlock(:space, :shop)"), key)
        connection.commit()


def one_writer(connection: Connection) -> None:
    """Wait until no other transaction of PostgreSQL writes, and hold the others off until the end of this one."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:space)"), {"space": _SPACE})


def _taken(work: Work, holder: str) -> DatabaseFailed:
    said = f" ({holder})" if holder else ""
    return DatabaseFailed(f"another {work} is running{said}: call the command again when it has ended")


def _read(holder: Path) -> str:
    try:
        return holder.read_text("utf-8")
    except OSError:
        return ""


def _session(connection: Connection, space: int, shop: int) -> str:
    found = connection.execute(
        text(
            "SELECT activity.pid, activity.backend_start FROM pg_locks JOIN pg_stat_activity AS activity USING (pid) "
            "WHERE locktype = 'advisory' AND granted AND classid = :space AND objid = :shop"
        ),
        {"space": space, "shop": shop},
    ).first()
    return f"session {found[0]} since {found[1].isoformat(timespec='seconds')}" if found else ""
