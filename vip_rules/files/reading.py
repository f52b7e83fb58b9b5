"""What came of reading a store's files: how many rows, which were rejected or set aside, and what was left unread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vip_rules.errors import Rejection
from vip_rules.files.sheet import listed

LONGEST_LIST = 100_000
"""The most rejected rows of a file that are listed with their reasons, those of the first lines; all are counted."""


class Rejects:
    """The rejected rows of one file while it is read: all counted, the first ones kept with their reasons."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self._kept: list[tuple[int, str]] = []

    def add(self, reasons: Iterable[tuple[int, str]], more: int = 0) -> None:
        """Rejects rows by line and reason, and some more that aren't listed."""
        before = len(self._kept)
        self._kept.extend(reasons)
        self.count += len(self._kept) - before + more
        if len(self._kept) > 2 * LONGEST_LIST:
            self._kept = sorted(self._kept)[:LONGEST_LIST]

    def rejections(self) -> list[Rejection]:
        """The rejections to list, by line."""
        return [Rejection(self.file, line, reason) for line, reason in sorted(self._kept)[:LONGEST_LIST]]


@dataclass(frozen=True, slots=True)
class IgnoredColumn:
    """A column that evaluation doesn't use. `nearest` is the column that its name may have been meant to be."""

    name: str
    nearest: str | None = None

    def __str__(self) -> str:
        return f"{self.name} (did you mean {self.nearest}?)" if self.nearest else self.name


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file: rows read, and those accepted into the history. `present` are the columns used that the file has."""

    name: str
    file: str
    read: int
    accepted: int
    rejected: int
    present: frozenset[str]
    ignored: tuple[IgnoredColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """Orders of a currency without a rate on their day: left out of the history, with the ids of a few."""

    currency: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading all files. Rows read = accepted + rejected + guests and set aside (orders) or left (lines)."""

    files: tuple[FileReading, ...]
    rejections: tuple[Rejection, ...] = ()
    guests: int = 0
    set_aside: tuple[SetAside, ...] = ()
    lines_left: int = 0

    @property
    def rejected(self) -> int:
        """How many rows were rejected, listed or not."""
        return sum(file.rejected for file in self.files)

    def present(self, name: str) -> frozenset[str]:
        """The columns used that a file ("orders") has; none if it wasn't given."""
        return next((file.present for file in self.files if file.name == name), frozenset())

    def summary(self) -> tuple[str, ...]:
        """The reading in sentences."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterable[str]:
        for file in self.files:
            rejected = f", {_rows(file.rejected)} rejected" if file.rejected else ""
            yield f"{file.file}: {_rows(file.read)} read, {file.accepted:,} used{rejected}."
            if misspelt := [str(column) for column in file.ignored if column.nearest]:
                yield f"{file.file}: left unread: {listed(misspelt)}."
        if self.guests:
            yield f"{_count(self.guests, 'order')} of guests (without customer_id) left out: nobody's standing rests on them."
        for aside in self.set_aside:
            examples = f"{', '.join(aside.examples)}{', …' if aside.count > len(aside.examples) else ''}"
            yield (
                f"{_count(aside.count, 'order')} in {aside.currency} set aside for want of an exchange rate on "
                f"their day ({examples}): add it to the table of rates."
            )
        if self.lines_left:
            yield f"{_count(self.lines_left, 'line')} left out together with the orders of guests or set aside."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _rows(number: int) -> str:
    return _count(number, "row")
