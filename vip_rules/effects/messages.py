"""Messages: what customers are told, once each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vip_rules.effects.effect import Effect, iso_day
from vip_rules.localdays import day_date
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision
from vip_rules.wording import day_in_words


class Messages:
    """What customers are told, once each: a demotion and its warnings always, the rest where the program says so."""

    def __init__(self, program: Program, as_of: int, people: Mapping[str, Mapping[str, Any]]) -> None:
        self._program, self._day, self._people = program, as_of, people
        self._templates = {message.on: message.template for message in program.messages}
        self._names = {tier.id: tier.name for tier in program.tiers}

    def of(self, decision: Decision, *, welcome: bool) -> Iterator[Effect]:
        """The messages of a customer's transitions and notices. An enrolment is told only if members are to be welcomed."""
        rises = decision.rises(self._program.tiers)
        for transition in decision.transitions:
            after, day = transition.after, transition.day
            if transition.kind in ("promotion", "enrolment") and transition not in rises:
                continue
            if transition.kind == "enrolment" and not welcome:
                continue
            if transition.kind in ("promotion", "enrolment") and after is not None:
                first = transition.before is None
                occasion = "welcome" if first and "welcome" in self._templates else "promotion"
                if occasion in self._templates:
                    said = f"You are {self._names[after]} now."
                    yield self._message(
                        decision, occasion, f"{occasion}:{after}:{iso_day(day)}", after, day, said
                    )
            elif transition.kind == "demotion":
                former = self._names.get(transition.before or "", "")
                said = f"You are no longer {former}" + (f", but {self._names[after]}." if after else ".")
                held = transition.before or ""
                yield self._message(decision, "demotion", f"demotion:{held}:{iso_day(day)}", after, day, said)
        if decision.notices and decision.ahead:
            yield self._warning(decision)

    def _warning(self, decision: Decision) -> Effect:
        """One warning for all notices that are given today: that of the shortest time."""
        ahead, currency = decision.ahead, self._program.currency
        assert ahead is not None
        last = day_in_words(day_date(ahead.day - 1))
        said = f"You are {self._names[ahead.before]} until {last}."
        steps = [lack.gap_in_words(currency) or "" for lack in decision.keep]
        wanted = [
            f"{lack.figure.phrase}: {step}" for lack, step in zip(decision.keep, steps, strict=True) if step
        ]
        if wanted:
            said += f" To keep it, by then: {'; '.join(wanted)}."
        data = {
            "until": iso_day(ahead.day - 1),
            "then": ahead.after,
            "keep": [lack.record(currency) for lack in decision.keep],
        }
        shortest = decision.notices[-1]
        name = f"demotion_warning:{ahead.before}:{iso_day(ahead.day)}:{shortest.before}"
        return self._message(decision, "demotion_warning", name, ahead.before, self._day, said, data)

    def _message(
        self,
        decision: Decision,
        occasion: str,
        name: str,
        tier: str | None,
        day: int,
        said: str,
        data: Mapping[str, Any] | None = None,
    ) -> Effect:
        person = self._people.get(decision.customer_id, {})
        reach = {key: person[key] for key in ("email", "language") if person.get(key)}
        return Effect(
            key=f"{name}:{decision.customer_id}",
            kind="message",
            customer_id=decision.customer_id,
            due=day,
            payload={
                "occasion": occasion,
                "template": self._templates.get(occasion, occasion),
                "day": iso_day(day),
                "tier": tier,
                "text": said,
                "data": data or {},
                **reach,
            },
            reason=said,
        )
