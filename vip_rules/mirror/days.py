"""Local days, made again from the instants when a program's time zone changes. Bare dates stay what they are."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Table, bindparam, select, update

from vip_rules.database.bulk import ROWS
from vip_rules.database.tables import customers, events, orders
from vip_rules.mirror.arrival import day_of_instant
from vip_rules.mirror.dirty import mark


def move_days(connection: Connection, shop: int, timezone: ZoneInfo) -> int:
    """Give every row of a shop the local day of its instant in a time zone, and mark the customers dirty: how many moved."""
    moved: set[str] = set()
    columns = (
        (customers, customers.c.created_at, customers.c.created, customers.c.id),
        (customers, customers.c.joined_at, customers.c.joined, customers.c.id),
        (orders, orders.c.placed_at, orders.c.day, orders.c.customer_id),
        (events, events.c.happened_at, events.c.day, events.c.customer_id),
    )
    for table, instant, day, owner in columns:
        moved |= _move(connection, shop, timezone, table, instant, day, owner)
    mark(connection, shop, moved)
    return len(moved)


def _move(
    connection: Connection,
    shop: int,
    timezone: ZoneInfo,
    table: Table,
    instant: Column[int | None],
    day: Column[int],
    owner: Column[str | None],
) -> set[str]:
    changed, owners, last = [], set(), ""
    of_shop = (table.c.shop == shop) & instant.is_not(None)
    while True:
        part = select(table.c.id, instant, day, owner).where(of_shop, table.c.id > last)
        rows = connection.execute(part.order_by(table.c.id).limit(ROWS)).all()
        for key, at, before, customer in rows:
            if (now := day_of_instant(at, timezone)) != before:
                changed.append({"key": key, "now": now})
                owners.add(customer)
        if len(rows) < ROWS:
            break
        last = rows[-1][0]
    if changed:
        moved = update(table).where(table.c.shop == shop, table.c.id == bindparam("key"))
        connection.execute(moved.values({day: bindparam("now")}), changed)
    return {customer for customer in owners if customer is not None}
