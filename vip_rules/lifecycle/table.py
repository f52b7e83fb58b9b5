"""The state machine of a standing as a table: the state in which a day finds it, by how the customer meets the rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from vip_rules.lifecycle.life import Facts
from vip_rules.standing import Standing

State = Literal["no tier", "member", "secured", "grace", "grace over", "grandfathered"]
"""How a day finds a standing. Without grace in the program a member's grace is over before it began."""

Met = Literal["above", "met", "undecided", "short"]
"""How the customer meets the rules: qualifies for a higher tier; for the tier, or keeps it; nobody can tell; neither."""

Deed = Literal["promote", "confirm", "start grace", "demote", "stay"]
"""What is done. To confirm ends grace and begins the next term; a demotion waits for its notice."""

TABLE: Final[Mapping[State, Mapping[Met, Deed]]] = {
    "no tier": {"above": "promote", "met": "stay"},
    "member": {"above": "promote", "met": "confirm", "undecided": "stay", "short": "start grace"},
    "secured": {"above": "promote", "met": "confirm", "undecided": "stay", "short": "stay"},
    "grace": {"above": "promote", "met": "confirm", "undecided": "stay", "short": "stay"},
    "grace over": {"above": "promote", "met": "confirm", "undecided": "stay", "short": "demote"},
    "grandfathered": {"above": "promote", "met": "confirm", "undecided": "stay", "short": "stay"},
}


def state_of(standing: Standing, day: int, *, graced: bool) -> State:
    """How a day finds a standing, of a program with or without grace."""
    if standing.tier is None:
        return "no tier"
    if standing.grandfathered:
        return "grandfathered"
    if standing.secured_until is not None and day <= standing.secured_until:
        return "secured"
    if standing.grace_until is None:
        return "member" if graced else "grace over"
    return "grace" if day <= standing.grace_until else "grace over"


def met(place: int, facts: Facts) -> Met:
    """How the holder of the tier at a place of the ladder (-1: none) meets the rules."""
    if facts.qualifies >> (place + 1):
        return "above"
    if place < 0:
        return "met"
    if facts.undecided >> place & 1:
        return "undecided"
    return "met" if (facts.qualifies | facts.keeps) >> place & 1 else "short"
