"""Files that are written: refused before any work where they can't be, and there only once they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vip_rules.errors import UsageError


def check_target(path: Path, formats: Sequence[str]) -> None:
    """Refuse a file that can't be written, or not in one of some formats, before any work. Raises UsageError."""
    if path.suffix.lower() not in formats:
        expected = " or ".join([", ".join(formats[:-1]), formats[-1]] if formats[1:] else formats)
        raise UsageError(f"{path}: expected a name that ends in {expected}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}: make it first, or name another")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"{path} can't be written: name another file, or change who may write there")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place once it is whole; where `path` is a link, its target's."""
    path = path.resolve()
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
