"""Databases for tests, with a clock that stands still."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

import pytest
from sqlalchemy import Table, select

from vip_rules.database.connection import Database
from vip_rules.database.tables import metadata
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.databases import Databases, Files

NOON: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)

SERVER: Final = "VIP_RULES_TEST_POSTGRES"
"""The environment's variable with the URL of the PostgreSQL server of the tests; its role needs CREATEDB."""

only_sqlite: Final = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""For tests of what only SQLite has, and for those that take long and don't depend on the database."""

only_postgresql: Final = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
"""For tests of what only PostgreSQL has."""


def lending(name: str) -> Databases:
    """The databases of SQLite or PostgreSQL."""
    if name == "sqlite":
        return Files()
    from vip_rules.testing.servers import Servers

    return Servers(os.environ[SERVER])


def need_server() -> None:
    """Skip a test of PostgreSQL where there is none; in CI it fails."""
    if SERVER not in os.environ:
        lacking = f"no PostgreSQL to test with: set {SERVER} to its URL, postgresql://USER@HOST/NAME"
        if os.environ.get("CI") == "true":
            pytest.fail(lacking)
        pytest.skip(lacking)


def opened(url: str, patience: float = 0) -> Database:
    """The database of a URL, which doesn't wait for others."""
    return Database.open(url, clock=StoppedClock(NOON), patience=patience)


def shop_of(database: Database, name: str = "atelier") -> int:
    """A shop in dollars, whose days are New York's."""
    return database.shop(name, adapter="memory", currency="USD", timezone="America/New_York")


def content(database: Database, table: Table) -> list[tuple[object, ...]]:
    """All rows of a table, sorted."""
    with database.reading() as connection:
        return sorted((tuple(row) for row in connection.execute(select(table))), key=repr)


def everything(database: Database) -> str:
    """All that is in all tables, as text to be searched."""
    return "\n".join(repr(content(database, table)) for table in metadata.sorted_tables)
