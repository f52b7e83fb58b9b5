"""Files that only grow: JSON Lines with keys, on the disk once they are written, and whole again after a crash."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from vip_rules.errors import InvalidInput

Entry = Mapping[str, Any]
"""A line: a JSON object, whose "key" says what it is about."""

_BLOCK: Final = 1 << 16


class Journal:
    """An append-only file of JSON Lines. One process at a time appends; any may read meanwhile.

    A crash can leave the beginning of a line at the end of the file: it counts as not written, and the next `append` or
    `settle` cuts it off. A file that isn't there yet has no entries.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._forget()

    def append(self, entries: Iterable[Entry]) -> None:
        """Add entries, each with a text as its "key", and return once they are on the disk.

        Raises OSError; then some of them may be in the file, as `find` tells.
        """
        if lines := b"".join(_line(entry) for entry in entries):
            self._write(lines)

    def settle(self) -> None:
        """Mend the end, and bring all that is there to the disk: what is found from now on stays. Raises OSError.

        A process that was killed can have left entries that are in the file and not yet on the disk.
        """
        if self.path.exists():
            self._write(b"")

    def entries(self) -> Iterator[dict[str, Any]]:
        """All entries, oldest first. Raises InvalidInput for a line that isn't one."""
        if self.path.exists():
            with self.path.open("rb") as file:
                for _, _, entry in self._read(file, 1):
                    yield entry

    def find(self, keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """The latest entry of each key that has one. Raises InvalidInput for a line that isn't an entry.

        What was read once isn't read again: the places of the keys are remembered.
        """
        if not self.path.exists():
            self._forget()
            return {}
        with self.path.open("rb") as file:
            self._catch_up(file)
            found = {}
            for key in keys:
                if key in self._places:
                    file.seek(self._places[key])
                    found[key] = json.loads(file.readline())
            return found

    def _write(self, lines: bytes) -> None:
        is_new = not self.path.exists()
        with self.path.open("a+b") as file:
            _mend(file)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            keep_name(self.path.parent)

    def _forget(self) -> None:
        self._places: dict[str, int] = {}
        self._file = self._end = 0
        self._lines = 0

    def _catch_up(self, file: IO[bytes]) -> None:
        """Learn where the keys of lines stand that weren't read yet; all of them if this is another file than before."""
        status = os.fstat(file.fileno())
        if status.st_ino != self._file or status.st_size < self._end:
            self._forget()
            self._file = status.st_ino
        file.seek(self._end)
        for place, line, entry in self._read(file, self._lines + 1):
            self._places[entry["key"]] = place
            if line.endswith(b"\n"):
                self._end, self._lines = place + len(line), self._lines + 1

    def _read(self, file: IO[bytes], first: int) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
        """The place of each line, the line and its entry, from where the file stands; a torn last line isn't one."""
        place = file.tell()
        for number, line in enumerate(file, first):
            entry = _entry(line)
            if entry is not None:
                yield place, line, entry
            elif line.endswith(b"\n"):
                raise InvalidInput(
                    f'{self.path}:{number}: expected a JSON object with a "key" that is a text; '
                    "mend the line, or move the file away"
                )
            place += len(line)


def _line(entry: Entry) -> bytes:
    text = json.dumps(entry, ensure_ascii=False, allow_nan=False)
    # Half of a surrogate pair isn't UTF-8; its backslash escape is the one of JSON.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _entry(line: bytes) -> dict[str, Any] | None:
    """The entry of a line; None for any other text, such as the beginning of one."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("key"), str) else None


def _mend(file: IO[bytes]) -> None:
    """End the last line where only that is missing; cut off one that is torn."""
    end = file.seek(0, os.SEEK_END)
    start, tail = end, b""
    while start and b"\n" not in tail:
        size = min(_BLOCK, start)
        start = file.seek(start - size)
        tail = file.read(size) + tail
    tail = tail[tail.rfind(b"\n") + 1 :]
    if tail and _entry(tail) is None:
        file.truncate(end - len(tail))
    elif tail:
        file.write(b"\n")
    file.seek(0, os.SEEK_END)


def keep_name(folder: Path) -> None:
    """Bring a new file's name to the disk, where a system can: Windows opens no folders, and needs no such thing."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
