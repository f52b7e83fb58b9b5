"""Decisions: what has become of standings as changes of a plan, each with its reason and all that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vip_rules.lifecycle import Transition
from vip_rules.localdays import day_date
from vip_rules.plan import Change, Sign
from vip_rules.planning.evidence import evidence_of
from vip_rules.program.program import Program
from vip_rules.reasons import Reasons
from vip_rules.recalculation import Decision, Recalculation
from vip_rules.standing import Standing
from vip_rules.wording import day_in_words


class Decisions:
    """The decisions of a recalculation. `seen` gives the digest of what a customer's standing and effects were."""

    def __init__(
        self, program: Program, recalculation: Recalculation, seen: Callable[[str | None], str]
    ) -> None:
        self._program, self._recalculation, self._seen = program, recalculation, seen
        self._reasons = Reasons(program)
        self._tiers = {tier.id: tier for tier in program.tiers}

    def changes(self) -> Iterator[Change]:
        """A change for each standing that differs from what is stored."""
        moved = [
            decision
            for decision in self._recalculation.decisions.values()
            if decision.standing != decision.stored
        ]
        evidence = evidence_of(
            self._recalculation.qualifications,
            self._recalculation.history,
            [decision.customer_id for decision in moved],
        )
        for decision in moved:
            yield self._change(decision, evidence[decision.customer_id])

    def _change(self, decision: Decision, evidence: str) -> Change:
        latest = self._latest(decision)
        return Change(
            sign=_sign(decision),
            kind="standing",
            key=f"standing:{decision.customer_id}",
            what=self._what(decision, latest),
            reason=self._reason(decision, latest),
            customer_id=decision.customer_id,
            seen=self._seen(decision.customer_id),
            content={
                "before": slim(decision.stored),
                "after": slim(decision.standing),
                "opening": slim(decision.opening),
                "opening_day": str(day_date(decision.opening_day)),
                "transitions": [self._transition(decision, each) for each in decision.transitions],
                "notices": [
                    {
                        "before": notice.before,
                        "on": str(day_date(notice.on)),
                        "ahead": str(day_date(notice.ahead)),
                    }
                    for notice in decision.notices
                ],
                "keep": [lack.sentence(self._program.currency) for lack in decision.keep],
            },
            evidence=evidence,
        )

    def _transition(self, decision: Decision, transition: Transition) -> dict[str, Any]:
        return {
            "kind": transition.kind,
            "day": str(day_date(transition.day)),
            "before": transition.before,
            "after": transition.after,
            "reason": self._because(decision, transition),
        }

    def _latest(self, decision: Decision) -> Transition | None:
        """The transition that tells best what happened: the last that moved the tier, else the last."""
        rises = decision.rises(self._program.tiers)
        moving = [
            each
            for each in decision.transitions
            if each.before != each.after and (each in rises or each.kind not in ("enrolment", "promotion"))
        ]
        told = moving or decision.transitions
        return told[-1] if told else None

    def _what(self, decision: Decision, latest: Transition | None) -> str:
        if latest is None:
            if decision.standing.grandfathered and not decision.stored.grandfathered:
                return "tier kept although short by the changed program"
            return "notice of a demotion" if decision.notices else "dates of a standing"
        # What is left of a tier that was taken back may be another one below it.
        after = decision.standing.tier if latest.kind == "revocation" else latest.after
        name = self._name(after)
        match latest.kind:
            case "enrolment" | "promotion" | "demotion" | "revocation":
                return f"{latest.kind} to {name}"
            case "grace":
                return f"grace of {name} begins"
            case "requalification":
                return f"grace of {name} ends: kept"
            case "term":
                return f"next term of {name}"
            case _:
                return str(latest.kind)

    def _reason(self, decision: Decision, latest: Transition | None) -> str:
        said = self._because(decision, latest) if latest else ""
        if decision.notices and decision.ahead:
            ahead = decision.ahead
            last = day_in_words(day_date(ahead.day - 1))
            pinned = decision.standing.pin_on(self._recalculation.qualifications.as_of) is not None
            unless = ", then the pin ends" if pinned else " unless the customer qualifies again"
            notice = f"{self._name(ahead.before)} lasts until {last}{unless}"
            said = f"{said}; {notice}" if said else notice
        return said or "what it rests on, as of this day"

    def _because(self, decision: Decision, transition: Transition) -> str:
        """The reason of a transition, with the figures that decided it."""
        row = self._recalculation.row(decision.customer_id, transition.day)
        tier = None
        if row is not None and transition.kind in ("enrolment", "promotion"):
            tier = self._tiers.get(transition.after or "")
        elif row is not None and transition.kind in ("grace", "demotion", "revocation"):
            tier = self._tiers.get(transition.before or "")
        if row is None or tier is None:
            return transition.reason
        rising = transition.kind in ("enrolment", "promotion")
        earned = rising or transition.kind == "revocation"
        condition = tier.qualify if earned or tier.keep is None else tier.keep
        figures = self._reasons.sentence(condition, row)
        return f"{transition.reason}: {figures}" if figures else transition.reason

    def _name(self, tier: str | None) -> str:
        return self._tiers[tier].name if tier in self._tiers else "no tier"


def slim(standing: Standing) -> dict[str, Any]:
    """A standing as plain data, without what it hasn't: `Standing.of` makes it again."""
    return {name: value for name, value in standing.record().items() if value}


def _sign(decision: Decision) -> Sign:
    if decision.stored == Standing():
        return "+"
    return "-" if decision.standing.tier is None and decision.standing.pin is None else "~"
