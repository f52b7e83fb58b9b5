"""Restoring: a backup's rows into an empty database, of SQLite or PostgreSQL, with nothing sent before a person has looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, select
from sqlalchemy.exc import DataError

from vip_rules.database.connection import Database
from vip_rules.database.copying import TABLES, contents, copy, go_on_from
from vip_rules.database.locking import Work
from vip_rules.database.tables import shops
from vip_rules.localdays import local_day
from vip_rules.operations.backup import Backup, BackupRefused, Checked, chains
from vip_rules.operations.hand import Hand
from vip_rules.operations.outdated import forget_what_passed
from vip_rules.operations.switch import Pause, pause_of, set_pause

THEN: Final = "call vip-rules sync, look at vip-rules status --drift, then call vip-rules resume"
"""What is to be done before anything is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restorer:
    """Who restores: `by` is their name. The clock gives the present instant, `entropy` so many random bytes."""

    by: str
    clock: Callable[[], datetime]
    entropy: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and how many intents of each shop are in doubt now, by its name."""

    file: Path
    sha256: str
    backup: Backup
    doubtful: dict[str, int]

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return {
            "restored": str(self.file),
            "sha256": self.sha256,
            "in_doubt": self.doubtful,
            "backup": self.backup.record(),
        }


def restore(database: Database, checked: Checked, restorer: Restorer) -> Restored:
    """Copy a backup into a database without data, all of it or nothing, and verify it there; every shop is paused then.

    Raises BackupRefused for a database with data in it, and AtWork where a service or a command is at work on it.
    """
    with _nobody_else(database), database.writing() as target:
        _make_room(database, target)
        _copy(checked, target)
        doubtful = {}
        for row in target.execute(select(shops).order_by(shops.c.name)).all():
            now = restorer.clock().astimezone(UTC)
            hand = Hand(
                by=restorer.by,
                at=int(now.timestamp()) * 1_000_000 + now.microsecond,  # not money
                day=local_day(now.isoformat(), ZoneInfo(row.timezone)),
                entropy=restorer.entropy,
            )
            doubtful[row.name] = _outdate(target, row.id, checked, hand)
    # What the log says twice needn't wait for the next checkpoint.
    database.empty_log()
    return Restored(checked.file, checked.sha256, checked.backup, doubtful)


@contextmanager
def _nobody_else(database: Database) -> Iterator[None]:
    """Hold every lock of the shops that a database has: nobody may be at work on it."""
    with database.reading() as connection:
        known = connection.scalars(select(shops.c.id)).all()
    with ExitStack() as held:
        for shop in known:
            for work in get_args(Work):
                held.enter_context(database.lock(shop, work))
        yield


def _make_room(database: Database, target: Connection) -> None:
    """Refuse a database with data in it. Shops of which nothing is known yet, as any command makes them, give way."""
    for table in TABLES:
        if table is not shops and target.execute(select(table).limit(1)).first() is not None:
            way = "name an empty one" if database.file is None else "move it away, or name a new one"
            raise BackupRefused(
                f"the database {database.name} has data in it ({table.name}), and a backup goes into an empty one: {way} in "
                "vip-rules.toml"
            )
    target.execute(delete(shops))


def _copy(checked: Checked, target: Connection) -> None:
    try:
        copy(checked.connection, target)
    except DataError as error:
        raise BackupRefused(
            f"{checked.file} holds something that this database can't keep: {error.orig}"
        ) from None
    go_on_from(target, checked.backup.numbers)
    if contents(target) != checked.contents or chains(target) != checked.backup.chains:
        raise BackupRefused(
            f"what came into the database isn't what {checked.file} holds, so nothing was restored: report it"
        )


def _outdate(target: Connection, shop: int, checked: Checked, hand: Hand) -> int:
    """Let a shop rest until a person has looked, and its ledger say why; gives how many intents are in doubt."""
    backup, before = checked.backup, pause_of(target, shop)
    was = f"; it was paused before, by {before.by}: {before.reason}" if before else ""
    reason = f"restored from a backup of {backup.made_at:%Y-%m-%d %H:%M} UTC{was}: {THEN}"
    doubtful = forget_what_passed(target, shop, hand.day)
    set_pause(target, shop, Pause(hand.at, hand.by, reason))
    name = target.execute(select(shops.c.name).where(shops.c.id == shop)).scalar_one()
    (chain,) = [each for each in backup.chains if each.shop == name]
    says = {
        "made_at": backup.made_at.isoformat(),
        "sha256": checked.sha256,
        "entries": chain.entries,
        "last_hash": chain.last_hash,
        "in_doubt": doubtful,
        "paused": reason,
    }
    hand.remember(target, shop, "restored", says=says)
    return doubtful
