"""What members may buy before others, or others not at all."""

from vip_rules.benefits.arguments import whole, words
from vip_rules.benefits.definition import BenefitType

EARLY_ACCESS = BenefitType(
    name="early_access",
    title="Early access",
    description="New products can be bought this many hours before the public launch.",
    properties={"hours": whole("Hours before the public launch.", 24, 48, 72, least=1, most=24 * 90)},
    required=("hours",),
    sentence=lambda given, _: f"{given['hours']} hour{'' if given['hours'] == 1 else 's'} of early access",
    example={"hours": 24},
)

EXCLUSIVE_PRODUCTS = BenefitType(
    name="exclusive_products",
    title="Exclusive products",
    description="Products that only members can see and buy; name a collection, or leave it out for all of them.",
    properties={"collection": words("The store's collection that holds them.", "members-only")},
    defaults={"collection": ""},
    sentence=lambda given, _: (
        "exclusive products" + (f" ({given['collection']})" if given["collection"] else "")
    ),
    identity=lambda given: f"collection {given['collection']}",
)

PRE_ORDER = BenefitType(
    name="pre_order",
    title="Pre-order",
    description="Announced products can be ordered before they are in stock, and come first when they arrive.",
    sentence=lambda given, _: "pre-order",
)
