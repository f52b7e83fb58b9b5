"""Whole databases, row by row: what is in their tables, and copying it into another, from SQLite or PostgreSQL to either."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection, MetaData, Table, Text, select, text
from sqlalchemy.exc import DBAPIError

from vip_rules.database.bulk import ROWS
from vip_rules.database.tables import metadata

TABLES: Final = tuple(metadata.sorted_tables)
"""All tables, those first to which others refer."""

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and a digest of them that is the same in every database."""

    rows: int
    digest: str

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return asdict(self)


Contents = Mapping[str, Content]
"""What each table holds, by its name."""


def contents(connection: Connection, tables: Sequence[Table] = TABLES) -> Contents:
    """What is in tables: all of it is read."""
    return {table.name: _content(_batches(connection, table)) for table in tables}


def copy(source: Connection, target: Connection) -> Contents:
    """Copy every row into tables that are empty, and tell what was copied."""
    return {table.name: _content(_copied(source, target, table)) for table in TABLES}


def reflected(connection: Connection) -> list[Table]:
    """Our tables as a database of whatever revision has them."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if "shop" in table.columns or table.name == "shops"]


def numbers(connection: Connection) -> dict[str, int]:
    """The last number that was given in each table that numbers its rows; 0: none was."""
    return {table.name: _last_number(connection, table) for table in _numbered()}


def go_on_from(connection: Connection, given: Mapping[str, int]) -> None:
    """Let tables number their next rows from these on."""
    for table in _numbered():
        last = max(given.get(table.name, 0), _highest(connection, table))
        if connection.dialect.name == "postgresql":
            place = {"sequence": _sequence(connection, table), "last": max(last, 1), "given": last > 0}
            connection.execute(text("SELECT setval(:sequence, :last, :given)"), place)
        elif _never_again(table):
            place = {"name": table.name, "last": last}
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), place)
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), place)


def _content(batches: Iterable[Rows]) -> Content:
    rows, digest = 0, hashlib.sha256()
    encode = json.JSONEncoder(separators=(",", ":"), default=bytes.hex).encode
    for batch in batches:
        rows += len(batch)
        # However many rows come at a time, the digest is the same.
        digest.update(encode(batch)[1:-1].encode())
        digest.update(b",")
    return Content(rows, digest.hexdigest())


def _copied(source: Connection, target: Connection, table: Table) -> Iterator[Rows]:
    names = ", ".join(f'"{column.name}"' for column in _columns(table))
    marks = ", ".join("?" * len(table.columns))
    for batch in _batches(source, table):
        if target.dialect.name == "postgresql":
            _stream(target, f"COPY {table.name} ({names}) FROM STDIN", batch)
        else:
            target.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", batch)
        yield batch


def _stream(target: Connection, sql: str, rows: Rows) -> None:
    """Hand rows to PostgreSQL as a stream, in the transaction at hand. What goes wrong is raised as SQLAlchemy does."""
    errors = target.dialect.loaded_dbapi.Error
    try:
        cursor: Any = target.connection.cursor()
        with closing(cursor), cursor.copy(sql) as into:
            for row in rows:
                into.write_row(row)
    except errors as error:
        raise DBAPIError.instance(sql, None, error, errors, dialect=target.dialect) from error


def _batches(connection: Connection, table: Table) -> Iterator[Rows]:
    """The rows of a table in the order of its key, so many at a time.

    Their columns come in the order of their names: those of a table that was altered stand elsewhere.
    """
    # Texts by their bytes, as SQLite does, whatever language a database of PostgreSQL sorts by.
    bytewise = connection.dialect.name == "postgresql"
    order = [
        key.collate("C") if bytewise and isinstance(key.type, Text) else key
        for key in table.primary_key.columns
    ]
    query = select(*_columns(table)).order_by(*order)
    for batch in connection.execute(query, execution_options={"yield_per": ROWS}).partitions():
        yield list(map(tuple, batch))


def _columns(table: Table) -> list[Any]:
    return sorted(table.columns, key=lambda column: column.name)


def _numbered() -> list[Table]:
    return [table for table in TABLES if table.autoincrement_column is not None]


def _last_number(connection: Connection, table: Table) -> int:
    last = None
    if connection.dialect.name == "postgresql":
        sequence = _sequence(connection, table)
        last = connection.scalar(text(f"SELECT last_value FROM {sequence} WHERE is_called"))
    elif _never_again(table):
        last = connection.scalar(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        )
    return max(last or 0, _highest(connection, table))


def _never_again(table: Table) -> bool:
    """Whether SQLite remembers the last number of a table, so that none is given twice."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def _highest(connection: Connection, table: Table) -> int:
    (key,) = table.primary_key
    return connection.scalar(select(key).order_by(key.desc()).limit(1)) or 0


def _sequence(connection: Connection, table: Table) -> str:
    (key,) = table.primary_key
    place = {"table": table.name, "column": key.name}
    return str(connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), place))
