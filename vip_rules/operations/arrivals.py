"""Arrivals: webhooks in the inbox as a person sees them, and what a person does with those that only a person can end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from vip_rules import inbox
from vip_rules.database.connection import Database
from vip_rules.errors import VipRulesError
from vip_rules.inbox import FOR_A_PERSON, Became
from vip_rules.ledger import Kind
from vip_rules.operations.hand import Hand

OPEN: Final = ("waiting", *FOR_A_PERSON)
"""States in which something is still to happen."""


class UnknownWebhook(VipRulesError):
    """The inbox has no webhook of that number."""


class Misplaced(VipRulesError):
    """Something that can't be done with a webhook as it is: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A webhook as the inbox has it. Its bytes, which may name customers, are there only if it was asked for by its number."""

    row: Row[Any]

    @property
    def body(self) -> bytes | None:
        """The very bytes; None once nobody needs them any more."""
        found: bytes | None = self.row.body
        return found

    def record(self) -> dict[str, Any]:
        """The webhook as plain JSON data, without its bytes."""
        row = self.row
        return {
            "number": row.number,
            "topic": row.topic,
            "delivery": row.delivery or None,
            "state": row.state,
            "reason": row.reason,
            "attempts": row.attempts,
            "size": row.size,
            "sent_at": None if row.sent_at is None else _instant(row.sent_at),
            "received_at": _instant(row.received_at),
            "changed_at": _instant(row.changed_at),
        }


def arrivals(
    connection: Connection, shop: int, states: Collection[str] = OPEN, *, most: int | None = None
) -> Iterator[Kept]:
    """The webhooks of some states, `most` of them, in the order of arrival."""
    return map(Kept, inbox.listed(connection, shop, states, most=most))


def arrival(connection: Connection, shop: int, number: int) -> Kept:
    """The webhook of a number. Raises UnknownWebhook."""
    row = inbox.numbered(connection, shop, number)
    if row is None:
        raise UnknownWebhook(f"the inbox has no webhook {number}: vip-rules inbox list shows what it has")
    return Kept(row)


class Replays:
    """What a person does with webhooks of a shop that were quarantined or parked. Each is of all that are named, or of none."""

    def __init__(self, database: Database, shop: int, hand: Hand) -> None:
        self._database, self._shop, self._hand = database, shop, hand

    def replay(self, numbers: Collection[int], *, all_quarantined: bool = False) -> list[int]:
        """Let the worker take webhooks again, as if they had just arrived. Raises UnknownWebhook and Misplaced."""
        with self._database.writing() as connection:
            found = self._found(connection, numbers)
            if all_quarantined:
                found += list(arrivals(connection, self._shop, ("quarantined",)))
            again = Became("waiting", due_at=self._hand.at, attempts=0)
            self._move(connection, found, "retry", again)
        return [each.row.number for each in found]

    def drop(self, numbers: Collection[int], reason: str) -> list[int]:
        """Give webhooks up, and forget their bytes. Raises UnknownWebhook and Misplaced."""
        with self._database.writing() as connection:
            found = self._found(connection, numbers)
            self._move(connection, found, "withdrawn", Became("dropped", reason), reason=reason)
        return [each.row.number for each in found]

    def _found(self, connection: Connection, numbers: Collection[int]) -> list[Kept]:
        found = [arrival(connection, self._shop, number) for number in dict.fromkeys(numbers)]
        for each in found:
            if each.row.state not in FOR_A_PERSON:
                raise Misplaced(_misplaced(each.row))
        return found

    def _move(
        self, connection: Connection, found: Sequence[Kept], kind: Kind, became: Became, **says: str
    ) -> None:
        """Bring webhooks to a state, and remember it. Why they were set aside may name customers: the ledger isn't told."""
        inbox.settle(connection, {each.row.number: became for each in found}, self._hand.at)
        for each in found:
            told = {"topic": each.row.topic, "was": each.row.state, **says}
            key = f"webhook:{each.row.number}"
            self._hand.remember(connection, self._shop, kind, key=key, says=told)


def _misplaced(row: Row[Any]) -> str:
    why = {
        "waiting": "the worker takes it",
        "done": "the worker has read it, and its bytes are forgotten",
        "ignored": f"{row.reason}; its bytes are forgotten",
        "dropped": f"{row.reason}; its bytes are forgotten",
    }[row.state]
    return f"webhook {row.number} is {row.state} ({why}): expected one that is quarantined or parked"


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).isoformat()
