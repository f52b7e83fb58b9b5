"""Beginnings and changes: how a standing starts, and what a changed program makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from vip_rules.lifecycle.life import Facts, Kind, Life, Transition
from vip_rules.lifecycle.steps import step_down, step_up
from vip_rules.lifecycle.table import met
from vip_rules.lifecycle.terms import secured_through
from vip_rules.program.program import Program
from vip_rules.standing import Standing, rank

OnChange = Literal["now", "next-check", "keep-existing"]
"""What a changed program does to those who hold a tier: moves them at once; moves them as time goes on, by grace and notice;
or leaves them their tier until they meet the new rules."""


def enrol(program: Program, facts: Facts) -> Life:
    """The life of a customer who had no standing: they get the tier that they qualify for, as if reached on that day."""
    day, place = facts.day, facts.qualified
    if place < 0:
        return Life(Standing())
    standing = step_up(program, Standing(), place, day)
    reason = f"qualifies for {program.tiers[place].name}"
    return Life(standing, (Transition("enrolment", day, None, standing.tier, reason),), ((day, standing),))


def rebase(program: Program, standing: Standing, facts: Facts, on_change: OnChange) -> Life:
    """What a changed program makes of a standing on the day of the facts, before that day is replayed.

    "now" gives the tier that is qualified for, if the present one isn't kept either, with a new term and without grace,
    landing or notice. "keep-existing" grandfathers who is short by the new rules. "next-check" leaves all to the replay.
    """
    day, held = facts.day, rank(program.tiers, standing.tier)
    # What is left of a higher tier was reached by a rule that isn't recorded: the new one must not take it back.
    promotions = tuple(each for each in standing.promotions if rank(program.tiers, each.tier) <= held)
    rebased = replace(standing, promotions=promotions)
    how = met(held, facts)
    if on_change == "keep-existing" and how == "short":
        rebased = replace(rebased, grandfathered=True, grace_until=None, notices=())
    if on_change == "now" and how != "undecided":
        rebased = _moved(program, rebased, held, facts)
    if rebased == standing:
        return Life(standing)
    place = rank(program.tiers, rebased.tier)
    kind: Kind = "promotion" if place > held else "demotion"
    reason = "the program has changed, and everybody is where its rules put them"
    moved = Transition(kind, day, standing.tier, rebased.tier, reason)
    return Life(rebased, (moved,) if place != held else (), ((day, rebased),))


def _moved(program: Program, standing: Standing, held: int, facts: Facts) -> Standing:
    """The standing that the present rules give at once."""
    day, how = facts.day, met(held, facts)
    if how == "above":
        standing = step_up(program, standing, facts.qualified, day)
    elif how == "short":
        standing = step_down(program, standing, facts.best_below(held), day)
    return replace(
        standing,
        secured_until=secured_through(program.status.term, day) if standing.tier else None,
        grace_until=None,
        landing_until=None,
        landing_from=None,
        notices=(),
        grandfathered=False,
    )
