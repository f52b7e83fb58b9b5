"""The account of one customer: why this tier, what is missing, until when, and all that was decided and done for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import narwhals.stable.v2 as nw
import polars as pl
from sqlalchemy import Connection, select

from vip_rules.adapter import ONCE, Capability
from vip_rules.database.connection import Database
from vip_rules.database.tables import effects, outbox, shops
from vip_rules.evaluate import evaluate, evaluate_days
from vip_rules.evaluation.counted import counted_orders
from vip_rules.evaluation.cutpoints import CutPoints, in_force
from vip_rules.explanation import Explanation, explain
from vip_rules.facts import facts_of
from vip_rules.history import History
from vip_rules.ledger import Recorded, entries_of
from vip_rules.lifecycle import Ahead, Facts, look_ahead
from vip_rules.localdays import day_date
from vip_rules.mirror.reading import read_history
from vip_rules.operations.interventions import Waiting
from vip_rules.operations.people import Person, present_person
from vip_rules.outlook import Lack, lacks
from vip_rules.plan import Change
from vip_rules.planning.decisions import slim
from vip_rules.planning.making import Planning, Request
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision, Recalculation
from vip_rules.standing import Standing
from vip_rules.standings import program_ranks, read_cut_points, read_standings
from vip_rules.tiers import Tier, next_tier

HORIZON: Final = 800
"""How many days the account looks ahead: a year's window, a year's term and a long grace end within."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lies ahead without further orders: when the tier goes down, and what would keep it if it came the day before."""

    ahead: Ahead
    keep: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A counted order with its local day: what it counts, and what was given back of it, in minor units.

    One that was given back whole is `real` no longer: it is no order.
    """

    id: str
    day: int
    value: int
    refunded: int
    real: bool


@dataclass(frozen=True, kw_only=True)
class Account:
    """What there is to say of a customer as of a local day.

    `standing` is what was decided last by then, `applied` the shop's last applied day, `pending` the changes that a plan would
    have. `earlier`: the day is before the last applied one, so that there is no outlook and nothing is pending.
    """

    program: Program
    person: Person
    day: int
    standing: Standing
    applied: int | None
    explanation: Explanation
    orders: tuple[Placed, ...]
    entries: tuple[Recorded, ...]
    held: Mapping[str, Mapping[str, Any]]
    intents: tuple[Waiting, ...]
    earlier: bool = False
    outlook: Outlook | None = None
    pending: tuple[Change, ...] = ()

    @property
    def tier(self) -> Tier | None:
        """The tier that counts."""
        held = self.standing.effective(self.program.tiers, self.day)
        return next((tier for tier in self.program.tiers if tier.id == held), None)

    @property
    def next_tier(self) -> Tier | None:
        """The tier above the one that counts."""
        return next_tier(self.program.tiers, self.tier.id if self.tier else None)

    @cached_property
    def missing(self) -> tuple[Lack, ...]:
        """What is missing to the next tier."""
        if self.next_tier is None:
            return ()
        (lacking,) = lacks(self.next_tier.qualify, self.explanation.qualifications.frame).values()
        return lacking

    @property
    def benefits(self) -> list[str]:
        """What the customer has a right to, in sentences."""
        given = self.standing.benefits(self.program, self.day)
        return [benefit.sentence(self.program.currency) for benefit in given]

    @property
    def credits(self) -> list[Waiting]:
        """What was given once, or is on its way."""
        return [intent for intent in self.intents if intent.row.kind == "store_credit"]

    @property
    def underway(self) -> list[Waiting]:
        """What is on its way into the store, or waits for a person."""
        return [intent for intent in self.intents if intent.row.state not in ("confirmed", "withdrawn")]

    def record(self) -> dict[str, Any]:
        """The account as plain JSON data."""
        currency, outlook = self.program.currency, self.outlook
        return {
            "customer_id": self.person.id,
            "as_of": _iso(self.day),
            "program": {"id": self.program.id, "version": self.program.version},
            "joined": _iso(self.person.joined),
            "tier": self.tier.id if self.tier else None,
            "status": self.standing.status(self.day),
            "standing": slim(self.standing),
            "last_applied": _iso(self.applied),
            "ahead": outlook
            and {
                "day": _iso(outlook.ahead.day),
                "from": outlook.ahead.before,
                "to": outlook.ahead.after,
                "keep": [
                    lack.record(currency) | {"by": _iso(outlook.ahead.day - 1)} for lack in outlook.keep
                ],
            },
            "pending": None if self.earlier else [change.record() for change in self.pending],
            "next_tier": self.next_tier.id if self.next_tier else None,
            "missing": [lack.record(currency) for lack in self.missing],
            "benefits": self.benefits,
            "evaluation": self.explanation.record(),
            "orders": [
                {
                    "order_id": order.id,
                    "day": _iso(order.day),
                    "value": currency.major(order.value),
                    "refunded": currency.major(order.refunded),
                    "counts": order.real,
                }
                for order in self.orders
            ],
            "history": [
                {
                    "day": _iso(each.day),
                    "entry": each.seq,
                    "kind": each.kind,
                    "key": each.key,
                    "says": each.says,
                }
                for each in self.entries
            ],
            "effects": dict(self.held),
            "underway": [intent.record() for intent in self.underway],
            "credits": [intent.record() for intent in self.credits],
        }


def account_of(
    database: Database,
    shop: int,
    program: Program,
    capabilities: Mapping[str, Capability],
    customer_id: str,
    *,
    day: int | None,
    today: int,
) -> Account:
    """The account of a customer as of a local day; without one as of today, or the last applied day if that is later.

    Raises UnknownCustomer, NotThere, and PlanRefused.
    """
    with database.reading() as connection:
        person = present_person(connection, shop, customer_id)
        applied = connection.scalar(select(shops.c.last_applied).where(shops.c.id == shop))
        reading = _Reading(database, connection, shop, program, capabilities, person, applied)
        if day is None:
            day = today if applied is None else max(today, applied)
        return reading.earlier(day) if applied is not None and day < applied else reading.present(day)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The reading of an account, within one transaction."""

    database: Database
    connection: Connection
    shop: int
    program: Program
    capabilities: Mapping[str, Capability]
    person: Person
    applied: int | None

    def present(self, day: int) -> Account:
        """As of the last applied day or a later one: what is stored, beside what would be decided now."""
        connection, shop, program, customer = self.connection, self.shop, self.program, self.person.id
        request = Request(as_of=day, customers=[customer])
        planning = Planning(self.database, connection, shop, program, request, self.capabilities)
        recalculation = planning.recalculation
        stored = read_standings(connection, shop, program, day, [customer]).get(customer)
        decision = recalculation.decisions.get(customer)
        return Account(
            program=program,
            person=self.person,
            day=day,
            standing=stored.standing if stored else Standing(),
            applied=self.applied,
            explanation=explain(recalculation.qualifications, customer),
            orders=_placed(program, recalculation.history, day),
            entries=tuple(entries_of(connection, shop, customer)),
            held=self._held(),
            intents=self._intents(),
            outlook=self._outlook(recalculation, decision) if decision else None,
            pending=tuple(change for change in planning.changes() if change.customer_id == customer),
        )

    def earlier(self, day: int) -> Account:
        """As of a day before the last applied one: what was decided then, beside what today's data say of it."""
        connection, program, customer = self.connection, self.program, self.person.id
        entries = tuple(entry for entry in entries_of(connection, self.shop, customer) if entry.day <= day)
        standing = standing_by(program, entries)
        history = read_history(self.database, self.shop, program, [customer], connection=connection)
        history = _told(history, standing)
        cut_points = in_force(self._cut_points(), [], [day])[day] if program_ranks(program) else None
        intents = (each for each in self._intents() if each.row.kind in ONCE and (each.row.due or 0) <= day)
        return Account(
            program=program,
            person=self.person,
            day=day,
            standing=standing,
            applied=self.applied,
            explanation=explain(evaluate(program, history, day, cut_points=cut_points), customer),
            orders=_placed(program, history, day),
            entries=entries,
            held={},
            intents=tuple(intents),
            earlier=True,
        )

    def _outlook(self, recalculation: Recalculation, decision: Decision) -> Outlook | None:
        """What lies ahead, as far as the horizon."""
        if decision.ahead is not None:
            return Outlook(decision.ahead, decision.keep)
        program, standing, customer = self.program, decision.standing, decision.customer_id
        if standing.effective(program.tiers, recalculation.qualifications.as_of) is None:
            return None
        today = recalculation.qualifications.as_of
        days = pl.DataFrame(
            {"customer_id": customer, "day": range(today + 1, today + HORIZON + 1)},
            schema={"customer_id": pl.String, "day": pl.Int32},
        )
        frame = evaluate_days(program, _told(recalculation.history, standing), days, self._cut_points()[-1:])
        trusted_from = self.connection.scalar(select(shops.c.trusted_from).where(shops.c.id == self.shop))
        told = facts_of(program, frame, trusted_from=trusted_from)
        facts = [
            Facts(*row) for row in told.select("day", "qualifies", "keeps", "undecided", "cycle").iter_rows()
        ]
        ahead = look_ahead(program, standing, facts, today=today, horizon=today + HORIZON)
        if ahead is None:
            return None
        tier = next((tier for tier in program.tiers if tier.id == standing.tier), None)
        on_that_day = frame.filter(pl.col("day") == ahead.day)
        return Outlook(ahead, lacks(tier.keep or tier.qualify, on_that_day)[customer] if tier else ())

    def _cut_points(self) -> list[CutPoints]:
        return read_cut_points(self.connection, self.shop) if program_ranks(self.program) else []

    def _held(self) -> dict[str, Mapping[str, Any]]:
        """What the store was last known to hold of ours for the customer, by key."""
        query = select(effects.c.key, effects.c.payload).where(
            effects.c.shop == self.shop, effects.c.customer_id == self.person.id
        )
        rows = self.connection.execute(query.order_by(effects.c.key))
        return {key: json.loads(payload) for key, payload in rows}

    def _intents(self) -> tuple[Waiting, ...]:
        query = select(outbox).where(outbox.c.shop == self.shop, outbox.c.customer_id == self.person.id)
        return tuple(map(Waiting, self.connection.execute(query.order_by(outbox.c.number))))


def standing_by(program: Program, entries: Iterable[Recorded]) -> Standing:
    """The standing that some entries of the ledger lead to, with the present ids of tiers."""
    standing = Standing()
    for entry in entries:
        says = entry.says or {}
        match entry.kind:
            case "standing" if "after" in says:
                standing = Standing.of(says["after"])
            case "pin" if "tier" in says:
                pin = {name: says[name] for name in ("tier", "until", "reason", "by", "floor")}
                standing = standing.pinned(Standing.of({"pin": pin}).pin)
            case "unpin":
                standing = standing.pinned(None)
    return standing.renamed({former: tier.id for tier in program.tiers for former in tier.was})


def _told(history: History, standing: Standing) -> History:
    """One customer's history with the tier and the highest tier that they have by then."""
    tiers = {
        name: pl.lit(value or "", pl.String)
        for name, value in (("current_tier", standing.tier), ("highest_tier", standing.highest_tier))
    }
    return replace(history, customers=history.customers.with_columns(**tiers))


def _placed(program: Program, history: History, day: int) -> tuple[Placed, ...]:
    """The counted orders up to a day, the latest first."""
    gift_cards = None if history.lines is None else nw.from_native(history.lines.lazy())
    counted = counted_orders(nw.from_native(history.orders.lazy()), gift_cards, program.spend).to_native()
    rows = counted.filter(pl.col("day") <= day).sort("day", "order_id", descending=True)
    return tuple(
        Placed(*row)
        for row in rows.select("order_id", "day", "value", "refunded", "real").collect().iter_rows()
    )


def _iso(day: int | None) -> str | None:
    return None if day is None else str(day_date(day))
