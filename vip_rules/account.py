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

from vip_rules.adapter import ONCE
from vip_rules.counted import counted_orders
from vip_rules.cutpoints import in_force
from vip_rules.database.connection import Database
from vip_rules.database.tables import effects, outbox, shops
from vip_rules.evaluate import evaluate, evaluate_days
from vip_rules.explanation import Explanation, explain
from vip_rules.facts import facts_of
from vip_rules.history import History
from vip_rules.interventions import Waiting
from vip_rules.ledger import Recorded, entries_of
from vip_rules.lifecycle import Ahead, Facts, look_ahead
from vip_rules.localdays import day_date
from vip_rules.mirror.reading import read_history
from vip_rules.outlook import Lack, lacks
from vip_rules.people import Person, present_person
from vip_rules.plan import Change
from vip_rules.planning import Planning, Request
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision, Recalculation
from vip_rules.standing import FOREVER, Standing
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

    `standing` is the one that was decided last by then, at the close of `decided` (None: nothing was decided yet). `decision` is
    what would be decided now, None for a day before the last applied one; `pending` are the changes that it asks for.
    """

    program: Program
    person: Person
    day: int
    standing: Standing
    decided: int | None
    explanation: Explanation
    orders: tuple[Placed, ...]
    entries: tuple[Recorded, ...]
    held: Mapping[str, Mapping[str, Any]]
    intents: tuple[Waiting, ...]
    decision: Decision | None = None
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


def account_of(database: Database, shop: int, program: Program, customer_id: str, day: int) -> Account:
    """The account of a customer as of a local day. Raises UnknownCustomer, NotThere, and PlanRefused."""
    with database.reading() as connection:
        person = present_person(connection, shop, customer_id)
        applied = connection.scalar(select(shops.c.last_applied).where(shops.c.id == shop))
        entries = tuple(entries_of(connection, shop, person.id))
        if applied is not None and day < applied:
            return _earlier(database, connection, shop, program, person, day, entries)
        return _present(database, connection, shop, program, person, day, entries)


def _present(
    database: Database,
    connection: Connection,
    shop: int,
    program: Program,
    person: Person,
    day: int,
    entries: tuple[Recorded, ...],
) -> Account:
    """The account as of the last applied day or a later one: what is stored, beside what would be decided now."""
    planning = Planning(database, connection, shop, program, Request(as_of=day, customers=[person.id]))
    recalculation = planning.recalculation
    stored = read_standings(connection, shop, program, day, [person.id]).get(person.id)
    decision = recalculation.decisions.get(person.id)
    qualifications = recalculation.qualifications
    return Account(
        program=program,
        person=person,
        day=day,
        standing=stored.standing if stored else Standing(),
        decided=stored.day if stored else None,
        explanation=explain(qualifications, person.id),
        orders=_placed(program, recalculation.history, day),
        entries=entries,
        held=_held(connection, shop, person.id),
        intents=_intents(connection, shop, person.id),
        decision=decision,
        outlook=decision and _outlook(connection, shop, program, recalculation, decision),
        pending=tuple(change for change in planning.changes() if change.customer_id == person.id),
    )


def _earlier(
    database: Database,
    connection: Connection,
    shop: int,
    program: Program,
    person: Person,
    day: int,
    entries: tuple[Recorded, ...],
) -> Account:
    """The account as of a day before the last applied one: what was decided then, beside what today's data say of it."""
    by_then = tuple(entry for entry in entries if entry.day <= day)
    standing, decided = standing_by(program, by_then)
    cut_points = None
    if program_ranks(program):
        cut_points = in_force(read_cut_points(connection, shop), [], [day])[day]
    history = _told(read_history(database, shop, program, [person.id], connection=connection), standing)
    qualifications = evaluate(program, history, day, cut_points=cut_points)
    return Account(
        program=program,
        person=person,
        day=day,
        standing=standing,
        decided=decided,
        explanation=explain(qualifications, person.id),
        orders=_placed(program, history, day),
        entries=by_then,
        held={},
        intents=tuple(each for each in _intents(connection, shop, person.id) if _due_by(each, day)),
    )


def standing_by(program: Program, entries: Iterable[Recorded]) -> tuple[Standing, int | None]:
    """The standing that some entries of the ledger lead to, with the local day of the last decision; tiers by present ids."""
    standing, decided = Standing(), None
    for entry in entries:
        says = entry.says
        if says is None:
            continue
        if entry.kind == "standing":
            standing, decided = Standing.of(says["after"]), entry.day
        elif entry.kind == "pin":
            pin = {name: says[name] for name in ("tier", "until", "reason", "by", "floor")}
            standing = standing.pinned(Standing.of({"pin": pin}).pin)
        elif entry.kind == "unpin":
            standing = standing.pinned(None)
    return standing.renamed({former: tier.id for tier in program.tiers for former in tier.was}), decided


def _outlook(
    connection: Connection, shop: int, program: Program, recalculation: Recalculation, decision: Decision
) -> Outlook | None:
    """What lies ahead of a customer, as far as the horizon."""
    if decision.ahead is not None:
        return Outlook(decision.ahead, decision.keep)
    standing, today = decision.standing, recalculation.qualifications.as_of
    if standing.tier is None and standing.pin is None:
        return None
    days = pl.DataFrame(
        {"customer_id": decision.customer_id, "day": range(today + 1, min(today + HORIZON, FOREVER) + 1)},
        schema={"customer_id": pl.String, "day": pl.Int32},
    )
    cut_points = read_cut_points(connection, shop) if program_ranks(program) else ()
    trusted_from = connection.scalar(select(shops.c.trusted_from).where(shops.c.id == shop))
    frame = evaluate_days(program, _told(recalculation.history, standing), days, cut_points[-1:])
    told = facts_of(program, frame, trusted_from=trusted_from)
    facts = [
        Facts(*row) for row in told.select("day", "qualifies", "keeps", "undecided", "cycle").iter_rows()
    ]
    ahead = look_ahead(program, standing, facts, today=today, horizon=facts[-1].day)
    if ahead is None:
        return None
    tier = next((tier for tier in program.tiers if tier.id == standing.tier), None)
    on_that_day = frame.filter(pl.col("day") == ahead.day)
    keep = () if tier is None else lacks(tier.keep or tier.qualify, on_that_day)[decision.customer_id]
    return Outlook(ahead, keep)


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
        Placed(*row) for row in rows.select("order_id", "day", "value", "refunded", "real").collect().iter_rows()
    )


def _held(connection: Connection, shop: int, customer_id: str) -> dict[str, Mapping[str, Any]]:
    """What the store was last known to hold of ours for a customer, by key."""
    query = select(effects.c.key, effects.c.payload).where(
        effects.c.shop == shop, effects.c.customer_id == customer_id
    )
    return {key: json.loads(payload) for key, payload in connection.execute(query.order_by(effects.c.key))}


def _intents(connection: Connection, shop: int, customer_id: str) -> tuple[Waiting, ...]:
    query = select(outbox).where(outbox.c.shop == shop, outbox.c.customer_id == customer_id)
    return tuple(map(Waiting, connection.execute(query.order_by(outbox.c.number))))


def _due_by(intent: Waiting, day: int) -> bool:
    return intent.row.kind in ONCE and intent.row.due is not None and intent.row.due <= day
