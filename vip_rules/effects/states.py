"""The states of customers: tags and fields of those with a tier, grants of their own, and what people deliver to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import polars as pl

from vip_rules.adapter import Capability
from vip_rules.benefits.definition import Benefit
from vip_rules.effects.effect import Effect, iso_day
from vip_rules.effects.grants import (
    IN_STORE,
    NO_CART_REMINDERS,
    arguments_of,
    customer_grant,
    granted_each,
    landing_tag,
    tier_tag,
)
from vip_rules.metrics.definition import Unit
from vip_rules.outlook import Lack, lacks
from vip_rules.program.program import Program
from vip_rules.recalculation import Decision, Recalculation
from vip_rules.standing import Standing
from vip_rules.tiers import Tier, next_tier
from vip_rules.wording import target_in_words


class CustomerEffects:
    """The states that customers' standings ask for. `people` have the email that grants of their own need, by customer."""

    def __init__(
        self,
        program: Program,
        recalculation: Recalculation,
        capabilities: Mapping[str, Capability],
        people: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._program, self._recalculation, self._people = program, recalculation, people
        self._each = {kind for kind in IN_STORE if granted_each(kind, capabilities)}
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
        for benefit in benefits:
            if benefit.type.name in self._each:
                email = self._people.get(customer, {}).get("email")
                yield customer_grant(self._program, self._tier_of(benefit), benefit, customer, email, reason)
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
                    {
                        "type": each.type.name,
                        **arguments_of(each, self._program),
                        "text": self._sentence(each),
                    }
                    for each in delivered
                ],
            )
        return self._shared[alike]

    def _tags(self, tier: Tier | None, benefits: Iterable[Benefit]) -> list[str]:
        """Those of the tier, and one for each benefit of the store that is a former tier's."""
        own = {id(benefit) for benefit in tier.benefits} if tier else set()
        kept = (
            landing_tag(self._tier_of(benefit).id, benefit.type.name)
            for benefit in benefits
            if benefit.type.name in IN_STORE and id(benefit) not in own
        )
        return sorted({*((tier_tag(tier.id), NO_CART_REMINDERS) if tier else ()), *kept})

    def _tier_of(self, benefit: Benefit) -> Tier:
        """The tier that lists a benefit: with a soft landing it is a former one."""
        return next(
            tier for tier in self._program.tiers if any(benefit is theirs for theirs in tier.benefits)
        )

    def _fields(
        self, customer: str, standing: Standing, tier: Tier | None, benefits: list[str]
    ) -> dict[str, Any]:
        above = next_tier(self._program.tiers, tier.id if tier else None)
        return {
            "tier": tier.id if tier else None,
            "tier_name": tier.name if tier else None,
            "status": standing.status(self._day),
            "since": iso_day(standing.since),
            "secured_until": iso_day(standing.secured_until),
            "grace_until": iso_day(standing.grace_until),
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
            "by": iso_day(lack.through) if counted else None,
        }

    def _sentence(self, benefit: Benefit) -> str:
        return benefit.sentence(self._program.currency)
