"""A database for a test, with a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Table, select

from vip_rules.database.connection import Database
from vip_rules.testing.clock import StoppedClock

NOON: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)


def opened(folder: Path, patience: int = 0) -> Database:
    """The database of a folder, made on the first call."""
    return Database.open(f"sqlite:///{folder / 'vip.db'}", clock=StoppedClock(NOON), patience=patience)


def shop_of(database: Database, name: str = "atelier") -> int:
    """A shop in dollars, whose days are New York's."""
    return database.shop(name, adapter="memory", currency="USD", timezone="America/New_York")


def content(database: Database, table: Table) -> list[tuple[object, ...]]:
    """All rows of a table, sorted."""
    with database.reading() as connection:
        return sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
