"""How rows come out of the database as frames: few over a connection, all of a kind over Arrow, in parallel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, select

from vip_rules.database.connection import PATIENCE, Database
from vip_rules.database.failure import DatabaseFailed
from vip_rules.mirror.kinds import Kind
from vip_rules.mirror.reader import take

PART: Final = 1_000_000
"""About how many rows are read at a time."""

MANY: Final = 50_000
"""From how many rows on it pays to start processes that read."""

BATCH: Final = 65_536
"""Rows of an Arrow batch."""

Wanted = tuple[Kind, Sequence[ColumnElement[bool]]]
"""A kind of rows, and the conditions that they meet."""


def rows_over(connection: Connection, shop: int, wanted: Wanted) -> pl.DataFrame:
    """The real rows of a shop, in a transaction at hand."""
    kind, conditions = wanted
    # Part by part: as Python's own objects rows take ten times the room.
    parts = connection.execute(kind.query(shop, *conditions)).partitions(BATCH)
    frames = [pl.DataFrame([tuple(row) for row in part], schema=kind.raw, orient="row") for part in parts]
    return kind.typed(pl.concat(frames or [pl.DataFrame(schema=kind.raw)], rechunk=False))


def rows_at_once(database: Database, shop: int, wanted: Sequence[Wanted]) -> list[pl.DataFrame]:
    """The real rows of a shop, of several kinds, by processes of their own: each part is of its own moment."""
    with database.reading() as connection:
        if not _has_arrow(database) or not any(_has_many(connection, shop, each) for each in wanted):
            return [rows_over(connection, shop, each) for each in wanted]
        parts = [
            (number, part) for number, each in enumerate(wanted) for part in _parts(connection, shop, each)
        ]
    readers = min(os.cpu_count() or 1, len(parts))
    with ThreadPoolExecutor(readers) as threads:
        shares = [parts[n::readers] for n in range(readers)]
        told = list(threads.map(lambda share: _read(database, wanted, share), shares))
    frames = [frame for share in told for frame in share]
    return [
        pl.concat([frame for number, frame in frames if number == each], rechunk=False)
        for each in range(len(wanted))
    ]


def _has_arrow(database: Database) -> bool:
    return database.file is not None or find_spec("adbc_driver_postgresql") is not None


def _has_many(connection: Connection, shop: int, wanted: Wanted) -> bool:
    kind, conditions = wanted
    beyond = select(kind.table.c.shop).where(kind.table.c.shop == shop, *conditions).offset(MANY).limit(1)
    return connection.scalar(beyond) is not None


def _parts(connection: Connection, shop: int, wanted: Wanted) -> Iterator[Select[Any]]:
    """The queries of a kind, one for each part, in the order in which the table keeps its rows."""
    kind, conditions = wanted
    key = next(column for column in kind.table.primary_key if column.name != "shop")
    begin: str | None = None
    while not conditions:
        after = [] if begin is None else [key >= begin]
        bound = select(key).where(kind.table.c.shop == shop, *after).order_by(key).offset(PART).limit(1)
        end: str | None = connection.scalar(bound)
        if end is None or end == begin:
            break
        yield kind.query(shop, *after, key < end)
        begin = end
    yield kind.query(shop, *conditions, *([] if begin is None else [key >= begin]))


def _read(
    database: Database, wanted: Sequence[Wanted], share: Sequence[tuple[int, Select[Any]]]
) -> list[tuple[int, pl.DataFrame]]:
    """The frames of some parts, read by one process."""
    from sqlalchemy.dialects import postgresql, sqlite

    dialect = sqlite.dialect() if database.file else postgresql.dialect()  # type: ignore[no-untyped-call]
    queries = [
        str(part.compile(dialect=dialect, compile_kwargs={"literal_binds": True})) for _, part in share
    ]
    if database.file:
        job = {
            "driver": "sqlite",
            "uri": f"{database.file.absolute().as_uri()}?mode=ro",
            "before": [f"PRAGMA busy_timeout = {1000 * PATIENCE}"],
            "options": {"adbc.sqlite.query.batch_rows": str(BATCH)},
        }
    else:
        plain = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        job = {"driver": "postgresql", "uri": plain, "before": [], "options": {}}
    reader = subprocess.Popen(
        [sys.executable, "-m", "vip_rules.mirror.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stderr is not None
        reader.stdin.write(json.dumps(job | {"queries": queries}).encode())
        reader.stdin.close()
        frames = []
        for number, _ in share:
            frame = take(reader.stdout)
            if frame is None:
                said = reader.stderr.read().decode(errors="replace").strip().splitlines()
                why = said[-1] if said else "its reader ended early"
                raise DatabaseFailed(f"the database {database.name} can't be read: {why}")
            frames.append((number, wanted[number][0].typed(frame)))
    return frames
