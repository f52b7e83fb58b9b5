"""Redaction: everything that is known of a customer is erased for good, and a later sync doesn't bring it back."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, delete, func, literal_column, select, update

from vip_rules.database.bulk import put
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, dirty, effects, events, orders, outbox, standings, told
from vip_rules.mirror.identities import Hashes
from vip_rules.mirror.merging import UNSENT
from vip_rules.mirror.rows import tombstone

Redact = Callable[[Connection, int, str], None]
"""Erases what another table says of a shop's customer, by the id, within the transaction."""


def redact(database: Database, shop: int, customer_id: str, redact_ledger: Redact) -> None:
    """Erase a customer, and those who were merged into them, from every table and from the database's file.

    A keyed hash of each id stays, by which they are known again: what a store tells of them later is not kept, their orders
    are nobody's. Nothing that was planned for them is sent any more.
    """
    with database.writing() as connection:
        hashes = Hashes.of(connection, shop)
        merged = (customers.c.shop == shop) & (customers.c.merged_into == customer_id)
        earlier = connection.scalars(select(customers.c.id).where(merged)).all()
        for erased in (customer_id, *earlier):
            redact_ledger(connection, shop, erased)
            _erase(connection, shop, erased, hashes.tombstone(erased))
    database.empty_log()


def erased(connection: Connection, shop: int) -> int:
    """How many customers were erased so far."""
    theirs = (customers.c.shop == shop) & literal_column("redacted")
    return connection.execute(select(func.count()).select_from(customers).where(theirs)).scalar_one()


def _erase(connection: Connection, shop: int, customer_id: str, stone: str) -> None:
    for table in (events, dirty, standings, effects):
        connection.execute(delete(table).where(table.c.shop == shop, table.c.customer_id == customer_id))
    # Ids that are made of an event's content begin with the customer's.
    named = (told.c.id == customer_id) | told.c.id.startswith(f"{customer_id}:", autoescape=True)
    connection.execute(delete(told).where(told.c.shop == shop, told.c.kind != "order", named))
    connection.execute(delete(customers).where(customers.c.shop == shop, customers.c.id == customer_id))
    put(connection, customers, [(shop, *tombstone(stone, redacted=True))])
    theirs = update(orders).where(orders.c.shop == shop, orders.c.customer_id == customer_id)
    connection.execute(theirs.values(customer_id=None))
    _erase_intents(connection, shop, customer_id, stone)


def _erase_intents(connection: Connection, shop: int, customer_id: str, stone: str) -> None:
    of_customer = (outbox.c.shop == shop) & (outbox.c.customer_id == customer_id)
    for row in connection.execute(select(outbox).where(of_customer)).mappings().all():
        erased = {
            "key": _without(row["key"], customer_id, stone),
            "customer_id": stone,
            "payload": "{}",
            "reference": None,
            "reason": "the customer was redacted",
            "state": "withdrawn" if row["state"] in UNSENT else row["state"],
        }
        connection.execute(update(outbox).where(outbox.c.number == row["number"]).values(**erased))


def _without(key: str, customer_id: str, stone: str) -> str:
    """A business key with something else in the place of the customer's id, which ends it."""
    ending = f":{customer_id}"
    return f"{key.removesuffix(ending)}:{stone}" if key.endswith(ending) else key.replace(customer_id, stone)
