"""The life of a standing as the design tells it, one day after the other: slow, simple, and what `advance` is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from vip_rules.lifecycle import Facts
from vip_rules.lifecycle.origin import rule_of
from vip_rules.localdays import day_date, day_number
from vip_rules.program.duration import Duration
from vip_rules.program.program import Program
from vip_rules.standing import FOREVER, Notice, Pin, Promotion, Standing

NOBODY = -1
"""The place of no tier."""

Closings = list[tuple[int, Standing]]
Happened = list[tuple[int, str]]


def replay(
    program: Program,
    opening: Standing,
    facts: Sequence[Facts],
    after: int,
    until: int,
    held_on: Mapping[int, int],
) -> tuple[Closings, Happened]:
    """Each day's closing standing, and what happened on which day."""
    customer = Customer.of(program, opening)
    closings: Closings = []
    happened: Happened = []
    for day in range(after + 1, until + 1):
        known = [each for each in facts if each.day <= day][-1]
        happened += [(day, what) for what in customer.live(known, day, held_on)]
        closings.append((day, customer.standing()))
    return closings, happened


@dataclass
class Customer:
    """A customer's standing, in the making. Tiers are places in the ladder, the lowest 0."""

    program: Program
    place: int = NOBODY
    since: int | None = None
    secured_until: int | None = None
    grace_until: int | None = None
    landing_until: int | None = None
    landing_from: int = NOBODY
    highest: int = NOBODY
    pin: Pin | None = None
    promotions: list[Promotion] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    grandfathered: bool = False

    def live(self, facts: Facts, day: int, held_on: Mapping[int, int]) -> list[str]:
        """One day: what happens on it."""
        places = range(len(self.program.tiers))
        qualifying = [n for n in places if facts.qualifies & 2**n]
        undecided = [n for n in places if facts.undecided & 2**n]
        qualified = max(qualifying, default=NOBODY)

        happened = self.end_what_is_over(day)
        while self.was_never_deserved(qualified, undecided, held_on):
            happened += self.revoke()
        kept = self.place == qualified or (self.place != NOBODY and bool(facts.keeps & 2**self.place))

        if qualified > self.place:
            return happened + self.promote(qualified, day)
        if self.place == NOBODY or self.place in undecided:
            return happened
        if kept:
            return happened + self.stay(day)
        if self.grandfathered or (self.secured_until is not None and day <= self.secured_until):
            return happened
        if self.grace_until is None and self.program.status.grace is not None:
            return happened + self.start_grace(facts, day)
        if self.grace_until is not None and day <= self.grace_until:
            return happened
        below = max((n for n in (*qualifying, *undecided) if n < self.place), default=NOBODY)
        return happened + self.demote(below, facts, day)

    def end_what_is_over(self, day: int) -> list[str]:
        """Bounds are inclusive: a pin and a landing end on the day after theirs."""
        happened = []
        if self.pin and self.pin.until is not None and day > self.pin.until:
            if self.effective() != self.place:
                self.notices = []
            self.pin = None
            happened.append("pin ended")
        if self.landing_until is not None and day > self.landing_until:
            self.landing_until, self.landing_from = None, NOBODY
            happened.append("landing ended")
        return happened

    def was_never_deserved(self, qualified: int, undecided: list[int], held_on: Mapping[int, int]) -> bool:
        if not self.promotions or self.grandfathered or self.place in undecided or qualified >= self.place:
            return False
        last = self.promotions[-1]
        if not self.place_of(last.before) < self.place <= self.place_of(last.tier):
            return False
        if last.rule != rule_of(self.program, self.program.tiers[self.place_of(last.tier)]):
            return False
        if last.on not in held_on:
            return False
        then = [n for n in range(len(self.program.tiers)) if held_on[last.on] & 2**n]
        return max(then, default=NOBODY) < self.place

    def revoke(self) -> list[str]:
        last, own = self.promotions.pop(), self.effective() == self.place
        self.place, self.since = self.place_of(last.before), last.before_since
        self.highest, self.secured_until = self.place_of(last.before_highest), last.before_secured
        self.grace_until, self.landing_until, self.landing_from = None, None, NOBODY
        if own:
            self.notices = []
        return ["revocation"]

    def promote(self, place: int, day: int) -> list[str]:
        tier = self.program.tiers[place]
        before, highest = self.tier_at(self.place), self.tier_at(self.highest)
        self.promotions.append(
            Promotion(
                tier.id, day, rule_of(self.program, tier), before, self.since, highest, self.secured_until
            )
        )
        self.place, self.since, self.highest = place, day, max(self.highest, place)
        self.secured_until = None
        self.secure(day)
        self.grace_until, self.landing_until, self.landing_from = None, None, NOBODY
        self.grandfathered = False
        if self.effective() == self.place:
            self.notices = []
        return ["promotion"]

    def stay(self, day: int) -> list[str]:
        """Qualified for the tier that is held, or kept."""
        happened = []
        overtaken = any(notice.ahead <= day for notice in self.notices)
        if (self.grace_until is not None or overtaken) and self.effective() == self.place:
            self.notices = []
        if self.grace_until is not None:
            self.grace_until = None
            happened.append("requalification")
        self.grandfathered = False
        secured = self.secured_until
        self.secure(day)
        if self.secured_until != secured:
            happened.append("term")
        return happened

    def start_grace(self, facts: Facts, day: int) -> list[str]:
        grace = self.program.status.grace
        if grace is None:
            return []
        if isinstance(grace, Duration):
            self.grace_until = grace.after(day)
        else:
            least = grace.at_least.after(day)
            self.grace_until = least if facts.cycle is None else max(least, day + grace.cycles * facts.cycle)
        return ["grace"]

    def demote(self, below: int, facts: Facts, day: int) -> list[str]:
        """`below` is the highest tier below that is qualified for, or might be."""
        status, former, effective = self.program.status, self.place, self.effective()
        self.place = former - 1 if status.demotion == "one tier" else below
        if self.effective() < effective:
            if not self.warned_in_time(day):
                self.place = former
                # Without grace, it is over from the day before.
                self.grace_until = day - 1 if self.grace_until is None else self.grace_until
                return []
            self.notices = []
        self.since = None if self.place == NOBODY else day
        self.secured_until = self.grace_until = None
        self.promotions = [each for each in self.promotions if self.place_of(each.before) < self.place]
        if status.soft_landing:
            self.landing_until, self.landing_from = status.soft_landing.lasts.after(day), former
        if self.place in (below, NOBODY) or facts.keeps & 2**self.place:
            return ["demotion"]
        return ["demotion", *self.start_grace(facts, day)]

    def warned_in_time(self, day: int) -> bool:
        warnings = self.program.status.warn_before
        if not warnings:
            return True
        first = min((notice.on for notice in self.notices), default=None)
        return first is not None and min(warnings, key=lambda each: each.days).after(first) <= day

    def secure(self, day: int) -> None:
        """What a day secures on which the customer is qualified or kept."""
        term = self.program.status.term
        secured = -1 if self.secured_until is None else self.secured_until
        if term.kind == "months" and day > secured:
            self.secured_until = Duration(term.months, "month").after(day)
        if term.kind == "calendar year":
            self.secured_until = max(secured, day_number(date(day_date(day).year + 1, 12, 31)))
        if term.kind == "lifetime":
            self.secured_until = FOREVER

    def effective(self) -> int:
        if self.pin is None:
            return self.place
        pinned = self.place_of(self.pin.tier)
        return max(pinned, self.place) if self.pin.floor else pinned

    def place_of(self, tier: str | None) -> int:
        return NOBODY if tier is None else [each.id for each in self.program.tiers].index(tier)

    def tier_at(self, place: int) -> str | None:
        return None if place == NOBODY else self.program.tiers[place].id

    @classmethod
    def of(cls, program: Program, standing: Standing) -> Customer:
        """A customer with a standing."""
        customer = cls(program)
        customer.place = customer.place_of(standing.tier)
        customer.since = standing.since
        customer.secured_until = standing.secured_until
        customer.grace_until = standing.grace_until
        customer.landing_until = standing.landing_until
        customer.landing_from = customer.place_of(standing.landing_from)
        customer.highest = customer.place_of(standing.highest_tier)
        customer.pin = standing.pin
        customer.promotions = list(standing.promotions)
        customer.notices = list(standing.notices)
        customer.grandfathered = standing.grandfathered
        return customer

    def standing(self) -> Standing:
        """The customer's standing."""
        return Standing(
            tier=self.tier_at(self.place),
            since=self.since,
            secured_until=self.secured_until,
            grace_until=self.grace_until,
            landing_until=self.landing_until,
            landing_from=self.tier_at(self.landing_from),
            highest_tier=self.tier_at(self.highest),
            pin=self.pin,
            promotions=tuple(self.promotions),
            notices=tuple(self.notices),
            grandfathered=self.grandfathered,
        )
