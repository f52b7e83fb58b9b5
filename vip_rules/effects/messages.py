"""Messages: what customers are told when something happens to their standing, once each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vip_rules.benefits.definition import Benefit
from vip_rules.effects.effect import Effect, iso_day
from vip_rules.effects.grants import arguments_of
from vip_rules.lifecycle import Transition
from vip_rules.localdays import day_date
from vip_rules.model import Currency
from vip_rules.outlook import Lack
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision
from vip_rules.wording import day_in_words


class Messages:
    """What customers are told, once each: a demotion and its warnings always, the rest where the program says so.

    A message says all twice: as an English `text`, and as `data` of which a template makes it in any language. `people` have
    email and language, by customer.
    """

    def __init__(self, program: Program, as_of: int, people: Mapping[str, Mapping[str, Any]]) -> None:
        self._program, self._day, self._people = program, as_of, people
        self._templates = {message.on: message.template for message in program.messages}
        self._tiers = {tier.id: tier for tier in program.tiers}

    def of(self, decision: Decision, *, welcome: bool) -> Iterator[Effect]:
        """The messages of a customer's transitions and notices. An enrolment is told only if members are to be welcomed."""
        rises = decision.rises(self._program.tiers)
        for transition in decision.transitions:
            if transition.kind == "demotion":
                yield self._fall(decision.customer_id, transition)
            elif transition in rises and (welcome or transition.kind != "enrolment"):
                yield from self._rise(decision.customer_id, transition)
        if decision.notices and decision.ahead:
            yield self._warning(decision)

    def message(
        self,
        customer: str,
        occasion: str,
        name: str,
        tier: str | None,
        day: int,
        said: str,
        data: Mapping[str, Any],
    ) -> Effect:
        """A message to a customer, due on a local day. Its `name` is the beginning of its key, which the customer's id ends."""
        person = self._people.get(customer, {})
        reach = {key: person[key] for key in ("email", "language") if person.get(key)}
        return Effect(
            key=f"{name}:{customer}",
            kind="message",
            customer_id=customer,
            due=day,
            payload={
                "occasion": occasion,
                "template": self._templates.get(occasion, occasion),
                "day": iso_day(day),
                "tier": tier,
                "text": said,
                "data": data,
                **reach,
            },
            reason=said,
        )

    def _rise(self, customer: str, transition: Transition) -> Iterator[Effect]:
        first = transition.before is None
        occasion = "welcome" if first and "welcome" in self._templates else "promotion"
        if occasion not in self._templates or transition.after is None:
            return
        after, day = self._tiers[transition.after], transition.day
        data = {
            "tier_name": after.name,
            "former_name": self._name(transition.before),
            "currency": self._program.currency.code,
            "benefits": [benefit_record(benefit, self._program) for benefit in after.benefits],
        }
        name = f"{occasion}:{after.id}:{iso_day(day)}"
        yield self.message(customer, occasion, name, after.id, day, f"You are {after.name} now.", data)

    def _fall(self, customer: str, transition: Transition) -> Effect:
        held, after, day = transition.before or "", transition.after, transition.day
        data = {"former_name": self._name(held), "tier_name": self._name(after)}
        said = f"You are no longer {data['former_name'] or ''}" + (
            f", but {data['tier_name']}." if after else "."
        )
        return self.message(customer, "demotion", f"demotion:{held}:{iso_day(day)}", after, day, said, data)

    def _warning(self, decision: Decision) -> Effect:
        """One warning for all notices that are given today: that of the shortest time."""
        ahead, currency = decision.ahead, self._program.currency
        assert ahead is not None
        last = day_in_words(day_date(ahead.day - 1))
        said = f"You are {self._name(ahead.before)} until {last}."
        if wanted := steps_in_words(decision.keep, self._program):
            said += f" To keep it, by then: {'; '.join(wanted)}."
        data = {
            "tier_name": self._name(ahead.before),
            "until": iso_day(ahead.day - 1),
            "then": ahead.after,
            "then_name": self._name(ahead.after),
            "currency": currency.code,
            "keep": [lack_record(lack, currency) for lack in decision.keep],
        }
        shortest = decision.notices[-1]
        name = f"demotion_warning:{ahead.before}:{iso_day(ahead.day)}:{shortest.before}"
        return self.message(
            decision.customer_id, "demotion_warning", name, ahead.before, self._day, said, data
        )

    def _name(self, tier: str | None) -> str | None:
        """The name of a tier; None for none, and for one that the program no longer has."""
        return self._tiers[tier].name if tier in self._tiers else None


def steps_in_words(lacks: Sequence[Lack], program: Program, *, dated: bool = False) -> list[str]:
    """What is missing, as steps that can be measured: "spend in the last 12 months: 43.00 EUR more"; if asked, with the day."""
    said = []
    for lack in lacks:
        if gap := lack.gap_in_words(program.currency):
            by = f", by {day_in_words(day_date(lack.through))}" if dated and lack.through is not None else ""
            said.append(f"{lack.figure.phrase}: {gap}{by}")
    return said


def lack_record(lack: Lack, currency: Currency) -> dict[str, Any]:
    """What is missing as plain data, with the unit of its figure, target and gap."""
    return {**lack.record(currency), "unit": lack.figure.metric.unit.value}


def benefit_record(benefit: Benefit, program: Program) -> dict[str, Any]:
    """A benefit as plain data: its type with its arguments, money and percentages as decimal texts."""
    return {"type": benefit.type.name, **arguments_of(benefit, program)}
