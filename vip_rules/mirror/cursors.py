"""Cursors: where the next sync goes on, and what else it has to know of the one before."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Final

from sqlalchemy import Connection, delete, select

from vip_rules.database.bulk import put
from vip_rules.database.tables import cursors

CHANGES: Final = "changes"
"""The cursor from which the next fetch of changes goes on."""

FULL: Final = "full"
"""The cursor of an unfinished full fetch."""

FIRST: Final = "first"
"""Stands while the first full fetch is unfinished: nothing can be gone yet, so it isn't remembered what was told."""

WANTED: Final = "wanted"
"""The personal data that the mirror has."""

BASIS: Final = "basis"
"""The basis of spend on which the mirror's orders were told."""

SYNCED: Final = "synced"
"""When the last fetch ended, as an ISO instant."""

RESTORED: Final = "restored"
"""The local day (a number) on which the database was restored from a backup; it isn't there if it never was."""


class Cursors(MutableMapping[str, str | None]):
    """What a shop's syncs remember from one to the next, by name, within a transaction."""

    def __init__(self, connection: Connection, shop: int) -> None:
        self._connection, self._shop = connection, shop
        rows = connection.execute(select(cursors.c.name, cursors.c.value).where(cursors.c.shop == shop))
        self._values: dict[str, str | None] = {name: value for name, value in rows}  # noqa: C416

    def __getitem__(self, name: str) -> str | None:
        return self._values[name]

    def __setitem__(self, name: str, value: str | None) -> None:
        put(self._connection, cursors, [(self._shop, name, value)])
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        self._connection.execute(delete(cursors).where(cursors.c.shop == self._shop, cursors.c.name == name))
        self._values.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
