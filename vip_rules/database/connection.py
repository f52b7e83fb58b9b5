"""The database as the rest sees it: opened by its URL, with transactions for reading and for writing, and shops by name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy import URL, Connection, Engine, insert, make_url, select
from sqlalchemy.exc import ArgumentError

from vip_rules.database import engines
from vip_rules.database.failure import DatabaseFailed, in_words
from vip_rules.database.locking import Held, Work, check_held, file_lock, one_writer, session_lock
from vip_rules.database.revision import bring_up_to_date
from vip_rules.database.tables import shops
from vip_rules.errors import NotInstalled

PATIENCE: Final = 10
"""Seconds to wait for another process's transaction, or for another's work to end."""

TRIES: Final = 5
"""How often it is tried to cut off SQLite's log: whoever writes it into the file at that moment hinders it, with no wait."""


class _Holding(threading.local):
    """The locks of PostgreSQL that a thread holds."""

    def __init__(self) -> None:
        self.locks: list[Held] = []


class Database:
    """A database, open and up to date. Transactions end with their `with` block: kept, or undone if it raises.

    Threads may share it. Every failure of the database itself is raised as DatabaseFailed.
    """

    def __init__(self, url: URL, engine: Engine, sessions: Engine, clock: Callable[[], datetime]) -> None:
        self.url, self._engine, self._sessions, self._clock = url, engine, sessions, clock
        self.name = _shown(url)
        self._holding = _Holding()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime],
        patience: float = PATIENCE,
        checkpoints: bool = True,
    ) -> Database:
        """The database of a URL: sqlite:///FILE, which is made if it isn't there, or one of PostgreSQL.

        Brings older tables up to date. Without `checkpoints`, SQLite's log is left to somebody who calls `checkpoint`, and no
        commit waits for it. Raises DatabaseFailed, and NotInstalled where PostgreSQL's driver is missing.
        """
        parsed = _parsed(url)
        if parsed.get_backend_name() == "sqlite":
            engine = sessions = engines.sqlite(parsed, patience, checkpoints=checkpoints)
        else:
            engine = engines.postgresql(parsed, patience)
            sessions = engines.postgresql(parsed, patience, keeps=False)
        database = cls(parsed, engine, sessions, clock)
        try:
            with in_words(database.name):
                bring_up_to_date(database.name, database.reading, database.writing)
        except BaseException:
            database.close()
            raise
        return database

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database; None for PostgreSQL."""
        return Path(self.url.database or "") if self._engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees the database as it is at its first query, whatever others write meanwhile."""
        engine = self._engine
        if self.file is None:
            engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with in_words(self.name), engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write. It waits at its beginning until no other one writes.

        Raises DatabaseFailed where the thread has lost a lock that it took: somebody else may be at work now.
        """
        with self.appending() as connection:
            if self.file is None:
                one_writer(connection)
                for held in self._holding.locks:
                    check_held(connection, held)
            yield connection

    @contextmanager
    def appending(self) -> Iterator[Connection]:
        """A transaction that only adds rows which don't depend on others, as the inbox's.

        PostgreSQL lets it go on while others write; SQLite has but one writer, and it waits as `writing` does.
        """
        with (
            in_words(self.name),
            self._engine.execution_options(**{engines.WRITES: True}).begin() as connection,
        ):
            yield connection

    @contextmanager
    def lock(self, shop: int, work: Work = "apply", *, patience: float = 0) -> Iterator[None]:
        """For one at a time at a shop's apply, sync or schedule. Another one's end is awaited for so many seconds.

        Raises AtWork, with who holds it, if another is at work still. A process that dies loses it; one that is merely paused
        keeps it. The thread that holds it is the one that writes: each of its transactions makes sure that it wasn't lost.
        """
        if self.file is not None:
            kind = "" if work == "apply" else f".{work}"
            path = self.file.with_name(f"{self.file.name}.shop-{shop}{kind}.lock")
            with file_lock(path, work, self._clock, patience):
                yield
            return
        with (
            in_words(self.name),
            self._sessions.connect() as connection,
            session_lock(connection, shop, work, self._clock, patience) as held,
        ):
            self._holding.locks.append(held)
            try:
                yield
            finally:
                self._holding.locks.remove(held)

    def shop(self, name: str, *, adapter: str, currency: str, timezone: str) -> int:
        """The number of the shop of this name; the first time its row is made, with the program's currency and time zone."""
        wanted = select(shops.c.id).where(shops.c.name == name)
        with self.reading() as connection:
            found: int | None = connection.scalar(wanted)
        if found is not None:
            return found
        with self.writing() as connection:
            if (made := connection.scalar(wanted)) is None:
                row = {"name": name, "adapter": adapter, "currency": currency, "timezone": timezone}
                new = insert(shops).values(**row, changes=0, redaction_key=token_hex(32))
                made = connection.execute(new.returning(shops.c.id)).scalar_one()
        return int(made)

    def empty_log(self) -> None:
        """Write SQLite's log into the file and cut it off, so that nothing that was erased is left in it.

        Whoever reads or writes for longer than we are patient hinders that; it is tried a few times, and each night again.
        """
        for _ in range(TRIES):
            if self._checkpoint("TRUNCATE"):
                return

    def checkpoint(self) -> None:
        """Write as much of SQLite's log into the file as can be without anybody waiting: the log begins anew then."""
        self._checkpoint("PASSIVE")

    def close(self) -> None:
        """Give back its connections."""
        self._engine.dispose()
        self._sessions.dispose()

    def _checkpoint(self, kind: str) -> bool:
        """Whether nobody hindered it."""
        if self.file is None:
            return True
        with in_words(self.name), self._engine.connect() as connection:
            # No transaction may be open on the connection: SQLAlchemy isn't asked.
            cursor = connection.connection.cursor()
            hindered, _, _ = cursor.execute(f"PRAGMA wal_checkpoint({kind})").fetchone()
            cursor.close()
        return not hindered


def _parsed(url: str) -> URL:
    expected = "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME is expected"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseFailed(f"the database's URL can't be read: {expected}") from None
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise DatabaseFailed("the database's URL names no file: sqlite:///vip-rules.db does")
        case "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
            if find_spec("psycopg") is None:
                raise NotInstalled(
                    'the driver for PostgreSQL is not installed: run pip install "vip-rules[postgresql]"'
                )
        case other:
            raise DatabaseFailed(f"the database {other} isn't supported: {expected}")
    return parsed


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True)
