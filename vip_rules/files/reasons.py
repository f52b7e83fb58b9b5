"""Why a row is rejected: told with the row's own values, and counted without them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words. `kind` is the same without the row's values: rows with one mistake in common have one kind."""

    text: str
    kind: str

    @classmethod
    def of(cls, words: str, *values: str | None) -> Reason:
        """A reason with a row's values in the places of {}: "refunded {} is more than the total {}"."""
        return cls(words.format(*[shown(value or "") for value in values]), words.replace(" {}", ""))

    @classmethod
    def all_of(cls, reasons: Iterable[Reason]) -> Reason:
        """Several reasons for one row."""
        reasons = list(reasons)
        return cls("; ".join(each.text for each in reasons), "; ".join(each.kind for each in reasons))


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows of a file were rejected for one kind of reason, and the first line (or Parquet row) of them."""

    file: str
    kind: str
    count: int
    line: int

    def __str__(self) -> str:
        if self.count == 1:
            return f"{self.file}:{self.line}: {self.kind}"
        place = "row" if self.file.lower().endswith(".parquet") else "line"
        return f"{self.file}: {self.count:,} rows: {self.kind}, such as {place} {self.line}"


def shown(text: str) -> str:
    """A value in a message: quoted, control characters escaped, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")
