"""JSON Lines files: an object a line, numbers kept as they are written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import polars as pl

from vip_rules.errors import InvalidInput
from vip_rules.files.columns import Tags
from vip_rules.files.delimited import LONGEST_LINE, TextLines, opened
from vip_rules.files.reading import Rejects
from vip_rules.files.reasons import Reason
from vip_rules.files.sheet import LINE, Sheet
from vip_rules.files.tables import CHUNK_ROWS, MOST_COLUMNS, Chunk, Progress, check_columns

Cell = str | list[str] | None


class _Unusable(ValueError):
    """A line that isn't a row; says why, with values in the places of {}."""

    def __init__(self, words: str, *values: str) -> None:
        self.reason = Reason.of(words, *values)
        super().__init__(self.reason.text)


class JsonLinesTable:
    """A JSON Lines file. A key that no object has is a column that the file doesn't have."""

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self._path = path
        self._progress = progress
        self._keys: dict[str, None] = {}

    @property
    def columns(self) -> list[str]:
        """The keys of the objects read so far."""
        return list(self._keys)

    def chunks(self, sheet: Sheet, rejects: Rejects) -> Iterator[Chunk]:
        """The rows, in the file's order. Raises InvalidInput if no object has a required key."""
        lists = frozenset(column.name for column in sheet.columns if isinstance(column.kind, Tags))
        schema = {LINE: pl.Int64} | {
            name: pl.List(pl.String) if name in lists else pl.String for name in sheet.known
        }
        read, rows = 0, list[tuple[int | Cell, ...]]()
        with opened(self._path, self._progress) as lines:
            for number, text in _whole_lines(lines):
                if not text.strip():
                    continue
                read += 1
                if read == 1 and text.lstrip().startswith(b"["):
                    raise InvalidInput(
                        f"{self._path}:{number}: a JSON list begins; expected one object a line, without a list around them"
                    )
                try:
                    rows.append((number, *self._row(text, sheet.known, lists)))
                except _Unusable as error:
                    rejects.add([(number, error.reason)])
                if len(self._keys) > MOST_COLUMNS:
                    raise InvalidInput(
                        f"{self._path}:{number}: more than {MOST_COLUMNS:,} different keys; at most that many are read"
                    )
                if read == CHUNK_ROWS:
                    yield Chunk(pl.DataFrame(rows, schema=schema, orient="row"), read)
                    read, rows = 0, []
        if not self._keys and not rejects.count:
            raise InvalidInput(
                f"{self._path} holds no JSON objects; leave the file out if there are no {sheet.name}"
            )
        if self._keys:
            check_columns(str(self._path), self.columns, sheet)
        yield Chunk(pl.DataFrame(rows, schema=schema, orient="row"), read)

    def _row(self, text: bytes, known: tuple[str, ...], lists: frozenset[str]) -> list[Cell]:
        found = _parsed(text)
        self._keys.update(dict.fromkeys(found))
        return [_cell(name, found[name], name in lists) if name in found else None for name in known]


def _whole_lines(lines: TextLines) -> Iterator[tuple[int, bytes]]:
    """The lines with their numbers; of one that is too long only its beginning."""
    number, cut = 1, b""
    for part in lines.raw(LONGEST_LINE + 1):
        ended = part.endswith(b"\n")
        if not cut and (ended or len(part) <= LONGEST_LINE):
            yield number, part.removeprefix(b"\xef\xbb\xbf") if number == 1 else part
        elif not cut:
            cut = part
            yield number, part
        if ended:
            number, cut = number + 1, b""


def _parsed(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise _Unusable(f"the line is longer than {LONGEST_LINE:,} bytes")
    try:
        found = json.loads(
            line.decode("utf-8"),
            parse_int=str,
            parse_float=str,
            parse_constant=_no_number,
            object_pairs_hook=_distinct_keys,
        )
    except _Unusable:
        raise
    except UnicodeDecodeError:
        raise _Unusable("the text isn't UTF-8") from None
    except RecursionError:
        raise _Unusable("the JSON is nested too deeply") from None
    except ValueError as error:
        unusable = _Unusable("the line isn't JSON")
        unusable.reason = Reason(f"the line isn't JSON: {error}", "the line isn't JSON")
        raise unusable from None
    if not isinstance(found, dict):
        raise _Unusable("the line isn't a JSON object")
    return found


def _no_number(constant: str) -> NoReturn:
    raise _Unusable(f"{constant} is not a number of JSON")


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        doubled, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _Unusable("the key {} is there twice in one object", doubled)
    return found


def _cell(name: str, value: Any, a_list: bool) -> Cell:
    """A value as text, or as a list of texts."""
    if a_list and isinstance(value, str):
        value = value.split(",")
    if a_list and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return [_encodable(name, each) for each in value]
    if value is None:
        return None
    if a_list or isinstance(value, dict | list):
        raise _Unusable(
            f"{name} {'must be a text or a list of texts' if a_list else 'holds an object or a list'}"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return _encodable(name, value)


def _encodable(name: str, text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        unfit = f"{name} {{}} holds half of a surrogate pair, which is no character"
        raise _Unusable(unfit, text) from None
    return text
