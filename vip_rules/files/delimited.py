"""CSV files: strict quoting, exact line numbers, UTF-8 with or without a byte order mark."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import IO

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.reading import Rejects
from vip_rules.files.reasons import Reason, shown
from vip_rules.files.sheet import LINE, Sheet
from vip_rules.files.tables import CHUNK_ROWS, Chunk, Progress, check_columns

LONGEST_LINE = 1_000_000
"""Bytes; a longer line is no row of a store's export, and isn't even held in memory."""

SAVE_AS_UTF_8 = "in Excel choose 'CSV UTF-8 (comma delimited)'"
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}

Row = tuple[int, list[str]]


class DelimitedTable:
    """A CSV file with a header line."""

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self.columns: list[str] = []
        self._path = path
        self._progress = progress

    def chunks(self, sheet: Sheet, rejects: Rejects) -> Iterator[Chunk]:
        """The rows, in the file's order. Raises InvalidInput for an unusable header."""
        with opened(self._path, self._progress) as lines:
            records = _Records(lines, rejects)
            self.columns = self._header(records)
            check_columns(str(self._path), self.columns, sheet)
            places = {name: self.columns.index(name) for name in sheet.known if name in self.columns}
            yield from self._rows(records, places)

    def _header(self, records: _Records) -> list[str]:
        _, cells = next(iter(records), (0, []))
        if not cells or records.unreadable():
            trouble = f": {records.trouble}" if records.trouble else ""
            raise InvalidInput(
                f"{self._path}: no readable header line with the names of the columns was found{trouble}"
            )
        if cells[0].lower().startswith("sep="):
            raise InvalidInput(
                f"{self._path}: the first line is {shown(cells[0])} instead of the names of the columns: "
                "take it out, and separate columns by commas"
            )
        for separator, what in SEPARATORS.items():
            if len(cells) == 1 and separator in cells[0]:
                raise InvalidInput(
                    f"{self._path}: the columns are separated by {what}; expected commas: {SAVE_AS_UTF_8}"
                )
        return cells

    def _rows(self, records: _Records, places: dict[str, int]) -> Iterator[Chunk]:
        width = len(self.columns)
        read, kept = 0, list[Row]()
        for row in records:
            read += 1
            if len(row[1]) == width:
                kept.append(row)
            else:
                reason = Reason(
                    f"the row has {len(row[1])} fields, the header {width}",
                    f"the row hasn't the {width} fields of the header",
                )
                records.rejects.add([(row[0], reason)])
            if read == CHUNK_ROWS:
                yield Chunk(_frame(kept, places), read + records.unreadable())
                read, kept = 0, []
        yield Chunk(_frame(kept, places), read + records.unreadable())


class _Records:
    """The readable records of a CSV file with the line that each begins on; the others are rejected, empty ones passed over."""

    def __init__(self, lines: TextLines, rejects: Rejects) -> None:
        self.rejects = rejects
        self.trouble = ""
        self._lines = lines
        self._reader = csv.reader(lines, strict=True)
        self._unreadable = 0

    def __iter__(self) -> Iterator[Row]:
        reader = self._reader
        while True:
            begin = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._reject(begin, _unreadable(error, begin, self._lines.recent))
                self._lines.recent.clear()
                continue
            self._lines.recent.clear()
            if self._lines.damaged and self._lines.take_damage(reader.line_num):
                self._reject(begin, Reason.of(f"the text isn't UTF-8: {SAVE_AS_UTF_8}"))
            elif any(cells):
                yield begin, cells

    def unreadable(self) -> int:
        """How many records were rejected since the last call."""
        count, self._unreadable = self._unreadable, 0
        return count

    def _reject(self, begin: int, reason: Reason) -> None:
        self.rejects.add([(begin, reason)])
        self.trouble = reason.text
        self._unreadable += 1


def _unreadable(error: csv.Error, begin: int, lines: list[str]) -> Reason:
    """Why a record can't be read; one that ends inside quotation marks, or goes on for many lines, was never closed."""
    opened = _opened(begin, lines)
    if opened is None or (len(lines) == 1 and lines[0].endswith("\n")):
        return Reason(f"it can't be read as CSV: {error}", "it can't be read as CSV")
    unclosed = "a quotation mark is never closed"
    return Reason(
        f"{unclosed}: it was opened on line {opened}, and the row goes on to line {begin + len(lines) - 1}",
        unclosed,
    )


def _opened(begin: int, lines: list[str]) -> int | None:
    """The line of a record's last quotation mark that opens a text; None if there is none."""
    inside, opened = False, None
    for number, line in enumerate(lines, begin):
        marks = line.replace('""', "").count('"')
        if marks > inside:
            opened = number
        inside ^= marks % 2 == 1
    return opened


def _frame(rows: list[Row], places: dict[str, int]) -> pl.DataFrame:
    cells = {name: [row[1][place] for row in rows] for name, place in places.items()}
    schema = {LINE: pl.Int64, **dict.fromkeys(places, pl.String)}
    return pl.DataFrame({LINE: [row[0] for row in rows], **cells}, schema=schema)


class TextLines:
    """The physical lines of a file of text, line ends kept; those that aren't UTF-8 are marked as damaged.

    `recent` are the latest lines, until the reader of records clears them.
    """

    def __init__(self, file: IO[bytes] | BufferedIOBase, path: Path, report: Callable[[], None]) -> None:
        self.damaged: list[int] = []
        self.recent: list[str] = []
        self._file = file
        self._path = path
        self._report = report

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self.raw(LONGEST_LINE + 1), 1):
            if len(line) > LONGEST_LINE:
                raise InvalidInput(f"{self._path}:{number}: the line is longer than {LONGEST_LINE:,} bytes")
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                self.damaged.append(number)
                text = line.decode("utf-8", errors="replace")
            self.recent.append(text)
            yield text

    def raw(self, longest: int) -> Iterator[bytes]:
        """The lines as bytes; those longer than `longest` are cut there, and the rest of them comes next.

        Raises InvalidInput for UTF-16 and for a broken archive.
        """
        number = 0
        try:
            while line := self._file.readline(longest):
                number += 1
                if number == 1 and (line[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in line[:2]):
                    hint = f": {SAVE_AS_UTF_8}" if ".csv" in self._path.name.lower() else ""
                    raise InvalidInput(f"{self._path} is UTF-16 text; save it in UTF-8{hint}")
                if number % CHUNK_ROWS == 0:
                    self._report()
                yield line
        except (OSError, EOFError, zlib.error) as error:
            raise InvalidInput(f"{self._path} is broken after line {number}: {error}") from None
        self._report()

    def take_damage(self, line: int) -> bool:
        """Whether lines up to this one were damaged; forgets them."""
        before = len(self.damaged)
        self.damaged = [number for number in self.damaged if number > line]
        return len(self.damaged) < before


@contextmanager
def opened(path: Path, progress: Progress | None) -> Iterator[TextLines]:
    """A file of text, unpacked if it is gzipped."""
    size = path.stat().st_size
    with path.open("rb") as file:

        def report() -> None:
            if progress is not None:
                progress(str(path), file.tell(), size)

        if path.suffix.lower() != ".gz":
            yield TextLines(file, path, report)
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield TextLines(unpacked, path, report)
