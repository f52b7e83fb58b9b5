"""Tiers: the ladder of a program, lowest first, and the highest tier that a customer qualifies for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vip_rules.benefits.definition import Benefit
from vip_rules.conditions import Condition


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier: who qualifies, who keeps it (None: whoever qualifies), and what it carries. `was` are its former ids."""

    id: str
    name: str
    qualify: Condition
    keep: Condition | None = None
    benefits: tuple[Benefit, ...] = ()
    was: tuple[str, ...] = ()


def next_tier(tiers: Sequence[Tier], current: str | None) -> Tier | None:
    """The tier above one (above none: the lowest), or None at the top."""
    ids = [tier.id for tier in tiers]
    above = 0 if current is None else ids.index(current) + 1
    return tiers[above] if above < len(tiers) else None
