"""Failures of the database, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from vip_rules.errors import VipRulesError

_WORDS: Final = {
    "unable to open database file": "can't be opened: its folder must exist, and this user must be allowed to write there",
    "readonly database": "can't be written: allow this user to write the file and its folder",
    "is not a database": "is no database: name another file in vip-rules.toml, or move this one away",
    "database is locked": "is in use by another process that didn't finish in time: call the command again when it has",
    "disk is full": "can't grow, the disk is full: make room, and call the command again",
    "malformed": "is damaged: restore it from a backup",
}
"""What SQLite says, and what that means for a person."""


class DatabaseFailed(VipRulesError):
    """The database couldn't be opened, read or written: look at what the message names, and call the command again."""

    exit_code = 3


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Raises DatabaseFailed for what goes wrong inside with the database of this name, but not for mistakes in our queries."""
    try:
        yield
    except IntegrityError:
        raise
    except DatabaseError as error:
        said = " ".join(str(error.orig).split())
        for part, words in _WORDS.items():
            if part in said:
                raise DatabaseFailed(f"the database {name} {words}") from None
        if isinstance(error, OperationalError) and _from_outside(said):
            raise DatabaseFailed(f"the database {name} failed: {said}") from error
        raise


def _from_outside(said: str) -> bool:
    """Whether it isn't an error in SQL, which SQLite tells as operational too."""
    return not any(part in said for part in ("no such", "syntax error", "has no column", "ambiguous column"))
