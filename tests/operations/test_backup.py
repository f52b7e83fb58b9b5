"""A backup is the whole database of one moment, in a file that is whole or isn't there; what is restored of it rests."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from alembic import command
from hypothesis import given, settings
from sqlalchemy import create_engine, delete, insert, select, text, update

from tests.database.opened import NOON, content, lending, need_server, only_sqlite, opened, shop_of
from tests.operations.dying import mortal_backup, mortal_restore
from tests.operations.generated import DATABASES, Rows, fill
from vip_rules.database.connection import Database
from vip_rules.database.copying import TABLES, contents, go_on_from, numbers, reflected
from vip_rules.database.failure import AtWork, DatabaseFailed
from vip_rules.database.migrations import configuration
from vip_rules.database.revision import HEAD
from vip_rules.database.tables import (
    cursors,
    customers,
    dirty,
    inbox,
    ledger,
    outbox,
    plans,
    shops,
)
from vip_rules.errors import UsageError
from vip_rules.ledger import breaks
from vip_rules.mirror.redaction import redact
from vip_rules.operations.backup import Backup, BackupRefused, chains, make_backup, opened_backup
from vip_rules.operations.restoring import Restored, Restorer, restore
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.databases import Databases
from vip_rules.testing.dying import live

CLOCK = StoppedClock(NOON)
LATER = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

ANN = {
    "id": "ann",
    "created": 20_000,
    "joined": 20_000,
    "digest": 1,
    "email": "ann@example.com",
    "gone": False,
    "redacted": False,
}


def backup_of(database: Database, file: Path, **more: Any) -> Backup:
    return make_backup(database, file, clock=CLOCK, **more)


def restored(database: Database, file: Path) -> Restored:
    with opened_backup(file) as checked:
        return restore(database, checked, Restorer(by="ada", clock=lambda: LATER, entropy=os.urandom))


def intent(number: int, state: str, **more: Any) -> dict[str, Any]:
    row = {"number": number, "shop": 1, "key": f"key-{number}", "kind": "customer", "action": "put"}
    row |= {"payload": "{}", "state": state, "attempts": 2, "planned_at": 1, "changed_at": 1}
    return row | more


@pytest.fixture
def shop(database: Database) -> Database:
    """A shop with a customer, an order, a webhook, and ledgers."""
    fill(database, {})
    with database.writing() as connection:
        connection.execute(insert(customers).values(shop=1, **ANN))
        connection.execute(insert(outbox), [intent(7, "planned"), intent(9, "confirmed")])
        webhook = {"number": 4, "shop": 1, "topic": "orders/paid", "delivery": "d", "digest": "x"}
        webhook |= {"body": b"\x00\xff", "received_at": 1, "state": "waiting", "due_at": 1, "changed_at": 1}
        connection.execute(insert(inbox).values(**webhook, attempts=0))
        go_on_from(connection, {"outbox": 20})
    return database


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """An empty database of SQLite."""
    folder = tmp_path / "empty"
    folder.mkdir()
    found = opened(f"sqlite:///{folder / 'vip.db'}")
    yield found
    found.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backups of mine" / "monday.db"


@pytest.fixture(autouse=True)
def _folder(file: Path) -> None:
    file.parent.mkdir()


# Making one


def test_a_backup_says_what_it_holds(shop: Database, file: Path) -> None:
    made = backup_of(shop, file)
    assert made.made_at == NOON
    assert made.revision == HEAD
    assert made.numbers == {"shops": 2, "outbox": 20, "inbox": 4}
    assert [(chain.shop, chain.entries, chain.breaks) for chain in made.chains] == [
        ("Gallery", 3, ()),
        ("atelier", 3, ()),
    ]
    assert made.contents["customers"].rows == 1
    with opened_backup(file) as checked:
        assert checked.backup == made
        assert Backup.of(json.loads(json.dumps(made.record()))) == made


def test_it_is_one_file_that_only_its_owner_may_read(shop: Database, file: Path) -> None:
    backup_of(shop, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {each.name for each in file.parent.iterdir()} == {"monday.db", ".vip-rules-backup.lock"}


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(shop: Database, file: Path) -> None:
    file.write_text("mine")
    with pytest.raises(
        UsageError, match=r"monday\.db is there already: name another file, or .* --overwrite"
    ):
        backup_of(shop, file)
    assert file.read_text() == "mine"
    backup_of(shop, file, overwrite=True)
    with opened_backup(file) as checked:
        assert checked.backup.rows > 0


@only_sqlite
def test_the_database_itself_is_never_overwritten(shop: Database) -> None:
    assert shop.file is not None
    with pytest.raises(UsageError, match="is the database itself"):
        backup_of(shop, shop.file, overwrite=True)


def test_what_isnt_a_place_for_a_file(shop: Database, file: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        backup_of(shop, file.parent)
    with pytest.raises(UsageError, match="there is no folder"):
        backup_of(shop, file.parent / "nowhere" / "monday.db")


def test_it_is_of_one_moment_though_others_write(shop: Database, file: Path) -> None:
    before = {table.name: content(shop, table) for table in TABLES}

    def clock() -> datetime:
        """Called between the first look at the database and the copying."""
        with shop.writing() as connection:
            connection.execute(insert(dirty).values(shop=1, customer_id="bob", change=5))
            connection.execute(delete(customers))
            connection.execute(insert(outbox).values(intent(10, "planned")))
        return NOON

    make_backup(shop, file, clock=_later(clock))
    assert not content(shop, customers)
    with opened_backup(file) as checked:
        for table in TABLES:
            rows = checked.connection.execute(select(table))
            assert sorted(map(tuple, rows), key=repr) == before[table.name]


def _later(call: Callable[[], datetime]) -> Callable[[], datetime]:
    """A clock that is asked twice, once for the lock; the second time something happens."""
    asked = []

    def clock() -> datetime:
        asked.append(1)
        return call() if len(asked) == 2 else NOON

    return clock


def test_what_was_erased_is_in_no_backup(shop: Database, file: Path) -> None:
    with shop.writing() as connection:
        connection.execute(
            insert(customers).values(shop=1, **ANN | {"id": "canary-4711", "email": "canary@example.com"})
        )
        connection.execute(
            update(outbox).values(customer_id="canary-4711", payload='{"email":"canary@example.com"}')
        )
    backup_of(shop, file)
    assert b"canary" in file.read_bytes()
    redact(shop, 1, "canary-4711", lambda connection, number, customer: None)
    backup_of(shop, file, overwrite=True)
    assert b"canary" not in file.read_bytes()
    assert b"ann@example.com" in file.read_bytes()


def test_a_ledger_that_doesnt_verify_is_kept_and_told(shop: Database, empty: Database, file: Path) -> None:
    with shop.writing() as connection:
        connection.execute(update(ledger).where(ledger.c.shop == 2, ledger.c.seq == 2).values(day=77))
    made = backup_of(shop, file)
    assert made.breaks == ["Gallery: entry 2 doesn't follow from the entry before"]
    assert restored(empty, file).backup.breaks == made.breaks


def test_two_backups_into_a_folder_are_made_one_after_the_other(shop: Database, file: Path) -> None:
    def clock() -> datetime:
        with pytest.raises(AtWork, match="another backup is running"):
            backup_of(shop, file)
        return NOON

    make_backup(shop, file, clock=_later(clock))


def test_what_a_killed_backup_left_is_no_hindrance(shop: Database, file: Path) -> None:
    file.with_name(".monday.db.part").write_bytes(b"half of it")
    made = backup_of(shop, file)
    with opened_backup(file) as checked:
        assert checked.backup == made
    assert not file.with_name(".monday.db.part").exists()


# Files that are refused


def spoilt_rows(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE customers SET email = 'eve@example.com'")
        connection.commit()


def spoilt_ledger(file: Path) -> None:
    """As whoever changes the backup's own words would do it."""
    with closing(sqlite3.connect(file)) as connection:
        (record,) = connection.execute("SELECT record FROM backup").fetchone()
        connection.execute("UPDATE backup SET record = ?", (record.replace('"entries": 3', '"entries": 4'),))
        connection.commit()


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        (record,) = connection.execute("SELECT record FROM backup").fetchone()
        changed = record.replace(f'"revision": "{HEAD}"', '"revision": "9999"')
        connection.execute("UPDATE backup SET record = ?", (changed,))
        connection.commit()


def speechless(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE backup SET record = '[]'")
        connection.commit()


def another_database(file: Path) -> None:
    file.unlink()
    opened(f"sqlite:///{file}").close()


def folder_instead(file: Path) -> None:
    file.unlink()
    file.mkdir()


def halved(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def scribbled(file: Path) -> None:
    """One letter of one page, in the middle of a value."""
    file.write_bytes(file.read_bytes().replace(b"ann@example.com", b"ann@example.cow"))


SPOILT: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "missing": (Path.unlink, BackupRefused, "there is no file"),
    "a folder": (folder_instead, BackupRefused, "there is no file"),
    "empty": (lambda file: file.write_bytes(b""), BackupRefused, "is no backup of vip-rules"),
    "no database": (lambda file: file.write_text("a,b\n" * 999), BackupRefused, "damaged, or no backup"),
    "another database": (another_database, BackupRefused, "is no backup of vip-rules"),
    "half of it": (halved, BackupRefused, "damaged"),
    "one letter": (scribbled, BackupRefused, "isn't what was written"),
    "rows": (spoilt_rows, BackupRefused, "isn't what was written"),
    "ledger": (spoilt_ledger, BackupRefused, "ledgers aren't those that were written"),
    "speechless": (speechless, BackupRefused, "says nothing sensible"),
    "newer": (newer, DatabaseFailed, "newer version of vip-rules \\(revision 9999\\)"),
}


@only_sqlite
@pytest.mark.parametrize(("spoil", "error", "said"), SPOILT.values(), ids=SPOILT)
def test_what_isnt_a_whole_backup_is_refused(
    shop: Database,
    empty: Database,
    file: Path,
    spoil: Callable[[Path], object],
    error: type[Exception],
    said: str,
) -> None:
    backup_of(shop, file)
    spoil(file)
    with pytest.raises(error, match=said):
        restored(empty, file)
    assert not content(empty, shops)


# Restoring


def test_a_restored_database_is_the_same_and_rests(shop: Database, empty: Database, file: Path) -> None:
    backup_of(shop, file)
    done = restored(empty, file)
    assert done.doubtful == {"atelier": 1, "Gallery": 0}
    marked = (shops, outbox, ledger, cursors)
    for table in TABLES:
        if table not in marked:
            assert content(empty, table) == content(shop, table)
    for row in content(empty, shops):
        assert any("restored from a backup of 2026-11-20 12:00 UTC" in str(value) for value in row)
    with empty.reading() as connection:
        assert not [*breaks(connection, 1), *breaks(connection, 2)]
        last = connection.execute(select(ledger).where(ledger.c.shop == 1, ledger.c.seq == 4)).one()
        assert last.kind == "restored"
        says = json.loads(last.payload)["says"]
        assert (says["by"], says["made_at"], says["entries"]) == ("ada", "2026-11-20T12:00:00+00:00", 3)
        assert says["sha256"] == done.sha256
        states = dict(map(tuple, connection.execute(select(outbox.c.number, outbox.c.state))))
        assert states == {7: "unknown", 9: "confirmed"}


def test_numbers_go_on_where_they_were(shop: Database, empty: Database, file: Path) -> None:
    backup_of(shop, file)
    restored(empty, file)
    with empty.reading() as connection:
        assert numbers(connection) == {"shops": 2, "outbox": 20, "inbox": 4}
    assert shop_of(empty, "third") == 3
    with empty.writing() as connection:
        new = intent(0, "planned")
        del new["number"]
        made = connection.execute(insert(outbox).values(**new).returning(outbox.c.number))
        assert made.scalar_one() == 21


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_numbers_go_on_in_postgresql(empty: Database, database: Database, file: Path) -> None:
    fill(empty, {})
    with empty.writing() as connection:
        connection.execute(insert(outbox).values(intent(7, "planned")))
        go_on_from(connection, {"outbox": 20})
    backup_of(empty, file)
    restored(database, file)
    new = intent(0, "planned")
    del new["number"]
    with database.writing() as connection:
        made = connection.execute(insert(outbox).values(**new).returning(outbox.c.number))
        assert made.scalar_one() == 21
    assert shop_of(database, "third") == 3


def test_what_passed_since_is_taken_as_unknown(database: Database, empty: Database, file: Path) -> None:
    fill(database, {})
    states = ("planned", "sent", "unknown", "confirmed", "refused", "parked", "withdrawn")
    plan = {"shop": 1, "as_of": 20_000, "made_at": 1, "text": "{}", "limits": "[]"}
    with database.writing() as connection:
        connection.execute(insert(outbox), [intent(n, state) for n, state in enumerate(states, 1)])
        names = ("changes", "full", "first", "synced")
        connection.execute(insert(cursors), [{"shop": 1, "name": name, "value": "v"} for name in names])
        connection.execute(insert(plans).values(**plan, hash="a", state="waiting"))
        connection.execute(insert(plans).values(**plan | {"text": None}, hash="b", state="approved"))
        connection.execute(insert(dirty).values(shop=1, customer_id="ann", change=3, plan="a"))
        paused = {"paused_at": 1, "paused_by": "bob", "paused_reason": "a sale"}
        connection.execute(update(shops).where(shops.c.id == 1).values(**paused))
    backup_of(database, file)
    restored(empty, file)
    with empty.reading() as connection:
        found = connection.execute(select(outbox.c.state, outbox.c.attempts).order_by(outbox.c.number)).all()
        assert [row.state for row in found] == ["unknown"] * 3 + list(states[3:])
        assert [row.attempts for row in found] == [0, 0, 0, 2, 2, 2, 2]
        held = connection.execute(select(cursors.c.name, cursors.c.value).where(cursors.c.shop == 1))
        assert set(map(tuple, held)) == {("synced", "v"), ("restored", "20779")}
        ended = connection.execute(select(plans.c.state, plans.c.text).order_by(plans.c.hash)).all()
        assert list(map(tuple, ended)) == [("expired", None), ("approved", None)]
        assert connection.execute(select(dirty.c.plan)).all() == [(None,)]
        pause = connection.execute(select(shops).where(shops.c.id == 1)).one()
        assert pause.paused_by == "ada"
        assert "it was paused before, by bob: a sale" in pause.paused_reason


@settings(max_examples=10)
@given(rows=DATABASES)
@pytest.mark.slow
def test_rows_are_the_same_wherever_they_go(lendings: Callable[[str], Databases], rows: Rows) -> None:
    _go_round(lendings, ["sqlite", "sqlite", "sqlite"], rows)


@settings(max_examples=15)
@given(rows=DATABASES)
@pytest.mark.slow
def test_rows_go_from_one_kind_of_database_to_the_other_and_back(
    lendings: Callable[[str], Databases], rows: Rows
) -> None:
    need_server()
    _go_round(lendings, ["sqlite", "postgresql", "sqlite"], rows)


@pytest.fixture(scope="module")
def lendings() -> Iterator[Callable[[str], Databases]]:
    """Databases of each kind."""
    made: dict[str, Databases] = {}
    yield lambda kind: made.get(kind) or made.setdefault(kind, lending(kind))
    for each in made.values():
        each.close()


def _go_round(lend: Callable[[str], Databases], kinds: list[str], rows: Rows) -> None:
    """A database is backed up and restored into the next kind, and so on: what is in it stays the same."""
    with ExitStack() as stack:
        found: list[Database] = []
        for kind in kinds:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            found.append(opened(stack.enter_context(lend(kind).lent(folder))))
            stack.callback(found[-1].close)
        fill(found[0], rows)
        for number, (before, after) in enumerate(pairwise(found)):
            file = folder / f"{number}.db"
            made = backup_of(before, file)
            with before.reading() as connection:
                assert contents(connection) == made.contents
                given = numbers(connection)
            restored(after, file)
            with after.reading() as connection:
                assert numbers(connection) == given
            for table in TABLES:
                if table not in (shops, outbox, plans, dirty, cursors, ledger):
                    assert content(after, table) == content(before, table)


def test_any_change_of_a_row_shows(shop: Database) -> None:
    with shop.reading() as connection:
        before = contents(connection)
    with shop.writing() as connection:
        connection.execute(update(inbox).values(body=b"\x00\xfe"))
    with shop.reading() as connection:
        after = contents(connection)
    assert {name for name in before if before[name] != after[name]} == {"inbox"}


def test_a_database_with_data_in_it_is_left_alone(shop: Database, file: Path) -> None:
    backup_of(shop, file)
    before = [content(shop, table) for table in TABLES]
    with pytest.raises(BackupRefused, match=r"has data in it .* a backup goes into an empty one"):
        restored(shop, file)
    assert [content(shop, table) for table in TABLES] == before


def test_a_shop_of_which_nothing_is_known_gives_way(shop: Database, empty: Database, file: Path) -> None:
    """Any command of a project makes the row of its shop."""
    shop_of(empty, "Gallery")
    backup_of(shop, file)
    restored(empty, file)
    with empty.reading() as connection:
        names = connection.execute(select(shops.c.id, shops.c.name).order_by(shops.c.id)).all()
    assert list(map(tuple, names)) == [(1, "atelier"), (2, "Gallery")]


@pytest.mark.parametrize("work", ["apply", "sync", "schedule"])
def test_nothing_is_restored_under_a_service(shop: Database, empty: Database, file: Path, work: Any) -> None:
    number = shop_of(empty, "Gallery")
    backup_of(shop, file)
    other = opened(str(empty.url))
    with other.lock(number, work), pytest.raises(AtWork, match=f"another {work} is running"):
        restored(empty, file)
    other.close()
    assert not content(empty, customers)


def test_an_older_backup_is_brought_up_to_date(empty: Database, file: Path) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0001")
        old = {"id": 1, "name": "atelier", "adapter": "memory", "currency": "USD", "changes": 0}
        connection.execute(insert(shops).values(**old, timezone="America/New_York", redaction_key="00"))
        connection.execute(text("INSERT INTO dirty (shop, customer_id, change) VALUES (1, 'ann', 3)"))
        held = contents(connection, reflected(connection))
        about = Backup(
            made_at=NOON,
            product="0.0.1",
            revision="0001",
            chains=chains(connection),
            contents=held,
            numbers={"shops": 1, "outbox": 6},
        )
        connection.execute(text("CREATE TABLE backup (record TEXT)"))
        connection.execute(
            text("INSERT INTO backup VALUES (:record)"), {"record": json.dumps(about.record())}
        )
    engine.dispose()
    before = file.read_bytes()
    assert restored(empty, file).backup == about
    assert file.read_bytes() == before
    assert content(empty, dirty) == [(1, "ann", 3, None)]
    with empty.reading() as connection:
        assert numbers(connection) == {"shops": 1, "outbox": 6, "inbox": 0}


# Accidents


def _some(points: int) -> list[int]:
    """Some points of a process, and all the last ones, where it matters most."""
    return [*range(1, points - 9, 15), *range(points - 9, points + 1)]


@only_sqlite
def test_a_full_disk_leaves_nothing_half(shop: Database, file: Path) -> None:
    """The system lets no file grow beyond a limit."""
    backup_of(shop, file)
    before = file.read_bytes()
    with shop.writing() as connection:
        many = [ANN | {"shop": 1, "id": f"customer-{number:06}"} for number in range(20_000)]
        connection.execute(insert(customers), many)
    assert shop.file is not None
    shop.empty_log()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, limits[1]))
    try:
        with pytest.raises(
            DatabaseFailed, match=r"the database .*monday\.db (can't grow|failed: disk I/O error)"
        ):
            backup_of(shop, file, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before
    assert {each.name for each in file.parent.iterdir()} == {"monday.db", ".vip-rules-backup.lock"}


@only_sqlite
@pytest.mark.slow
def test_a_backup_that_is_killed_is_not_there(shop: Database, file: Path, empty: Database) -> None:
    straight = live(mortal_backup, str(shop.url), file)
    assert straight.points > 30
    before = file.read_bytes()
    for deadly in _some(straight.points):
        life = live(mortal_backup, str(shop.url), file, deadly=deadly)
        assert life.killed
        if file.read_bytes() != before:
            with opened_backup(file) as checked:
                assert checked.backup.made_at == NOON
        others = {each.name for each in file.parent.iterdir()} - {"monday.db", ".monday.db.part"}
        assert all(name.startswith(".vip-rules-backup") for name in others)
    backup_of(shop, file, overwrite=True)
    restored(empty, file)


@only_sqlite
@pytest.mark.slow
def test_a_restore_that_is_killed_did_nothing(shop: Database, file: Path, tmp_path: Path) -> None:
    backup_of(shop, file)
    points = live(mortal_restore, f"sqlite:///{tmp_path / 'straight.db'}", file).points
    assert points > 30
    for deadly in _some(points):
        url = f"sqlite:///{tmp_path / f'{deadly}.db'}"
        assert live(mortal_restore, url, file, deadly=deadly).killed
        after = opened(url)
        if not content(after, shops):
            restored(after, file)
        assert content(after, customers) == content(shop, customers)
        assert len(content(after, ledger)) == 8
        assert all("restored from a backup" in str(row) for row in content(after, shops))
        after.close()
