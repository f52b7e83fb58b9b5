"""Reminders: what a tier carries, told to its members when a calendar quarter begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from vip_rules.effects.effect import Effect
from vip_rules.effects.messages import Messages, benefit_record
from vip_rules.effects.nudge import Nudge
from vip_rules.localdays import day_date, day_number
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision, Recalculation

REMINDER: Final = "quarterly_reminder"


class Reminders:
    """The members to be reminded in a quarter of the tier that counts, if they had it before the quarter began.

    They are due on its first local day, and made up for on any later one of it. Of a tier by a pin nobody knows since when it
    counts: its reminder is made up for only if its customer wasn't evaluated in that quarter before.
    """

    def __init__(self, program: Program, recalculation: Recalculation) -> None:
        self._program, self._recalculation = program, recalculation
        self._day = recalculation.qualifications.as_of
        today = day_date(self._day)
        quarter = (today.month - 1) // 3
        self._first = day_number(date(today.year, 3 * quarter + 1, 1))
        self._quarter = f"{today.year}-Q{quarter + 1}"

    def nudges(self) -> Iterator[Nudge]:
        """What may be told today, whatever was told before, by customer."""
        if all(message.on != REMINDER for message in self._program.messages):
            return
        tiers = {tier.id: tier for tier in self._program.tiers}
        for customer, decision in self._recalculation.decisions.items():
            held = decision.standing.effective(self._program.tiers, self._day)
            if held is not None and self._had_before(decision, held):
                yield Nudge(
                    occasion=REMINDER,
                    customer_id=customer,
                    tier=tiers[held],
                    name=f"{REMINDER}:{self._quarter}",
                    due=self._first,
                )

    def effects(self, nudges: Iterable[Nudge], messages: Messages) -> Iterator[Effect]:
        """The messages of some of the nudges, with the benefits that count today."""
        currency = self._program.currency
        for nudge in nudges:
            standing = self._recalculation.decisions[nudge.customer_id].standing
            benefits = standing.benefits(self._program, self._day)
            sentences = "; ".join(benefit.sentence(currency) for benefit in benefits)
            said = f"You are {nudge.tier.name}" + (f": {sentences}." if sentences else ".")
            data = {
                "tier_name": nudge.tier.name,
                "quarter": self._quarter,
                "currency": currency.code,
                "benefits": [benefit_record(benefit, self._program) for benefit in benefits],
            }
            yield messages.message(
                nudge.customer_id, REMINDER, nudge.name, nudge.tier.id, nudge.due, said, data
            )

    def _had_before(self, decision: Decision, held: str) -> bool:
        """Whether the tier that counts did so before the quarter began."""
        standing = decision.standing
        if held != standing.tier:
            return decision.opening_day < self._first
        return standing.since is None or standing.since < self._first
