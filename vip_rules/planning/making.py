"""Planning: from what the mirror and the database know to a plan. It writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from vip_rules.adapter import KINDS, Capability
from vip_rules.canonical import canonical
from vip_rules.database.bulk import among
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, outbox, shops, standings
from vip_rules.effects.effect import Effect
from vip_rules.effects.grants import granted_each, tier_effects
from vip_rules.effects.messages import Messages
from vip_rules.effects.states import CustomerEffects
from vip_rules.evaluation.cutpoints import CutPoints
from vip_rules.ledger import last_entry
from vip_rules.lifecycle import OnChange
from vip_rules.localdays import day_date
from vip_rules.mirror.reading import read_history, read_people
from vip_rules.plan import Change, Gap, Plan, PlanRefused
from vip_rules.planning.decisions import Decisions
from vip_rules.planning.known import ASIDE, OPEN, KnownEffects, given, last_birthdays
from vip_rules.planning.occasions import Credits, too_soon
from vip_rules.planning.safety import limits
from vip_rules.planning.telling import Telling
from vip_rules.program.program import Program
from vip_rules.recalculation import recalculate
from vip_rules.standings import program_ranks, read_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a plan is asked for: a local day, the customers (None: everybody), and what a changed program does.

    `explicit`: the day was asked for by name. `welcome`: an enrolment is told and credited like a promotion. `cut_points` are
    those of a plan for everybody that some people are looked at again for, as JSON.
    """

    as_of: int
    explicit: bool = False
    customers: Collection[str] | None = None
    on_change: OnChange | None = None
    welcome: bool = False
    cut_points: str | None = None


def make_plan(
    database: Database,
    shop: int,
    program: Program,
    request: Request,
    capabilities: Mapping[str, Capability],
) -> Plan:
    """What would change by a day. Raises PlanRefused where no sensible plan can be made."""
    with database.reading() as connection:
        planning = Planning(database, connection, shop, program, request, capabilities)
        planning.check_beginning()
        return planning.plan()


class Planning:
    """One plan in the making: standings are led on to the day, and what they ask for is held against what is known."""

    def __init__(
        self,
        database: Database,
        connection: Connection,
        shop: int,
        program: Program,
        request: Request,
        capabilities: Mapping[str, Capability],
    ) -> None:
        """Raises PlanRefused where no sensible plan can be made."""
        self._connection, self._shop, self._program, self._request = connection, shop, program, request
        self._capabilities = capabilities
        self._row = connection.execute(select(shops).where(shops.c.id == shop)).one()
        self._check_day()
        people = request.customers
        on_change = request.on_change or "next-check"
        self._before = read_before(
            connection, shop, program, request.as_of, people=people, on_change=on_change
        )
        if request.cut_points is not None:
            told = [*self._before.cut_points, CutPoints.of(request.cut_points)]
            self._before = replace(self._before, cut_points=told)
        self._check_tiers()
        if people is not None and program_ranks(program) and not self._before.cut_points:
            raise PlanRefused(
                "the program compares customers with each other, and nobody was compared yet: plan everybody first"
            )
        reading = None if people is None else connection
        history = read_history(database, shop, program, people, connection=reading)
        self.recalculation = recalculate(
            program, history, self._before, request.as_of, everybody=people is None
        )
        self._known = KnownEffects.read(connection, shop, people)
        self._gone = self._read_gone()
        self.desired = {effect.key: effect for effect in self._desire()}

    def changes(self) -> list[Change]:
        """What would change: the store's grants first, then standings, then what customers carry."""
        return [
            *self._puts(effect for effect in self.desired.values() if effect.customer_id is None),
            *Decisions(self._program, self.recalculation, self._seen).changes(),
            *self._closed(),
            *self._puts(effect for effect in self.desired.values() if effect.customer_id is not None),
            *self._removals(),
        ]

    def plan(self) -> Plan:
        """The plan, with what there is to say of it."""
        changes = self.changes()
        everybody = self._request.customers is None
        cuts = self.recalculation.qualifications.cut_points
        return Plan(
            shop=self._row.name,
            program=self._program.id,
            version=self._program.version,
            as_of=self._request.as_of,
            explicit=self._request.explicit,
            changes=tuple(changes),
            customers=len(self.recalculation.qualifications),
            mirror=self._row.changes,
            ledger=last_entry(self._connection, self._shop),
            enrolment=self.recalculation.enrolment,
            on_change=self._before.on_change if self._takes_over else None,
            evaluated=None if everybody else tuple(sorted(self._evaluated())),
            cut_points=cuts.text() if everybody and program_ranks(self._program) else None,
            limits=limits(self._connection, self._shop, self._program, self._request.as_of, changes),
            gaps=tuple(gaps(changes, self._capabilities)),
            notes=tuple(self._notes(changes)),
            waiting=self._count(OPEN),
        )

    # What is refused

    def check_beginning(self) -> None:
        """Refuse some people where everybody begins anew: those who come after them would be taken for late comers."""
        if self._request.customers is None or not (self._row.enrolled_on is None or self._takes_over):
            return
        begins = "nobody has a standing yet" if self._row.enrolled_on is None else "the program has changed"
        raise PlanRefused(f"{begins}, which concerns everybody: plan everybody first")

    def _check_day(self) -> None:
        applied = self._row.last_applied
        if applied is not None and self._request.as_of < applied:
            raise PlanRefused(
                f"{day_date(self._request.as_of)} is before the last applied day, {day_date(applied)}: what was decided then "
                "stands; plan that day or a later one"
            )

    @property
    def _takes_over(self) -> bool:
        """Whether the program is another than the one that was applied last."""
        return self._row.program_version not in (None, self._program.version)

    def _check_tiers(self) -> None:
        """Refuse a program that lacks a tier which somebody holds."""
        if not self._takes_over:
            return
        present = {tier.id for tier in self._program.tiers}
        present |= {former for tier in self._program.tiers for former in tier.was}
        query = select(standings.c.tier, standings.c.pin_tier).where(standings.c.shop == self._shop)
        held = Counter(tier for row in self._connection.execute(query) for tier in row if tier is not None)
        lost = {tier: count for tier, count in held.items() if tier not in present}
        if lost:
            said = ", ".join(f'"{tier}" (held by {count:,})' for tier, count in sorted(lost.items()))
            raise PlanRefused(
                f"{self._program.file}: the program no longer has the tier {said}. If it has another id now, say so there, "
                'as "was": ["OLD ID"]; to do away with it, keep it in the program until nobody holds it'
            )

    def _renamed(self) -> Iterator[str]:
        """Whose tier has another id, or went up in another one."""
        for tier in self._program.tiers:
            for former in tier.was:
                query = select(func.count()).where(standings.c.shop == self._shop, standings.c.tier == former)
                if count := self._connection.execute(query).scalar_one():
                    yield f'Who held the tier "{former}" holds {tier.name} now, as its "was" says: {count:,} customers.'

    # What should be so

    def _desire(self) -> Iterator[Effect]:
        decisions, can = self.recalculation.decisions, self._capabilities
        people = read_people(self._connection, self._shop, self._program, can, decisions) if decisions else {}
        yield from tier_effects(self._program, can)
        states = CustomerEffects(self._program, self.recalculation, can, people)
        for decision in decisions.values():
            yield from states.of(decision)
        yield from self._once(people)

    def _once(self, people: Mapping[str, Mapping[str, Any]]) -> Iterator[Effect]:
        """Credits and messages that fell due and weren't planned before, then what customers are told unasked."""
        fresh = list(self._fallen_due(people))
        yield from fresh
        yield from self._unasked(fresh, people)

    def _fallen_due(self, people: Mapping[str, Mapping[str, Any]]) -> Iterator[Effect]:
        """Credits and messages of what happened, none of which was planned before."""
        decisions, as_of = self.recalculation.decisions, self._request.as_of
        credit = Credits(self._program, as_of, self._capabilities, people)
        messages = Messages(self._program, as_of, people)
        due = [
            effect
            for decision in decisions.values()
            for effect in (
                *credit.of(decision, welcome=self._request.welcome),
                *messages.of(decision, welcome=self._request.welcome),
            )
        ]
        if not due:
            return
        used = given(self._connection, self._shop, [effect.key for effect in due])
        celebrating = [
            effect.customer_id for effect in due if effect.key.startswith("birthday:") if effect.customer_id
        ]
        last = last_birthdays(self._connection, self._shop, celebrating) if celebrating else {}
        for effect in due:
            if effect.key not in used and not too_soon(effect, last):
                yield effect

    def _unasked(self, fresh: Iterable[Effect], people: Mapping[str, Mapping[str, Any]]) -> Iterator[Effect]:
        """What customers are told though nothing happened to them; an enrolment is silent unless members are welcomed."""
        if self.recalculation.enrolment and not self._request.welcome:
            return
        telling = Telling(
            self._connection,
            self._shop,
            self._program,
            self.recalculation,
            trusted_from=self._before.trusted_from,
            carries="message" in self._capabilities,
        )
        if nudges := telling.nudges(fresh):
            decisions = self.recalculation.decisions
            others = {nudge.customer_id for nudge in nudges if nudge.customer_id not in decisions}
            known = read_people(self._connection, self._shop, self._program, self._capabilities, others)
            messages = Messages(self._program, self._request.as_of, {**people, **known})
            yield from telling.effects(nudges, messages)

    # What differs

    def _puts(self, effects: Iterable[Effect]) -> Iterator[Change]:
        for effect in effects:
            known = self._known.states.get(effect.key)
            payload = canonical(effect.payload)
            if known is not None and known.comes_to == payload:
                continue
            held = None if known is None else known.payload
            yield Change(
                sign="~" if held is not None else "+",
                kind=effect.kind,
                key=effect.key,
                what=what_of(effect.kind, effect.payload),
                reason=effect.reason,
                customer_id=effect.customer_id,
                seen=self._seen(effect.customer_id),
                content={
                    "action": "put",
                    "payload": effect.payload,
                    "known": None if held is None else json.loads(held),
                    "due": None if effect.due is None else str(day_date(effect.due)),
                },
            )

    def _removals(self) -> Iterator[Change]:
        """What the store holds of ours that nothing asks for any more.

        Who is gone from the store has nothing there but grants of their own, which outlive their accounts.
        """
        wanted = self._evaluated()
        for key, known in self._known.states.items():
            outlives = known.customer_id in self._gone and granted_each(known.kind, self._capabilities)
            there = known.customer_id in wanted and known.customer_id not in self._gone
            if known.customer_id is not None and not there and not outlives:
                continue
            if key in self.desired or known.comes_to is None:
                continue
            if known.payload is None and known.underway is not None and known.underway.state == "refused":
                continue
            held = known.payload or known.comes_to
            payload = json.loads(held)
            yield Change(
                sign="-",
                kind=known.kind,
                key=key,
                what=what_of(known.kind, payload),
                reason=self._lost(known.customer_id, known.kind),
                customer_id=known.customer_id,
                seen=self._seen(known.customer_id),
                content={"action": "remove", "payload": payload, "known": payload, "due": None},
            )

    def _lost(self, customer: str | None, kind: str) -> str:
        """Why nothing asks for a known effect any more."""
        if customer is None:
            return "the program no longer has it"
        if customer in self._gone:
            return "the customer is no longer in the store"
        decision = self.recalculation.decisions.get(customer)
        tiers = self._program.tiers
        held = decision.standing.effective(tiers, self._request.as_of) if decision else None
        name = next((tier.name for tier in tiers if tier.id == held), None)
        if name is None:
            return "no tier any more"
        return f"{name} now" if granted_each(kind, self._capabilities) else f"{name} has none"

    def _closed(self) -> Iterator[Change]:
        """Standings of those who are gone from the store."""
        for customer in sorted(self._gone):
            yield Change(
                sign="-",
                kind="standing",
                key=f"standing:{customer}",
                what="standing closed",
                reason="the customer is no longer in the store",
                customer_id=customer,
                seen=self._seen(customer),
                content={"after": {}, "closed": True, "transitions": [], "notices": []},
            )

    def _read_gone(self) -> set[str]:
        """Customers with a standing who were deleted in the store, or merged into others."""
        query = (
            select(standings.c.customer_id)
            .join(
                customers,
                (customers.c.shop == standings.c.shop) & (customers.c.id == standings.c.customer_id),
            )
            .where(standings.c.shop == self._shop, customers.c.gone)
        )
        if self._request.customers is not None:
            query = query.where(among(self._connection, standings.c.customer_id, self._request.customers))
        return set(self._connection.scalars(query))

    def _evaluated(self) -> set[str]:
        """Everybody who was evaluated."""
        return set(self.recalculation.qualifications.frame["customer_id"])

    def _seen(self, customer: str | None) -> str:
        stored = None if customer is None else self._before.stored.get(customer)
        return self._known.seen(customer, stored.standing if stored else None)

    # What there is to say

    def _count(self, states: Iterable[str]) -> int:
        """How many intents of the shop are in some states."""
        waiting = select(func.count()).where(outbox.c.shop == self._shop, outbox.c.state.in_(list(states)))
        return self._connection.execute(waiting).scalar_one()

    def _notes(self, changes: Iterable[Change]) -> Iterator[str]:
        if self._takes_over and self._before.on_change:
            how = {
                "now": "everybody is moved at once to where its rules put them",
                "next-check": "promotions at once, demotions by grace and notice",
                "keep-existing": "who holds a tier keeps it until they meet the new rules",
            }[self._before.on_change]
            yield f"The program has changed since it was last applied (--on-change {self._before.on_change}: {how})."
        elif self._request.on_change:
            yield "The program is the one that was applied last: --on-change has nothing to decide."
        if self.recalculation.enrolment and self._row.enrolled_on is None:
            told = (
                "as promotions, with their credits and messages"
                if self._request.welcome
                else "without a welcome: no promotion credits, no messages"
            )
            yield f"Nobody has a standing yet: everybody is enrolled at the tier that they qualify for, {told}."
        if self.recalculation.undecided:
            day = self._before.trusted_from
            yield (
                f"{self.recalculation.undecided:,} customers stay as they are where a condition looks back before "
                f"{day and day_date(day)}: the store tells no older orders, and nothing is decided on half of them."
            )
        if aside := self._count(ASIDE):
            were = (
                "1 effect was refused or waits" if aside == 1 else f"{aside:,} effects were refused or wait"
            )
            yield f"{were} for a person: vip-rules outbox list shows which."
        if not len(self.recalculation.qualifications):
            yield "The mirror has no customers: vip-rules sync brings it up to the store."
        if self._takes_over:
            yield from self._renamed()


def what_of(kind: str, payload: Mapping[str, Any]) -> str:
    """The group of an effect: what is alike is counted together."""
    match kind:
        case "customer":
            return f"tags and fields of {payload['fields']['tier_name'] or 'no tier'}"
        case "store_credit":
            return f"{payload['amount']} {payload['currency']} store credit ({payload['occasion']})"
        case "message":
            return f"message {payload['template']}"
        case "entitlements":
            return f"entitlements of {payload['tier'] or 'no tier'}"
        case _:
            return f"{kind.replace('_', ' ')} of {payload.get('tier', '')}".strip()


def gaps(changes: Iterable[Change], capabilities: Mapping[str, Capability]) -> Iterator[Gap]:
    """The kinds of a plan's effects that nothing carries out, or not whole, and what happens instead."""
    puts = (change.kind for change in changes if change.kind in KINDS and change.sign != "-")
    for kind, count in Counter(puts).items():
        capability = capabilities.get(kind)
        if capability is None:
            instead = "recorded in the ledger" if kind == "message" else "parked in the outbox for a person"
            yield Gap(kind=kind, changes=count, says=f"nothing carries it out here: {instead}")
        elif capability.lacks:
            yield Gap(kind=kind, changes=count, says=capability.lacks)
