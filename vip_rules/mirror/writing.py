"""Writing the mirror: the same telling twice changes nothing, and an older one never undoes a newer one.

Of two tellings the one that was updated later in the store wins; where the store doesn't say which that is, the one that is
told last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, delete, select

from vip_rules.database.bulk import add, among, put
from vip_rules.database.tables import customers, events, lines, orders, told
from vip_rules.mirror.dirty import mark
from vip_rules.mirror.identities import Hashes, Identities, identities
from vip_rules.mirror.rows import Batch, CustomerRow, EventRow, LineRow, OrderRow, Tally, Written


class _Kept(NamedTuple):
    """What the mirror holds of a row: how new it is, its content, and whose it is."""

    updated_at: int | None
    content: Any
    customer_id: str | None
    gone: bool = False


class _Tellings:
    """Decides row by row which tellings win over what is kept; counts them, and marks the customers whom they change."""

    def __init__(self, kept: dict[str, _Kept], marked: set[str]) -> None:
        self.tally, self._kept, self._marked = Tally(), kept, marked

    def wins(self, key: str, row: _Kept) -> bool:
        """Whether a told row is to be written."""
        self.tally.told += 1
        before = self._kept.get(key)
        if before is not None:
            if (
                before.updated_at is not None
                and row.updated_at is not None
                and row.updated_at < before.updated_at
            ):
                self.tally.older += 1
                return False
            if row.content == before.content and not before.gone:
                self.tally.unchanged += 1
                newer = row.updated_at is not None and row.updated_at != before.updated_at
                self._kept[key] = before._replace(updated_at=row.updated_at) if newer else before
                return newer
            self.tally.changed += 1
        else:
            self.tally.new += 1
        self._marked.update(owner for owner in (row.customer_id, before and before.customer_id) if owner)
        self._kept[key] = row
        return True

    def leave_out(self) -> None:
        """Count a row of somebody who was redacted."""
        self.tally.told += 1
        self.tally.redacted += 1


def write(connection: Connection, shop: int, batch: Batch, *, remember: bool = False) -> Written:
    """Keep the rows of a batch, and mark the customers dirty whom they change. Merges and deletions are not its matter.

    `remember` notes what was told, so that at the end of a full fetch it is known what wasn't.
    """
    owners = {order.customer_id for order, _ in batch.orders if order.customer_id is not None}
    owners.update(customer.id for customer in batch.customers)
    owners.update(event.customer_id for event in batch.events)
    known = identities(connection, shop, owners) if owners else Identities()
    marked: set[str] = set()
    written = Written(
        customers=_write_customers(connection, shop, batch.customers, known, marked),
        orders=_write_orders(connection, shop, batch.orders, known, marked),
        events=_write_events(connection, shop, batch.events, known, marked),
    )
    if remember:
        # Those who were redacted count as told, but their ids aren't kept.
        hashes = Hashes.of(connection, shop)
        ids = (hashes.tombstone(row.id) if row.id in known.redacted else row.id for row in batch.customers)
        _remember(connection, shop, "customer", ids)
        _remember(connection, shop, "order", (row.id for row, _ in batch.orders))
        theirs = (row.id for row in batch.events if row.customer_id not in known.redacted)
        _remember(connection, shop, "event", theirs)
    mark(connection, shop, marked)
    return written


def _write_customers(
    connection: Connection, shop: int, rows: Sequence[CustomerRow], known: Identities, marked: set[str]
) -> Tally:
    table = customers.c
    held = (table.updated_at, table.digest, table.id, table.gone)
    tellings = _Tellings(_kept(connection, customers, shop, [row.id for row in rows], held), marked)
    winners: dict[str, CustomerRow] = {}
    for row in rows:
        if row.id in known.redacted:
            tellings.leave_out()
        elif row.id in known.keepers:
            tellings.tally.told += 1
            tellings.tally.unchanged += 1
        elif tellings.wins(row.id, _Kept(row.updated_at, row.digest, row.id)):
            winners[row.id] = row
    put(connection, customers, ((shop, *row) for row in winners.values()))
    return tellings.tally


def _write_orders(
    connection: Connection,
    shop: int,
    rows: Sequence[tuple[OrderRow, Sequence[LineRow]]],
    known: Identities,
    marked: set[str],
) -> Tally:
    table = orders.c
    held = (table.updated_at, table.digest, table.customer_id)
    kept = _kept(connection, orders, shop, [row.id for row, _ in rows], held)
    here, tellings = frozenset(kept), _Tellings(kept, marked)
    winners: dict[str, tuple[OrderRow, Sequence[LineRow]]] = {}
    for row, its_lines in rows:
        owner = known.now(row.customer_id)
        if tellings.wins(row.id, _Kept(row.updated_at, row.digest, owner)):
            owned = row if owner == row.customer_id else row._replace(customer_id=owner)
            winners[row.id] = owned, its_lines
    put(connection, orders, ((shop, *row) for row, _ in winners.values()))
    if replaced := [key for key in winners if key in here]:
        old = (lines.c.shop == shop) & among(connection, lines.c.order_id, replaced)
        connection.execute(delete(lines).where(old))
    put(connection, lines, ((shop, *line) for _, its_lines in winners.values() for line in its_lines))
    return tellings.tally


def _write_events(
    connection: Connection, shop: int, rows: Sequence[EventRow], known: Identities, marked: set[str]
) -> Tally:
    content = [column for column in events.columns if column.name != "shop"]
    found = _select(connection, events, shop, [row.id for row in rows], content)
    kept = {row.id: _Kept(None, row, row.customer_id) for row in map(EventRow._make, found)}
    tellings = _Tellings(kept, marked)
    winners: dict[str, EventRow] = {}
    for row in rows:
        if (owner := known.now(row.customer_id)) is None:
            tellings.leave_out()
            continue
        owned = row._replace(customer_id=owner)
        if tellings.wins(row.id, _Kept(None, owned, owner)):
            winners[row.id] = owned
    put(connection, events, ((shop, *row) for row in winners.values()))
    return tellings.tally


def _kept(
    connection: Connection, table: Table, shop: int, ids: list[str], held: Iterable[ColumnElement[Any]]
) -> dict[str, _Kept]:
    found = _select(connection, table, shop, ids, [table.c.id, *held])
    return {key: _Kept(*rest) for key, *rest in found}


def _select(
    connection: Connection, table: Table, shop: int, ids: list[str], columns: Sequence[ColumnElement[Any]]
) -> Iterable[Any]:
    if not ids:
        return ()
    here = (table.c.shop == shop) & among(connection, table.c.id, ids)
    return connection.execute(select(*columns).where(here))


def _remember(connection: Connection, shop: int, kind: str, ids: Iterable[str]) -> None:
    add(connection, told, ((shop, kind, key) for key in ids))
