"""An input file opened: its format by its name, the checks on its columns, and its raw rows."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.columns import SURE, nearest
from vip_rules.files.reading import IgnoredColumn, Rejects
from vip_rules.files.reasons import shown
from vip_rules.files.sheet import Column, Sheet, listed

CHUNK_ROWS = 50_000
"""Rows of text that are parsed at a time: enough for vectors to pay, little memory."""

MOST_COLUMNS = 1_000
"""Columns of a file, used or not; one with more is no store's export."""

FORMATS = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz", ".parquet")

Progress = Callable[[str, int, int], None]
"""Is called while files are read: the file, how much of it is read, and of how much (bytes of text, rows of Parquet)."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some raw rows: text columns (a list of texts for tags) and LINE; `read` counts the unreadable ones too."""

    frame: pl.DataFrame
    read: int


class TextTable(Protocol):
    """A file of text, read in chunks. Rows that can't be read at all go to `rejects`."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the file; those of JSON Lines are known only after the last chunk."""
        ...

    def chunks(self, sheet: Sheet, rejects: Rejects) -> Iterator[Chunk]:
        """The readable rows."""
        ...


def format_of(path: Path) -> str:
    """The format that a file's name says. Raises InvalidInput for a name that says none, and for a file that isn't there."""
    suffix = next((suffix for suffix in FORMATS if path.name.lower().endswith(suffix)), None)
    if suffix is None and path.suffix.lower() in (".xlsx", ".xls", ".xlsm", ".ods"):
        raise InvalidInput(f"{path} is a workbook: save it as CSV UTF-8 (comma delimited) in Excel")
    if suffix is None:
        raise InvalidInput(f"{path}: the name must end in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise InvalidInput(
                f"{path} is {'a folder' if stat.S_ISDIR(mode) else 'not a regular file'}; expected a file"
            )
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}") from None
    if not start:
        raise InvalidInput(f"{path} is empty, not even a header; export it again")
    if disguised := _disguised(path, suffix, start):
        raise InvalidInput(f"{path} {disguised}")
    return suffix.removesuffix(".gz").replace("ndjson", "jsonl")


def _disguised(path: Path, suffix: str, start: bytes) -> str | None:
    """What a file really is, and what to do, if its first bytes don't fit its name."""
    packed = start.startswith(b"\x1f\x8b")
    if suffix.endswith(".gz"):
        return None if packed else "isn't packed with gzip, as its name says: take .gz out of its name"
    if packed and suffix != ".parquet":
        return f"is packed with gzip: name it {path.name}.gz"
    if start == b"PAR1" and suffix != ".parquet":
        return "is a Parquet file: let its name end in .parquet"
    if start == b"PK\x03\x04":
        return "is an Excel workbook or another ZIP archive: save it as CSV UTF-8 in Excel, or unpack it"
    return None


def check_columns(file: str, columns: Sequence[str], sheet: Sheet) -> None:
    """Raises InvalidInput for too many columns, and for columns that are missing, there twice, or misspelt."""
    if len(columns) > MOST_COLUMNS:
        raise InvalidInput(f"{file} has {len(columns):,} columns; at most {MOST_COLUMNS:,} are read")
    doubled = sorted(name for name, times in Counter(columns).items() if times > 1)
    if doubled:
        names = listed([shown(name) for name in doubled[:10]])
        raise InvalidInput(
            f"{file}: {names} {'is' if len(doubled) == 1 else 'are'} there twice among the columns"
        )
    present = frozenset(columns)
    spare = sorted(present - set(sheet.known))
    missing = [column for column in sheet.columns if column.required and column.name not in present]
    if missing:
        what = "a column is" if len(missing) == 1 else "columns are"
        found = ", ".join(name[:60] for name in columns)[:300]
        raise InvalidInput(
            f"{file}: {what} missing: {listed([_sought(column, spare) for column in missing])} (found: {found})"
        )
    deciding = [column.name for column in sheet.columns if column.decides and column.name not in present]
    if slips := [(name, near) for name in spare if (near := nearest(name, deciding, SURE))]:
        looks = "; ".join(
            f"the column {shown(name)} looks like {near}: rename it {near}" for name, near in slips[:10]
        )
        raise InvalidInput(f"{file}: {looks}, or give it quite another name if it is something else")


def ignored_columns(columns: Iterable[str], sheet: Sheet) -> tuple[IgnoredColumn, ...]:
    """The columns that aren't used, each with the absent column that it may have been meant to be."""
    present = frozenset(columns)
    absent = [name for name in sheet.known if name not in present]
    return tuple(IgnoredColumn(name, nearest(name, absent)) for name in sorted(present - set(sheet.known)))


def _sought(column: Column, spare: Sequence[str]) -> str:
    """A missing column, with the one of the file that may be it."""
    common = (found for name in column.also if (found := nearest(name, spare, cutoff=1)))
    near = nearest(column.name, spare, SURE) or next(common, None) or nearest(column.name, spare)
    return f"{column.name} (is it {near}?)" if near else column.name
