"""Delivery: what waits in the outbox is sent until its outcome is known.

planned → sent → confirmed | refused | unknown | parked. A lost answer is unknown, never a failure: it is read back, and only
what the store takes twice as once is sent again. What may have happened and can't be read back is parked for a person.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Update, bindparam, delete, select, update

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
from vip_rules.carriers import Carrier, Means
from vip_rules.database.bulk import among, among_given, given
from vip_rules.database.connection import Database
from vip_rules.database.tables import effects, outbox, shops
from vip_rules.ledger import Entry, Kind, Ledger
from vip_rules.outbox import ERASED, hold, intent_of

MOST_ATTEMPTS: Final = 5
"""How often an intent in doubt is sent before a person is asked."""

Entitled = Callable[[Sequence[Intent]], Mapping[str, str]]
"""Which of some intents nobody is entitled to any more, by key, with the reason: asked right before they are sent."""


@dataclass(frozen=True, slots=True)
class Resting:
    """Intents of a kind that stay planned `until` a time of day, "09:00": they aren't sent in quiet hours."""

    kind: str
    intents: int
    until: str


@dataclass(slots=True)
class Delivered:
    """What came of a delivery: how many intents came to each state, what was drift, and why it stopped early.

    `told` are sentences for a person: refusals, unknown outcomes, changes by hand that were found. `left` are intents that a
    later delivery has to go on with; those that only wait for quiet hours to end are in `resting`.
    """

    counts: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    stopped: str = ""
    left: int = 0
    resting: list[Resting] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return {
            "counts": dict(sorted(self.counts.items())),
            "told": self.told,
            "stopped": self.stopped,
            "left": self.left,
            "resting": [asdict(resting) for resting in self.resting],
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
        self._waits = ""

    def run(self) -> Delivered:
        """Resolve what an earlier run left, then send, until nothing moves any more."""
        with self._database.writing() as connection:
            self._withdraw_erased(connection)
            # Whoever marked these as sent is dead: nobody knows how far they came.
            lost = (outbox.c.shop == self._shop) & (outbox.c.state == "sent")
            reason = "the sending was interrupted"
            connection.execute(update(outbox).where(lost).values(state="unknown", reason=reason))
        self._resolve()
        while self._send():
            self._resolve()
        self._count_left()
        return self._report

    def _count_left(self) -> None:
        """Count what a later delivery has to do, and apart from it what only rests."""
        with self._database.reading() as connection:
            open_ = select(outbox.c.kind, outbox.c.state).where(
                outbox.c.shop == self._shop, outbox.c.state.in_(("planned", "unknown"))
            )
            left = Counter((kind, state) for kind, state in connection.execute(open_))
        for (kind, state), count in sorted(left.items()):
            until = self._means.resting(kind) if state == "planned" else None
            if until is None:
                self._report.left += count
            else:
                self._report.resting.append(Resting(kind, count, until))

    # Sending

    def _send(self) -> bool:
        """Send everything that is planned; whether anything was sent.

        A carrier that asks to come back later gets nothing more until the others are through, and it was waited for.
        """
        sent = waited = 0
        while not self._report.stopped:
            if self._means.stopping():
                self._report.stopped = "asked to stop: what is left is sent at the next start"
                break
            busy = self._means.busy_now()
            batch = self._next(busy)
            if not batch and not (busy and self._next(())):
                break
            if not batch:
                wait, reason = min(busy.values())
                if waited + wait > self._means.patience:
                    self._report.stopped = (
                        f"{reason.rstrip('.')}: call apply again later, and it goes on from here"
                    )
                    break
                self._means.sleep(wait)
                self._means.busy.clear()
                waited += wait
                continue
            intents = self._claim(batch)
            if not intents:
                continue
            sent += len(intents)
            wait = self._carry_out(intents)
            if self._means.per_second:
                self._means.sleep(len(intents) / self._means.per_second)  # not money
            if wait:
                carrier = self._carrier(intents[0].kind)
                theirs = (kind for kind in carrier.capabilities if self._means.carrier(kind) is carrier)
                until = self._means.now() + wait * 1_000_000
                self._means.busy.update(dict.fromkeys(theirs, (until, self._waits)))
            else:
                waited = 0
        return sent > 0 and not self._report.stopped

    def _next(self, busy: Collection[str]) -> list[Row[Any]]:
        """The next intents that go together: of one carrier, as many as it takes at a time, of no busy or resting kind."""
        means = self._means
        kinds = [kind for kind in means.capabilities if kind not in busy and not means.resting(kind)]
        with self._database.reading() as connection:
            query = select(outbox).where(
                outbox.c.shop == self._shop, outbox.c.state == "planned", outbox.c.kind.in_(kinds)
            )
            query = query.order_by(outbox.c.number)
            first = connection.execute(query.limit(1)).first()
            if first is None:
                return []
            carrier = self._carrier(first.kind)
            if carrier.batch == 1:
                return [first]
            together = [kind for kind in kinds if self._means.carrier(kind) is carrier]
            return list(
                connection.execute(query.where(outbox.c.kind.in_(together)).limit(carrier.batch)).all()
            )

    def _claim(self, rows: Sequence[Row[Any]]) -> list[Intent]:
        """Mark intents as sent before they are, but for those that nobody is entitled to any more."""
        intents = [intent_of(row) for row in rows]
        refused = self._entitled(intents)
        with self._database.writing() as connection:
            paused = connection.execute(_PAUSE, {"of_shop": self._shop}).one()
            if paused.paused_at is not None:
                self._report.stopped = f"paused by {paused.paused_by}: vip-rules resume goes on"
                return []
            planned = self._in_state(connection, intents, ("planned",))
            self._withdraw(connection, {key: refused[key] for key in refused if key in planned}, intents)
            going = [intent for intent in intents if intent.key in planned and intent.key not in refused]
            known = self._known(connection, going)
            sending = _sending(connection.dialect.name)
            connection.execute(sending, self._these(connection, going) | {"now": self._means.now()})
        return [replace(intent, **known.get(intent.key, {})) for intent in going]

    def _withdraw(
        self, connection: Connection, refused: Mapping[str, str], intents: Sequence[Intent]
    ) -> None:
        """Give up intents to which nobody is entitled any more, each with its reason; their keys are free again."""
        if not refused:
            return
        connection.execute(
            delete(outbox).where(outbox.c.shop == self._shop, among(connection, outbox.c.key, refused))
        )
        withdrawn = [intent for intent in intents if intent.key in refused]
        self._remember(
            connection, [self._entry("withdrawn", each, reason=refused[each.key]) for each in withdrawn]
        )
        self._report.counts["withdrawn"] += len(withdrawn)
        self._report.told += [f"{each.key}: not sent: {refused[each.key]}" for each in withdrawn]

    def _in_state(self, connection: Connection, intents: Iterable[Intent], states: Sequence[str]) -> set[str]:
        """The keys of those that are in some states still: somebody may have parked or redacted them."""
        query = _in_states(connection.dialect.name, tuple(states))
        return set(connection.scalars(query, self._these(connection, intents)))

    def _these(self, connection: Connection, intents: Iterable[Intent]) -> dict[str, Any]:
        """What a statement about some intents is given."""
        return {"of_shop": self._shop, "values": given(connection, [intent.key for intent in intents])}

    def _withdraw_erased(self, connection: Connection) -> None:
        """Give up what was under way for redacted customers: nothing is left of it to look for."""
        erased = (outbox.c.payload == ERASED) & outbox.c.state.in_(("sent", "unknown"))
        connection.execute(
            update(outbox)
            .where(outbox.c.shop == self._shop, erased)
            .values(state="withdrawn", reason="the customer was redacted")
        )

    def _known(self, connection: Connection, intents: Sequence[Intent]) -> dict[str, dict[str, Any]]:
        """What the store was last known to hold under intents' keys: `known` and `reference`, by key."""
        held = connection.execute(_held(connection.dialect.name), self._these(connection, intents))
        return {
            key: {"known": json.loads(payload), "reference": reference} for key, payload, reference in held
        }

    def _carry_out(self, intents: list[Intent]) -> int:
        """Have intents carried out, and keep what came of them; gives the seconds to wait if the carrier is busy, else 0."""
        carrier = self._carrier(intents[0].kind)
        self._tell_drift(carrier, intents)
        outcomes = carrier.carry_out(intents)
        with self._database.writing() as connection:
            self._settle(connection, list(zip(intents, outcomes, strict=True)))
        return max((max(each.seconds, 1) for each in outcomes if isinstance(each, RetryAfter)), default=0)

    def _tell_drift(self, carrier: Carrier, intents: Sequence[Intent]) -> None:
        """Tell what was changed by hand, of what is about to be changed: it is overwritten, but not in silence."""
        readable = [
            intent
            for intent in intents
            if intent.known is not None and carrier.capabilities[intent.kind].readable
        ]
        if not readable:
            return
        found: dict[str, Entry] = {}
        for intent, sight in zip(readable, carrier.look(readable), strict=True):
            actual = sight.payload if isinstance(sight, Found) else None
            if isinstance(sight, Unreadable) or actual == intent.known or actual == intent.payload:
                continue
            found[intent.key] = self._entry("drift", intent, expected=intent.known, found=actual)
            what = "is gone" if actual is None else "was changed"
            self._report.told.append(
                f"{intent.key}: {what} in the store by hand; it is put as the plan has it"
            )
            self._report.counts["drift"] += 1
        if found:
            # Before it is overwritten: whoever goes on after a crash no longer sees it.
            with self._database.writing() as connection:
                there = self._in_state(connection, readable, ("sent",))
                self._remember(connection, [found[key] for key in found if key in there])

    # Outcomes

    def _settle(self, connection: Connection, outcomes: Sequence[tuple[Intent, Outcome]]) -> None:
        """Keep what came of intents; nothing of a customer who was redacted while they were under way."""
        there = self._in_state(connection, [intent for intent, _ in outcomes], ("sent", "unknown"))
        if len(there) < len(outcomes):
            self._withdraw_erased(connection)
        alike: dict[tuple[Kind, str | None], list[Intent]] = {}
        held: list[tuple[Intent, str | None]] = []
        entries: list[Entry] = []
        busy: dict[str, list[Intent]] = {}
        for intent, outcome in outcomes:
            if intent.key not in there:
                continue
            match outcome:
                case Confirmed(reference):
                    held.append((intent, reference))
                    alike.setdefault(("confirmed", None), []).append(intent)
                    entries.append(self._entry("confirmed", intent, reference=reference))
                case Refused(reason) | Unknown(reason):
                    became: Kind = "refused" if isinstance(outcome, Refused) else "unknown"
                    alike.setdefault((became, reason), []).append(intent)
                    entries.append(self._entry(became, intent, reason=reason))
                case RetryAfter(_, reason):
                    self._waits = reason
                    busy.setdefault(reason, []).append(intent)
        hold(connection, self._shop, held, self._means.now())
        for (state, told), intents in alike.items():
            self._mark(connection, intents, state, told)
        for reason, intents in busy.items():
            # No attempt: what is in doubt is sent so often, what the store was too busy for as often as need be.
            self._mark(connection, intents, "planned", reason, attempts=outbox.c.attempts - 1)
        self._remember(connection, entries)

    def _mark(
        self,
        connection: Connection,
        intents: Sequence[Intent],
        state: str,
        reason: str | None,
        **more: Any,
    ) -> None:
        """Put intents into a state, all for one reason."""
        keys = [intent.key for intent in intents]
        became = {"became": state, "because": reason, "now": self._means.now()}
        marking = _marking(connection.dialect.name)
        connection.execute(
            marking.values(**more) if more else marking, self._these(connection, intents) | became
        )
        if state != "planned":
            self._report.counts[state] += len(keys)
        if state in ("refused", "unknown", "parked"):
            self._report.told += [f"{key}: {state}: {reason}" for key in keys]

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
                with self._database.reading() as connection:
                    known = self._known(connection, [intent_of(row) for row in part])
                intents = [replace(intent_of(row), **known.get(row.key, {})) for row in part]
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
        elif _may_be_sent(row, sight, capability):
            self._mark(connection, [intent], "planned", "sent again: it wasn't found in the store")
        elif isinstance(sight, Unreadable) and capability.readable:
            self._report.told.append(f"{intent.key}: still unknown: {sight.reason}")
        else:
            self._park(
                connection, intent, "it may have been done, and can't be sent again: look into the store"
            )

    def _park(self, connection: Connection, intent: Intent, reason: str) -> None:
        self._mark(connection, [intent], "parked", reason)
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

    def _carrier(self, kind: str) -> Carrier:
        carrier = self._means.carrier(kind)
        assert carrier is not None, "only kinds that somebody does are sent"
        return carrier


def _may_be_sent(row: Row[Any], sight: Sight, capability: Capability) -> bool:
    """Whether what is in doubt, and wasn't found, may be sent."""
    if row.kind in ONCE and not row.attempts:
        # Sent long ago, if it was, by a database that is no more: stores don't remember for so long what they did already.
        return isinstance(sight, Missing)
    return capability.idempotent and row.attempts < MOST_ATTEMPTS


def _is_done(intent: Intent, sight: Sight) -> bool:
    """Whether what the store shows is what the intent asked for."""
    if intent.action == "remove":
        return isinstance(sight, Missing)
    if intent.kind in ONCE:
        return isinstance(sight, Found)
    return isinstance(sight, Found) and sight.payload == intent.payload


# What every call to the store asks of the database. Each is made once: to make it takes longer than to execute it.

_PAUSE: Final = select(shops.c.paused_at, shops.c.paused_by).where(shops.c.id == bindparam("of_shop"))


@lru_cache
def _in_states(dialect: str, states: tuple[str, ...]) -> Select[Any]:
    these = (outbox.c.shop == bindparam("of_shop")) & among_given(dialect, outbox.c.key)
    return select(outbox.c.key).where(these, outbox.c.state.in_(states))


@lru_cache
def _held(dialect: str) -> Select[Any]:
    these = (effects.c.shop == bindparam("of_shop")) & among_given(dialect, effects.c.key)
    return select(effects.c.key, effects.c.payload, effects.c.reference).where(these)


@lru_cache
def _sending(dialect: str) -> Update:
    these = (outbox.c.shop == bindparam("of_shop")) & among_given(dialect, outbox.c.key)
    sent: dict[str, Any] = {
        "state": "sent",
        "attempts": outbox.c.attempts + 1,
        "changed_at": bindparam("now"),
    }
    return update(outbox).where(these).values(sent)


@lru_cache
def _marking(dialect: str) -> Update:
    these = (outbox.c.shop == bindparam("of_shop")) & among_given(dialect, outbox.c.key)
    marked: dict[str, Any] = {
        "state": bindparam("became"),
        "reason": bindparam("because"),
        "changed_at": bindparam("now"),
    }
    return update(outbox).where(these).values(marked)
