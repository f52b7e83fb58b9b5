"""How a member's orders travel."""

from vip_rules.benefits.arguments import choice
from vip_rules.benefits.definition import BenefitType

FREE_SHIPPING = BenefitType(
    name="free_shipping",
    title="Free shipping",
    description="Shipping is free of charge, and the warehouse sends the order by this service.",
    properties={"service": choice("How fast the order travels.", "standard", "expedited", "next-day")},
    required=("service",),
    variant="service",
    sentence=lambda given, _: f"free {given['service']} shipping",
    example={"service": "standard"},
)
