"""What is known of effects: what the store was last known to hold of ours, and the intents that are on their way."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from vip_rules.adapter import ONCE
from vip_rules.canonical import canonical, digest
from vip_rules.database.bulk import among
from vip_rules.database.tables import effects, outbox
from vip_rules.localdays import day_number
from vip_rules.standing import Standing

OPEN: Final = ("planned", "sent", "unknown")
"""States of intents whose outcome is still to come."""

ASIDE: Final = ("refused", "parked")
"""States of intents that wait for a person."""


@dataclass(frozen=True, slots=True)
class Underway:
    """The latest intent of a key that isn't confirmed: its state, and what it would do."""

    state: str
    action: str
    payload: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a state under its key: what the store holds as JSON text (None: nothing), and the intent underway."""

    kind: str
    customer_id: str | None
    payload: str | None = None
    underway: Underway | None = None

    @property
    def comes_to(self) -> str | None:
        """What the store will hold once the intent underway is carried out; None: nothing."""
        if self.underway is None:
            return self.payload
        return self.underway.payload if self.underway.action == "put" else None


@dataclass(frozen=True, slots=True)
class KnownEffects:
    """The known states of some customers, or everybody's, with those that belong to no customer."""

    states: Mapping[str, Known]
    _keys: Mapping[str | None, list[str]] = field(repr=False)

    @classmethod
    def read(cls, connection: Connection, shop: int, people: Collection[str] | None = None) -> KnownEffects:
        """What is known of a shop's states: of everybody, or of some people only and of what is nobody's."""
        held = select(effects).where(effects.c.shop == shop)
        underway = select(outbox).where(
            outbox.c.shop == shop, outbox.c.kind.not_in(ONCE), outbox.c.state.in_((*OPEN, *ASIDE))
        )
        if people is not None:
            held = held.where(
                or_(effects.c.customer_id.is_(None), among(connection, effects.c.customer_id, people))
            )
            underway = underway.where(
                or_(outbox.c.customer_id.is_(None), among(connection, outbox.c.customer_id, people))
            )
        found = {row.key: Known(row.kind, row.customer_id, row.payload) for row in connection.execute(held)}
        for row in connection.execute(underway):
            held_now = found[row.key].payload if row.key in found else None
            intent = Underway(row.state, row.action, row.payload)
            found[row.key] = Known(row.kind, row.customer_id, held_now, intent)
        keys: dict[str | None, list[str]] = defaultdict(list)
        for key in sorted(found):
            keys[found[key].customer_id].append(key)
        return cls(found, keys)

    def of(self, customer_id: str | None) -> Mapping[str, Known]:
        """The known states of a customer, or of none."""
        return {key: self.states[key] for key in self._keys.get(customer_id, ())}

    def seen(self, customer_id: str | None, stored: Standing | None) -> str:
        """A digest of a customer's stored standing and known effects: it differs as soon as one of them does."""
        record = None if stored is None else stored.record()
        known = {
            key: [
                known.payload,
                known.underway and [known.underway.state, known.underway.action, known.underway.payload],
            ]
            for key, known in self.of(customer_id).items()
        }
        return digest(canonical([record, known]))[:16]


def given(connection: Connection, shop: int, keys: Iterable[str]) -> set[str]:
    """Those of some keys of what happens once that were planned before, whatever came of it: they are never used again."""
    query = select(outbox.c.key).where(outbox.c.shop == shop, among(connection, outbox.c.key, list(keys)))
    return set(connection.scalars(query))


def last_birthdays(connection: Connection, shop: int, people: Collection[str]) -> dict[str, int]:
    """The local day of each customer's latest birthday credit."""
    query = select(outbox.c.customer_id, outbox.c.payload).where(
        outbox.c.shop == shop,
        outbox.c.kind == "store_credit",
        outbox.c.key.startswith("birthday:"),
        among(connection, outbox.c.customer_id, people),
    )
    found: dict[str, int] = {}
    for customer, payload in connection.execute(query):
        says: dict[str, Any] = json.loads(payload)
        day = day_number(date.fromisoformat(says["day"]))
        found[customer] = max(day, found.get(customer, day))
    return found
