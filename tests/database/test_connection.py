import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError

from tests.database.opened import NOON, only_sqlite, opened, shop_of
from vip_rules.database.connection import Database
from vip_rules.database.failure import DatabaseFailed
from vip_rules.database.tables import dirty, shops
from vip_rules.errors import NotInstalled
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.databases import Databases

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
