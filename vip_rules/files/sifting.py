"""Rows sifted one by one: those that are right in themselves go on, typed; the others are rejected with their reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.columns import Setting
from vip_rules.files.delimited import DelimitedTable
from vip_rules.files.jsonlines import JsonLinesTable
from vip_rules.files.reading import LONGEST_LIST, FileReading, IgnoredColumn, Rejects
from vip_rules.files.sheet import LINE, BoundSheet, Sheet
from vip_rules.files.tables import Progress, TextTable, check_columns, format_of, ignored_columns
from vip_rules.localdays import FIRST_YEAR, LAST_YEAR


@dataclass(slots=True)
class Sifted:
    """A file's good rows so far: LINE and the parsed columns of its sheet. Later steps reject more of them.

    `spoiled` are rejected rows whose id is known (LINE and the key): nobody can rely on that id any more.
    """

    sheet: Sheet
    file: str
    rows: pl.LazyFrame
    read: int
    present: frozenset[str]
    ignored: tuple[IgnoredColumn, ...]
    rejects: Rejects
    spoiled: pl.DataFrame
    left: int = 0
    _dropped: list[pl.DataFrame] = field(default_factory=list)

    def drop(self, lines: pl.DataFrame) -> None:
        """Takes rows out, by LINE."""
        if lines.height:
            self.rows = self.rows.join(lines.lazy().select(LINE), on=LINE, how="anti")

    def reject(self, lines: pl.DataFrame, reasons: Iterator[tuple[int, str]]) -> None:
        """Takes rows out and counts them as rejected; the reasons are those of its first LONGEST_LIST rows."""
        self.drop(lines)
        self.rejects.add(reasons, more=max(lines.height - LONGEST_LIST, 0))

    def leave(self, lines: pl.DataFrame) -> None:
        """Takes rows out that are neither used nor wrong."""
        self.drop(lines)
        self.left += lines.height

    def reading(self) -> FileReading:
        """The account of the file."""
        accepted = self.read - self.rejects.count - self.left
        return FileReading(
            self.sheet.name, self.file, self.read, accepted, self.rejects.count, self.present, self.ignored
        )


def sift(path: Path, sheet: Sheet, key: str | None, setting: Setting, progress: Progress | None) -> Sifted:
    """The rows of a file that are right in themselves. Raises InvalidInput for a file that can't be used as a whole."""
    kind = format_of(path)
    if kind == ".parquet":
        return _sift_parquet(path, sheet, key, setting, progress)
    table = DelimitedTable(path, progress) if kind == ".csv" else JsonLinesTable(path, progress)
    return _sift_text(path, table, sheet, key, setting)


def _sift_text(path: Path, table: TextTable, sheet: Sheet, key: str | None, setting: Setting) -> Sifted:
    rejects = Rejects(str(path))
    good: list[pl.DataFrame] = []
    spoiled: list[pl.DataFrame] = []
    read = 0
    for chunk in table.chunks(sheet, rejects):
        read += chunk.read
        raw = chunk.frame
        bound = _bound_to_years(sheet, raw.lazy(), raw.schema, setting, str(path))
        marked = raw.select(LINE, *bound.values.values(), bound.bad.alias("bad"))
        bad = marked["bad"]
        good.append(marked.filter(~bad).drop("bad"))
        if bad.any():
            faulty = raw.filter(bad)
            rejects.add(bound.reasons(faulty.select(bound.evidence())))
            spoiled.append(_spoiled(faulty.lazy(), bound, key).collect())
    return Sifted(
        sheet,
        str(path),
        pl.concat(good).lazy(),
        read,
        frozenset(table.columns) & frozenset(sheet.known),
        ignored_columns(table.columns, sheet),
        rejects,
        pl.concat([_nothing(key), *spoiled]),
    )


def _sift_parquet(path: Path, sheet: Sheet, key: str | None, setting: Setting, progress: Progress | None) -> Sifted:
    file = str(path)
    try:
        scan = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        schema = scan.collect_schema()
    except pl.exceptions.PolarsError as error:
        raise InvalidInput(f"{path} can't be read as Parquet: {error}") from None
    check_columns(file, schema.names(), sheet)
    raw = scan.select([name for name in sheet.known if name in schema])
    numbered = raw.with_row_index(LINE, offset=1).with_columns(pl.col(LINE).cast(pl.Int64))
    rejects = Rejects(file)
    bound = BoundSheet(sheet, schema, setting, file)
    try:
        counts = raw.select(
            pl.len().alias("read"), bound.bad.sum().alias("bad"), *_span_columns(bound)
        ).collect(engine="streaming")
        setting = replace(setting, years=_years(counts))
        bound = BoundSheet(sheet, schema, setting, file)
        read, bad = counts["read"].item(), counts["bad"].item()
        spoiled = _nothing(key)
        if bad:
            faulty = numbered.filter(bound.bad)
            some = faulty.select(bound.evidence()).head(LONGEST_LIST).collect(engine="streaming")
            rejects.add(bound.reasons(some), more=bad - some.height)
            spoiled = _spoiled(faulty, bound, key).collect(engine="streaming")
            numbered = numbered.filter(~bound.bad)
    except pl.exceptions.PolarsError as error:
        raise InvalidInput(f"{path} can't be read as Parquet: {error}") from None
    if progress is not None:
        progress(file, read, read)
    return Sifted(
        sheet,
        file,
        numbered.select(LINE, *bound.values.values()),
        read,
        frozenset(schema) & frozenset(sheet.known),
        ignored_columns(schema, sheet),
        rejects,
        spoiled,
    )


def _bound_to_years(
    sheet: Sheet, raw: pl.LazyFrame, schema: Mapping[str, pl.DataType], setting: Setting, file: str
) -> BoundSheet:
    """The sheet bound to columns, knowing the years in them: the fewer years, the fewer changes of the clock to look at."""
    bound = BoundSheet(sheet, schema, setting, file)
    found = raw.select(_span_columns(bound)).collect()
    return BoundSheet(sheet, schema, replace(setting, years=_years(found)), file)


def _span_columns(bound: BoundSheet) -> list[pl.Expr]:
    spans = enumerate(bound.years())
    return [
        year.cast(pl.Int32).alias(f"{which} year {n}")
        for n, span in spans
        for which, year in zip(("first", "last"), span, strict=True)
    ]


def _years(found: pl.DataFrame) -> tuple[int, int]:
    years = [found[name].item() for name in found.columns if " year " in name]
    known = [min(max(year, FIRST_YEAR), LAST_YEAR) for year in years if year is not None]
    return (min(known), max(known)) if known else (FIRST_YEAR, FIRST_YEAR)


def _spoiled(faulty: pl.LazyFrame, bound: BoundSheet, key: str | None) -> pl.LazyFrame:
    if key is None:
        return _nothing(key).lazy()
    return faulty.select(LINE, bound.values[key]).filter(pl.col(key).is_not_null())


def _nothing(key: str | None) -> pl.DataFrame:
    return pl.DataFrame(schema={LINE: pl.Int64} | ({key: pl.String} if key else {}))
