"""The inbox: webhooks are kept before they are answered, each once, and taken out one worker at a time.

waiting → done | ignored | quarantined | parked | dropped. What can't be read is quarantined; what only a person can do is
parked. Nobody needs the bytes of what is done: they are forgotten.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, Select, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from vip_rules.database.tables import inbox

State = Literal["waiting", "done", "ignored", "quarantined", "parked", "dropped"]

STATES: Final = ("waiting", "quarantined", "parked", "ignored", "dropped", "done")
"""The states of deliveries, in the order in which a person asks for them."""

FOR_A_PERSON: Final = ("quarantined", "parked")
"""States that end by a person's hand only."""

LEASE: Final = 300 * 1_000_000
"""For how many microseconds a worker has a delivery to itself: if it dies, another one takes it then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A genuine webhook: `delivery` is the store's id of it, empty where it has none; instants in microseconds since 1970."""

    shop: int
    topic: str
    delivery: str
    body: bytes
    sent_at: int | None
    received_at: int

    def row(self) -> dict[str, Any]:
        """Its row in the inbox."""
        return {
            "shop": self.shop,
            "topic": self.topic,
            "delivery": self.delivery,
            "digest": hashlib.sha256(self.body).hexdigest(),
            "body": self.body,
            "sent_at": self.sent_at,
            "received_at": self.received_at,
            "state": "waiting",
            "attempts": 0,
            "due_at": self.received_at,
            "changed_at": self.received_at,
        }


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a delivery, and why; `due_at` for one that is to be taken again."""

    state: State
    reason: str | None = None
    due_at: int | None = None


def keep(connection: Connection, arrived: Iterable[Arrived]) -> int:
    """Keep webhooks; one that is there already stays as it is. Gives how many are new."""
    rows = [each.row() for each in arrived]
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return connection.execute(insert(inbox).on_conflict_do_nothing(), rows).rowcount if rows else 0


def take(connection: Connection, shop: int, now: int, most: int) -> list[Row[Any]]:
    """Lease the deliveries of a shop that are due, in the order of arrival, at most so many. Nobody else has them meanwhile."""
    free = or_(inbox.c.leased_until.is_(None), inbox.c.leased_until < now)
    waiting = (inbox.c.shop == shop) & (inbox.c.state == "waiting") & (inbox.c.due_at <= now) & free
    query = select(inbox).where(waiting).order_by(inbox.c.number).limit(most)
    rows = list(connection.execute(query.with_for_update(skip_locked=True)))
    if rows:
        taken = update(inbox).where(inbox.c.number.in_([row.number for row in rows]))
        connection.execute(taken.values(leased_until=now + LEASE, attempts=inbox.c.attempts + 1))
    return rows


def settle(connection: Connection, outcomes: Mapping[int, Became], now: int) -> None:
    """Note what became of deliveries, by number, and let go of them."""
    alike: dict[Became, list[int]] = {}
    for number, became in outcomes.items():
        alike.setdefault(became, []).append(number)
    for became, numbers in alike.items():
        values: dict[str, Any] = {
            "state": became.state,
            "reason": became.reason,
            "leased_until": None,
            "changed_at": now,
        }
        if became.due_at is not None:
            values["due_at"] = became.due_at
        if became.state in ("done", "ignored", "dropped"):
            values["body"] = None
        connection.execute(update(inbox).where(inbox.c.number.in_(numbers)).values(**values))


def contradicted(connection: Connection, shop: int, rows: Sequence[Row[Any]]) -> set[int]:
    """The numbers of those whose id came before with another body: somebody's mistake, or worse."""
    found = set()
    for row in rows:
        if row.delivery:
            same = (inbox.c.shop == shop) & (inbox.c.topic == row.topic) & (inbox.c.delivery == row.delivery)
            if connection.scalar(select(inbox.c.number).where(same, inbox.c.number < row.number).limit(1)):
                found.add(row.number)
    return found


def listed(connection: Connection, shop: int, state: str | None = None) -> Iterator[Row[Any]]:
    """The deliveries of a state in the order of arrival; without one, those that haven't ended."""
    query: Select[Any] = select(inbox).where(inbox.c.shop == shop).order_by(inbox.c.number)
    wanted = ("waiting", *FOR_A_PERSON) if state is None else (state,)
    return iter(connection.execute(query.where(inbox.c.state.in_(wanted))))


def counts(connection: Connection, shop: int) -> dict[str, int]:
    """How many deliveries there are in each state that has some."""
    query = select(inbox.c.state, func.count()).where(inbox.c.shop == shop).group_by(inbox.c.state)
    found: Mapping[str, int] = {state: count for state, count in connection.execute(query)}  # noqa: C416
    return {state: found[state] for state in STATES if state in found}


def oldest(connection: Connection, shop: int) -> int | None:
    """When the delivery that waits longest arrived, in microseconds since 1970; None if none waits."""
    waiting = (inbox.c.shop == shop) & (inbox.c.state == "waiting")
    instant: int | None = connection.scalar(select(func.min(inbox.c.received_at)).where(waiting))
    return instant


def forget(connection: Connection, shop: int, before: int) -> int:
    """Delete what ended, or was quarantined, before an instant in microseconds since 1970: how many there were."""
    old = (inbox.c.shop == shop) & (inbox.c.changed_at < before) & (inbox.c.state != "waiting")
    return connection.execute(delete(inbox).where(old)).rowcount


def erase(connection: Connection, shop: int, texts: Collection[str]) -> int:
    """Forget the bytes of what waits for a person and names somebody, by id or email: how many deliveries did."""
    named = re.compile(b"|".join(rb"(?<!\w)" + re.escape(each.encode()) + rb"(?!\w)" for each in texts))
    kept = (inbox.c.shop == shop) & inbox.c.state.in_(FOR_A_PERSON) & inbox.c.body.is_not(None)
    found = [row.number for row in connection.execute(select(inbox).where(kept)) if named.search(row.body)]
    if found:
        erased = {"body": None, "state": "dropped", "reason": "it named a customer who was redacted"}
        connection.execute(update(inbox).where(inbox.c.number.in_(found)).values(**erased))
    return len(found)
