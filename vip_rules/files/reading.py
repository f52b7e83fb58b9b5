"""What came of reading a store's files: how many rows, which were rejected or set aside, and what was left unread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vip_rules.errors import InvalidInput, Rejection
from vip_rules.files.places import STRIDE, Places
from vip_rules.files.reasons import Reason, ReasonCount, shown
from vip_rules.files.sheet import listed

LONGEST_LIST = 100_000
"""The most rejected rows of a file that are listed with their reasons, those of the first lines; all are counted."""


MOST_UNREAD = 10
"""Columns that the summary names as left unread; beyond, it counts."""


class Rejects:
    """The rejected rows of one table while it is read: all counted, the first ones kept with their reasons."""

    def __init__(self, places: Places) -> None:
        self.count = 0
        self._places = places
        self._kept: list[tuple[int, str]] = []
        self._kinds: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, reasons: Iterable[tuple[int, Reason]], more: int = 0) -> None:
        """Rejects rows by place and reason, and some more that aren't listed."""
        self.count += more
        for place, reason in reasons:
            self.count += 1
            self._kept.append((place, reason.text))
            file, line = self._places.of(place)
            rows, first = self._kinds.get((file, reason.kind), (0, line))
            self._kinds[file, reason.kind] = rows + 1, min(first, line)
        if len(self._kept) > 2 * LONGEST_LIST:
            self._kept = sorted(self._kept)[:LONGEST_LIST]

    def rejections(self) -> list[Rejection]:
        """The rejections to list, by place."""
        return [
            Rejection(*self._places.of(place), reason) for place, reason in sorted(self._kept)[:LONGEST_LIST]
        ]

    def reasons(self) -> tuple[ReasonCount, ...]:
        """The reasons by file and kind, the most frequent first, as far as they were told."""
        counts = [ReasonCount(*kind, rows, first) for kind, (rows, first) in self._kinds.items()]
        return tuple(sorted(counts, key=lambda each: (-each.count, each.line)))


class RejectsOfPart(Rejects):
    """The rejected rows of one of a table's files, by their lines in it; each counts for the whole table too."""

    def __init__(self, whole: Rejects, part: int) -> None:
        super().__init__(whole._places)
        self._whole = whole
        self._first = part * STRIDE

    def add(self, reasons: Iterable[tuple[int, Reason]], more: int = 0) -> None:
        """Rejects rows by line and reason, and some more that aren't listed."""
        placed = [(self._first + line, reason) for line, reason in reasons]
        self.count += len(placed) + more
        self._whole.add(placed, more)


@dataclass(frozen=True, slots=True)
class IgnoredColumn:
    """A column that evaluation doesn't use. `nearest` is the column that its name may have been meant to be."""

    name: str
    nearest: str | None = None

    def __str__(self) -> str:
        name = self.name if self.name.isprintable() and 0 < len(self.name) <= 60 else shown(self.name)
        return f"{name} (did you mean {self.nearest}?)" if self.nearest else name


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file: rows read, and those accepted into the history.

    `present` are the columns used that the file has; `absent` are columns that it lacks, each with what that means.
    `reasons` count the rejected rows by kind of reason; beyond LONGEST_LIST rows they can be fewer than `rejected`.
    """

    name: str
    file: str
    read: int
    accepted: int
    rejected: int
    present: frozenset[str]
    ignored: tuple[IgnoredColumn, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    reasons: tuple[ReasonCount, ...] = ()


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

    @property
    def reasons(self) -> tuple[ReasonCount, ...]:
        """The rejected rows of all files by kind of reason, the most frequent first."""
        return tuple(
            sorted((each for file in self.files for each in file.reasons), key=lambda each: -each.count)
        )

    def rejections_by_reason(self, most: int = 5) -> tuple[str, ...]:
        """The rejected rows in a few sentences: the most frequent reasons, and how many rows have others."""
        told = self.reasons[:most]
        more = self.rejected - sum(each.count for each in told)
        return (*map(str, told), *([f"{_rows(more)} more, for these or other reasons"] if more else []))

    def present(self, name: str) -> frozenset[str]:
        """The columns used that a file ("orders") has; none if it wasn't given."""
        return next((file.present for file in self.files if file.name == name), frozenset())

    def summary(self) -> tuple[str, ...]:
        """The reading in sentences."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterable[str]:
        times = Counter(file.file for file in self.files)
        for file in self.files:
            rejected = f", {_rows(file.rejected)} rejected" if file.rejected else ""
            what = f"{file.file} ({file.name})" if times[file.file] > 1 else file.file
            yield f"{what}: {_rows(file.read)} read, {file.accepted:,} used{rejected}."
            if file.absent:
                yield f"{file.file} has {_missed(file.absent)}."
            if file.ignored:
                yield f"{file.file}: left unread: {_unread(file.ignored)}."
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


class RejectedRows(InvalidInput):
    """Files with rows that can't be used, and nothing was loaded; `reading` is the account of them, with all counts."""

    def __init__(self, message: str, reading: Reading) -> None:
        self.reading = reading
        super().__init__(message, reading.rejections)


def _missed(absent: tuple[tuple[str, str], ...]) -> str:
    """Columns that aren't there, those of one meaning together: "no tax and no shipping (totals are taken as they are)"."""
    names: dict[str, list[str]] = {}
    for name, meaning in absent:
        names.setdefault(meaning, []).append(f"no {name}")
    return ", ".join(f"{listed(each)} ({meaning})" for meaning, each in names.items())


def _unread(ignored: tuple[IgnoredColumn, ...]) -> str:
    names = [str(column) for column in sorted(ignored, key=lambda column: column.nearest is None)]
    more = len(names) - MOST_UNREAD
    return listed(names if more <= 0 else [*names[:MOST_UNREAD], f"{_count(more, 'other column')}"])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _rows(number: int) -> str:
    return _count(number, "row")
