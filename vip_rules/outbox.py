"""The outbox: intents are stored before they are sent, one for each business key, and sent until their outcome is known.

planned → sent → confirmed | refused | unknown | parked. A lost answer is unknown, never a failure: it is read back, and only
what the store takes twice as once is sent again. What may have happened and can't be read back is parked for a person.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Row, delete, select, update

from vip_rules.adapter import (
    ONCE,
    Capability,
    Confirmed,
    Found,
    Intent,
    Missing,
    Outcome,
    Refused,
    RetryAfter,
    Sight,
    Unknown,
    Unreadable,
)
from vip_rules.canonical import canonical
from vip_rules.database.bulk import among, put
from vip_rules.database.connection import Database
from vip_rules.database.tables import effects, outbox, shops
from vip_rules.ledger import Entry, Ledger

MOST_ATTEMPTS: Final = 5
"""How often an intent is sent before a person is asked."""

LONGEST_WAIT: Final = 60
"""The most seconds to wait for a busy store before the rest is left for later."""


class Carrier(Protocol):
    """What carries effects out: an adapter, or a channel for messages."""

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """What it does, by kind."""

    @property
    def batch(self) -> int:
        """How many intents it takes at a time."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Carry out effects, and tell the outcome of each."""

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What is there under each intent's key."""


Entitled = Callable[[Sequence[Intent]], Mapping[str, str]]
"""Which of some intents nobody is entitled to any more, by key, with the reason: asked right before they are sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a delivery works with: carriers (the first that does a kind has it), and what it must not look up by itself.

    `clock` gives the present instant with its offset, `sleep` waits some seconds, `entropy` gives so many random bytes.
    """

    carriers: tuple[Carrier, ...]
    clock: Callable[[], datetime]
    sleep: Callable[[int], None]
    entropy: Callable[[int], bytes]

    def carrier(self, kind: str) -> Carrier | None:
        """Who carries out effects of a kind."""
        return next((carrier for carrier in self.carriers if kind in carrier.capabilities), None)

    @property
    def capabilities(self) -> dict[str, Capability]:
        """What is done of each kind, by whoever does it."""
        found: dict[str, Capability] = {}
        for carrier in reversed(self.carriers):
            found |= carrier.capabilities
        return found

    def now(self) -> int:
        """The present instant in microseconds since 1970."""
        instant = self.clock()
        return int(instant.timestamp()) * 1_000_000 + instant.microsecond  # not money


@dataclass(slots=True)
class Delivered:
    """What came of a delivery: how many intents came to each state, what was drift, and why it stopped early.

    `told` are sentences for a person: refusals, unknown outcomes, changes by hand that were found.
    """

    counts: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    stopped: str = ""
    left: int = 0

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return {
            "counts": dict(sorted(self.counts.items())),
            "told": self.told,
            "stopped": self.stopped,
            "left": self.left,
        }


def deliver(
    database: Database, shop: int, means: Means, *, day: int, entitled: Entitled = lambda _: {}
) -> Delivered:
    """Send what is planned, and find out what became of what was sent; `day` is the local day for the ledger.

    Only the shop's one applier may call it.
    """
    return _Delivery(database, shop, means, day, entitled).run()


class _Delivery:
    """One delivery at work."""

    def __init__(self, database: Database, shop: int, means: Means, day: int, entitled: Entitled) -> None:
        self._database, self._shop, self._means, self._day = database, shop, means, day
        self._entitled = entitled
        self._report = Delivered()
        self._busy: dict[str, int] = {}

    def run(self) -> Delivered:
        """Resolve what an earlier run left, then send, until nothing moves any more."""
        with self._database.writing() as connection:
            # Whoever marked these as sent is dead: nobody knows how far they came.
            lost = (outbox.c.shop == self._shop) & (outbox.c.state == "sent")
            reason = "the sending was interrupted"
            connection.execute(update(outbox).where(lost).values(state="unknown", reason=reason))
        self._resolve()
        while self._send():
            self._resolve()
        with self._database.reading() as connection:
            open_ = select(outbox.c.number).where(
                outbox.c.shop == self._shop, outbox.c.state.in_(("planned", "unknown"))
            )
            self._report.left = len(connection.execute(open_).all())
        return self._report

    # Sending

    def _send(self) -> bool:
        """Send everything that is planned; whether anything was sent."""
        sent = waited = 0
        self._busy = {}
        while not self._report.stopped:
            batch = self._next()
            if not batch:
                wait = min(self._busy.values(), default=None)
                if wait is None:
                    break
                if waited + wait > LONGEST_WAIT:
                    self._report.stopped = (
                        "the store is busy: call apply again later, and it goes on from here"
                    )
                    break
                self._means.sleep(wait)
                waited, self._busy = waited + wait, {}
                continue
            intents = self._claim(batch)
            if intents:
                sent += len(intents)
                self._carry_out(intents)
        return sent > 0 and not self._report.stopped

    def _next(self) -> list[Row[Any]]:
        """The next intents that go together: of one carrier, as many as it takes at a time."""
        with self._database.reading() as connection:
            query = select(outbox).where(
                outbox.c.shop == self._shop, outbox.c.state == "planned", outbox.c.attempts < MOST_ATTEMPTS
            )
            if self._busy:
                query = query.where(~among(connection, outbox.c.key, list(self._busy)))
            query = query.where(outbox.c.kind.in_(list(self._means.capabilities))).order_by(outbox.c.number)
            first = connection.execute(query.limit(1)).first()
            if first is None:
                return []
            carrier = self._carrier(first.kind)
            rows = connection.execute(query.where(outbox.c.number >= first.number).limit(carrier.batch)).all()
        together = []
        for row in rows:
            if self._carrier(row.kind) is not carrier:
                break
            together.append(row)
        return together

    def _claim(self, rows: Sequence[Row[Any]]) -> list[Intent]:
        """Mark intents as sent before they are, but for those that nobody is entitled to any more."""
        intents = [intent_of(row) for row in rows]
        refused = self._entitled(intents)
        with self._database.writing() as connection:
            paused = connection.execute(
                select(shops.c.paused_at, shops.c.paused_by).where(shops.c.id == self._shop)
            ).one()
            if paused.paused_at is not None:
                self._report.stopped = f"paused by {paused.paused_by}: vip-rules resume goes on"
                return []
            if refused:
                keys = list(refused)
                connection.execute(
                    delete(outbox).where(outbox.c.shop == self._shop, among(connection, outbox.c.key, keys))
                )
                self._remember(
                    connection,
                    (
                        self._entry("withdrawn", intent, reason=refused[intent.key])
                        for intent in intents
                        if intent.key in refused
                    ),
                )
                self._report.counts["withdrawn"] += len(refused)
                self._tell(intents, refused)
            going = self._still_planned(
                connection, [intent for intent in intents if intent.key not in refused]
            )
            known = self._known(connection, going)
            connection.execute(
                update(outbox)
                .where(
                    outbox.c.shop == self._shop,
                    among(connection, outbox.c.key, [intent.key for intent in going]),
                )
                .values(state="sent", attempts=outbox.c.attempts + 1, changed_at=self._means.now())
            )
        return [_with_known(intent, known.get(intent.key)) for intent in going]

    def _still_planned(self, connection: Connection, intents: Sequence[Intent]) -> list[Intent]:
        """Those that nobody parked meanwhile."""
        keys = [intent.key for intent in intents]
        query = select(outbox.c.key).where(
            outbox.c.shop == self._shop, outbox.c.state == "planned", among(connection, outbox.c.key, keys)
        )
        planned = set(connection.scalars(query))
        return [intent for intent in intents if intent.key in planned]

    def _known(self, connection: Connection, intents: Sequence[Intent]) -> dict[str, Mapping[str, Any]]:
        keys = [intent.key for intent in intents]
        query = select(effects.c.key, effects.c.payload).where(
            effects.c.shop == self._shop, among(connection, effects.c.key, keys)
        )
        return {key: json.loads(payload) for key, payload in connection.execute(query)}

    def _carry_out(self, intents: list[Intent]) -> None:
        carrier = self._carrier(intents[0].kind)
        drifted = self._drift(carrier, intents)
        outcomes = carrier.carry_out(intents)
        with self._database.writing() as connection:
            self._remember(connection, drifted)
            self._settle(connection, list(zip(intents, outcomes, strict=True)))

    def _drift(self, carrier: Carrier, intents: Sequence[Intent]) -> list[Entry]:
        """What was changed by hand in the store, of what is about to be changed: it is overwritten, but not in silence."""
        readable = [
            intent
            for intent in intents
            if intent.known is not None and carrier.capabilities[intent.kind].readable
        ]
        if not readable:
            return []
        found = []
        for intent, sight in zip(readable, carrier.look(readable), strict=True):
            actual = sight.payload if isinstance(sight, Found) else None
            if isinstance(sight, Unreadable) or actual == intent.known or actual == intent.payload:
                continue
            found.append(self._entry("drift", intent, expected=intent.known, found=actual))
            what = "is gone" if actual is None else "was changed"
            self._report.told.append(
                f"{intent.key}: {what} in the store by hand; it is put as the plan has it"
            )
            self._report.counts["drift"] += 1
        return found

    # Outcomes

    def _settle(self, connection: Connection, outcomes: Sequence[tuple[Intent, Outcome]]) -> None:
        """Keep what came of intents."""
        entries = []
        for intent, outcome in outcomes:
            match outcome:
                case Confirmed(reference):
                    hold(connection, self._shop, intent, reference, self._means.now())
                    state, reason = "confirmed", None
                    entries.append(self._entry("confirmed", intent, reference=reference))
                case Refused(reason):
                    state = "refused"
                    entries.append(self._entry("refused", intent, reason=reason))
                case Unknown(reason):
                    state = "unknown"
                    entries.append(self._entry("unknown", intent, reason=reason))
                case RetryAfter(seconds, reason):
                    state = "planned"
                    self._busy[intent.key] = max(seconds, 1)
            self._mark(connection, intent, state, reason)
        self._remember(connection, entries)

    def _mark(self, connection: Connection, intent: Intent, state: str, reason: str | None) -> None:
        connection.execute(
            update(outbox)
            .where(outbox.c.shop == self._shop, outbox.c.key == intent.key)
            .values(state=state, reason=reason, changed_at=self._means.now())
        )
        if state != "planned":
            self._report.counts[state] += 1
        if state in ("refused", "unknown", "parked"):
            self._report.told.append(f"{intent.key}: {state}: {reason}")

    # Unknown outcomes

    def _resolve(self) -> None:
        """Read back what became of intents whose outcome is unknown."""
        with self._database.reading() as connection:
            query = select(outbox).where(outbox.c.shop == self._shop, outbox.c.state == "unknown")
            rows = connection.execute(query.order_by(outbox.c.number)).all()
        for carrier in self._means.carriers:
            mine = [row for row in rows if self._means.carrier(row.kind) is carrier]
            for begin in range(0, len(mine), carrier.batch):
                part = mine[begin : begin + carrier.batch]
                intents = [intent_of(row) for row in part]
                sights = carrier.look(intents)
                with self._database.writing() as connection:
                    for row, intent, sight in zip(part, intents, sights, strict=True):
                        self._resolved(connection, row, intent, sight, carrier.capabilities[intent.kind])

    def _resolved(
        self, connection: Connection, row: Row[Any], intent: Intent, sight: Sight, capability: Capability
    ) -> None:
        if _is_done(intent, sight):
            reference = sight.reference if isinstance(sight, Found) else None
            self._settle(connection, [(intent, Confirmed(reference))])
        elif capability.idempotent and row.attempts < MOST_ATTEMPTS:
            self._mark(connection, intent, "planned", "sent again: it wasn't found in the store")
        elif isinstance(sight, Unreadable):
            self._report.told.append(f"{intent.key}: still unknown: {sight.reason}")
        else:
            self._park(
                connection, intent, "it may have been done, and can't be sent again: look into the store"
            )

    def _park(self, connection: Connection, intent: Intent, reason: str) -> None:
        self._mark(connection, intent, "parked", reason)
        self._remember(connection, [self._entry("parked", intent, reason=reason)])

    # The ledger

    def _entry(self, kind: Any, intent: Intent, **says: Any) -> Entry:
        given = {"payload": intent.payload} if intent.kind == "store_credit" else {}
        known = {name: value for name, value in says.items() if value is not None}
        return Entry(
            kind=kind,
            day=self._day,
            customer_id=intent.customer_id,
            key=intent.key,
            says={"kind": intent.kind, "action": intent.action, **given, **known},
        )

    def _remember(self, connection: Connection, entries: Iterable[Entry]) -> None:
        Ledger(connection, self._shop, self._means.now(), self._means.entropy).append(entries)

    def _tell(self, intents: Iterable[Intent], refused: Mapping[str, str]) -> None:
        for intent in intents:
            if intent.key in refused:
                self._report.told.append(f"{intent.key}: not sent: {refused[intent.key]}")

    def _carrier(self, kind: str) -> Carrier:
        carrier = self._means.carrier(kind)
        assert carrier is not None, "only kinds that somebody does are sent"
        return carrier


def _is_done(intent: Intent, sight: Sight) -> bool:
    """Whether what the store shows is what the intent asked for."""
    if intent.action == "remove":
        return isinstance(sight, Missing)
    if intent.kind in ONCE:
        return isinstance(sight, Found)
    return isinstance(sight, Found) and sight.payload == intent.payload


def hold(connection: Connection, shop: int, intent: Intent, reference: str | None, at: int) -> None:
    """Know from now on, an instant in microseconds since 1970, that the store holds what an intent asked for."""
    if intent.kind in ONCE:
        return
    if intent.action == "remove":
        connection.execute(delete(effects).where(effects.c.shop == shop, effects.c.key == intent.key))
        return
    held = (intent.kind, intent.customer_id, canonical(intent.payload), reference, at)
    put(connection, effects, [(shop, intent.key, *held)])


def intent_of(row: Row[Any]) -> Intent:
    """The intent of a row of the outbox."""
    return Intent(
        key=row.key,
        kind=row.kind,
        action=row.action,
        customer_id=row.customer_id,
        payload=json.loads(row.payload),
    )


def _with_known(intent: Intent, known: Mapping[str, Any] | None) -> Intent:
    return Intent(
        key=intent.key,
        kind=intent.kind,
        action=intent.action,
        customer_id=intent.customer_id,
        payload=intent.payload,
        known=known,
    )
