"""Erasure: what is ours of a customer leaves the store, every table forgets them, and the ledger says that somebody was."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vip_rules import inbox, ledger
from vip_rules.adapter import ONCE, Confirmed
from vip_rules.carriers import Means
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, effects, outbox
from vip_rules.mentions import Mentions
from vip_rules.mirror.identities import Hashes
from vip_rules.mirror.redaction import Redact, redact
from vip_rules.operations import proposals, runs, switch
from vip_rules.operations.drift import intent_of
from vip_rules.operations.hand import Hand
from vip_rules.operations.people import NotThere, find_person


@dataclass(frozen=True, slots=True)
class Erased:
    """What is left of a customer: the keyed hash of the id, and what the store still holds of ours, with the reason."""

    tombstone: str
    left: tuple[str, ...]


def erase(database: Database, shop: int, customer_id: str, hand: Hand, means: Means) -> Erased:
    """Erase a customer, also one who is gone, and take what is ours of them out of the store before.

    Raises UnknownCustomer; NotThere for somebody who was erased already, or was merged into another, who is to be named.
    """
    with database.reading() as connection:
        person = find_person(connection, shop, customer_id)
        stone = Hashes.of(connection, shop).tombstone(person.id)
        theirs = (customers.c.shop == shop) & (customers.c.id == person.id)
        email = connection.scalar(select(customers.c.email).where(theirs))
    if person.merged_into is not None:
        raise NotThere(f"{person.fate}; redact {person.merged_into}, and both are erased")

    left = tuple(_taken_out(database, shop, person.id, means))
    redact(database, shop, person.id, _forgetting(hand, email))
    return Erased(stone, left)


def erase_ahead(database: Database, shop: int, customer_id: str, hand: Hand) -> None:
    """Erase somebody of whom nothing is known yet: what a store tells of them later isn't kept."""
    redact(database, shop, customer_id, _forgetting(hand, None))


def forget_names(connection: Connection, shop: int, names: Collection[str]) -> None:
    """Forget what was said of somebody in passing, by id or email: by the store's webhooks, by jobs and by people."""
    who = Mentions(names)
    inbox.erase(connection, shop, who)
    runs.erase(connection, shop, who)
    proposals.erase(connection, shop, who)
    switch.erase(connection, shop, who)
    ledger.redact_said(connection, shop, who)


def _forgetting(hand: Hand, email: str | None) -> Redact:
    """What erases a customer, with their address, from all that isn't the mirror's, and remembers that somebody was."""

    def forget(connection: Connection, shop: int, erased: str) -> None:
        ledger.redact(connection, shop, erased)
        proposals.forget(connection, shop, erased)
        forget_names(connection, shop, [erased, *([email] if email else [])])
        tombstone = Hashes.of(connection, shop).tombstone(erased)
        hand.remember(connection, shop, "redaction", customer_id=tombstone, says={})

    return forget


def _taken_out(database: Database, shop: int, customer_id: str, means: Means) -> Iterator[str]:
    """Remove what the store is known to hold of ours of a customer; gives what stays there, with the reason."""
    with database.reading() as connection:
        mine = (effects.c.shop == shop) & (effects.c.customer_id == customer_id)
        held = connection.execute(select(effects).where(mine).order_by(effects.c.key)).all()
        given = (outbox.c.shop == shop) & (outbox.c.customer_id == customer_id) & outbox.c.kind.in_(ONCE)
        once = connection.scalars(select(outbox.c.key).where(given, outbox.c.state == "confirmed")).all()
    for row in held:
        carrier = means.carrier(row.kind)
        if carrier is None:
            yield f"{row.key}: nothing here carries out {row.kind.replace('_', ' ')}"
            continue
        (outcome,) = carrier.carry_out([intent_of(row, "remove")])
        if not isinstance(outcome, Confirmed):
            yield f"{row.key}: {outcome.reason}"
    yield from (f"{key}: what happened once can't be undone" for key in once)
