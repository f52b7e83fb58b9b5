"""Records of one kind as the shop keeps them, with their JSON and the answers to lists kept until something changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterator
from threading import RLock
from typing import Any

Row = dict[str, Any]


def rendered(data: Any) -> str:
    """JSON as the shop writes it: nothing but ASCII, every slash escaped."""
    return json.dumps(data, separators=(",", ":")).replace("/", "\\/")


class Shelf:
    """Records by id, each as the REST interface shows it, without `_links`.

    Look into it like into a mapping. Change records with `put` and `change` only: what is sent is kept until then. Neither
    moves `date_modified`, as when a plugin writes into the database.
    """

    def __init__(
        self, lock: RLock, links: Callable[[Row], Row], shown: Callable[[Row], Row] = lambda row: row
    ) -> None:
        self._lock = lock
        self._links = links
        self._shown = shown
        self._rows: dict[int, Row] = {}
        self._json: dict[int, str] = {}
        self._found: dict[Hashable, list[int]] = {}

    def __getitem__(self, row_id: int) -> Row:
        return self._rows[row_id]

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._rows

    def __iter__(self) -> Iterator[Row]:
        with self._lock:
            return iter(list(self._rows.values()))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, row_id: int) -> Row | None:
        """A record; None if there is none."""
        return self._rows.get(row_id)

    def put(self, row: Row) -> Row:
        """Keep a record, in the place of one with its id."""
        with self._lock:
            self._rows[row["id"]] = row
            self._json.pop(row["id"], None)
            self._found.clear()
        return row

    def change(self, row_id: int, **fields: Any) -> Row:
        """Change some fields of a record."""
        return self.put({**self._rows[row_id], **fields})

    def remove(self, row_id: int) -> Row:
        """Take a record away."""
        with self._lock:
            self._json.pop(row_id, None)
            self._found.clear()
            return self._rows.pop(row_id)

    def shown(self, row: Row) -> Row:
        """A record as it is shown, with its links."""
        return {**self._shown(row), "_links": self._links(row)}

    def json(self, row_id: int) -> str:
        """A record's JSON, kept until it changes."""
        if row_id not in self._json:
            self._json[row_id] = rendered(self.shown(self._rows[row_id]))
        return self._json[row_id]

    def found(self, asked: Hashable, find: Callable[[], list[int]]) -> list[int]:
        """The ids that answer a question, kept until a record changes."""
        if asked not in self._found:
            self._found[asked] = find()
        return self._found[asked]
