"""How rows come out of the database as frames: few over a connection, all of a kind over Arrow, in parallel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite

from vip_rules.database.connection import PATIENCE, Database
from vip_rules.database.failure import DatabaseFailed
from vip_rules.mirror.kinds import Kind

HALVED: Final = 100_000
"""From how many rows on it pays to read both halves of a table at the same time."""

BATCH: Final = 65_536
"""Rows of an Arrow batch."""

Wanted = tuple[Kind, Sequence[ColumnElement[bool]]]
"""A kind of rows, and the conditions that they meet."""


def rows_over(connection: Connection, shop: int, wanted: Wanted) -> pl.DataFrame:
    """The real rows of a shop, in a transaction at hand."""
    kind, conditions = wanted
    rows = [tuple(row) for row in connection.execute(kind.query(shop, *conditions))]
    return kind.typed(pl.DataFrame(rows, schema=kind.raw, orient="row"))


def rows_at_once(database: Database, shop: int, wanted: Sequence[Wanted]) -> list[pl.DataFrame]:
    """The real rows of a shop, of several kinds, on connections of their own: each sees its own moment."""
    if not _has_arrow(database):
        with database.reading() as connection:
            return [rows_over(connection, shop, each) for each in wanted]
    parts = [(number, query) for number, each in enumerate(wanted) for query in _halves(database, shop, each)]
    with ThreadPoolExecutor(2) as threads:
        frames = list(threads.map(lambda part: wanted[part[0]][0].typed(_arrow(database, part[1])), parts))
    return [
        pl.concat([frame for (of, _), frame in zip(parts, frames, strict=True) if of == number])
        for number in range(len(wanted))
    ]


def _has_arrow(database: Database) -> bool:
    return database.file is not None or find_spec("adbc_driver_postgresql") is not None


def _halves(database: Database, shop: int, wanted: Wanted) -> Iterator[Select[Any]]:
    """The query of a kind, or two for its halves, in the order in which the table keeps its rows."""
    kind, conditions = wanted
    key = next(column for column in kind.table.primary_key if column.name != "shop")
    of_shop = kind.table.c.shop == shop
    middle = None
    if not conditions:
        with database.reading() as connection:
            counted = select(func.count()).select_from(kind.table).where(of_shop)
            if (count := connection.execute(counted).scalar_one()) >= HALVED:
                between = select(key).where(of_shop).order_by(key).offset(count // 2).limit(1)
                middle = connection.scalar(between)
    for half in [()] if middle is None else [(key < middle,), (key >= middle,)]:
        yield kind.query(shop, *conditions, *half)


def _arrow(database: Database, query: Select[Any]) -> pl.DataFrame:
    from adbc_driver_manager import Error

    dialect = sqlite.dialect() if database.file else postgresql.dialect()  # type: ignore[no-untyped-call]
    sql = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    try:
        with _connected(database) as connection, connection.cursor() as cursor:
            if database.file:
                cursor.execute(f"PRAGMA busy_timeout = {1000 * PATIENCE}")
                cursor.fetchall()
                cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH)})
            cursor.execute(sql)
            return pl.DataFrame(cursor.fetch_arrow())
    except Error as error:
        raise DatabaseFailed(f"the database {database.name} can't be read: {error}") from error


def _connected(database: Database) -> Any:
    if database.file:
        from adbc_driver_sqlite import dbapi

        return dbapi.connect(f"{database.file.absolute().as_uri()}?mode=ro")
    from adbc_driver_postgresql import dbapi as postgres

    plain = database.url.set(drivername="postgresql")
    return postgres.connect(plain.render_as_string(hide_password=False))
