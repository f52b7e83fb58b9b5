"""The files of bulk operations, as they are laid out at signed addresses: whole, from a place on, or cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.shop.answer import Answer
from tests.shop.bulk import BulkOperation

_PIECE = 1 << 20


def file_answer(operation: BulkOperation, range_header: str | None, truncated: bool) -> Answer:
    """An operation's file. Truncated it has half of its lines, and says that this is all."""
    headers = {"Content-Type": "application/jsonl", "Accept-Ranges": "bytes"}
    if operation.file is not None:
        size = operation.file.stat().st_size
        end = _end_of_line(operation.file, size // 2) if truncated else size
    else:
        rows = operation.rows[: len(operation.rows) // 2] if truncated else operation.rows
        body = b"".join(row + b"\n" for row in rows)
        end = len(body)
    start = _start(range_header)
    status = 200
    if start:
        status, headers = 206, headers | {"Content-Range": f"bytes {start}-{end - 1}/{end}"}
    pieces = _pieces(operation.file, start, end) if operation.file is not None else [body[start:]]
    return Answer(status=status, headers=headers, length=max(0, end - start), pieces=pieces)


def _start(header: str | None) -> int:
    found = re.fullmatch(r"bytes=(\d+)-", header or "")
    return int(found[1]) if found else 0


def _end_of_line(file: Path, place: int) -> int:
    with file.open("rb") as opened:
        opened.seek(place)
        opened.readline()
        return opened.tell()


def _pieces(file: Path, start: int, end: int) -> Iterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(start)
        while start < end and (piece := opened.read(min(_PIECE, end - start))):
            start += len(piece)
            yield piece
