"""What the rows of one file must be: its columns, the rules across them, and both bound to the columns that a file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.columns import Kind, Parsed, Row, Setting, as_text, is_blank

LINE = "line in the file"
"""The column with a row's place in its file: the line that it begins on, or the number of a Parquet row, from 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. `field` is what the parsed column is called; a blank value becomes `default`."""

    name: str
    kind: Kind
    field: str = ""
    required: bool = False
    default: int | str | bool | None = None

    @property
    def target(self) -> str:
        """The name of the parsed column."""
        return self.field or self.name


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that a row's parsed values must not be together. `reason` tells it from the raw values."""

    columns: tuple[str, ...]
    broken: Callable[[Mapping[str, pl.Expr]], pl.Expr]
    reason: Callable[[Row], str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be wrong with a row: where it is, and its reason in words."""

    where: pl.Expr
    reason: Callable[[Row], str]


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
    """A sheet over a file's actual columns: the expressions that parse the rows and find the faulty ones."""

    def __init__(self, sheet: Sheet, schema: Mapping[str, pl.DataType], setting: Setting, file: str) -> None:
        """Raises InvalidInput for a column whose type can't be used."""
        self._setting = setting
        self._schema = {column.name: schema[column.name] for column in sheet.columns if column.name in schema}
        self._kinds = {column.name: column.kind for column in sheet.columns}
        self.values: dict[str, pl.Expr] = {}
        self.faults: list[Fault] = []
        raw_values: dict[str, pl.Expr] = {}
        faulty: dict[str, pl.Expr] = {}
        for column in sheet.columns:
            dtype = schema.get(column.name)
            if dtype is None:
                value = pl.lit(column.default, dtype=column.kind.dtype)
            else:
                parsed = column.kind.parse(pl.col(column.name), dtype, setting)
                if parsed is None:
                    raise InvalidInput(f"{file}: {_unfit(column, dtype)}")
                where = list(self._column_faults(column, dtype, parsed))
                if where:
                    faulty[column.name] = reduce(or_, (fault.where.fill_null(False) for fault in where))
                self.faults += where
                value = parsed.value if column.default is None else parsed.value.fill_null(column.default)
            raw_values[column.name] = value
            self.values[column.target] = value.cast(column.kind.dtype).alias(column.target)
        for rule in sheet.rules:
            sound = [~faulty[name] for name in rule.columns if name in faulty]
            broken = reduce(lambda one, other: one & other, sound, rule.broken(raw_values))
            if any(name in schema for name in rule.columns):
                self.faults.append(Fault(broken, rule.reason))

    def _column_faults(self, column: Column, dtype: pl.DataType, parsed: Parsed) -> Iterator[Fault]:
        if column.required:
            yield Fault(is_blank(pl.col(column.name), dtype), lambda row: f"{column.name} is blank")
        if parsed.faulty is not None:
            yield Fault(parsed.faulty, lambda row: self._faulty_value(column, row))

    def _faulty_value(self, column: Column, row: Row) -> str:
        text = row[column.name] or ""
        return f"{column.name} {shown(text)} {column.kind.explain(text, row, self._setting)}"

    @property
    def bad(self) -> pl.Expr:
        """Whether a row has any fault."""
        faults = [fault.where for fault in self.faults]
        return pl.any_horizontal(faults).fill_null(False) if faults else pl.lit(False)

    def years(self) -> list[tuple[pl.Expr, pl.Expr]]:
        """First and last year of each column with times."""
        spans = (self._kinds[name].years(pl.col(name), dtype) for name, dtype in self._schema.items())
        return [span for span in spans if span is not None]

    def evidence(self) -> list[pl.Expr]:
        """What reasons() needs of a faulty row: its place, its raw values as text, and which faults it has."""
        raw = [as_text(pl.col(name), dtype).alias(f"raw {name}") for name, dtype in self._schema.items()]
        marks = [fault.where.fill_null(False).alias(f"fault {n}") for n, fault in enumerate(self.faults)]
        return [pl.col(LINE), *raw, *marks]

    def reasons(self, faulty: pl.DataFrame) -> Iterator[tuple[int, str]]:
        """Line and reasons of each faulty row, from its evidence()."""
        for row in faulty.iter_rows(named=True):
            raw = {name: row[f"raw {name}"] for name in self._schema}
            found = [fault.reason(raw) for n, fault in enumerate(self.faults) if row[f"fault {n}"]]
            yield row[LINE], "; ".join(found)


def shown(text: str) -> str:
    """A value in a message: quoted, control characters escaped, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _unfit(column: Column, dtype: pl.DataType) -> str:
    if not dtype.is_float():
        return f"the column {column.name} has the Parquet type {dtype}; {column.kind.fits} is expected"
    why = ", because a binary float can't hold it exactly" if column.kind.dtype == pl.Int64 else ""
    return f"the column {column.name} is a binary float{why}: write it as {column.kind.fits} and export again"
