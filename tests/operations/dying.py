"""Processes that back up or restore, and are killed at a chosen point of it."""

from __future__ import annotations

from pathlib import Path

from tests.database.opened import NOON, opened
from vip_rules.operations.backup import make_backup, opened_backup
from vip_rules.operations.restoring import Restorer, restore
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.dying import Points

CLOCK = StoppedClock(NOON)


def mortal_backup(points: Points, url: str, file: Path) -> None:
    """Back up a database, with a point before each statement, and around each commit and the file's renaming."""
    database = opened(url)
    points.statements()
    points.commits()
    Path.replace = points.around(Path.replace)  # type: ignore[method-assign]
    make_backup(database, file, clock=CLOCK, overwrite=True)
    database.close()


def mortal_restore(points: Points, url: str, file: Path) -> None:
    """Restore a backup, with a point before each statement and around each commit."""
    database = opened(url)
    with opened_backup(file) as checked:
        points.statements()
        points.commits()
        restore(database, checked, Restorer(by="ada", clock=CLOCK, entropy=lambda size: bytes(size)))
    database.close()
