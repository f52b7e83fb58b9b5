"""Backups: the whole database in one SQLite file of its own, whichever database it is taken from, with what verifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, Table, Text, func, inspect, select, text
from sqlalchemy.exc import DatabaseError

from vip_rules import __version__
from vip_rules.database import archive
from vip_rules.database.connection import Database
from vip_rules.database.copying import Content, Contents, contents, copy, numbers, reflected
from vip_rules.database.failure import DatabaseFailed, in_words
from vip_rules.database.locking import file_lock
from vip_rules.database.revision import HEAD
from vip_rules.database.tables import ledger, shops
from vip_rules.errors import UsageError, VipRulesError
from vip_rules.journal import keep_name
from vip_rules.ledger import BEGINNING, breaks
from vip_rules.outfiles import written_whole

LOCK: Final = ".vip-rules-backup.lock"
"""Held in a folder while a backup is written there: two that are written under one name would ruin each other."""

_ABOUT: Final = Table("backup", MetaData(), Column("record", Text, nullable=False))
"""One row: what the file says of itself, as a JSON object."""


class BackupRefused(VipRulesError):
    """A file that can't be restored: it is no backup, or not what was written. Take another one."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A shop's ledger: how many entries, the hash of the last one, and in sentences where its chain doesn't verify."""

    shop: str
    entries: int
    last_hash: str
    breaks: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return asdict(self) | {"breaks": list(self.breaks)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup says of itself: the state of which instant it is, what made it, and all that it holds.

    `numbers` are the last ones that were given in tables that number their rows.
    """

    made_at: datetime
    product: str
    revision: str
    chains: tuple[Chain, ...]
    contents: Contents
    numbers: Mapping[str, int]

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return sum(content.rows for content in self.contents.values())

    @property
    def breaks(self) -> list[str]:
        """Where ledgers don't verify, in sentences."""
        return [f"{chain.shop}: {said}" for chain in self.chains for said in chain.breaks]

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return {
            "made_at": self.made_at.isoformat(),
            "product": self.product,
            "revision": self.revision,
            "shops": [chain.record() for chain in self.chains],
            "tables": {name: content.record() for name, content in self.contents.items()},
            "numbers": dict(self.numbers),
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Backup:
        """What a record says. Raises KeyError, TypeError or ValueError for one that nobody wrote so."""
        return cls(
            made_at=datetime.fromisoformat(record["made_at"]),
            product=record["product"],
            revision=record["revision"],
            chains=tuple(
                Chain(each["shop"], each["entries"], each["last_hash"], tuple(each["breaks"]))
                for each in record["shops"]
            ),
            contents={name: Content(**content) for name, content in record["tables"].items()},
            numbers=dict(record["numbers"]),
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that was checked from beginning to end: its file with the SHA-256 of it, and what is in its tables today."""

    file: Path
    sha256: str
    backup: Backup
    contents: Contents
    connection: Connection


def make_backup(
    database: Database, file: Path, *, clock: Callable[[], datetime], overwrite: bool = False
) -> Backup:
    """Write the database, as it is at one moment, to a file, which is there once it is whole and was read back.

    Others may write to the database meanwhile. A ledger that doesn't verify is copied as it is, and its breaks are told. Raises
    UsageError for a file that can't be the target, and DatabaseFailed.
    """
    _check_target(database, file, overwrite=overwrite)
    with (
        file_lock(file.resolve().with_name(LOCK), "backup", clock, 0),
        in_words(str(file)),
        written_whole(file) as part,
    ):
        # Of a backup that was killed.
        part.unlink(missing_ok=True)
        with archive.writing(part, str(file)) as target:
            backup = _copied(database, target, clock)
            _ABOUT.create(target)
            target.execute(_ABOUT.insert().values(record=json.dumps(backup.record(), ensure_ascii=False)))
        with archive.reading(part) as written:
            if contents(written) != backup.contents or not _is_sound(written):
                raise DatabaseFailed(
                    f"{file} doesn't hold what was written to it: look at the disk, or name another one"
                )
    keep_name(file.resolve().parent)
    return backup


@contextmanager
def opened_backup(file: Path) -> Iterator[Checked]:
    """A backup to be restored, once all of it was checked. An older one is brought up to date, but for the file itself.

    Raises BackupRefused, and DatabaseFailed for one of a newer version.
    """
    with ExitStack() as stack:
        with _refused(file):
            connection = stack.enter_context(archive.reading(file))
            backup = _about(file, connection)
            found, sha256 = contents(connection, reflected(connection)), _sha256(file)
            if found != backup.contents or not _is_sound(connection):
                raise BackupRefused(f"{file} isn't what was written: it is damaged, or somebody changed it")
        if backup.revision != HEAD:
            newer = Path(stack.enter_context(TemporaryDirectory()), "backup.db")
            copyfile(file, newer)
            connection = stack.enter_context(archive.writing(newer, str(file)))
            found = contents(connection)
        if chains(connection) != backup.chains:
            raise BackupRefused(f"{file}: its ledgers aren't those that were written: somebody changed them")
        yield Checked(file, sha256, backup, found, connection)


def chains(connection: Connection) -> tuple[Chain, ...]:
    """The ledger of each shop, all of it reckoned again."""
    found = []
    for shop, name in connection.execute(select(shops.c.id, shops.c.name)).all():
        mine = ledger.c.shop == shop
        entries = connection.execute(select(func.count()).where(mine)).scalar_one()
        last = connection.scalar(select(ledger.c.hash).where(mine).order_by(ledger.c.seq.desc()).limit(1))
        broken = tuple(f"entry {each.seq} {each.what}" for each in breaks(connection, shop))
        found.append(Chain(name, entries, last or BEGINNING, broken))
    # Databases differ in how they sort names.
    return tuple(sorted(found, key=lambda chain: chain.shop))


def _copied(database: Database, target: Connection, clock: Callable[[], datetime]) -> Backup:
    with database.reading() as source:
        given, made_at = numbers(source), clock()
        held = copy(source, target)
    return Backup(
        made_at=made_at.astimezone(UTC),
        product=__version__,
        revision=HEAD,
        chains=chains(target),
        contents=held,
        numbers=given,
    )


def _check_target(database: Database, file: Path, *, overwrite: bool) -> None:
    if file.is_dir():
        raise UsageError(f"{file} is a folder: name a file in it")
    if not file.parent.is_dir():
        raise UsageError(f"{file}: there is no folder {file.parent}: make it first, or name another")
    if file.exists() and database.file is not None and file.samefile(database.file):
        raise UsageError(f"{file} is the database itself: name another file")
    if file.exists() and not overwrite:
        raise UsageError(f"{file} is there already: name another file, or replace it with --overwrite")


def _about(file: Path, connection: Connection) -> Backup:
    """What a backup says of itself."""
    if not inspect(connection).has_table(_ABOUT.name):
        raise BackupRefused(f"{file} is no backup of vip-rules: vip-rules backup makes one")
    try:
        return Backup.of(json.loads(connection.execute(select(_ABOUT.c.record)).scalar_one()))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BackupRefused(
            f"{file} says nothing sensible of itself: it is damaged, or another program's"
        ) from None


def _is_sound(connection: Connection) -> bool:
    return bool(connection.scalar(text("PRAGMA integrity_check")) == "ok")


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@contextmanager
def _refused(file: Path) -> Iterator[None]:
    """Says what SQLite has against a file."""
    if not file.is_file():
        raise BackupRefused(f"there is no file {file}")
    try:
        yield
    except DatabaseError as error:
        raise BackupRefused(
            f"{file} can't be read: it is damaged, or no backup of vip-rules (SQLite says: {error.orig})"
        ) from None
