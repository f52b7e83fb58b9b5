"""Databases of a PostgreSQL server for tests: a few for each process, used again and again, and dropped in the end."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import make_url

from vip_rules.canonical import digest
from vip_rules.database.tables import metadata
from vip_rules.testing.databases import Databases, migrate

ROWS: Final = "vip.rows"
"""The name of the file in which a folder keeps the rows of its database while nobody has it."""

_TABLES: Final = [table.name for table in metadata.sorted_tables]
_SEQUENCES: Final = ("shops_id_seq", "outbox_number_seq", "inbox_number_seq")
_EMPTY: Final[Mapping[str, str]] = {}

_STEP: Final = 0.002  # not money
"""Seconds between two looks at whether sessions have ended."""

_PATIENCE: Final = 60
"""Seconds after which a session that doesn't end is taken to hang."""


class Servers(Databases):
    """Databases of the server in a URL, whose role needs CREATEDB.

    They sort texts as people do, not by their bytes: what relies on the order of bytes has to ask for it.
    """

    def __init__(self, url: str) -> None:
        self._server = make_url(url).set(drivername="postgresql")
        self._admin = psycopg.connect(self._url(None), autocommit=True)
        self._free: list[_Lent] = []
        # Of this machine: who is alive is known of its processes only.
        self._prefix = f"vip_rules_test_{digest(socket.gethostname())[:8]}_"
        self._drop_leftovers()

    @contextmanager
    def of(self, folder: Path) -> Iterator[str]:
        """A database with the rows that lie in the folder, where they are put again."""
        rows = folder.joinpath(ROWS)
        with self._emptied() as lent:
            if rows.exists():
                lent.load(json.loads(rows.read_text("utf-8")))
            yield lent.url
            lent.wait_until_alone()
            rows.write_text(json.dumps(lent.dump()), "utf-8")

    @contextmanager
    def lent(self, folder: Path) -> Iterator[str]:
        """One of the databases, without any row."""
        with self._emptied() as lent:
            yield lent.url

    @contextmanager
    def bare(self, folder: Path) -> Iterator[str]:
        """A database of its own."""
        name = self._create()
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def state(self, folder: Path) -> str:
        """A digest of the rows in the folder."""
        return digest(folder.joinpath(ROWS).read_text("utf-8"))

    def close(self) -> None:
        """Drop the databases."""
        for lent in self._free:
            lent.close()
            self._drop(str(make_url(lent.url).database))
        self._admin.close()

    @contextmanager
    def _emptied(self) -> Iterator[_Lent]:
        lent = self._free.pop() if self._free else self._make()
        try:
            yield lent
        finally:
            lent.end_sessions()
            lent.load(_EMPTY)
            self._free.append(lent)

    def _make(self) -> _Lent:
        url = self._url(self._create())
        migrate(url)
        return _Lent(url)

    def _create(self) -> str:
        name = f"{self._prefix}{os.getpid()}_{time.monotonic_ns()}"
        sorting = "LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        self._do(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {sorting}")
        return name

    def _drop(self, name: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _drop_leftovers(self) -> None:
        """Drop what tests left that were killed."""
        names = self._admin.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [self._prefix]
        )
        for (name,) in names.fetchall():
            if not _is_alive(int(name.removeprefix(self._prefix).split("_")[0])):
                self._drop(name)

    def _do(self, sql: str) -> None:
        self._admin.execute(sql.encode())

    def _url(self, database: str | None) -> str:
        """The server's URL, with another database."""
        url = self._server if database is None else self._server.set(database=database)
        return url.render_as_string(hide_password=False)


class _Lent:
    """A database with tables, seen from the outside."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SET synchronous_commit = off")

    def load(self, rows: Mapping[str, str]) -> None:
        """Put rows in the place of all that there are."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(";".join(f"DELETE FROM {name}" for name in reversed(_TABLES)).encode())
            for name in _TABLES:
                if name in rows:
                    with cursor.copy(f"COPY {name} FROM STDIN".encode()) as copy:
                        copy.write(rows[name])
            for name in _SEQUENCES:
                last, is_called = json.loads(rows.get(name, "[1, false]"))
                cursor.execute("SELECT setval(%s::regclass, %s, %s)", [name, last, is_called])

    def dump(self) -> dict[str, str]:
        """All rows of each table that has some, sorted, and how far the sequences are."""
        found: dict[str, str] = {}
        with self._connection.cursor() as cursor:
            for name in _TABLES:
                with cursor.copy(f"COPY {name} TO STDOUT".encode()) as copy:
                    lines = [bytes(line).decode() for line in copy]
                if lines:
                    found[name] = "".join(sorted(lines))
            for name in _SEQUENCES:
                row: Any = cursor.execute(f"SELECT last_value, is_called FROM {name}".encode()).fetchone()
                found[name] = json.dumps(row)
        return found

    def wait_until_alone(self) -> None:
        """Wait until the sessions of processes that ended, or were killed, have ended as well."""
        for _ in range(int(_PATIENCE / _STEP)):  # not money
            if not self._others("pid"):
                return
            time.sleep(_STEP)
        raise RuntimeError(f"a session still hadn't ended after {_PATIENCE} seconds")

    def end_sessions(self) -> None:
        """End what was left open."""
        while self._others("pg_terminate_backend(pid)"):
            time.sleep(_STEP)

    def close(self) -> None:
        """End its own session."""
        self._connection.close()

    def _others(self, what: str) -> list[Any]:
        query = (
            f"SELECT {what} FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return self._connection.execute(query.encode()).fetchall()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
