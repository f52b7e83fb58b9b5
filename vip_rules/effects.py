"""Effects: the desired state of the store, as plain data: what members carry, what tiers grant, and what happens once.

A state (tags and fields, a tier's discount, entitlements) is put whenever it differs from what is known. What happens once
(a credit, a message) has a key of its own that is never used again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import polars as pl

from vip_rules.benefits.definition import Benefit
from vip_rules.localdays import day_date
from vip_rules.metrics.definition import Unit
from vip_rules.outlook import Lack, lacks
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision, Recalculation
from vip_rules.standing import FOREVER, Standing
from vip_rules.tiers import Tier, next_tier
from vip_rules.wording import day_in_words, target_in_words

TAG_PREFIX: Final = "vip-"
"""What our tags begin with: the sign that they are ours."""

IN_STORE: Final = ("discount", "free_shipping")
"""Benefits that the store itself grants to whoever has a tier's tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that should be so in the store, with the reason in a sentence. `due` is the local day of what happens once."""

    key: str
    kind: str
    payload: Mapping[str, Any]
    reason: str
    customer_id: str | None = None
    due: int | None = None


def tier_tag(tier: str) -> str:
    """The tag of those who have a tier."""
    return f"{TAG_PREFIX}{tier}"


def landing_tag(tier: str, benefit: str) -> str:
    """The tag of those who keep a benefit of a former tier for a time."""
    return f"{TAG_PREFIX}{tier}-{benefit}"


def tier_effects(program: Program) -> Iterator[Effect]:
    """What the store grants to each tier: its discount and its free shipping."""
    landing = program.status.soft_landing
    for tier in program.tiers:
        for benefit in tier.benefits:
            kind = benefit.type.name
            if kind not in IN_STORE:
                continue
            kept = landing is not None and kind in landing.keep
            tags = [tier_tag(tier.id), *([landing_tag(tier.id, kind)] if kept else [])]
            sentence = benefit.sentence(program.currency)
            yield Effect(
                key=f"{kind}:{tier.id}",
                kind=kind,
                payload={
                    "tier": tier.id,
                    "tags": tags,
                    **_arguments(benefit, program),
                    "title": f"{tier.name}: {sentence}",
                },
                reason=f"{tier.name} carries {sentence}",
            )


class CustomerEffects:
    """The states of customers: tags and fields of those with a tier, and what people deliver to them."""

    def __init__(self, program: Program, recalculation: Recalculation) -> None:
        self._program, self._recalculation = program, recalculation
        self._day = recalculation.qualifications.as_of
        self._tiers = {tier.id: tier for tier in program.tiers}
        # There can be hundreds of thousands of members: what is the same for many is made once.
        self._shared: dict[
            tuple[str, tuple[int, ...]], tuple[list[str], list[str], list[dict[str, Any]]]
        ] = {}
        self._needs: dict[int, dict[str, Any]] = {}

    def of(self, decision: Decision) -> Iterator[Effect]:
        """The effects that a customer's standing asks for; none without a tier, but for what a soft landing keeps."""
        standing, customer = decision.standing, decision.customer_id
        held = standing.effective(self._program.tiers, self._day)
        benefits = standing.benefits(self._program, self._day)
        if held is None and not benefits:
            return
        tier = None if held is None else self._tiers[held]
        tags, sentences, entitlements = self._carried(tier, benefits)
        status, name = standing.status(self._day), tier.name if tier else "no tier"
        reason = f"{name}, {status}" if status != "member" else name
        yield Effect(
            key=f"customer:{customer}",
            kind="customer",
            customer_id=customer,
            payload={"tags": tags, "fields": self._fields(customer, standing, tier, sentences)},
            reason=reason,
        )
        if entitlements:
            yield Effect(
                key=f"entitlements:{customer}",
                kind="entitlements",
                customer_id=customer,
                payload={"tier": held, "entitlements": entitlements},
                reason=reason,
            )

    def _carried(
        self, tier: Tier | None, benefits: tuple[Benefit, ...]
    ) -> tuple[list[str], list[str], list[dict[str, Any]]]:
        """The tags, the benefits in words, and the entitlements of those who have some benefits in a tier."""
        alike = (tier.id if tier else "", tuple(map(id, benefits)))
        if alike not in self._shared:
            delivered = [each for each in benefits if each.type.name not in (*IN_STORE, "store_credit")]
            self._shared[alike] = (
                self._tags(tier, benefits),
                [self._sentence(benefit) for benefit in benefits],
                [
                    {"type": each.type.name, **_arguments(each, self._program), "text": self._sentence(each)}
                    for each in delivered
                ],
            )
        return self._shared[alike]

    def _tags(self, tier: Tier | None, benefits: Iterable[Benefit]) -> list[str]:
        """The tier's tag, and one for each benefit of the store that is a former tier's."""
        own = {id(benefit) for benefit in tier.benefits} if tier else set()
        kept = (
            landing_tag(former.id, benefit.type.name)
            for benefit in benefits
            if benefit.type.name in IN_STORE and id(benefit) not in own
            for former in self._program.tiers
            if any(benefit is theirs for theirs in former.benefits)
        )
        return sorted({*([tier_tag(tier.id)] if tier else []), *kept})

    def _fields(
        self, customer: str, standing: Standing, tier: Tier | None, benefits: list[str]
    ) -> dict[str, Any]:
        above = next_tier(self._program.tiers, tier.id if tier else None)
        return {
            "tier": tier.id if tier else None,
            "tier_name": tier.name if tier else None,
            "status": standing.status(self._day),
            "since": _iso(standing.since),
            "secured_until": _iso(standing.secured_until),
            "grace_until": _iso(standing.grace_until),
            "benefits": benefits,
            "next_tier": above.id if above else None,
            "next_tier_name": above.name if above else None,
            "progress": [self._step(lack) for lack in self._progress.get(customer, ())],
        }

    @cached_property
    def _progress(self) -> dict[str, tuple[Lack, ...]]:
        """What each customer who has or had a tier lacks to the tier above the one that counts."""
        climbing: dict[str, list[str]] = defaultdict(list)
        for customer, decision in self._recalculation.decisions.items():
            above = next_tier(
                self._program.tiers, decision.standing.effective(self._program.tiers, self._day)
            )
            if above:
                climbing[above.id].append(customer)
        found: dict[str, tuple[Lack, ...]] = {}
        for tier, customers in climbing.items():
            wanted = pl.DataFrame({"customer_id": customers}, schema={"customer_id": pl.String})
            frame = self._recalculation.qualifications.frame.join(wanted, on="customer_id", how="semi")
            found |= lacks(self._tiers[tier].qualify, frame)
        return found

    def _step(self, lack: Lack) -> dict[str, Any]:
        """A part of the progress. Figures of days are left out: they would change every day."""
        need, figure, currency = lack.requirement, lack.figure, self._program.currency
        if id(need) not in self._needs:
            wanted = target_in_words(figure, need.comparator, need.target, currency)
            self._needs[id(need)] = {"metric": figure.key, "needed": f"{figure.phrase}: {wanted}"}
        counted = figure.metric.unit is not Unit.DAYS and lack.gap is not None
        return self._needs[id(need)] | {
            "missing": lack.gap_in_words(currency) if counted else None,
            "by": _iso(lack.through) if counted else None,
        }

    def _sentence(self, benefit: Benefit) -> str:
        return benefit.sentence(self._program.currency)


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
                        decision, occasion, f"{occasion}:{after}:{_iso(day)}", after, day, said
                    )
            elif transition.kind == "demotion":
                former = self._names.get(transition.before or "", "")
                said = f"You are no longer {former}" + (f", but {self._names[after]}." if after else ".")
                held = transition.before or ""
                yield self._message(decision, "demotion", f"demotion:{held}:{_iso(day)}", after, day, said)
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
            "until": _iso(ahead.day - 1),
            "then": ahead.after,
            "keep": [lack.record(currency) for lack in decision.keep],
        }
        shortest = decision.notices[-1]
        name = f"demotion_warning:{ahead.before}:{_iso(ahead.day)}:{shortest.before}"
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
                "day": _iso(day),
                "tier": tier,
                "text": said,
                "data": data or {},
                **reach,
            },
            reason=said,
        )


def _arguments(benefit: Benefit, program: Program) -> dict[str, Any]:
    """A benefit's arguments as plain data: money and percentages as decimal texts."""
    written: dict[str, Any] = {}
    for name, value in benefit.arguments.items():
        meaning = benefit.type.properties.get(name, {}).get("format")
        if meaning == "money":
            value = program.currency.major(value)
        elif meaning == "percent":
            value = f"{value // 100}.{value % 100:02d}".rstrip("0").rstrip(".")
        elif isinstance(value, tuple):
            value = list(value)
        written[name] = value
    return written


@lru_cache(maxsize=4096)
def _iso(day: int | None) -> str | None:
    return None if day is None or day >= FOREVER else str(day_date(day))
