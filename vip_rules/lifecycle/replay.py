"""The replay of days: a standing goes on from the close of one day to the close of another, by the table and its deeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from vip_rules.lifecycle.life import Facts, Kind, Life, Transition
from vip_rules.lifecycle.origin import undeserved
from vip_rules.lifecycle.steps import step_down, step_up
from vip_rules.lifecycle.table import TABLE, met, state_of
from vip_rules.lifecycle.terms import grace_through, next_year, secured_through
from vip_rules.localdays import day_date
from vip_rules.program.program import Program
from vip_rules.standing import Standing, rank
from vip_rules.wording import day_in_words

NOTHING: Final[Mapping[int, int]] = {}


def advance(
    program: Program,
    standing: Standing,
    facts: Sequence[Facts],
    *,
    after: int,
    until: int,
    held_on: Mapping[int, int] = NOTHING,
) -> Life:
    """What becomes of a standing, from the close of the day `after` to the close of the day `until`.

    `facts` are ascending by day, the first not after the first replayed day. `held_on` tells for days of earlier promotions
    which tiers' `qualify` held on them by today's data (bit n: the n-th tier; set where windows aren't trusted); a day that
    it doesn't name is as it was.
    """
    return Replay(program, held_on).of(standing, facts, after, until)


class Replay:
    """Replays standings under a program. `announced` is a day on which notice counts as given, whatever is recorded."""

    def __init__(
        self, program: Program, held_on: Mapping[int, int] = NOTHING, announced: int | None = None
    ) -> None:
        self._program, self._tiers, self._status = program, program.tiers, program.status
        self._held_on, self._announced = held_on, announced
        self._transitions: list[Transition] = []

    def of(self, standing: Standing, facts: Sequence[Facts], after: int, until: int) -> Life:
        """The life of a standing over some days. Only the days on which something can change are looked at."""
        self._transitions, day, n = [], after + 1, 0
        if day <= until and not (facts and facts[0].day <= day):
            raise ValueError(f"facts must begin on {day_date(day)} or before")
        moments: list[tuple[int, Standing]] = []
        while day <= until:
            while n + 1 < len(facts) and facts[n + 1].day <= day:
                n += 1
            decided = self._day(standing, facts[n], day)
            if decided != standing:
                moments.append((day, decided))
                standing, day = decided, day + 1
            else:
                told = facts[n + 1].day if n + 1 < len(facts) else until + 1
                day = min(each for each in (told, *self._days_to_look_at(standing, day)) if each > day)
        return Life(standing, tuple(self._transitions), tuple(moments))

    def _days_to_look_at(self, standing: Standing, day: int) -> Iterator[int]:
        """Days on which a standing can change though the facts stay the same."""
        for bound in (standing.secured_until, standing.grace_until, standing.landing_until):
            if bound is not None:
                yield bound + 1
        if standing.pin is not None and standing.pin.until is not None:
            yield standing.pin.until + 1
        for notice in standing.notices:
            yield notice.ahead
        warned = self._warned_from(standing)
        if warned is not None:
            yield warned
        if standing.tier is not None and self._status.term.kind == "calendar year":
            yield next_year(day)

    def _day(self, standing: Standing, facts: Facts, day: int) -> Standing:
        """The standing at the close of a day."""
        standing = self._revoke(self._expire(standing, day), facts, day)
        place = rank(self._tiers, standing.tier)
        state = state_of(standing, day, graced=self._status.grace is not None)
        match TABLE[state][met(place, facts)]:
            case "promote":
                return self._promote(standing, facts, day)
            case "confirm":
                return self._confirm(standing, day)
            case "start grace":
                return self._start_grace(standing, facts, day)
            case "demote":
                return self._demote(standing, place, facts, day)
            case "stay":
                return standing

    def _expire(self, standing: Standing, day: int) -> Standing:
        """What ends by itself: the pin and the soft landing."""
        pin = standing.pin
        if pin is not None and pin.until is not None and pin.until < day:
            before = standing.effective(self._tiers, pin.until)
            self._tell("pin ended", day, before, standing.tier, f"was pinned until {_said(pin.until)}")
            about_own_tier = standing.notices if before == standing.tier else ()
            standing = replace(standing, pin=None, notices=about_own_tier)
        if standing.landing_until is not None and standing.landing_until < day:
            reason = f"benefits of {self._name(standing.landing_from)} stayed until {_said(standing.landing_until)}"
            self._tell("landing ended", day, standing.tier, standing.tier, reason)
            standing = replace(standing, landing_until=None, landing_from=None)
        return standing

    def _revoke(self, standing: Standing, facts: Facts, day: int) -> Standing:
        """Take back what was never deserved, one promotion after the other."""
        while promotion := undeserved(self._program, standing, facts, self._held_on):
            # A tier that the program has dropped since can't be gone back to.
            there = rank(self._tiers, promotion.before) >= 0
            restored = replace(
                standing,
                tier=promotion.before if there else None,
                since=promotion.before_since if there else None,
                highest_tier=promotion.before_highest,
                secured_until=promotion.before_secured if there else None,
                grace_until=None,
                landing_until=None,
                landing_from=None,
                promotions=standing.promotions[:-1],
                notices=() if self._own_tier_counts(standing, day) else standing.notices,
            )
            reason = (
                f"by today's data {self._name(promotion.tier)} wasn't reached on {_said(promotion.on)}, "
                "and isn't qualified for now"
            )
            self._tell("revocation", day, standing.tier, restored.tier, reason)
            standing = restored
        return standing

    def _promote(self, standing: Standing, facts: Facts, day: int) -> Standing:
        reached = step_up(self._program, standing, facts.qualified, day)
        self._tell("promotion", day, standing.tier, reached.tier, f"qualifies for {self._name(reached.tier)}")
        return replace(reached, notices=()) if self._own_tier_counts(reached, day) else reached

    def _confirm(self, standing: Standing, day: int) -> Standing:
        """Qualified for the tier, or kept: grace is over, and the next term begins when it is due."""
        requalified = standing.grace_until is not None
        secured = secured_through(self._status.term, day, standing.secured_until)
        overtaken = any(notice.ahead <= day for notice in standing.notices)
        if not (requalified or overtaken or standing.grandfathered or secured != standing.secured_until):
            return standing
        tier = standing.tier
        if requalified:
            reason = f"qualifies for {self._name(tier)} again, or keeps it"
            self._tell("requalification", day, tier, tier, reason)
        if secured is not None and secured != standing.secured_until:
            reason = f"qualifies for {self._name(tier)} or keeps it: secured until {_said(secured)}"
            self._tell("term", day, tier, tier, reason)
        void = (requalified or overtaken) and self._own_tier_counts(standing, day)
        return replace(
            standing,
            grace_until=None,
            grandfathered=False,
            secured_until=secured,
            notices=() if void else standing.notices,
        )

    def _start_grace(self, standing: Standing, facts: Facts, day: int) -> Standing:
        grace = self._status.grace
        if grace is None:
            return standing
        until = grace_through(grace, day, facts.cycle)
        reason = f"no longer qualifies for {self._name(standing.tier)}; grace until {_said(until)}"
        self._tell("grace", day, standing.tier, standing.tier, reason)
        return replace(standing, grace_until=until)

    def _demote(self, standing: Standing, place: int, facts: Facts, day: int) -> Standing:
        """The demotion, if it lowers nothing or was announced early enough; otherwise grace stays over until it was."""
        lower = place - 1 if self._status.demotion == "one tier" else facts.best_below(place)
        lowered = step_down(self._program, standing, lower, day)
        before, after = (each.effective(self._tiers, day) for each in (standing, lowered))
        if rank(self._tiers, after) < rank(self._tiers, before):
            warned = self._warned_from(standing)
            if self._status.warn_before and (warned is None or day < warned):
                return replace(standing, grace_until=day - 1) if standing.grace_until is None else standing
            lowered = replace(lowered, notices=())
        if landing := self._status.soft_landing:
            until = landing.lasts.after(day)
            lowered = replace(lowered, landing_until=until, landing_from=standing.tier)
        reason = f"doesn't qualify for {self._name(standing.tier)}, and no grace is left"
        self._tell("demotion", day, standing.tier, lowered.tier, reason)
        if met(lower, facts) == "short":
            return self._start_grace(lowered, facts, day)
        return lowered

    def _own_tier_counts(self, standing: Standing, day: int) -> bool:
        """Whether notices are about the standing's own tier, and not about the pin that counts instead of it."""
        return standing.effective(self._tiers, day) == standing.tier

    def _warned_from(self, standing: Standing) -> int | None:
        """The first day on which a demotion may follow the notices that were given; None if it has to wait for one."""
        given = [notice.on for notice in standing.notices]
        if self._announced is not None:
            given.append(self._announced)
        if not given or not self._status.warn_before:
            return None
        return self._status.warn_before[-1].after(min(given))

    def _tell(self, kind: Kind, day: int, before: str | None, after: str | None, reason: str) -> None:
        self._transitions.append(Transition(kind, day, before, after, reason))

    def _name(self, tier: str | None) -> str:
        return next((each.name for each in self._tiers if each.id == tier), "no tier")


def _said(day: int) -> str:
    return day_in_words(day_date(day))
