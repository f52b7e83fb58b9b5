"""Grants: what the store itself gives to the customers of a tier, and the tags by which it knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vip_rules.adapter import Capability
from vip_rules.benefits.definition import Benefit
from vip_rules.effects.effect import Effect
from vip_rules.program.program import Program
from vip_rules.tiers import Tier

TAG_PREFIX: Final = "vip-"
"""What our tags begin with: the sign that they are ours."""

NO_CART_REMINDERS: Final = f"{TAG_PREFIX}no-cart-reminders"
"""The tag of everybody with a tier: campaigns about abandoned carts leave them out."""

IN_STORE: Final = ("discount", "free_shipping")
"""Benefits that the store itself grants to whoever has a tier's tag, or to each of its customers."""


def tier_tag(tier: str) -> str:
    """The tag of those who have a tier."""
    return f"{TAG_PREFIX}{tier}"


def landing_tag(tier: str, benefit: str) -> str:
    """The tag of those who keep a benefit of a former tier for a time."""
    return f"{TAG_PREFIX}{tier}-{benefit}"


def tier_effects(program: Program, capabilities: Mapping[str, Capability]) -> Iterator[Effect]:
    """What the store holds for each tier: the group of its customers where stores have groups, discount and free shipping."""
    landing = program.status.soft_landing
    for tier in program.tiers:
        if "segment" in capabilities:
            yield Effect(
                key=f"segment:{tier.id}",
                kind="segment",
                payload={"tier": tier.id, "name": tier.name, "tag": tier_tag(tier.id)},
                reason=f"the customers of {tier.name}",
            )
        for benefit in tier.benefits:
            kind = benefit.type.name
            if kind not in IN_STORE or granted_each(kind, capabilities):
                continue
            kept = landing is not None and kind in landing.keep
            tags = [tier_tag(tier.id), *([landing_tag(tier.id, kind)] if kept else [])]
            yield Effect(
                key=f"{kind}:{tier.id}",
                kind=kind,
                payload={"tier": tier.id, "tags": tags, **_terms(tier, benefit, program)},
                reason=f"{tier.name} carries {benefit.sentence(program.currency)}",
            )


def customer_grant(
    program: Program, tier: Tier, benefit: Benefit, customer: str, email: str | None, reason: str
) -> Effect:
    """What the store holds for one customer of a tier, where each has a grant of their own."""
    kind = benefit.type.name
    return Effect(
        key=f"{kind}:{tier.id}:{customer}",
        kind=kind,
        customer_id=customer,
        payload={"tier": tier.id, "email": email, **_terms(tier, benefit, program)},
        reason=reason,
    )


def granted_each(kind: str, capabilities: Mapping[str, Capability]) -> bool:
    """Whether a tier's benefit of a kind is made for each of its customers by itself."""
    return kind in capabilities and capabilities[kind].each


def _terms(tier: Tier, benefit: Benefit, program: Program) -> dict[str, Any]:
    """A benefit's arguments, and the title under which shoppers see it: what stands in brackets is for rule authors."""
    title, _, _ = benefit.sentence(program.currency).partition(" (")
    return {**arguments_of(benefit, program), "title": f"{tier.name}: {title}"}


def arguments_of(benefit: Benefit, program: Program) -> dict[str, Any]:
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
