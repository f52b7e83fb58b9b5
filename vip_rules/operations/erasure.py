"""Erasure: a customer is erased from every table, and the ledger says that somebody was."""

from __future__ import annotations

from sqlalchemy import Connection

from vip_rules import ledger
from vip_rules.database.connection import Database
from vip_rules.mirror.identities import Hashes
from vip_rules.mirror.redaction import redact
from vip_rules.operations.hand import Hand
from vip_rules.operations.people import NotThere, find_person


def erase(database: Database, shop: int, customer_id: str, hand: Hand) -> str:
    """Erase a customer, also one who is gone; gives the keyed hash of the id that stays.

    Raises UnknownCustomer; NotThere for somebody who was erased already, or was merged into another, who is to be named.
    """
    with database.reading() as connection:
        person = find_person(connection, shop, customer_id)
        stone = Hashes.of(connection, shop).tombstone(person.id)
    if person.merged_into is not None:
        raise NotThere(f"{person.fate}; redact {person.merged_into}, and both are erased")

    def of_ledger(connection: Connection, shop: int, erased: str) -> None:
        ledger.redact(connection, shop, erased)
        tombstone = Hashes.of(connection, shop).tombstone(erased)
        hand.remember(connection, shop, "redaction", customer_id=tombstone, says={})

    redact(database, shop, person.id, of_ledger)
    return stone
