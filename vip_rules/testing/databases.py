"""Databases for tests: each belongs to a folder, and is copied with it."""

from __future__ import annotations

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from vip_rules.canonical import digest
from vip_rules.database.connection import Database

FILE: Final = "vip.db"
"""The name of a folder's SQLite database."""


class Databases(ABC):
    """Lends databases that are up to date; they are empty where a folder has none yet."""

    @abstractmethod
    def of(self, folder: Path) -> AbstractContextManager[str]:
        """The URL of a folder's database. Once it is given back, who copies the folder copies the database."""

    @abstractmethod
    def lent(self, folder: Path) -> AbstractContextManager[str]:
        """The URL of an empty database that nobody needs any more once it is given back; the folder may hold it."""

    @abstractmethod
    def bare(self, folder: Path) -> AbstractContextManager[str]:
        """The URL of a database without any table."""

    @abstractmethod
    def state(self, folder: Path) -> str:
        """A digest of all that a folder's database holds, while nobody has it."""

    @abstractmethod
    def close(self) -> None:
        """Leave nothing behind."""


class Files(Databases):
    """Databases of SQLite."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="vip-rules-")
        self._template = Path(self._folder.name, FILE)

    @contextmanager
    def of(self, folder: Path) -> Iterator[str]:
        """The file in the folder."""
        file = folder.joinpath(FILE)
        if not file.exists():
            if not self._template.exists():
                # Migrations take their time.
                migrate(_url(self._template))
            shutil.copy(self._template, file)
        yield _url(file)

    @contextmanager
    def lent(self, folder: Path) -> Iterator[str]:
        """The file in the folder, which stays there."""
        with self.of(folder) as url:
            yield url

    @contextmanager
    def bare(self, folder: Path) -> Iterator[str]:
        """A file that isn't there yet."""
        yield _url(folder.joinpath(FILE))

    def state(self, folder: Path) -> str:
        """A digest of the file as SQL."""
        with closing(sqlite3.connect(folder.joinpath(FILE))) as connection:
            return digest("\n".join(connection.iterdump()))

    def close(self) -> None:
        """Remove the template."""
        self._folder.cleanup()


def migrate(url: str) -> None:
    """Bring a database up to date."""
    Database.open(url, clock=lambda: datetime(1970, 1, 1, tzinfo=UTC)).close()


def _url(file: Path) -> str:
    return f"sqlite:///{file}"
