"""JSON text made of columns: what `json.dumps` does for one value, done for a column at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from vip_rules.history import TAG_MARK

if TYPE_CHECKING:
    from polars import Expr

Pieces = tuple["Expr | str", ...]
"""JSON text in pieces, columns and texts that are the same for all rows; put together once, when it is whole."""

_ESCAPES: Final = {chr(code): json.dumps(chr(code))[1:-1] for code in (*range(32), ord('"'), ord("\\"), 127)}
_IN_SETS: Final = {char: escaped for char, escaped in _ESCAPES.items() if char != TAG_MARK}


def constant(value: Any) -> str:
    """A value that is the same for all rows."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text(column: Expr) -> Expr:
    """Texts; null stays null."""
    escaped = column.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return pl.concat_str(pl.lit('"'), escaped, pl.lit('"')).fill_null("null")


def text_set(column: Expr) -> Expr:
    """Sets as `history` wraps them, as arrays."""
    inner = column.str.strip_chars(TAG_MARK).str.replace_many(list(_IN_SETS), list(_IN_SETS.values()))
    quoted = inner.str.replace_all(TAG_MARK, '","', literal=True)
    filled = pl.concat_str(pl.lit('["'), quoted, pl.lit('"]'))
    return pl.when(column.str.len_bytes() == 0).then(pl.lit("[]")).otherwise(filled).fill_null("null")


def whole(column: Expr) -> Expr:
    """Whole numbers."""
    return column.cast(pl.String).fill_null("null")


def decimal(column: Expr, exponent: int) -> Expr:
    """Whole numbers of 10^-exponent as decimal numbers: 8750 with exponent 2 is 87.50."""
    if not exponent:
        return whole(column)
    size = column.abs()
    digits = (size % 10**exponent).cast(pl.String).str.zfill(exponent)
    sign = pl.when(column < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, (size // 10**exponent).cast(pl.String), pl.lit("."), digits).fill_null("null")


def decimal_text(column: Expr, exponent: int) -> Expr:
    """Whole numbers of 10^-exponent as texts of decimals: money never becomes a number that a reader takes for a float."""
    quoted = pl.concat_str(pl.lit('"'), decimal(column, exponent), pl.lit('"'))
    return pl.when(column.is_not_null()).then(quoted).otherwise(pl.lit("null"))


def boolean(column: Expr) -> Expr:
    """True, false and null."""
    return pl.when(column).then(pl.lit("true")).when(~column).then(pl.lit("false")).otherwise(pl.lit("null"))


def json_object(members: Iterable[tuple[str, Pieces]]) -> Pieces:
    """Objects with the same keys in every row."""
    pieces: list[Expr | str] = ["{"]
    for n, (key, value) in enumerate(members):
        pieces += [f"{',' if n else ''}{constant(key)}:", *value]
    return (*pieces, "}")


def json_array(elements: Iterable[Pieces]) -> Pieces:
    """Arrays with the same number of elements in every row."""
    pieces: list[Expr | str] = ["["]
    for n, element in enumerate(elements):
        pieces += [",", *element] if n else element
    return (*pieces, "]")


def array_of_present(elements: Iterable[Expr]) -> Pieces:
    """Arrays of those elements that aren't null."""
    listed = list(elements)
    return ("[", pl.concat_str(listed, separator=",", ignore_nulls=True), "]") if listed else ("[]",)


def joined(pieces: Pieces) -> Expr:
    """The text that the pieces make; texts that are the same for all rows are joined beforehand."""
    columns: list[Expr] = []
    waiting = ""
    for piece in pieces:
        if isinstance(piece, str):
            waiting += piece
            continue
        columns += [pl.lit(waiting), piece]
        waiting = ""
    return pl.concat_str(*columns, pl.lit(waiting))
