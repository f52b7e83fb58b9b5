"""People: who an id that somebody typed is, and whether they are still there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select

from vip_rules.database.tables import customers
from vip_rules.errors import VipRulesError
from vip_rules.explanation import UnknownCustomer
from vip_rules.mirror.identities import Hashes

NEIGHBOURS: Final = 200
"""Among so many ids before and after a mistyped one the nearest is looked for."""


class NotThere(VipRulesError):
    """A customer who was there once: the message says what became of them."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer of the mirror. `joined` is a local day; `merged_into` is the id in which they live on."""

    id: str
    joined: int
    gone: bool = False
    merged_into: str | None = None

    @property
    def fate(self) -> str | None:
        """What became of somebody who is no longer there, in a sentence; None for those who are."""
        if self.merged_into is not None:
            return f"customer {self.id} was merged into {self.merged_into}: all that was theirs is there"
        return f"customer {self.id} is no longer in the store" if self.gone else None


def find_person(connection: Connection, shop: int, customer_id: str) -> Person:
    """The customer of an id, also one who is gone. Raises UnknownCustomer, with the nearest id; NotThere if redacted."""
    if row := _row(connection, shop, customer_id):
        return Person(row.id, row.joined, row.gone, row.merged_into)
    stone = Hashes.of(connection, shop).tombstone(customer_id)
    if (row := _row(connection, shop, stone)) and row.redacted:
        raise NotThere(f"customer {customer_id} was redacted: nothing is known of them any more")
    near = _nearest(connection, shop, customer_id)
    hint = f": did you mean {near!r}?" if near else "; vip-rules sync brings new ones in"
    raise UnknownCustomer(f"customer {customer_id!r} isn't known{hint}")


def present_person(connection: Connection, shop: int, customer_id: str) -> Person:
    """The customer of an id who is there. Raises UnknownCustomer and NotThere."""
    person = find_person(connection, shop, customer_id)
    if person.fate is not None:
        raise NotThere(person.fate)
    return person


def _row(connection: Connection, shop: int, customer_id: str) -> Row[Any] | None:
    query = select(customers).where(customers.c.shop == shop, customers.c.id == customer_id)
    return connection.execute(query).first()


def _nearest(connection: Connection, shop: int, customer_id: str) -> str | None:
    """The id that was probably meant: the same but for capitals and spaces, or close to it among its neighbours."""
    table, typed = customers.c, customer_id.strip()
    there: Select[Any] = select(table.id).where(table.shop == shop, ~table.redacted)
    same: str | None = connection.scalar(there.where(func.lower(table.id) == typed.lower()).limit(1))
    if same is not None:
        return same
    near = get_close_matches(typed, list(_neighbours(connection, there, typed)), n=1, cutoff=0.7)  # not money
    return near[0] if near else None


def _neighbours(connection: Connection, there: Select[Any], typed: str) -> Iterator[str]:
    before = there.where(customers.c.id < typed).order_by(customers.c.id.desc())
    after = there.where(customers.c.id > typed).order_by(customers.c.id)
    for query in (before, after):
        yield from connection.scalars(query.limit(NEIGHBOURS))
