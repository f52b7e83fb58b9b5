import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, func, insert, inspect, make_url, select, text, update
from sqlalchemy.exc import IntegrityError

from tests.database.opened import NOON, SERVER, need_server, only_postgresql, only_sqlite, opened, shop_of
from vip_rules.database.connection import Database
from vip_rules.database.failure import DatabaseFailed
from vip_rules.database.tables import dirty, shops
from vip_rules.errors import NotInstalled
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.databases import Databases, Files

CLOCK = StoppedClock(NOON)


def test_what_was_written_is_there_after_opening_again(url: str) -> None:
    first = opened(url)
    shop = shop_of(first)
    first.close()
    again = opened(url)
    assert shop_of(again) == shop
    assert shop_of(again, "other") != shop
    again.close()


@only_sqlite
def test_commits_survive_a_loss_of_power(database: Database) -> None:
    with database.reading() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    shop = shop_of(database)

    def fail() -> None:
        with database.writing() as connection:
            connection.execute(insert(dirty).values(shop=shop, customer_id="1", change=1))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.reading() as connection:
        assert not connection.execute(select(dirty)).all()


def test_a_reader_sees_one_moment(database: Database) -> None:
    shop = shop_of(database)
    changes = select(shops.c.changes).where(shops.c.id == shop)
    with database.reading() as reader:
        assert reader.scalar(changes) == 0
        with database.writing() as writer:
            writer.execute(update(shops).values(changes=7))
        assert reader.scalar(changes) == 0
    with database.reading() as reader:
        assert reader.scalar(changes) == 7


def test_writers_wait_for_each_other_at_their_beginning(database: Database) -> None:
    def write() -> None:
        with database.writing():
            pass

    with database.writing(), pytest.raises(DatabaseFailed, match="in use by another process") as failed:
        write()
    assert failed.value.exit_code == 3
    write()


def test_rows_belong_to_a_shop_that_exists(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(insert(dirty).values(shop=99, customer_id="1", change=1))


def test_an_ordinary_opening_loads_no_migrations(url: str) -> None:
    script = (
        "import sys; from datetime import datetime, UTC; from vip_rules.database.connection import Database\n"
        f"Database.open({url!r}, clock=lambda: datetime.now(UTC)).close()\n"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("vip-rules.db", "can't be read: sqlite:///FILE or"),
        ("sqlite://", "names no file"),
        ("mysql://localhost/vip", "mysql isn't supported"),
        ("sqlite:////nowhere/at/all.db", "its folder must exist"),
    ],
)
def test_urls_that_lead_nowhere(url: str, said: str) -> None:
    with pytest.raises(DatabaseFailed, match=said):
        Database.open(url, clock=CLOCK)


def test_a_password_is_never_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vip_rules.database.connection.find_spec", lambda name: None)
    with pytest.raises(NotInstalled, match=r"vip-rules\[postgresql\]") as refused:
        Database.open("postgresql://ada:s3cret@localhost/vip", clock=CLOCK)
    assert "s3cret" not in str(refused.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "vip.db").write_text("customer_id,created_at\n" * 100)
    with pytest.raises(DatabaseFailed, match=r"vip\.db is no database"):
        opened(f"sqlite:///{tmp_path / 'vip.db'}")


def test_a_database_of_another_program_stays_as_it_is(databases: Databases, tmp_path: Path) -> None:
    with databases.bare(tmp_path) as url:
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as other:
            other.execute(text("CREATE TABLE photos (id INTEGER)"))
        with pytest.raises(DatabaseFailed, match="belongs to another program, it has the table photos"):
            opened(url)
        assert inspect(engine).get_table_names() == ["photos"]
        engine.dispose()


@pytest.mark.parametrize("name", ["half a \ud83d", "nothing\0"])
def test_texts_that_no_database_keeps_are_told_without_a_traceback(
    databases: Databases, url: str, name: str
) -> None:
    if isinstance(databases, Files) and "\0" in name:
        pytest.skip("SQLite keeps NUL")
    database = opened(url)
    with pytest.raises(DatabaseFailed, match="can't keep a text that holds NUL or half of a surrogate pair"):
        shop_of(database, name)
    database.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"database": "vip_rules_nowhere"}, "vip_rules_nowhere isn't there: make it with CREATE DATABASE"),
        ({"username": "vip_rules_nobody"}, "doesn't let this user in"),
        ({"port": 1}, "nobody listens there"),
        ({"host": "nowhere.invalid"}, "there is no such host"),
    ],
)
def test_servers_that_cannot_be_reached(changes: dict[str, Any], said: str) -> None:
    need_server()
    url = make_url(os.environ[SERVER]).set(password="s3cret", **changes)
    with pytest.raises(DatabaseFailed, match=said) as failed:
        opened(url.render_as_string(hide_password=False))
    assert "s3cret" not in str(failed.value)


@only_postgresql
def test_a_lost_connection_is_told_and_the_next_transaction_has_a_new_one(database: Database) -> None:
    shop = shop_of(database)

    def is_cut_off(transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        with transaction() as connection:
            session = connection.scalar(text("SELECT pg_backend_pid()"))
            with database.reading() as other:
                other.execute(text("SELECT pg_terminate_backend(:session)"), {"session": session})
            connection.execute(select(shops)).all()

    for transaction in (database.reading, database.writing, database.appending):
        with pytest.raises(DatabaseFailed, match="the connection to it broke") as failed:
            is_cut_off(transaction)
        assert failed.value.exit_code == 3
        assert shop_of(database) == shop


@only_postgresql
def test_connections_that_were_lost_while_nobody_used_them_are_replaced(database: Database, url: str) -> None:
    shop = shop_of(database)
    other = opened(url)
    with other.reading() as connection:
        ended = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'vip-rules' AND pid <> pg_backend_pid()"
        )
        assert connection.scalars(text(ended)).all() == [True]
    other.close()
    assert shop_of(database) == shop


@only_postgresql
def test_texts_are_sorted_by_their_bytes(database: Database) -> None:
    """As SQLite and Python do; the database itself sorts as people do."""
    shop, names = shop_of(database), ["b", "B", "a", "A", "_", "ä", "10", "9", "a b", "ab"]
    with database.writing() as connection:
        for name in names:
            connection.execute(insert(dirty).values(shop=shop, customer_id=name, change=1))
        found = connection.scalars(select(dirty.c.customer_id).order_by(dirty.c.customer_id)).all()
        assert found == sorted(names)
        as_people_do = text('SELECT customer_id FROM dirty ORDER BY customer_id COLLATE "default"')
        assert connection.scalars(as_people_do).all() != found
        assert connection.scalar(select(func.max(dirty.c.customer_id))) == max(names)


@only_postgresql
def test_commits_are_durable_although_the_server_is_careless(database: Database, url: str) -> None:
    careless = f"ALTER DATABASE {database.url.database} SET synchronous_commit = "
    with database.writing() as connection:
        connection.execute(text(careless + "off"))
    again = opened(url)
    with again.reading() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
    again.close()
    with database.writing() as connection:
        connection.execute(text(careless + "DEFAULT"))
