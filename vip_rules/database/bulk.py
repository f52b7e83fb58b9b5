"""Many rows at once, in SQL that SQLite and PostgreSQL share."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    bindparam,
    text,
)
from sqlalchemy import any_ as any_of

ROWS: Final = 20_000
"""How many rows are handed to the database at a time."""

_TYPES: Final = {Text: "text", Boolean: "boolean", BigInteger: "bigint", Integer: "integer"}

Batch = list[tuple[Any, ...]]


def put(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert whole rows, in the order of the table's columns; a row of the same key is replaced."""
    _insert(connection, table, rows, replace=True)


def add(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert whole rows, in the order of the table's columns; a row of the same key stays as it is."""
    _insert(connection, table, rows, replace=False)


def among(connection: Connection, column: ColumnElement[str], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column of texts has one of some values, be they two or a million: they travel as one parameter."""
    if connection.dialect.name == "sqlite":
        each = text("SELECT value FROM json_each(:values)").bindparams(values=json.dumps(list(values)))
        return column.in_(each)
    return column == any_of(bindparam(None, list(values)))


def among_given(dialect: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    """The same for a statement that is made once and executed often, with some values `given` as its parameter `values`."""
    if dialect == "sqlite":
        return column.in_(text("SELECT value FROM json_each(:values)"))
    return column == any_of(bindparam("values"))


def given(connection: Connection, values: Collection[str]) -> str | list[str]:
    """Some values as the parameter of `among_given`."""
    return json.dumps(list(values)) if connection.dialect.name == "sqlite" else list(values)


def _insert(connection: Connection, table: Table, rows: Iterable[Sequence[Any]], *, replace: bool) -> None:
    sql = _sql(table, connection.dialect.name, replace=replace)
    left = iter(rows)
    while batch := [tuple(row) for row in islice(left, ROWS)]:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(sql, batch)
        else:
            # As columns they travel many times faster than as rows.
            columns = zip(*_once(table, batch, replace=replace), strict=True)
            connection.exec_driver_sql(sql, tuple(map(list, columns)))


@lru_cache
def _sql(table: Table, dialect: str, *, replace: bool) -> str:
    names = [f'"{column.name}"' for column in table.columns]
    keys = [f'"{column.name}"' for column in table.primary_key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    action = f"UPDATE SET {changes}" if replace and changes else "NOTHING"
    if dialect == "sqlite":
        source = f"VALUES ({', '.join('?' * len(names))})"
    else:
        source = f"SELECT * FROM unnest({', '.join(f'%s::{_plain(column)}[]' for column in table.columns)})"
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) {source} ON CONFLICT ({', '.join(keys)}) DO {action}"
    )


def _plain(column: Column[Any]) -> str:
    """PostgreSQL's name for a column's type, whatever it is sorted by."""
    return next(name for kind, name in _TYPES.items() if isinstance(column.type, kind))


def _once(table: Table, batch: Batch, *, replace: bool) -> Iterable[tuple[Any, ...]]:
    """A batch with one row of each key, the one that is left in the end: a statement of PostgreSQL touches a row but once."""
    places = [place for place, column in enumerate(table.columns) if column.primary_key]
    key = itemgetter(*places)
    return {key(row): row for row in (batch if replace else reversed(batch))}.values()
