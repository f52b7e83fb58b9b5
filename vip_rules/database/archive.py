"""A SQLite file apart from the database: written once, from beginning to end, and read by whoever needs it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event

from vip_rules.database.revision import bring_up_to_date

_OWNER_ONLY: Final = 0o600

_AT_ONCE: Final = ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=ON", "cache_size=-65536")
"""For a file that is thrown away unless all went well: it is synced once, at its end."""


@contextmanager
def writing(file: Path, name: str) -> Iterator[Connection]:
    """A transaction in a file with our tables, up to date, for its owner's eyes; it is on the disk when the block has ended.

    The file is made if it isn't there. Messages call it by its `name`. If the block raises, the file is of no use any more.
    """
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT, _OWNER_ONLY))
    with _opened(lambda: sqlite3.connect(file), "BEGIN IMMEDIATE", _AT_ONCE) as engine:
        bring_up_to_date(name, engine.begin, engine.begin)
        with engine.begin() as connection:
            yield connection
    with file.open("rb+") as whole:
        os.fsync(whole.fileno())


@contextmanager
def reading(file: Path) -> Iterator[Connection]:
    """A transaction that reads a file, and leaves it as it is."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    with (
        _opened(lambda: sqlite3.connect(address, uri=True), "BEGIN") as engine,
        engine.begin() as connection,
    ):
        yield connection


@contextmanager
def _opened(connect: Callable[[], Any], begin: str, pragmas: Sequence[str] = ()) -> Iterator[Engine]:
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        # Python's driver begins no transactions of its own then; `begun` does.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    try:
        yield engine
    finally:
        engine.dispose()
