"""Rows sifted one by one: those that are right in themselves go on, typed; the others are rejected with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.columns import Setting
from vip_rules.files.damage import reading_of
from vip_rules.files.delimited import DelimitedTable
from vip_rules.files.jsonlines import JsonLinesTable
from vip_rules.files.places import STRIDE, Places
from vip_rules.files.reading import LONGEST_LIST, FileReading, IgnoredColumn, Rejects, RejectsOfPart
from vip_rules.files.reasons import Reason
from vip_rules.files.sheet import LINE, BoundSheet, Column, Sheet, listed
from vip_rules.files.source import Source
from vip_rules.files.tables import Progress, TextTable, check_columns, format_of, ignored_columns


@dataclass(slots=True)
class Sifted:
    """A table's good rows so far: LINE (its place) and the parsed columns of its sheet. Later steps reject more of them.

    `spoiled` are rejected rows whose id is known (LINE and the key): nobody can rely on that id any more.
    """

    sheet: Sheet
    places: Places
    rows: pl.LazyFrame
    read: int
    present: frozenset[str]
    ignored: tuple[IgnoredColumn, ...]
    rejects: Rejects
    spoiled: pl.DataFrame
    in_memory: bool
    left: int = 0

    @property
    def file(self) -> str:
        """The table's file in messages."""
        return self.places.name

    def drop(self, lines: pl.DataFrame) -> None:
        """Takes rows out, by LINE."""
        if lines.height:
            self.rows = self.rows.join(lines.lazy().select(LINE), on=LINE, how="anti", maintain_order="left")

    def reject(self, lines: pl.DataFrame, reasons: Iterator[tuple[int, Reason]]) -> None:
        """Takes rows out and counts them as rejected; the reasons are those of its first LONGEST_LIST rows."""
        self.drop(lines)
        self.rejects.add(reasons, more=max(lines.height - LONGEST_LIST, 0))

    def leave(self, lines: pl.DataFrame) -> None:
        """Takes rows out that are neither used nor wrong."""
        self.drop(lines)
        self.left += lines.height

    def finished(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The final rows: computed once for text, read again from Parquet whenever they're needed."""
        return rows.collect().lazy() if self.in_memory else rows

    def reading(self) -> FileReading:
        """The account of the file."""
        accepted = self.read - self.rejects.count - self.left
        return FileReading(
            self.sheet.name,
            self.file,
            self.read,
            accepted,
            self.rejects.count,
            self.present,
            self.ignored,
            tuple((column.name, column.absent) for column in self.sheet.columns if self._is_missed(column)),
            self.rejects.reasons(),
        )

    def _is_missed(self, column: Column) -> bool:
        return bool(column.absent) and column.name not in self.present


def sift(
    source: Source, sheet: Sheet, key: str | None, setting: Setting, progress: Progress | None
) -> Sifted:
    """The rows of a table that are right in themselves. Raises InvalidInput for a file that can't be used as a whole."""
    formats = [format_of(path) for path in source.paths]
    if ".parquet" not in formats:
        return _sift_text(source, formats, sheet, key, setting, progress)
    if len(formats) > 1:
        raise InvalidInput(
            f"{listed([str(path) for path in source.paths])}: {sheet.name} in several files are read from CSV and JSON Lines; "
            "write one Parquet file"
        )
    return _sift_parquet(source.paths[0], sheet, key, setting, progress)


def _sift_text(
    source: Source,
    formats: list[str],
    sheet: Sheet,
    key: str | None,
    setting: Setting,
    progress: Progress | None,
) -> Sifted:
    rejects = Rejects(source.places)
    good: list[pl.DataFrame] = []
    spoiled: list[pl.DataFrame] = []
    read = 0
    columns: list[str] = []
    for part, path in enumerate(source.paths):
        table = _table(source, path, formats[part], progress)
        for chunk in table.chunks(sheet, RejectsOfPart(rejects, part)):
            read += chunk.read
            raw = chunk.frame.with_columns(pl.col(LINE) + part * STRIDE) if part else chunk.frame
            bound = BoundSheet(sheet, raw.schema, setting, str(path))
            bound = bound.surveyed(
                bound.parsed(raw.lazy()).select(bound.currencies() + bound.years()).collect()
            )
            parsed = bound.parsed(raw.lazy()).collect()
            marked = parsed.select(LINE, *bound.values.values(), bound.bad.alias("bad"))
            bad = marked["bad"]
            good.append(marked.filter(~bad).drop("bad"))
            if bad.any():
                faulty = parsed.filter(bad)
                rejects.add(bound.reasons(faulty.select(bound.evidence())))
                spoiled.append(_spoiled(faulty.lazy(), bound, key).collect())
        if part and formats[part] == formats[0] == ".csv":
            _check_same_columns(source, part, columns, table.columns, sheet)
        columns += [column for column in table.columns if column not in columns]
    return Sifted(
        sheet,
        source.places,
        pl.concat(good).lazy(),
        read,
        frozenset(columns) & frozenset(sheet.known),
        ignored_columns(columns, sheet),
        rejects,
        pl.concat([_nothing(key), *spoiled]),
        in_memory=True,
    )


def _table(source: Source, path: Path, kind: str, progress: Progress | None) -> TextTable:
    if source.opener is not None:
        return source.opener(path, progress)
    return DelimitedTable(path, progress) if kind == ".csv" else JsonLinesTable(path, progress)


def _check_same_columns(
    source: Source, part: int, first: Sequence[str], columns: Sequence[str], sheet: Sheet
) -> None:
    differing = sorted((set(first) ^ set(columns)) & set(sheet.known))
    if differing:
        raise InvalidInput(
            f"{source.paths[part]} and {source.paths[0]} are parts of the {sheet.name}, but only one of them has "
            f"{listed(differing)}: export both with the same columns"
        )


def _sift_parquet(
    path: Path, sheet: Sheet, key: str | None, setting: Setting, progress: Progress | None
) -> Sifted:
    file = str(path)
    with reading_of(path):
        scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema = scan.collect_schema()
    check_columns(file, schema.names(), sheet)
    raw = scan.select([name for name in sheet.known if name in schema])
    numbered = raw.with_row_index(LINE, offset=1).with_columns(pl.col(LINE).cast(pl.Int64))
    places = Places((file,))
    rejects = Rejects(places)
    bound = BoundSheet(sheet, schema, setting, file)
    with reading_of(path):
        if currencies := bound.currencies():
            bound = bound.surveyed(bound.parsed(raw).select(currencies).collect(engine="streaming"))
        survey = bound.parsed(raw).select(
            pl.len().alias("read"), bound.bad.sum().alias("bad"), *bound.years(), *bound.decoded()
        )
        counts = survey.collect(engine="streaming")
        bound = bound.surveyed(counts)
        rows = bound.parsed(numbered)
        read, bad = counts["read"].item(), counts["bad"].item()
        spoiled = _nothing(key)
        if bad:
            faulty = rows.filter(bound.bad)
            some = faulty.select(bound.evidence()).head(LONGEST_LIST).collect(engine="streaming")
            rejects.add(bound.reasons(some), more=bad - some.height)
            spoiled = _spoiled(faulty, bound, key).collect(engine="streaming")
            rows = rows.filter(~bound.bad)
    if progress is not None:
        progress(file, read, read)
    return Sifted(
        sheet,
        places,
        rows.select(LINE, *bound.values.values()),
        read,
        frozenset(schema) & frozenset(sheet.known),
        ignored_columns(schema, sheet),
        rejects,
        spoiled,
        in_memory=False,
    )


def _spoiled(faulty: pl.LazyFrame, bound: BoundSheet, key: str | None) -> pl.LazyFrame:
    if key is None:
        return _nothing(key).lazy()
    return faulty.select(LINE, bound.values[key]).filter(pl.col(key).is_not_null())


def _nothing(key: str | None) -> pl.DataFrame:
    return pl.DataFrame(schema={LINE: pl.Int64} | ({key: pl.String} if key else {}))
