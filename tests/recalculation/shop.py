"""A shop in memory, evaluated on some days, whose standings are kept as applying a plan keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from vip_rules.evaluation.cutpoints import CutPoints
from vip_rules.history import History
from vip_rules.lifecycle import OnChange
from vip_rules.localdays import day_date, day_number
from vip_rules.model import Customer, Order
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.recalculation import Before, Decision, Recalculation, Stored, recalculate
from vip_rules.standing import Pin, Standing
from vip_rules.standings import program_ranks

CATALOGUE: Final = load_catalogue()
JOINED: Final = day_number(date(2020, 1, 1))

Rule = Mapping[str, Any]


def number(text: str) -> int:
    return day_number(date.fromisoformat(text))


def text(day: int | None) -> str | None:
    return None if day is None else str(day_date(day))


def spend(at_least: int, window: str = "12 months") -> Rule:
    return {"metric": "spend", "window": window, "at_least": at_least}


def tier(name: str, qualify: Rule, keep: Rule | None = None, **more: Any) -> dict[str, Any]:
    found = {"id": name, "name": name.title(), "qualify": qualify, "benefits": [], **more}
    return found if keep is None else found | {"keep": keep}


def program(*tiers: Mapping[str, Any], status: Mapping[str, Any] | None = None, **more: Any) -> Program:
    """A program; silver from 100 and gold from 500 of spend in 12 months if nothing else is said, nobody warned."""
    rungs = tiers or (tier("silver", spend(100)), tier("gold", spend(500)))
    life = {"grace": "none", "warn_before": []} if status is None else status
    document = {"format": 1, "program": "shop", "currency": "EUR", "timezone": "UTC", "status": life}
    return read_program({**document, "tiers": list(rungs), **more}, "shop.json", CATALOGUE)


@dataclass
class Shop:
    """A shop with its program, its data as they are now, and what was decided so far.

    `evaluated` are the days on which everybody was.
    """

    program: Program
    customers: dict[str, Customer] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    stored: dict[str, Stored] = field(default_factory=dict)
    evaluated: set[int] = field(default_factory=set)
    cut_points: dict[int, CutPoints] = field(default_factory=dict)
    enrolled_on: int | None = None
    changed_on: int | None = None
    on_change: OnChange = "next-check"
    trusted_from: int | None = None

    def order(self, customer: str, day: int | str, amount: int, name: str = "", **more: Any) -> str:
        """Place an order of so many major units, by a customer who is there from 2020 on; its id."""
        day = number(day) if isinstance(day, str) else day
        self.customers.setdefault(customer, Customer(customer, JOINED))
        name = name or f"#{len(self.orders)}"
        self.orders[name] = Order(name, customer, day, 100 * amount, **more)
        return name

    def refund(self, name: str) -> None:
        """Give all the money of an order back."""
        self.orders[name] = replace(self.orders[name], refunded=self.orders[name].total, status="refunded")

    def pin(self, customer: str, pin: Pin | None) -> None:
        """Pin a customer who was evaluated before."""
        stored = self.stored[customer]
        opening = stored.opening and stored.opening.pinned(pin)
        self.stored[customer] = replace(stored, standing=stored.standing.pinned(pin), opening=opening)

    def change(self, program: Program, day: int | str, on_change: OnChange = "next-check") -> None:
        """Let another program take over on a day."""
        self.program, self.on_change = program, on_change
        self.changed_on = number(day) if isinstance(day, str) else day

    def evaluate(self, day: int | str, *people: str) -> Recalculation:
        """Evaluate everybody, or some people, on a day, and keep what came of it."""
        day = number(day) if isinstance(day, str) else day
        recalculation = self.look(day, *people)
        self.keep(recalculation, day, people)
        return recalculation

    def look(self, day: int, *people: str) -> Recalculation:
        """What an evaluation comes to; nothing is kept."""
        return recalculate(
            self.program, self.history(people), self.before(day, people), day, everybody=not people
        )

    def keep(self, recalculation: Recalculation, day: int, people: Sequence[str]) -> None:
        """Keep what has moved; and of people who were evaluated alone also who has not."""
        before = self.before(day, people)
        base = day - 1 if before.evaluated is None else before.evaluated
        for customer in people:
            known = self.stored.get(customer, Stored(Standing(), base))
            if known.day < day:
                self.stored[customer] = Stored(known.standing, day, known.standing, max(known.day, base))
        for customer, decision in recalculation.decisions.items():
            if decision.standing != decision.stored:
                self.stored[customer] = Stored(decision.standing, day, decision.opening, decision.opening_day)
        if recalculation.enrolment:
            self.enrolled_on = day
        if not people:
            self.evaluated.add(day)
            if program_ranks(self.program):
                self.cut_points[day] = recalculation.qualifications.cut_points

    def before(self, day: int, people: Sequence[str] = ()) -> Before:
        """What was decided before a day, of everybody or of some people."""
        return Before(
            stored={name: each for name, each in self.stored.items() if not people or name in people},
            enrolled_on=self.enrolled_on,
            evaluated=max((each for each in self.evaluated if each < day), default=None),
            changed_on=self.changed_on,
            on_change=self.on_change,
            trusted_from=self.trusted_from,
            cut_points=[self.cut_points[each] for each in sorted(self.cut_points)],
        )

    def history(self, people: Sequence[str] = ()) -> History:
        """The history of everybody, or of some people."""
        there = [each for each in self.customers.values() if not people or each.id in people]
        placed = [each for each in self.orders.values() if not people or each.customer_id in people]
        return History.of(there, placed)

    def standing(self, customer: str) -> Standing:
        return self.stored[customer].standing if customer in self.stored else Standing()

    def copy(self) -> Shop:
        """The same shop, to go on otherwise."""
        return replace(
            self,
            customers=dict(self.customers),
            orders=dict(self.orders),
            stored=dict(self.stored),
            evaluated=set(self.evaluated),
            cut_points=dict(self.cut_points),
        )


def happened(decision: Decision) -> list[str]:
    """A decision's transitions in few words: "2026-03-01 promotion gold"."""
    return [f"{text(each.day)} {each.kind} {each.after}" for each in decision.transitions]


def standings(shop: Shop) -> dict[str, Standing]:
    """Everybody who has or had a standing."""
    return {name: each.standing for name, each in sorted(shop.stored.items()) if each.standing != Standing()}


def days(first: str, last: str) -> Iterable[int]:
    return range(number(first), number(last) + 1)
