"""The inbox: webhooks are kept before they are answered, each once, and taken out one worker at a time.

waiting → done | ignored | quarantined | parked | dropped. What can't be read is quarantined; what only a person can do is
parked. Nobody needs the bytes of what is done: they are forgotten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, or_, select, update

from vip_rules.database.tables import inbox
from vip_rules.mentions import Mentions

State = Literal["waiting", "done", "ignored", "quarantined", "parked", "dropped"]

STATES: Final = ("waiting", "quarantined", "parked", "ignored", "dropped", "done")
"""The states of deliveries, in the order in which a person asks for them."""

FOR_A_PERSON: Final = ("quarantined", "parked")
"""States that end by a person's hand only."""

NAMED: Final = "it named a customer who was redacted"
"""Why the bytes of a delivery are forgotten, or what was said of it."""

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
    """What became of a delivery, and why; `due_at` for one that is to be taken again, `attempts` where they count anew."""

    state: State
    reason: str | None = None
    due_at: int | None = None
    attempts: int | None = None


def keep(connection: Connection, arrived: Iterable[Arrived]) -> int:
    """Keep webhooks; one that is there already stays as it is. Gives how many are new."""
    rows = [each.row() for each in arrived]
    if not rows:
        return 0
    # In one statement: between two, other threads have the interpreter, and senders wait.
    sql = _insertion(connection.dialect.name, tuple(rows[0]), len(rows))
    values = tuple(chain.from_iterable(row.values() for row in rows))
    return connection.exec_driver_sql(sql, values).rowcount


@lru_cache
def _insertion(dialect: str, columns: Sequence[str], rows: int) -> str:
    marks = f"({', '.join(['?' if dialect == 'sqlite' else '%s'] * len(columns))})"
    into = f"{inbox.name} ({', '.join(columns)})"
    return f"INSERT INTO {into} VALUES {', '.join([marks] * rows)} ON CONFLICT DO NOTHING"


def is_due(connection: Connection, shop: int, now: int) -> bool:
    """Whether a shop has deliveries to be taken."""
    return connection.scalar(select(inbox.c.number).where(_due(shop, now)).limit(1)) is not None


def take(connection: Connection, shop: int, now: int, most: int) -> list[Row[Any]]:
    """Lease the deliveries of a shop that are due, the longest due first, at most so many. Nobody else has them meanwhile.

    The more often one was tried, the fewer are taken along with it: in the end it fails alone.
    """
    # Without their bytes: where many wait, none of these is read only to be sorted.
    query = select(inbox.c.number, inbox.c.attempts).where(_due(shop, now))
    in_order = query.order_by(inbox.c.due_at, inbox.c.number).limit(most)
    numbers: list[int] = []
    for number, attempts in connection.execute(in_order.with_for_update(skip_locked=True)):
        most = min(most, max(1, most >> 2 * attempts))
        if len(numbers) >= most:
            break
        numbers.append(number)
    if not numbers:
        return []
    these = inbox.c.number.in_(numbers)
    rows = {row.number: row for row in connection.execute(select(inbox).where(these))}
    taken = update(inbox).where(these).values(leased_until=now + LEASE, attempts=inbox.c.attempts + 1)
    connection.execute(taken)
    return [rows[number] for number in numbers]


def settle(
    connection: Connection, outcomes: Mapping[int, Became], now: int, *, leased_until: int | None = None
) -> None:
    """Note what became of deliveries, by number, and let go of them. With a lease, of those whose lease it still is."""
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
        if became.attempts is not None:
            values["attempts"] = became.attempts
        if became.state in ("done", "ignored", "dropped"):
            values["body"] = None
        these: ColumnElement[bool] = inbox.c.number.in_(numbers)
        if leased_until is not None:
            these &= inbox.c.leased_until == leased_until
        connection.execute(update(inbox).where(these).values(**values))


def contradicted(connection: Connection, rows: Sequence[Row[Any]]) -> set[int]:
    """The numbers of those whose id came before with another body: somebody's mistake, or worse."""
    earlier = inbox.alias()
    same = (earlier.c.shop == inbox.c.shop) & (earlier.c.topic == inbox.c.topic)
    before = (earlier.c.delivery == inbox.c.delivery) & (earlier.c.number < inbox.c.number)
    named = inbox.c.number.in_([row.number for row in rows if row.delivery])
    return set(connection.scalars(select(inbox.c.number).where(named, exists().where(same, before))))


def listed(
    connection: Connection, shop: int, states: Collection[str], *, most: int | None = None
) -> Iterator[Row[Any]]:
    """The deliveries of some states in the order of arrival, each with the `size` of its bytes but without these."""
    told = (each for each in inbox.c if each.name != "body")
    query = select(*told, func.length(inbox.c.body).label("size")).where(inbox.c.shop == shop)
    return iter(
        connection.execute(query.where(inbox.c.state.in_(states)).order_by(inbox.c.number).limit(most))
    )


def numbered(connection: Connection, shop: int, number: int) -> Row[Any] | None:
    """The delivery of a number, with its bytes and their `size`; None if there is none."""
    size = func.length(inbox.c.body).label("size")
    query = select(inbox, size).where(inbox.c.shop == shop, inbox.c.number == number)
    return connection.execute(query).first()


def counts(connection: Connection, shop: int) -> dict[str, int]:
    """How many deliveries there are in each state that has some."""
    query = select(inbox.c.state, func.count()).where(inbox.c.shop == shop).group_by(inbox.c.state)
    found: Mapping[str, int] = {state: count for state, count in connection.execute(query)}  # noqa: C416
    return {state: found[state] for state in STATES if state in found}


def oldest(connection: Connection, shop: int) -> int | None:
    """When the delivery that waits longest arrived, in microseconds since 1970; None if none waits."""
    waiting = (inbox.c.shop == shop) & (inbox.c.state == "waiting")
    first = select(func.min(inbox.c.number)).where(waiting).scalar_subquery()
    instant: int | None = connection.scalar(select(inbox.c.received_at).where(inbox.c.number == first))
    return instant


def received(connection: Connection, shop: int) -> dict[str, int]:
    """When the last delivery of each topic arrived, in microseconds since 1970."""
    query = select(inbox.c.topic, func.max(inbox.c.received_at)).where(inbox.c.shop == shop)
    rows = connection.execute(query.group_by(inbox.c.topic).order_by(inbox.c.topic))
    return {topic: at for topic, at in rows}  # noqa: C416


def forget(connection: Connection, shop: int, before: int) -> int:
    """Delete what ended, or was quarantined, before an instant in microseconds since 1970: how many there were.

    What is parked stays: somebody is owed an answer.
    """
    over = inbox.c.state.not_in(("waiting", "parked"))
    old = (inbox.c.shop == shop) & (inbox.c.changed_at < before) & over
    return connection.execute(delete(inbox).where(old)).rowcount


def erase(connection: Connection, shop: int, who: Mentions) -> int:
    """Forget the bytes of what waits for a person and names somebody, and every reason that does: how many deliveries did.

    What waits for a worker stays until it was read: it may tell of others, too.
    """
    mine = inbox.c.shop == shop
    kept = mine & inbox.c.state.in_(FOR_A_PERSON) & inbox.c.body.is_not(None)
    rows = connection.execute(select(inbox.c.number, inbox.c.topic, inbox.c.body).where(kept))
    found = [row.number for row in rows if who.sent(row.body, row.topic)]
    dropped = {"body": None, "state": "dropped", "reason": NAMED}
    connection.execute(update(inbox).where(inbox.c.number.in_(found)).values(**dropped))
    reasons = connection.scalars(select(inbox.c.reason).where(mine, inbox.c.reason.is_not(None)).distinct())
    said = [reason for reason in reasons if who.said(reason)]
    connection.execute(update(inbox).where(mine, inbox.c.reason.in_(said)).values(reason=NAMED))
    return len(found)


def _due(shop: int, now: int) -> ColumnElement[bool]:
    free = or_(inbox.c.leased_until.is_(None), inbox.c.leased_until < now)
    return (inbox.c.shop == shop) & (inbox.c.state == "waiting") & (inbox.c.due_at <= now) & free
