"""Approaches: who comes near the next tier by spend, and who is halfway to it.

The next tier is the one above the tier that counts, as it is shown in customers' fields. Nobody is told what may not come true:
under a pin without a floor no spend leads up, and figures of windows that begin before the data can be trusted say nothing. A
grandfathered standing climbs like any other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import add, and_, or_
from typing import Final

import narwhals.stable.v2 as nw
import polars as pl

from vip_rules.effects.effect import Effect, iso_day
from vip_rules.effects.messages import Messages, lack_record, steps_in_words
from vip_rules.effects.nudge import Nudge
from vip_rules.facts import rests_on_early
from vip_rules.localdays import day_date
from vip_rules.outlook import Lack, lacks
from vip_rules.program.program import Program
from vip_rules.progress import Requirement, missing
from vip_rules.recalculation import Recalculation
from vip_rules.standing import Standing, rank
from vip_rules.tiers import Tier

NEAR: Final = "near_next_tier"
HALFWAY: Final = "halfway_to_next_tier"

# Columns beside the figures, whose names have no spaces.
PLACE: Final = "next place"
GRACE: Final = "in grace"


class Approaches:
    """The customers on their way to the next tier, of those who were evaluated; once a calendar year for each tier.

    *Near* is who lacks nothing on the cheapest path but spend, no more than the message's `within`. *Halfway* is who has at
    least as much as they lack of everything that is missing there; only sums and counts have a half: who lacks a share, a rank
    or days isn't halfway. Near goes before halfway, and leaves no need for it in that year; nor are those told of the
    half who are in grace, or wait for a demotion after it: what they hear of is the tier that they are about to lose.
    """

    def __init__(
        self, program: Program, recalculation: Recalculation, trusted_from: int | None = None
    ) -> None:
        self._program, self._recalculation, self._trusted_from = program, recalculation, trusted_from
        self._messages = {message.on: message for message in program.messages}
        self._day = recalculation.qualifications.as_of

    def nudges(self) -> Iterator[Nudge]:
        """What may be told today, whatever was told before: tier by tier, each by customer."""
        if not self._messages.keys() & {NEAR, HALFWAY}:
            return
        year, climbers = day_date(self._day).year, self._climbers()
        for place, tier in enumerate(self._program.tiers):
            frame = climbers.filter(pl.col(PLACE) == place)
            frame = frame.filter(~rests_on_early(tier.qualify, frame, self._trusted_from))
            near, halfway = self._marks(tier, frame)
            names = {True: f"{NEAR}:{tier.id}:{year}", False: f"{HALFWAY}:{tier.id}:{year}"}
            marked = frame.select("customer_id", near=near, told=near | halfway).filter("told")
            for customer, is_near in marked.select("customer_id", "near").iter_rows():
                yield Nudge(
                    occasion=NEAR if is_near else HALFWAY,
                    customer_id=customer,
                    tier=tier,
                    name=names[is_near],
                    due=self._day,
                    instead="" if is_near else names[True],
                )

    def effects(self, nudges: Iterable[Nudge], messages: Messages) -> Iterator[Effect]:
        """The messages of some of the nudges, with what is missing."""
        by_tier: dict[str, list[Nudge]] = defaultdict(list)
        for nudge in nudges:
            by_tier[nudge.tier.id].append(nudge)
        for several in by_tier.values():
            wanted = pl.Series([nudge.customer_id for nudge in several], dtype=pl.String)
            figures = self._recalculation.qualifications.frame
            found = lacks(
                several[0].tier.qualify, figures.filter(pl.col("customer_id").is_in(wanted.implode()))
            )
            for nudge in several:
                yield self._effect(nudge, found[nudge.customer_id], messages)

    def _effect(self, nudge: Nudge, lacking: tuple[Lack, ...], messages: Messages) -> Effect:
        tiers, currency = self._program.tiers, self._program.currency
        decision = self._recalculation.decisions.get(nudge.customer_id)
        held = decision.standing.effective(tiers, self._day) if decision else None
        data = {
            "tier_name": next((tier.name for tier in tiers if tier.id == held), None),
            "next": nudge.tier.id,
            "next_name": nudge.tier.name,
            "currency": currency.code,
            "missing": [lack_record(lack, currency) for lack in lacking],
        }
        if nudge.occasion == NEAR:
            (lack,) = lacking
            data |= {"amount": currency.major(lack.gap or 0), "through": iso_day(lack.through)}
        how = "near" if nudge.occasion == NEAR else "halfway to"
        steps = "; ".join(steps_in_words(lacking, self._program, dated=True))
        said = f"You are {how} {nudge.tier.name}: {steps}."
        return messages.message(nudge.customer_id, nudge.occasion, nudge.name, held, nudge.due, said, data)

    def _climbers(self) -> pl.DataFrame:
        """Everybody's figures with the place of their next tier (those with none left out), and whether they are in grace."""
        standings = self._recalculation.decisions
        known = pl.DataFrame(
            [
                (customer, self._next(decision.standing), decision.standing.grace_until is not None)
                for customer, decision in standings.items()
            ],
            schema={"customer_id": pl.String, PLACE: pl.Int32, GRACE: pl.Boolean},
            orient="row",
        )
        asked = dict.fromkeys(figure.key for figure in self._program.figures())
        frame = self._recalculation.qualifications.frame.select("customer_id", "day", "joined", *asked)
        joined = frame.join(known, on="customer_id", how="left", maintain_order="left")
        # Who never had a tier has the lowest one before them.
        return joined.with_columns(pl.col(PLACE).fill_null(0), pl.col(GRACE).fill_null(False))

    def _next(self, standing: Standing) -> int:
        """The place of the tier above the one that counts: beyond the ladder where there is none that spend leads to."""
        tiers, pin = self._program.tiers, standing.pin_on(self._day)
        if pin is not None and not pin.floor:
            return len(tiers)
        return rank(tiers, standing.effective(tiers, self._day)) + 1

    def _marks(self, tier: Tier, frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
        """In which rows of a frame somebody is near a tier, and in which they are halfway to it."""
        found = missing(tier.qualify, nw.from_native(frame, eager_only=True))
        flags = {requirement: chosen.to_native() for requirement, chosen in found.items()}
        nobody = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        near = halfway = nobody
        if NEAR in self._messages:
            alone = reduce(add, (flag.cast(pl.Int32) for flag in flags.values())) == 1
            within = self._messages[NEAR].within or 0
            spends = (
                flag & _true(frame, requirement.gap(_figure(requirement)) <= within)
                for requirement, flag in flags.items()
                if requirement.figure.metric.name == "spend" and _grows(requirement)
            )
            near = alone & reduce(or_, spends, nobody)
        if HALFWAY in self._messages:
            halves = (
                ~flag | _true(frame, requirement.gap(_figure(requirement)) <= _figure(requirement))
                if requirement.figure.metric.adds_up and _grows(requirement)
                else ~flag
                for requirement, flag in flags.items()
            )
            halfway = reduce(or_, flags.values()) & ~frame[GRACE] & reduce(and_, halves)
        return near, halfway


def _grows(requirement: Requirement) -> bool:
    """Whether more is asked for, by a number."""
    return requirement.measurable and requirement.comparator in ("at_least", "more_than")


def _figure(requirement: Requirement) -> pl.Expr:
    return pl.col(requirement.figure.key).cast(pl.Int64)


def _true(frame: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    """In which rows an expression is true: unknown isn't."""
    return frame.select(found=expression.fill_null(False)).to_series()
