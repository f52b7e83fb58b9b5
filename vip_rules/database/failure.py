"""Failures of the database, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from vip_rules.errors import VipRulesError

_IN_USE: Final = "is in use by another process that didn't finish in time: call the command again when it has"
_FULL: Final = "can't grow, the disk is full: make room, and call the command again"
_UNFIT: Final = "can't keep a text that holds NUL or half of a surrogate pair: take that out of it"
_MISSING: Final = "isn't there: make it with CREATE DATABASE, or name another one"
_REFUSED: Final = "doesn't let this user in: look at the user and the password in the URL"
_CROWDED: Final = "takes no more connections: let fewer processes run, or raise its max_connections"
_LOST: Final = "can't be reached any more, the connection to it broke: call the command again when it is back"

_WORDS: Final = {
    # SQLite
    "unable to open database file": "can't be opened: its folder must exist, and this user must be allowed to write there",
    "readonly database": "can't be written: allow this user to write the file and its folder",
    "is not a database": "is no database: name another file in vip-rules.toml, or move this one away",
    "database is locked": _IN_USE,
    "disk is full": _FULL,
    "malformed": "is damaged: restore it from a backup",
    # A text with it
    "NUL": _UNFIT,
    # PostgreSQL, where there is no connection yet: such a failure has no code
    'role "': _REFUSED,
    "does not exist": _MISSING,
    "authentication failed": _REFUSED,
    "no pg_hba.conf entry": _REFUSED,
    "too many clients": _CROWDED,
    "Connection refused": "can't be reached, nobody listens there: look at the URL, and whether PostgreSQL runs",
    "failed to resolve host": "can't be reached, there is no such host: look at the URL",
}
"""What a database says that failed, and what that means for a person."""

_CODES: Final = {
    "3D000": _MISSING,
    "25006": "can't be written, it is a copy: name the server that takes writes",
    "28": _REFUSED,
    "42501": "can't be written: this user needs GRANT CREATE ON SCHEMA public, or a database of their own",
    "53100": _FULL,
    "53300": _CROWDED,
    "55P03": _IN_USE,
    "57P": _LOST,
    "08": _LOST,
}
"""The same by the beginning of PostgreSQL's code, which is there in every language."""


class DatabaseFailed(VipRulesError):
    """The database couldn't be opened, read or written: look at what the message names, and call the command again."""

    exit_code = 3


class AtWork(DatabaseFailed):
    """Another one is at work on just this: wait until it has ended, or leave it to it."""


@contextmanager
def in_words(name: str) -> Iterator[None]:
    """Raises DatabaseFailed for what goes wrong inside with the database of this name, but not for mistakes in our queries."""
    try:
        yield
    except IntegrityError:
        raise
    except UnicodeEncodeError:
        raise DatabaseFailed(f"the database {name} {_UNFIT}") from None
    except NoConnectionFree:
        raise DatabaseFailed(f"the database {name} {_CROWDED}") from None
    except (DatabaseError, InterfaceError) as error:
        said = " ".join(str(error.orig).split())
        if words := _words(error, said):
            raise DatabaseFailed(f"the database {name} {words}") from None
        if isinstance(error, OperationalError) and _from_outside(said):
            raise DatabaseFailed(f"the database {name} failed: {said}") from error
        raise


def _words(error: DBAPIError, said: str) -> str:
    """What a failure means for a person; empty if nobody knows."""
    if error.connection_invalidated:
        return _LOST
    if code := getattr(error.orig, "sqlstate", None):
        return next((words for begin, words in _CODES.items() if code.startswith(begin)), "")
    return next((words for part, words in _WORDS.items() if part in said), "")


def _from_outside(said: str) -> bool:
    """Whether it isn't an error in SQL, which SQLite tells as operational too."""
    return not any(part in said for part in ("no such", "syntax error", "has no column", "ambiguous column"))
