"""What a store no longer has: customers are gone, with their personal data, and orders and events are deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Table, delete, exists, func, select, update

from vip_rules.database.bulk import among
from vip_rules.database.tables import customers, events, lines, orders, told
from vip_rules.mirror.dirty import mark
from vip_rules.mirror.rows import Written


def remove_customers(connection: Connection, shop: int, ids: Collection[str]) -> int:
    """Note that customers are gone, and mark them dirty: how many that is news of. They come back if they are told again."""
    here = (customers.c.shop == shop) & among(connection, customers.c.id, ids) & ~customers.c.gone
    gone = list(connection.scalars(select(customers.c.id).where(here))) if ids else []
    if gone:
        nothing = {"tags": None, "birthday": None, "email": None, "language": None}
        those = (customers.c.shop == shop) & among(connection, customers.c.id, gone)
        connection.execute(update(customers).where(those).values(gone=True, **nothing))
        mark(connection, shop, gone)
    return len(gone)


def remove_orders(connection: Connection, shop: int, ids: Collection[str]) -> int:
    """Delete orders with their lines, and mark their customers dirty: how many there were."""
    here = (orders.c.shop == shop) & among(connection, orders.c.id, ids)
    found = connection.execute(select(orders.c.id, orders.c.customer_id).where(here)).all() if ids else []
    if found:
        connection.execute(
            delete(lines).where(lines.c.shop == shop, among(connection, lines.c.order_id, ids))
        )
        connection.execute(delete(orders).where(here))
        mark(connection, shop, (owner for _, owner in found if owner is not None))
    return len(found)


def remove_untold(connection: Connection, shop: int, horizon: int | None = None) -> Written:
    """Remove what an ended full fetch, of which everything was remembered, didn't tell.

    `horizon` is the first local day of which the store tells every order: earlier ones are there still, only untold.
    """
    here = [~customers.c.gone]
    seen = [] if horizon is None else [orders.c.day >= horizon]
    written = Written(
        gone_customers=remove_customers(
            connection, shop, _untold(connection, shop, customers, "customer", *here)
        ),
        gone_orders=remove_orders(connection, shop, _untold(connection, shop, orders, "order", *seen)),
    )
    # Many stores know of no events: those that are here came another way.
    if told_of(connection, shop, "event"):
        ids = _untold(connection, shop, events, "event")
        these = (events.c.shop == shop) & among(connection, events.c.id, ids)
        mark(connection, shop, connection.scalars(select(events.c.customer_id).where(these)).all())
        written.gone_events = connection.execute(delete(events).where(these)).rowcount
    return written


def told_of(connection: Connection, shop: int, kind: str) -> int:
    """How many rows of a kind a full fetch has told so far."""
    counted = select(func.count()).where(told.c.shop == shop, told.c.kind == kind)
    return connection.execute(counted).scalar_one()


def held(connection: Connection, shop: int, since: int | None = None) -> tuple[int, int]:
    """How many customers and orders the mirror has, of the orders those since a local day."""
    there = select(func.count()).select_from(customers).where(customers.c.shop == shop, ~customers.c.gone)
    placed = select(func.count()).select_from(orders).where(orders.c.shop == shop)
    if since is not None:
        placed = placed.where(orders.c.day >= since)
    return connection.execute(there).scalar_one(), connection.execute(placed).scalar_one()


def forget_told(connection: Connection, shop: int) -> None:
    """Forget what was told: the full fetch ended, or counts for nothing."""
    connection.execute(delete(told).where(told.c.shop == shop))


def _untold(connection: Connection, shop: int, table: Table, kind: str, *conditions: Any) -> list[str]:
    same = (told.c.shop == shop) & (told.c.kind == kind) & (told.c.id == table.c.id)
    wanted = select(table.c.id).where(table.c.shop == shop, *conditions, ~exists().where(same))
    return list(connection.scalars(wanted))
