from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, insert, text

from tests.database.opened import content, only_sqlite, opened, shop_of
from vip_rules.database.connection import Database
from vip_rules.database.failure import DatabaseFailed
from vip_rules.database.migrations import configuration
from vip_rules.database.revision import HEAD
from vip_rules.database.tables import dirty, metadata, shops
from vip_rules.testing.databases import Databases


def test_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@only_sqlite
def test_migrations_make_the_same_sql(database: Database) -> None:
    direct = create_engine("sqlite://")
    metadata.create_all(direct)
    with database.reading() as connection, direct.connect() as other:
        assert statements(connection) == statements(other)
    direct.dispose()


def test_the_head_is_the_last_migration(database: Database) -> None:
    with database.reading() as connection:
        scripts = ScriptDirectory.from_config(configuration(connection))
    assert scripts.get_heads() == [HEAD]


def test_an_upgrade_keeps_rows(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = opened(url)
    shop = shop_of(database)
    with database.writing() as connection:
        connection.execute(insert(dirty).values(shop=shop, customer_id="1", change=3))
    kept = content(database, shops), content(database, dirty)
    # With another head than the file's, opening goes through the migrations.
    monkeypatch.setattr("vip_rules.database.revision.HEAD", "another")
    database.close()
    again = opened(url)
    assert (content(again, shops), content(again, dirty)) == kept
    again.close()


def test_a_database_of_a_newer_version_is_refused(databases: Databases, tmp_path: Path) -> None:
    with databases.bare(tmp_path) as url:
        database = opened(url)
        with database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        database.close()
        with pytest.raises(DatabaseFailed, match=r"made by a newer version of vip-rules \(revision 9999\)"):
            opened(url)


@only_sqlite
def test_new_tables_are_searched_by_customer(database: Database) -> None:
    queries = {
        "orders": "SELECT * FROM orders WHERE shop = 1 AND customer_id IN (SELECT value FROM json_each('[]'))",
        "events": "SELECT * FROM events WHERE shop = 1 AND customer_id = '1'",
        "ledger": "SELECT * FROM ledger WHERE shop = 1 AND customer_id = '1'",
    }
    with database.reading() as connection:
        for table, query in queries.items():
            plan = " ".join(row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {query}")))
            assert f"ix_{table}_shop_customer_id (shop=? AND customer_id=?)" in plan


def statements(connection: Connection) -> set[str]:
    rows = connection.execute(
        text("SELECT sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' AND name NOT LIKE 'sqlite%'")
    )
    # The order of constraints means nothing.
    return {
        " ".join(sorted(row[0].replace(",", " ").replace(")", " ").replace("(", " ").split())) for row in rows
    }
