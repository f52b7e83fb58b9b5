"""Reading the standing that a case begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vip_rules.cases.reader import Reader
from vip_rules.lifecycle import rule_of
from vip_rules.program.duration import Duration
from vip_rules.standing import Notice, Pin, Promotion, Standing


def read_opening(reader: Reader, case: Mapping[str, Any], pointer: str) -> Standing | None:
    """The standing that a case tells; None if it tells none."""
    node, place = reader.object(case, "standing", pointer)
    if not node:
        return None
    tier, since = reader.tier(node, "tier", place), reader.day(node, "since", place)
    highest = reader.tier(node, "highest_tier", place) or tier
    return Standing(
        tier=tier,
        since=since,
        secured_until=reader.day(node, "secured_until", place),
        grace_until=reader.day(node, "grace_until", place),
        landing_until=reader.day(node, "landing_until", place),
        landing_from=reader.tier(node, "landing_from", place),
        highest_tier=highest,
        pin=_pin(reader, node, place),
        promotions=_promotions(reader, node, place, tier, since),
        notices=tuple(_notice(reader, each, at) for each, at in reader.sound(node, "notices", place)),
        grandfathered=node.get("grandfathered", False),
    )


def _pin(reader: Reader, standing: Mapping[str, Any], pointer: str) -> Pin | None:
    node, place = reader.object(standing, "pin", pointer)
    if not node:
        return None
    until = reader.day(node, "until", place)
    return Pin(reader.tier(node, "tier", place), until, "", "", node.get("floor", False))


def _notice(reader: Reader, node: Mapping[str, Any], pointer: str) -> Notice:
    on = reader.day(node, "on", pointer) or 0
    before = reader.inspection.exact(f"{pointer}/before", lambda: Duration.of(node["before"]))
    ahead = reader.day(node, "ahead", pointer)
    return Notice(node["before"], on, before.after(on) if before and ahead is None else ahead or 0)


def _promotions(
    reader: Reader, node: Mapping[str, Any], pointer: str, tier: str | None, since: int | None
) -> tuple[Promotion, ...]:
    """The promotion to the tier, if the case tells the one before."""
    before = reader.tier(node, "promoted_from", pointer)
    if "promoted_from" not in node:
        return ()
    if tier is None or since is None:
        needed = 'needs "tier" and "since": the promotion that it is about'
        reader.inspection.problem(f"{pointer}/promoted_from", needed)
        return ()
    (reached,) = (each for each in reader.program.tiers if each.id == tier)
    return (Promotion(tier, since, rule_of(reader.program, reached), before, None, before),)
