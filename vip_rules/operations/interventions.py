"""Interventions: what a person does with intents in the outbox that don't come to an end by themselves."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from vip_rules.adapter import ONCE
from vip_rules.database.bulk import among
from vip_rules.database.connection import Database
from vip_rules.database.tables import outbox
from vip_rules.errors import VipRulesError
from vip_rules.ledger import Kind
from vip_rules.localdays import day_date
from vip_rules.operations.hand import Hand
from vip_rules.outbox import hold, intent_of
from vip_rules.planning.known import ASIDE

STATES: Final = ("planned", "sent", "unknown", "refused", "parked", "withdrawn", "confirmed")
"""The states of intents, in the order in which a person asks for them."""

ENDED: Final = ("confirmed", "withdrawn")
"""States in which nothing more happens."""

EVEN_IF_DONE: Final = "--even-if-done"

_ALIKE: Final = 2_000
"""Among so many keys the nearest to a mistyped one is looked for."""


class InterventionRefused(VipRulesError):
    """Something that can't be done with an intent as it is: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An intent as the outbox has it."""

    row: Row[Any]

    def record(self) -> dict[str, Any]:
        """The intent as plain JSON data."""
        row = self.row
        return {
            "key": row.key,
            "kind": row.kind,
            "action": row.action,
            "customer_id": row.customer_id,
            "state": row.state,
            "attempts": row.attempts,
            "reason": row.reason,
            "reference": row.reference,
            "due": None if row.due is None else str(day_date(row.due)),
            "planned_at": _instant(row.planned_at),
            "changed_at": _instant(row.changed_at),
            "payload": json.loads(row.payload),
        }


def listed(
    connection: Connection,
    shop: int,
    *,
    state: str | None = None,
    customer_id: str | None = None,
    skip: int = 0,
    most: int | None = None,
) -> Iterator[Waiting]:
    """The intents of a state in the order of planning; without one, all that haven't ended. `most` of them, `skip` left out."""
    query: Select[Any] = select(outbox).where(outbox.c.shop == shop).order_by(outbox.c.number)
    query = query.where(outbox.c.state.not_in(ENDED) if state is None else outbox.c.state == state)
    if customer_id is not None:
        query = query.where(outbox.c.customer_id == customer_id)
    return map(Waiting, connection.execute(query.offset(skip).limit(most)))


def counts(connection: Connection, shop: int) -> dict[str, int]:
    """How many intents there are in each state that has some."""
    query = select(outbox.c.state, func.count()).where(outbox.c.shop == shop).group_by(outbox.c.state)
    found: Mapping[str, int] = {state: count for state, count in connection.execute(query)}  # noqa: C416
    return {state: found[state] for state in STATES if state in found}


class Interventions:
    """A person's interventions in a shop's outbox. Each is of all the named intents, or of none: InterventionRefused."""

    def __init__(self, database: Database, shop: int, hand: Hand) -> None:
        self._database, self._shop, self._hand = database, shop, hand

    def retry(
        self, keys: Collection[str], *, all_refused: bool = False, even_if_done: bool = False
    ) -> list[str]:
        """Plan again what was refused, or was tried too often; what is parked only `even_if_done`, since it may be.

        A state that was confirmed is put again, too: it may have been changed by hand since.
        """
        with self._database.writing() as connection:
            rows = self._rows(connection, keys)
            if all_refused:
                rows += [each.row for each in listed(connection, self._shop, state="refused")]
            for row in rows:
                if row.state == "parked" and row.kind in ONCE and not even_if_done:
                    raise InterventionRefused(
                        f"{row.key} is parked ({row.reason}): to send it again could do it twice. Look into the store; then "
                        f"confirm it, drop it, or send it again with {EVEN_IF_DONE}"
                    )
                again = row.state == "confirmed" and row.kind not in ONCE
                if row.state not in ASIDE and not again:
                    raise InterventionRefused(_misplaced(row, "refused or parked"))
            self._move(connection, rows, "retry", "planned", None, attempts=0)
        return [row.key for row in rows]

    def park(self, keys: Collection[str], reason: str) -> list[str]:
        """Set intents aside: they aren't sent, until a person decides."""
        with self._database.writing() as connection:
            rows = self._rows(connection, keys)
            self._check(rows, ("planned", "refused", "unknown"))
            self._move(connection, rows, "parked", "parked", reason)
        return [row.key for row in rows]

    def confirm(self, key: str, reference: str | None) -> None:
        """Note that what is parked or was refused is done: somebody looked into the store."""
        with self._database.writing() as connection:
            rows = self._rows(connection, [key])
            self._check(rows, ASIDE)
            for row in rows:
                hold(connection, self._shop, [(intent_of(row), reference)], self._hand.at)
            self._move(connection, rows, "confirmed", "confirmed", None, reference=reference)

    def drop(self, key: str, reason: str) -> bool:
        """Give up what is parked or was refused. Whether its key is used up with it, as of all that happens once.

        Of a state that still should be so, the next plan begins anew.
        """
        with self._database.writing() as connection:
            rows = self._rows(connection, [key])
            self._check(rows, ASIDE)
            self._move(connection, rows, "withdrawn", "withdrawn", reason)
            once = rows[0].kind in ONCE
            if not once:
                connection.execute(delete(outbox).where(outbox.c.shop == self._shop, outbox.c.key == key))
        return once

    def _rows(self, connection: Connection, keys: Collection[str]) -> list[Row[Any]]:
        of_shop = select(outbox).where(outbox.c.shop == self._shop)
        rows = list(connection.execute(of_shop.where(among(connection, outbox.c.key, keys))))
        found = {row.key for row in rows}
        for key in keys:
            if key not in found:
                raise InterventionRefused(f"the outbox has no {key}{self._hint(connection, key)}")
        return rows

    def _hint(self, connection: Connection, key: str) -> str:
        known = connection.scalars(
            select(outbox.c.key)
            .where(outbox.c.shop == self._shop, outbox.c.state.not_in(ENDED))
            .limit(_ALIKE)
        )
        near = get_close_matches(key, list(known), n=1)
        return f": did you mean {near[0]}?" if near else ": vip-rules outbox list shows what it has"

    def _check(self, rows: Sequence[Row[Any]], states: Sequence[str]) -> None:
        for row in rows:
            if row.state not in states:
                raise InterventionRefused(_misplaced(row, " or ".join(states)))

    def _move(
        self,
        connection: Connection,
        rows: Sequence[Row[Any]],
        kind: Kind,
        state: str,
        reason: str | None,
        **values: Any,
    ) -> None:
        """Bring intents to a state, and remember it."""
        for row in rows:
            now = {"state": state, "reason": reason, "changed_at": self._hand.at, **values}
            connection.execute(update(outbox).where(outbox.c.number == row.number).values(**now))
            says = {"kind": row.kind, "action": row.action, "was": row.state, "was_because": row.reason}
            if row.kind in ONCE:
                says["payload"] = json.loads(row.payload)
            given = {"reason": reason, "reference": values.get("reference")}
            self._hand.remember(
                connection,
                self._shop,
                kind,
                customer_id=row.customer_id,
                key=row.key,
                says={
                    name: value
                    for name, value in (says | given | {"by_hand": True}).items()
                    if value is not None
                },
            )


def _misplaced(row: Row[Any], expected: str) -> str:
    why = {
        "planned": "the next apply sends it",
        "sent": "it is being sent, or its sending was interrupted; the next apply finds out",
        "unknown": "the next apply reads back what became of it",
        "confirmed": "it is done",
        "withdrawn": "it was given up",
    }.get(row.state, row.reason)
    return f"{row.key} is {row.state} ({why}): expected one that is {expected}"


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).isoformat()
