"""Revisions: a database that is new or of an earlier version is brought up to date when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from sqlalchemy import Connection, inspect, text

from vip_rules.database.failure import DatabaseFailed

HEAD: Final = "0002"
"""The revision that tables.py describes, the last one in migrations/versions."""

Transaction = Callable[[], AbstractContextManager[Connection]]


def bring_up_to_date(name: str, reading: Transaction, writing: Transaction) -> None:
    """Bring a database to `HEAD`. Raises DatabaseFailed for one of a newer version, or of another program.

    Alembic takes long to load, so it is loaded only if there is something to do.
    """
    with reading() as connection:
        if _revision(name, connection) == HEAD:
            return
    with writing() as connection:
        # Another process may have been faster.
        if (found := _revision(name, connection)) != HEAD:
            _upgrade(name, connection, found)


def _revision(name: str, connection: Connection) -> str | None:
    """The revision of the tables; None if there are none."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision
    if tables:
        raise DatabaseFailed(
            f"the database {name} belongs to another program, it has the table {sorted(tables)[0]}: name another one in "
            "vip-rules.toml"
        )
    return None


def _upgrade(name: str, connection: Connection, found: str | None) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    from vip_rules.database.migrations import configuration

    config = configuration(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise DatabaseFailed(
            f"the database {name} was made by a newer version of vip-rules (revision {found}): install that version"
        )
    command.upgrade(config, "head")
