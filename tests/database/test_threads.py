"""The threads of a service share one database: those who read, those who write, and those who only append."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update

from tests.database.opened import content, only_postgresql, only_sqlite, opened, shop_of
from vip_rules.database.connection import Database
from vip_rules.database.failure import DatabaseFailed
from vip_rules.database.tables import dirty, inbox, shops

THREADS = 12
TIMES = 10


def delivery(shop: int, name: str) -> dict[str, object]:
    return {
        "shop": shop,
        "topic": "orders/updated",
        "delivery": name,
        "digest": "00",
        "body": b"{}",
        "received_at": 0,
        "state": "waiting",
        "due_at": 0,
        "changed_at": 0,
    }


def test_threads_write_one_after_the_other_and_lose_nothing(url: str) -> None:
    database = opened(url, patience=60)
    shop = shop_of(database)

    def works(thread: int) -> None:
        for _ in range(TIMES):
            with database.writing() as connection:
                seen = connection.execute(select(shops.c.changes)).scalar_one()
                connection.execute(update(shops).values(changes=seen + 1))
            with database.appending() as connection:
                connection.execute(insert(inbox).values(delivery(shop, f"{thread} {seen}")))
            with database.reading() as connection:
                assert connection.execute(select(func.count()).select_from(inbox)).scalar_one() > 0

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(works, range(THREADS)))
    with database.reading() as connection:
        assert connection.scalar(select(shops.c.changes)) == THREADS * TIMES
        assert connection.scalar(select(func.count()).select_from(inbox)) == THREADS * TIMES
    database.close()


def test_a_lock_of_one_thread_is_not_that_of_another(database: Database) -> None:
    def tries() -> str:
        try:
            with database.lock(1):
                return "got it"
        except DatabaseFailed as failure:
            return str(failure)

    with database.lock(1), ThreadPoolExecutor(1) as threads:
        assert "another apply is running" in threads.submit(tries).result()
    assert tries() == "got it"


@only_postgresql
def test_the_inbox_is_appended_to_while_others_write(database: Database) -> None:
    shop = shop_of(database)
    with database.writing() as worker:
        worker.execute(insert(dirty).values(shop=shop, customer_id="1", change=1))
        with database.appending() as receiver:
            receiver.execute(insert(inbox).values(delivery(shop, "1")))
            # The log is the server's own business.
            database.checkpoint()
        # What was committed meanwhile is seen.
        assert worker.scalar(select(func.count()).select_from(inbox)) == 1
    assert len(content(database, dirty)) == 1


@only_sqlite
def test_a_file_has_one_writer(database: Database) -> None:
    shop = shop_of(database)

    def appends() -> None:
        with database.appending() as receiver:
            receiver.execute(insert(inbox).values(delivery(shop, "1")))

    with database.writing(), pytest.raises(DatabaseFailed, match="in use by another process"):
        appends()
    appends()
    assert len(content(database, inbox)) == 1


def test_what_an_appending_transaction_wrote_is_undone_if_it_raises(database: Database) -> None:
    shop = shop_of(database)

    def fails() -> None:
        with database.appending() as connection:
            connection.execute(insert(inbox).values(delivery(shop, "1")))
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert content(database, inbox) == []


@only_sqlite
def test_a_log_that_commits_leave_alone_is_written_by_a_checkpoint(url: str, tmp_path: Path) -> None:
    file = tmp_path / "vip.db"
    receiver = Database.open(url, clock=lambda: pytest.fail("nobody asks for the time"), checkpoints=False)
    with receiver.reading() as connection:
        assert connection.scalar(text("PRAGMA wal_autocheckpoint")) == 0
    shop = shop_of(receiver)
    before = file.stat().st_size
    for number in range(3):
        with receiver.appending() as connection:
            body = bytes(3_000_000)
            connection.execute(insert(inbox).values(delivery(shop, str(number)) | {"body": body}))
    assert file.stat().st_size == before
    worker = opened(url)
    worker.checkpoint()
    assert file.stat().st_size > before + 9_000_000
    with receiver.reading():
        # Nobody has to wait for those who read.
        worker.checkpoint()
    assert len(content(worker, inbox)) == 3
    worker.close()
    receiver.close()
