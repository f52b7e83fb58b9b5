"""Where a table comes from: a file, or several that are its parts, as they are or translated from a platform's export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vip_rules.files.places import Places
from vip_rules.files.tables import Progress, TextTable

Opener = Callable[[Path, Progress | None], TextTable]
"""Opens a file as a table with the columns of a sheet."""


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one table, in their order. `opener` opens those of another layout; None: they are as they should be."""

    paths: tuple[Path, ...]
    opener: Opener | None = None

    @classmethod
    def of(cls, given: Path | Source) -> Source:
        """A single file as a source; a source as it is."""
        return given if isinstance(given, Source) else cls((given,))

    @property
    def places(self) -> Places:
        """Where its rows stand."""
        return Places(tuple(map(str, self.paths)))
