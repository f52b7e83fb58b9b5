"""How a tier was reached: what is remembered of promotions, so that one that was never deserved can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vip_rules.canonical import canonical, digest
from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, Not
from vip_rules.lifecycle.life import Facts
from vip_rules.program.program import Program
from vip_rules.standing import Promotion, Standing, rank
from vip_rules.tiers import Tier


def rule_of(program: Program, tier: Tier) -> str:
    """The digest of what qualifies for a tier: its condition, whatever its names and its place, and the basis of spend."""
    basis = [program.spend.includes_tax, program.spend.includes_shipping]
    return digest(canonical([_said(tier.qualify), basis]))[:16]


def _said(condition: Condition) -> Any:
    match condition:
        case Comparison(figure, tests):
            return [figure.key, [[test.comparator, test.target] for test in tests]]
        case All(conditions):
            return {"all": [_said(inner) for inner in conditions]}
        case AnyOf(conditions):
            return {"any": [_said(inner) for inner in conditions]}
        case Not(inner):
            return {"not": _said(inner)}
        case Named(_, inner):
            return _said(inner)


def undeserved(
    program: Program, standing: Standing, facts: Facts, held_on: Mapping[int, int]
) -> Promotion | None:
    """The promotion to take back: by today's data nothing qualified for the tier on that day, and nothing does now.

    None where the rule has changed since, where the windows aren't trusted, and while the standing is grandfathered.
    """
    if standing.tier is None or not standing.promotions or standing.grandfathered:
        return None
    promotion, place = standing.promotions[-1], rank(program.tiers, standing.tier)
    reached = rank(program.tiers, promotion.tier)
    explains = rank(program.tiers, promotion.before) < place <= reached
    held = held_on.get(promotion.on)
    # Who qualified for a tier above deserved this one, too: a tier after a demotion is what is left of a higher one.
    if held is None or held >> place or facts.qualifies >> place or facts.undecided >> place & 1:
        return None
    if not explains or promotion.rule != rule_of(program, program.tiers[reached]):
        return None
    return promotion
