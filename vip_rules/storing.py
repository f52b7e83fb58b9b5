"""Storing a plan: standings, intents and the ledger's entries in one transaction, but for those who have moved since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from vip_rules.adapter import ONCE
from vip_rules.canonical import canonical
from vip_rules.carriers import Means
from vip_rules.database.bulk import among, put
from vip_rules.database.connection import Database
from vip_rules.database.tables import (
    customers,
    cut_points,
    effects,
    outbox,
    plans,
    recalculations,
    shops,
    standings,
)
from vip_rules.ledger import Entry, Ledger
from vip_rules.localdays import local_day
from vip_rules.mirror import cursors
from vip_rules.mirror.cursors import Cursors
from vip_rules.mirror.dirty import clear, clear_until, dirty_among, mark, take_back_but, was_evaluated
from vip_rules.outbox import RESTORED
from vip_rules.plan import SHORT, Change, Plan, PlanRefused, by_customer
from vip_rules.planning.known import KnownEffects, given
from vip_rules.planning.making import Planning, Request
from vip_rules.planning.safety import limits
from vip_rules.program.program import Program
from vip_rules.recalculation import Stored
from vip_rules.standing import Standing
from vip_rules.standings import read_before, write_standings

MOVED = "their standing or effects have changed since the plan was made"
ERASED = "they were erased since the plan was made"
OTHERWISE = "their orders have changed since the plan was made, and with them what is to be done"
BY_HAND = "nothing carries out effects of this kind here: do it by hand"
UNSAID = "there is no channel for messages"


class ConfirmationNeeded(PlanRefused):
    """A plan beyond the limits of the guardrails: a person has to confirm exactly this plan."""


class Storing:
    """A plan being stored, within one transaction. `stale` are customers who are left as they are, each with why."""

    def __init__(self, connection: Connection, shop: int, program: Program, plan: Plan, means: Means) -> None:
        self._connection, self._shop, self._program, self._plan, self._means = (
            connection,
            shop,
            program,
            plan,
            means,
        )
        self._ledger = Ledger(connection, shop, means.now(), means.entropy)
        # What fell due up to then may have been done by a database that is no more.
        self._restored = int(Cursors(connection, shop).get(cursors.RESTORED) or 0)
        self.stale: dict[str, str] = {}
        self.standings = self.intents = 0

    def check_limits(self, confirm: str | None) -> None:
        """Refuse a plan that goes beyond the guardrails unless exactly it is confirmed. Raises ConfirmationNeeded."""
        beyond = limits(self._connection, self._shop, self._program, self._plan.as_of, self._plan.changes)
        name = self._plan.hash[:SHORT]
        confirmed = confirm is not None and len(confirm) >= SHORT and self._plan.hash.startswith(confirm)
        if beyond and not confirmed:
            said = "; ".join(limit.says for limit in beyond)
            raise ConfirmationNeeded(
                f"{said}. Look at the plan; if it is meant, confirm exactly it: --confirm {name}"
            )
        if confirm is not None and not confirmed:
            raise PlanRefused(
                f"--confirm {confirm} names another plan than this one, {name}: look at it again"
            )
        if not beyond:
            return
        self._ledger.append(
            [
                Entry(
                    kind="confirmation",
                    day=self._plan.as_of,
                    says={"plan": self._plan.hash, "limits": [each.says for each in beyond]},
                )
            ]
        )

    def check_stale(self, database: Database) -> None:
        """Find those who have moved since the plan was made: they are left as they are."""
        planned = by_customer(self._plan.changes)
        before = read_before(
            self._connection, self._shop, self._program, self._plan.as_of, people=list(planned)
        )
        known = KnownEffects.read(self._connection, self._shop, list(planned))
        once = {change.key for change in self._plan.changes if change.kind in ONCE}
        used = given(self._connection, self._shop, once)
        there = self._there(planned)
        for customer, changes in planned.items():
            if customer not in there:
                self.stale[customer] = ERASED
                continue
            stored = before.stored.get(customer)
            moved = changes[0].seen != known.seen(customer, stored.standing if stored else None)
            if moved or any(change.key in used for change in changes):
                self.stale[customer] = MOVED
        changed = self._changed(planned) - set(self.stale)
        if changed:
            request = Request(
                as_of=self._plan.as_of,
                customers=changed,
                on_change=self._plan.on_change,
                cut_points=self._plan.cut_points,
            )
            planning = Planning(
                database, self._connection, self._shop, self._program, request, self._means.capabilities
            )
            anew = by_customer(planning.plan().changes)
            for customer in changed:
                if _doing(anew.get(customer, ())) != _doing(planned[customer]):
                    self.stale[customer] = OTHERWISE

    def _changed(self, people: Collection[str]) -> set[str]:
        """Those whose data may have changed since the plan was made: who was evaluated meanwhile isn't dirty any more."""
        if was_evaluated(self._connection, self._shop, self._plan.mirror):
            return set(people)
        return dirty_among(self._connection, self._shop, list(people), since=self._plan.mirror)

    def _there(self, people: Collection[str]) -> set[str]:
        """Those who weren't redacted since: nothing may be written of the others any more, their ids included."""
        query = select(customers.c.id).where(
            customers.c.shop == self._shop, among(self._connection, customers.c.id, people)
        )
        return set(self._connection.scalars(query))

    def store(self, document: str | None) -> None:
        """Store standings, intents, and what was decided for the ledger."""
        going = [change for change in self._plan.changes if change.customer_id not in self.stale]
        decided = [change for change in going if change.kind == "standing"]
        self._store_standings(decided)
        self._store_intents([change for change in going if change.kind != "standing"])
        self._ledger.append(self._entries(decided))
        self._store_shop(document)

    def _store_standings(self, decided: Sequence[Change]) -> None:
        closed = [
            change.customer_id for change in decided if change.content.get("closed") and change.customer_id
        ]
        self._close(closed)
        rows = {
            change.customer_id: Stored(
                Standing.of(change.content["after"]),
                self._plan.as_of,
                Standing.of(change.content["opening"]),
                local_day(change.content["opening_day"], self._program.timezone),
            )
            for change in decided
            if change.customer_id is not None and not change.content.get("closed")
        }
        rows |= self._unmoved(set(rows) | set(closed))
        write_standings(self._connection, self._shop, rows.items())
        self.standings = len(decided)

    def _unmoved(self, moved: set[str]) -> dict[str, Stored]:
        """Those who were evaluated and stay as they were: from now on this is their last evaluated day."""
        if self._plan.evaluated is None:
            return {}
        rest = set(self._plan.evaluated) - moved - set(self.stale)
        before = read_before(self._connection, self._shop, self._program, self._plan.as_of, people=rest)
        base = self._plan.as_of - 1 if before.evaluated is None else before.evaluated
        found = {}
        for customer in rest:
            stored = before.stored.get(customer, Stored(Standing(), base))
            if stored.day < self._plan.as_of:
                opened = max(stored.day, base)
                found[customer] = Stored(stored.standing, self._plan.as_of, stored.standing, opened)
        return found

    def _forget_nobodies(self) -> None:
        """Rows that only say that somebody without a standing was evaluated on a day before: now everybody was."""
        never = [standings.c[name].is_(None) for name in ("tier", "highest_tier", "pin_by", "landing_until")]
        self._connection.execute(
            delete(standings).where(
                standings.c.shop == self._shop,
                standings.c.day < self._plan.as_of,
                standings.c.promotions == "[]",
                *never,
            )
        )

    def _close(self, customers: Iterable[str]) -> None:
        """Forget the standings and effects of those who are gone: nothing of theirs is in the store any more."""
        ids = list(customers)
        for table in (standings, effects):
            self._connection.execute(
                delete(table).where(
                    table.c.shop == self._shop, among(self._connection, table.c.customer_id, ids)
                )
            )
        waiting = outbox.c.state.in_(("planned", "refused", "parked")) & outbox.c.kind.not_in(ONCE)
        self._connection.execute(
            delete(outbox).where(
                outbox.c.shop == self._shop, waiting, among(self._connection, outbox.c.customer_id, ids)
            )
        )

    def _store_intents(self, changes: Sequence[Change]) -> None:
        """Store what is to be done. A new intent takes the place of one that waits under the same key."""
        keys = [change.key for change in changes]
        self._connection.execute(
            delete(outbox).where(outbox.c.shop == self._shop, among(self._connection, outbox.c.key, keys))
        )
        rows = [self._intent(change) for change in changes]
        if rows:
            self._connection.execute(insert(outbox), rows)
        self.intents = len(rows)

    def _intent(self, change: Change) -> dict[str, Any]:
        content, now, due = change.content, self._means.now(), change.content["due"]
        state, reason = "planned", None
        if self._means.carrier(change.kind) is None:
            # A message that nobody carries stands in the ledger; its key is used up, so that it isn't planned again.
            state, reason = ("withdrawn", UNSAID) if change.kind == "message" else ("parked", BY_HAND)
        day = None if due is None else local_day(due, self._program.timezone)
        if state == "planned" and day is not None and day <= self._restored:
            state, reason = "unknown", RESTORED
        return {
            "shop": self._shop,
            "key": change.key,
            "kind": change.kind,
            "action": content["action"],
            "customer_id": change.customer_id,
            "payload": canonical(content["payload"]),
            "state": state,
            "attempts": 0,
            "reason": reason,
            "due": day,
            "planned_at": now,
            "changed_at": now,
        }

    def _entries(self, decided: Sequence[Change]) -> Iterator[Entry]:
        """What the ledger says of the decisions, and of the plan."""
        plan = self._plan
        program = {"program": plan.program, "version": plan.version, "plan": plan.hash}
        for change in decided:
            says = {**program, "what": change.what, "reason": change.reason, **change.record()}
            dropped = ("seen", "kind", "key", "customer_id", "change", "opening", "opening_day")
            yield Entry(
                kind="standing",
                day=plan.as_of,
                customer_id=change.customer_id,
                key=change.key,
                says={name: value for name, value in says.items() if name not in dropped},
            )
        for customer in self._left_for_later():
            reason = self.stale[customer]
            yield Entry(
                kind="stale", day=plan.as_of, customer_id=customer, says={**program, "reason": reason}
            )
        told = [
            change
            for change in plan.changes
            if change.kind == "message" and not self._means.carrier("message")
        ]
        for change in told:
            if change.customer_id not in self.stale:
                text = change.content["payload"]["text"]
                yield Entry(
                    kind="notice",
                    day=plan.as_of,
                    customer_id=change.customer_id,
                    key=change.key,
                    says={
                        **program,
                        "text": text,
                        "delivered": f"by nobody: {UNSAID}",
                    },
                )
        yield Entry(
            kind="applied",
            day=plan.as_of,
            key=f"plan:{plan.hash}",
            says={**program, "summary": plan.summary()},
        )

    def _store_shop(self, document: str | None) -> None:
        plan, connection = self._plan, self._connection
        row = connection.execute(select(shops).where(shops.c.id == self._shop)).one()
        took_over = row.program_version not in (None, plan.version)
        values: dict[str, Any] = {
            "last_applied": plan.as_of,
            "program": plan.program,
            "program_version": plan.version,
        }
        if document is not None:
            values["program_text"] = document
        if plan.enrolment:
            values["enrolled_on"] = plan.as_of
        if took_over:
            values |= {"program_since": plan.as_of, "on_change": plan.on_change}
        connection.execute(update(shops).where(shops.c.id == self._shop).values(**values))
        self._decide()
        if plan.evaluated is None:
            self._supersede()
            self._forget_nobodies()
            if not self.stale:
                # A day on which somebody was skipped isn't over: they, too, go on from the close of the day before.
                put(connection, recalculations, [(self._shop, plan.as_of, plan.version, self._means.now())])
            if plan.cut_points is not None:
                put(connection, cut_points, [(self._shop, plan.as_of, plan.cut_points)])
            clear_until(connection, self._shop, plan.mirror)
        else:
            evaluated = list(plan.evaluated)
            seen = dirty_among(connection, self._shop, evaluated) - dirty_among(
                connection, self._shop, evaluated, since=plan.mirror
            )
            clear(connection, self._shop, dict.fromkeys(seen, plan.mirror))
        mark(connection, self._shop, self._left_for_later())

    def _decide(self) -> None:
        """Let nobody decide in this very plan any more: if it waited for a person, it was approved by being applied."""
        this = (plans.c.shop == self._shop) & (plans.c.hash == self._plan.hash)
        by_hand = {"state": "approved", "reason": "it was applied by hand"}
        self._connection.execute(update(plans).where(this, plans.c.state == "waiting").values(**by_hand))
        self._connection.execute(update(plans).where(this).values(text=None))

    def _supersede(self) -> None:
        """End the plans that wait for a person: everybody is decided about by now. Who changed since is looked at again."""
        waiting = (plans.c.shop == self._shop) & (plans.c.state == "waiting")
        reason = f"{self._plan.hash[:SHORT]} was applied since"
        ended = {"state": "expired", "text": None, "reason": reason}
        self._connection.execute(update(plans).where(waiting).values(**ended))
        take_back_but(self._connection, self._shop, ())

    def _left_for_later(self) -> list[str]:
        """Those who are stale, and still there to be looked at again."""
        return [customer for customer, reason in self.stale.items() if reason != ERASED]


def _doing(changes: Iterable[Change]) -> list[tuple[str, Any]]:
    """What some changes would do, whatever it rests on."""
    return sorted((change.key, canonical([change.sign, change.content])) for change in changes)
