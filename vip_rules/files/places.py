"""Where the rows of a table stand: in one file, or in several that are its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STRIDE: Final = 2**40
"""By how much the places of a part are above those of the part before: more lines than any file has."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a table's rows: a row's line, counted on by STRIDE from each file to the next."""

    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table in a message: its file, or the first and the last of its parts."""
        return " to ".join(dict.fromkeys((self.files[0], self.files[-1])))

    def of(self, place: int) -> tuple[str, int]:
        """The file and the line of a place."""
        part, line = divmod(place, STRIDE)
        return self.files[part], line

    def told(self, place: int) -> str:
        """A place in a message about another row of the same table."""
        file, line = self.of(place)
        return f"line {line}" if len(self.files) == 1 else f"line {line} of {file}"
