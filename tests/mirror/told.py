"""Short ways to say what a store tells, and to keep it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select

from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, dirty, events, lines, orders
from vip_rules.mirror.arrival import Arrival
from vip_rules.mirror.merging import merge
from vip_rules.mirror.removal import remove_customers, remove_orders
from vip_rules.mirror.rows import Written
from vip_rules.mirror.writing import write
from vip_rules.model import Currency, OrderLine
from vip_rules.rates import Rates
from vip_rules.store import Page, StoreCustomer, StoreEvent, StoreOrder

NEW_YORK: Final = ZoneInfo("America/New_York")
EVERYTHING: Final = frozenset(("birthday", "email", "language"))
LADDER: Final = {"silver": 0, "gold": 1, "platinum": 2}


def at(day: int, hour: int = 12) -> datetime:
    """An instant, so many days after the first of 2026."""
    return datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=day)


def customer(key: str, **more: Any) -> StoreCustomer:
    return StoreCustomer(id=key, **{"created_at": at(0), **more})


def order(key: str, customer_id: str | None, total: int = 1000, **more: Any) -> StoreOrder:
    given = {"placed_at": at(1), "currency": "USD", "lines": (OrderLine(sku="a", amount=total),), **more}
    return StoreOrder(id=key, customer_id=customer_id, total=total, **given)


def event(customer_id: str, **more: Any) -> StoreEvent:
    return StoreEvent(**{"customer_id": customer_id, "type": "review", "at": date(2026, 1, 5), **more})


def arrival(rates: Rates | None = None) -> Arrival:
    return Arrival(Currency.of("USD"), NEW_YORK, rates or Rates(), EVERYTHING)


def keep(database: Database, shop: int, *pages: Page, way: Arrival | None = None) -> Written:
    """Keep pages as a sync does, each in a transaction of its own; what came of all of them."""
    written, way = Written(), way or arrival()
    for page in pages:
        batch = way.batch(page)
        with database.writing() as connection:
            written.add(write(connection, shop, batch))
            written.merged += merge(connection, shop, batch.merged, LADDER)
            written.gone_customers += remove_customers(connection, shop, batch.gone_customers)
            written.gone_orders += remove_orders(connection, shop, batch.gone_orders)
    return written


def mirror(database: Database, shop: int) -> dict[str, list[tuple[Any, ...]]]:
    """All that the mirror holds of a shop."""
    return {table.name: rows(database, shop, table) for table in (customers, orders, lines, events)}


def rows(database: Database, shop: int, table: Table, *names: str) -> list[tuple[Any, ...]]:
    """A shop's rows of a table, or some columns of them, sorted."""
    columns = [table.c[name] for name in names] or [
        column for column in table.columns if column.name != "shop"
    ]
    with database.reading() as connection:
        found = connection.execute(select(*columns).where(table.c.shop == shop))
        return sorted((tuple(row) for row in found), key=repr)


def whose(database: Database, shop: int) -> set[str]:
    """The dirty customers."""
    return {str(row[0]) for row in rows(database, shop, dirty, "customer_id")}


def clean(database: Database, *shops: int) -> None:
    """Evaluate everybody, as far as marks are concerned."""
    with database.writing() as connection:
        connection.execute(dirty.delete().where(dirty.c.shop.in_(shops)))


def ids(found: Iterable[tuple[Any, ...]]) -> list[Any]:
    return [row[0] for row in found]
