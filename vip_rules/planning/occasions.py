"""Occasions: the days on which a tier's store credits fall due, and the credits of those who held the tier then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from vip_rules.adapter import Capability
from vip_rules.effects.effect import Effect
from vip_rules.localdays import day_date, day_number
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision
from vip_rules.standing import rank
from vip_rules.tiers import Tier
from vip_rules.windows import anniversary

BIRTHDAYS_APART: Final = 300
"""How many days lie between two birthday credits of a customer at least: a birthday can be changed, to have two a year."""


class Credits:
    """The store credits of a program. `people` have joined (a local day), birthday ("MM-DD") and email, by customer."""

    def __init__(
        self,
        program: Program,
        as_of: int,
        capabilities: Mapping[str, Capability],
        people: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._program, self._day, self._people = program, as_of, people
        credit = capabilities.get("store_credit")
        self._needs = sorted(credit.needs) if credit else []
        self._occasions = {
            benefit.arguments["on"]
            for tier in program.tiers
            for benefit in tier.benefits
            if benefit.type.name == "store_credit"
        }

    def of(self, decision: Decision, *, welcome: bool) -> Iterator[Effect]:
        """The credits that fell due for a customer since their opening. One for each key is ever given."""
        if not self._occasions:
            return
        customer = decision.customer_id
        if "promotion" in self._occasions:
            for transition in decision.rises(self._program.tiers):
                reached = transition.kind == "promotion" or (transition.kind == "enrolment" and welcome)
                if reached and transition.after is not None:
                    yield from self._credits(
                        decision, "promotion", transition.day, f"promotion:{transition.after}"
                    )
        for occasion, day, name in self._days(customer, decision.opening_day + 1):
            yield from self._credits(decision, occasion, day, name)

    def _days(self, customer: str, first: int) -> Iterator[tuple[str, int, str]]:
        """Occasions of a customer from a day on: which, when, and the beginning of the credit's key."""
        person = self._people.get(customer, {})
        years = range(day_date(first).year, day_date(self._day).year + 1)
        if "birthday" in self._occasions and person.get("birthday"):
            month, day = map(int, person["birthday"].split("-"))
            for year in years:
                # 1904 was a leap year: 29 February is one day there, and the 28th in others.
                falls = anniversary(day_number(date(1904, month, day)), year)
                if first <= falls <= self._day:
                    yield "birthday", falls, f"birthday:{year}"
        if "anniversary" in self._occasions and person.get("joined") is not None:
            for year in years:
                falls = anniversary(person["joined"], year)
                if first <= falls <= self._day and falls > person["joined"]:
                    yield "anniversary", falls, f"anniversary:{year}"
        if "quarter" in self._occasions:
            for year in years:
                for quarter in range(4):
                    falls = day_number(date(year, 3 * quarter + 1, 1))
                    if first <= falls <= self._day:
                        yield "quarter", falls, f"quarter:{year}-Q{quarter + 1}"

    def _credits(self, decision: Decision, occasion: str, day: int, name: str) -> Iterator[Effect]:
        """The credit of the tier that counted on that day."""
        standing, tiers = decision.on(day), self._program.tiers
        held = standing.effective(tiers, day)
        tier: Tier | None = next((tier for tier in tiers if tier.id == held), None)
        present = decision.standing.effective(tiers, self._day)
        if tier is None or rank(tiers, present) < rank(tiers, tier.id):
            # Whoever fell since has no right to it any more.
            return
        for benefit in standing.benefits(self._program, day):
            if benefit.type.name == "store_credit" and benefit.arguments["on"] == occasion:
                amount, currency = benefit.arguments["amount"], self._program.currency
                person = self._people.get(decision.customer_id, {})
                yield Effect(
                    key=f"{name}:{decision.customer_id}",
                    kind="store_credit",
                    customer_id=decision.customer_id,
                    due=day,
                    payload={
                        "amount": currency.major(amount),
                        "currency": currency.code,
                        "occasion": occasion,
                        "day": str(day_date(day)),
                        "tier": tier.id,
                        **{name: person.get(name) for name in self._needs},
                    },
                    reason=f"{benefit.sentence(currency)} of {tier.name}",
                )


def too_soon(effect: Effect, last: Mapping[str, int]) -> bool:
    """Whether a birthday credit follows too soon on the customer's `last` one, a local day."""
    before = last.get(effect.customer_id or "")
    if effect.due is None or before is None or not effect.key.startswith("birthday:"):
        return False
    return effect.due - before < BIRTHDAYS_APART
