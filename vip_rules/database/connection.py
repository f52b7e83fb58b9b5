"""The database as the rest sees it: opened by its URL, with transactions for reading and for writing, and shops by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, make_url, select
from sqlalchemy.exc import ArgumentError

from vip_rules.database.failure import DatabaseFailed, in_words
from vip_rules.database.locking import Work, file_lock, one_writer, session_lock
from vip_rules.database.revision import bring_up_to_date
from vip_rules.database.tables import shops
from vip_rules.errors import NotInstalled

PATIENCE: Final = 10
"""Seconds to wait for another process's transaction."""

_WRITES: Final = "vip_rules_writes"


class Database:
    """A database, open and up to date. Transactions end with their `with` block: kept, or undone if it raises.

    Every failure of the database itself is raised as DatabaseFailed.
    """

    def __init__(self, url: URL, engine: Engine, clock: Callable[[], datetime]) -> None:
        self.url, self._engine, self._clock = url, engine, clock
        self.name = _shown(url)

    @classmethod
    def open(cls, url: str, *, clock: Callable[[], datetime], patience: int = PATIENCE) -> Database:
        """The database of a URL: sqlite:///FILE, which is made if it isn't there, or one of PostgreSQL.

        Brings older tables up to date. Raises DatabaseFailed, and NotInstalled where PostgreSQL's driver is missing.
        """
        parsed = _parsed(url)
        engine = _sqlite(parsed, patience) if parsed.get_backend_name() == "sqlite" else create_engine(parsed)
        database = cls(parsed, engine, clock)
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
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with in_words(self.name), engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that may write. It waits at its beginning until no other one writes."""
        with in_words(self.name), self._engine.execution_options(**{_WRITES: True}).begin() as connection:
            if self.file is None:
                one_writer(connection)
            yield connection

    @contextmanager
    def lock(self, shop: int, work: Work = "apply") -> Iterator[None]:
        """For a shop's one apply, or one sync, at a time. Raises DatabaseFailed, with who holds it, if another is at work.

        A process that dies loses it; one that is merely paused keeps it.
        """
        if self.file is not None:
            kind = "" if work == "apply" else f".{work}"
            lock = self.file.with_name(f"{self.file.name}.shop-{shop}{kind}.lock")
            with file_lock(lock, work, self._clock):
                yield
        else:
            with (
                in_words(self.name),
                self._engine.connect() as connection,
                session_lock(connection, shop, work),
            ):
                yield

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
        """Write SQLite's log into the file and cut it off, so that nothing that was erased is left in it."""
        if self.file is not None:
            with in_words(self.name), self._engine.connect() as connection:
                cursor = connection.connection.cursor()
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.close()

    def close(self) -> None:
        """Give back its connections."""
        self._engine.dispose()


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


def _sqlite(url: URL, patience: int) -> Engine:
    engine = create_engine(url, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        # Python's driver begins no transactions of its own then; `begun` does.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size=-65536")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
