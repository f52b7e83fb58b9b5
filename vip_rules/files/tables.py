"""An input file opened: its format by its name, the checks on its columns, and its raw rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.columns import nearest
from vip_rules.files.reading import IgnoredColumn, Rejects
from vip_rules.files.sheet import Sheet, listed

CHUNK_ROWS = 50_000
"""Rows of text that are parsed at a time: enough for vectors to pay, little memory."""

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
    if suffix is None:
        raise InvalidInput(f"{path}: the name must end in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder; a file is expected")
    try:
        with path.open("rb") as file:
            start = file.read(1)
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}") from None
    if not start:
        raise InvalidInput(f"{path} is empty, not even a header; export it again")
    return suffix.removesuffix(".gz").replace("ndjson", "jsonl")


def check_columns(file: str, columns: Sequence[str], sheet: Sheet) -> None:
    """Raises InvalidInput for columns that are missing or there twice."""
    doubled = sorted({name for name in columns if columns.count(name) > 1})
    if doubled:
        names = listed([repr(name) for name in doubled])
        raise InvalidInput(
            f"{file}: {names} {'is' if len(doubled) == 1 else 'are'} there twice among the columns"
        )
    missing = [name for name in sheet.required if name not in columns]
    if missing:
        spare = [name for name in columns if name not in sheet.known]
        hints = [f"{name}{nearest(name, spare).replace('did you mean', 'is it')}" for name in missing]
        what = "a column is" if len(missing) == 1 else "columns are"
        raise InvalidInput(
            f"{file}: {what} missing: {listed(hints)}{_separator_hint(columns)} (found: {', '.join(columns)[:300]})"
        )


def ignored_columns(columns: Iterable[str], sheet: Sheet) -> tuple[IgnoredColumn, ...]:
    """The columns that aren't used, each with the absent column that it may have been meant to be."""
    columns = list(columns)
    absent = [name for name in sheet.known if name not in columns]
    return tuple(
        IgnoredColumn(name, nearest(name, absent).removeprefix("; did you mean ").removesuffix("?") or None)
        for name in sorted(set(columns) - set(sheet.known))
    )


def _separator_hint(columns: Sequence[str]) -> str:
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        return "; columns must be separated by commas"
    return ""
