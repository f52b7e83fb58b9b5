"""Entitlement: whether somebody still has a right to an effect, asked again right before it is carried out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from vip_rules.adapter import ONCE, Capability, Intent
from vip_rules.database.bulk import among
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers
from vip_rules.mirror.dirty import dirty_among
from vip_rules.planning.making import Planning, Request
from vip_rules.program.program import Program
from vip_rules.standing import Standing, rank
from vip_rules.standings import read_standings


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The rights of a shop's customers as of a local day: by their stored standings, or anew where their data changed since."""

    database: Database
    shop: int
    program: Program
    as_of: int
    capabilities: Mapping[str, Capability]

    def lost(self, intents: Sequence[Intent]) -> dict[str, str]:
        """Which intents nobody is entitled to any more, by key, with the reason."""
        people = {intent.customer_id for intent in intents if intent.customer_id is not None}
        if not people:
            return {}
        with self.database.reading() as connection:
            gone = self._gone(connection, people)
            changed = dirty_among(connection, self.shop, people) - gone
            once = {intent.customer_id for intent in intents if intent.kind in ONCE and intent.customer_id}
            stored = read_standings(connection, self.shop, self.program, self.as_of, once) if once else {}
            standings = {customer: each.standing for customer, each in stored.items()}
            planning = None
            if changed:
                request = Request(as_of=self.as_of, customers=changed)
                planning = Planning(
                    self.database, connection, self.shop, self.program, request, self.capabilities
                )
                standings |= {
                    customer: each.standing for customer, each in planning.recalculation.decisions.items()
                }
        found = {}
        for intent in intents:
            if intent.customer_id is None:
                continue
            if intent.customer_id in gone:
                if intent.action == "remove":
                    continue
                found[intent.key] = "the customer is no longer in the store"
                continue
            standing = standings.get(intent.customer_id, Standing())
            desired = planning.desired if planning and intent.customer_id in changed else None
            if reason := self._objection(intent, standing, desired):
                found[intent.key] = reason
        return found

    def _objection(self, intent: Intent, standing: Standing, desired: Mapping[str, Any] | None) -> str | None:
        """Why a customer has no right to an effect; None if they have. `desired` is given for those whose data changed."""
        held = standing.effective(self.program.tiers, self.as_of)
        if intent.kind in ONCE:
            tier = intent.payload.get("tier")
            lower = rank(self.program.tiers, held) < rank(self.program.tiers, tier)
            return f"the tier {tier} is no longer held" if tier is not None and lower else None
        if desired is None:
            return None
        wanted = desired.get(intent.key)
        same = intent.action == "remove" if wanted is None else wanted.payload == intent.payload
        return (
            None
            if same and (wanted is None or intent.action == "put")
            else "the customer's orders have changed since"
        )

    def _gone(self, connection: Connection, people: Collection[str]) -> set[str]:
        query = select(customers.c.id).where(
            customers.c.shop == self.shop, ~customers.c.gone, among(connection, customers.c.id, people)
        )
        return set(people) - set(connection.scalars(query))
