"""Many rows at once, in SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, bindparam, text
from sqlalchemy import any_ as any_of

ROWS: Final = 20_000
"""How many rows are handed to the database at a time."""


def put(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert whole rows, in the order of the table's columns; a row of the same key is replaced."""
    _in_batches(connection, _sql(table, connection.dialect.name, replace=True), rows)


def add(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert whole rows, in the order of the table's columns; a row of the same key stays as it is."""
    _in_batches(connection, _sql(table, connection.dialect.name, replace=False), rows)


def among(connection: Connection, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column of texts has one of some values, be they two or a million: they travel as one parameter."""
    if connection.dialect.name == "sqlite":
        each = text("SELECT value FROM json_each(:values)").bindparams(values=json.dumps(list(values)))
        return column.in_(each)
    return column == any_of(bindparam(None, list(values)))


@lru_cache
def _sql(table: Table, dialect: str, *, replace: bool) -> str:
    names = [f'"{column.name}"' for column in table.columns]
    keys = [f'"{column.name}"' for column in table.primary_key]
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(names))
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    action = f"UPDATE SET {changes}" if replace and changes else "NOTHING"
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) "
        f"ON CONFLICT ({', '.join(keys)}) DO {action}"
    )


def _in_batches(connection: Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    batch: list[tuple[Any, ...]] = []
    for row in rows:
        batch.append(tuple(row))
        if len(batch) == ROWS:
            connection.exec_driver_sql(sql, batch)
            batch = []
    if batch:
        connection.exec_driver_sql(sql, batch)
