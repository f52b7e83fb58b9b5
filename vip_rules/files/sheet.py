"""What the rows of one file must be: its columns, the rules across them, and both bound to the columns that a file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.columns import Kind, Parsed, Row, Setting, Tags, Text, as_text, is_blank
from vip_rules.files.reasons import Reason, shown
from vip_rules.localdays import FIRST_YEAR, LAST_YEAR

LINE = "line in the file"
"""The column with a row's place in its file: the line that it begins on, or the number of a Parquet row, from 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. `field` is what the parsed column is called; a blank value becomes `default`.

    A required column has to be in the file, and, unless it `may_be_blank`, to have a value in every row. `also` are names
    that shops often give it; `absent` says what a file without it means, where that is worth a word.
    """

    name: str
    kind: Kind
    field: str = ""
    required: bool = False
    may_be_blank: bool = False
    default: int | str | bool | None = None
    also: tuple[str, ...] = ()
    absent: str = ""

    @property
    def decides(self) -> bool:
        """Whether a file without this column silently means something else than one with it."""
        return not self.required and not isinstance(self.kind, Text | Tags)

    @property
    def target(self) -> str:
        """The name of the parsed column."""
        return self.field or self.name


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that a row's parsed values must not be together. `reason` tells it from the raw values.

    It is told only of rows in which each of the columns is right in itself.
    """

    columns: tuple[str, ...]
    broken: Callable[[Mapping[str, pl.Expr]], pl.Expr]
    reason: Callable[[Row], Reason]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be wrong with a row: where it is, the columns that it is about, and its reason in words."""

    where: pl.Expr
    columns: tuple[str, ...]
    reason: Callable[[Row], Reason]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One of the files: what it is called ("orders"), its columns and rules."""

    name: str
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def known(self) -> tuple[str, ...]:
        """All columns that are read."""
        return tuple(column.name for column in self.columns)


class BoundSheet:
    """A sheet over a file's actual columns: the expressions that parse the rows and find the faulty ones.

    `values` are the typed columns by name. Like the faults they are about rows that parsed() has seen.
    """

    def __init__(self, sheet: Sheet, schema: Mapping[str, pl.DataType], setting: Setting, file: str) -> None:
        """Raises InvalidInput for a column whose type can't be used."""
        self._sheet, self._all, self._setting, self._file = sheet, schema, setting, file
        self._schema = {column.name: schema[column.name] for column in sheet.columns if column.name in schema}
        self._kinds = {column.name: column.kind for column in sheet.columns}
        self.faults: list[Fault] = []
        self._parsed: list[pl.Expr] = []
        values: dict[str, pl.Expr] = {}
        for column in sheet.columns:
            dtype = schema.get(column.name)
            if dtype is None:
                value = pl.lit(column.default, dtype=column.kind.dtype)
            else:
                value = pl.col(f"parsed {column.name}")
                parsed = column.kind.parse(pl.col(column.name), dtype, value, setting)
                if parsed is None:
                    raise InvalidInput(f"{file}: {_unfit(column, dtype)}")
                self._parsed.append(parsed.value.alias(f"parsed {column.name}"))
                self.faults += self._column_faults(column, dtype, parsed)
                value = value if column.default is None else value.fill_null(column.default)
            values[column.name] = value
        self.values = {
            column.target: values[column.name].cast(column.kind.dtype).alias(column.target)
            for column in sheet.columns
        }
        self.faults += [
            Fault(rule.broken(values), rule.columns, rule.reason)
            for rule in sheet.rules
            if any(name in schema for name in rule.columns[1:])
        ]

    def _column_faults(self, column: Column, dtype: pl.DataType, parsed: Parsed) -> Iterator[Fault]:
        if column.required and not column.may_be_blank:
            yield Fault(
                is_blank(pl.col(column.name), dtype),
                (column.name,),
                lambda row: Reason.of(f"{column.name} is blank"),
            )
        if parsed.faulty is not None:
            yield Fault(parsed.faulty, (column.name,), lambda row: self._faulty_value(column, row))

    def _faulty_value(self, column: Column, row: Row) -> Reason:
        text = row[column.name] or ""
        wrong = column.kind.explain(text, row, self._setting)
        return Reason(f"{column.name} {shown(text)} {wrong}", f"{column.name} {wrong}")

    def parsed(self, raw: pl.LazyFrame) -> pl.LazyFrame:
        """Raw rows with their parsed values beside them: what `values`, `bad`, and evidence() are about."""
        return raw.with_columns(self._parsed)

    @property
    def bad(self) -> pl.Expr:
        """Whether a row has any fault."""
        faults = [fault.where for fault in self.faults]
        return pl.any_horizontal(faults).fill_null(False) if faults else pl.lit(False)

    def currencies(self) -> list[pl.Expr]:
        """Whether any row is in another currency than the program's: a column `foreign`; none without currencies."""
        return [self.values["foreign"].is_not_null().any()] if "currency" in self._schema else []

    def years(self) -> list[pl.Expr]:
        """The first and last year of each column with times: columns named first or last year."""
        spans = [self._kinds[name].years(pl.col(name), dtype) for name, dtype in self._schema.items()]
        return [
            year.cast(pl.Int32).alias(f"{which} year {n}")
            for n, span in enumerate(spans)
            if span is not None
            for which, year in zip(("first", "last"), span, strict=True)
        ]

    def decoded(self) -> list[pl.Expr]:
        """An aggregate of every column, so that each is decoded, and damage in any of them is found."""
        return [pl.col(name).null_count().alias(f"blank {name}") for name in self._schema]

    def surveyed(self, seen: pl.DataFrame) -> BoundSheet:
        """The sheet bound again, knowing the currencies() and years() of the data."""
        setting = self._setting
        if "foreign" in seen.columns:
            setting = replace(setting, foreign=bool(seen["foreign"].item()))
        years = [seen[name].item() for name in seen.columns if " year " in name]
        known = [min(max(year, FIRST_YEAR), LAST_YEAR) for year in years if year is not None]
        if known:
            setting = replace(setting, years=(min(known), max(known)))
        return BoundSheet(self._sheet, self._all, setting, self._file)

    def evidence(self) -> list[pl.Expr]:
        """What reasons() needs of a faulty row: its place, its raw values as text, and which faults it has."""
        raw = [as_text(pl.col(name), dtype).alias(f"raw {name}") for name, dtype in self._schema.items()]
        marks = [fault.where.fill_null(False).alias(f"fault {n}") for n, fault in enumerate(self.faults)]
        return [pl.col(LINE), *raw, *marks]

    def reasons(self, faulty: pl.DataFrame) -> Iterator[tuple[int, Reason]]:
        """Line and reasons of each faulty row, from its evidence()."""
        for row in faulty.iter_rows(named=True):
            raw = {name: row[f"raw {name}"] for name in self._schema}
            found = [fault for n, fault in enumerate(self.faults) if row[f"fault {n}"]]
            unusable = {fault.columns[0] for fault in found if len(fault.columns) == 1}
            reasons = [
                fault.reason(raw)
                for fault in found
                if len(fault.columns) == 1 or unusable.isdisjoint(fault.columns)
            ]
            yield row[LINE], Reason.all_of(reasons)


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _unfit(column: Column, dtype: pl.DataType) -> str:
    if not dtype.is_float():
        return f"the column {column.name} has the Parquet type {dtype}; {column.kind.fits} is expected"
    why = ", because a binary float can't hold it exactly" if column.kind.dtype == pl.Int64 else ""
    return f"the column {column.name} is a binary float{why}: write it as {column.kind.fits} and export again"
