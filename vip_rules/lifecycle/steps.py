"""The steps on the ladder: up to a tier that is reached, down from one that is lost."""

from __future__ import annotations

from dataclasses import replace

from vip_rules.lifecycle.origin import rule_of
from vip_rules.lifecycle.terms import secured_through
from vip_rules.program.program import Program
from vip_rules.standing import Promotion, Standing, rank


def step_up(program: Program, standing: Standing, place: int, day: int) -> Standing:
    """The standing of somebody who reaches the tier at a place of the ladder: a term begins, grace and landing end."""
    tier = program.tiers[place]
    promotion = Promotion(
        tier.id,
        day,
        rule_of(program, tier),
        standing.tier,
        standing.since,
        standing.highest_tier,
        standing.secured_until,
    )
    return replace(
        standing,
        tier=tier.id,
        since=day,
        secured_until=secured_through(program.status.term, day),
        grace_until=None,
        landing_until=None,
        landing_from=None,
        highest_tier=tier.id if place > rank(program.tiers, standing.highest_tier) else standing.highest_tier,
        promotions=(*standing.promotions, promotion),
        grandfathered=False,
    )


def step_down(program: Program, standing: Standing, place: int, day: int) -> Standing:
    """The standing of somebody who falls to the tier at a place of the ladder (-1: none): no term, and no grace so far.

    What is remembered of promotions is what still explains the tier: those that led past it.
    """
    tier = program.tiers[place].id if place >= 0 else None
    return replace(
        standing,
        tier=tier,
        since=day if tier else None,
        secured_until=None,
        grace_until=None,
        promotions=tuple(each for each in standing.promotions if rank(program.tiers, each.before) < place),
    )
