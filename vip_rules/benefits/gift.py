"""Things that a member is given."""

from vip_rules.benefits.arguments import choice, words
from vip_rules.benefits.definition import BenefitType

GIFT = BenefitType(
    name="gift",
    title="Gift",
    description="A thing that the member is given, with a purchase or once a year.",
    properties={
        "on": choice("When it is given: with a purchase, or annually.", "purchase", "annual"),
        "what": words("What is given.", "a luxury item", "a tote bag"),
    },
    required=("on", "what"),
    variant="on",
    sentence=lambda given, _: (
        f"{given['what']} as {'an annual gift' if given['on'] == 'annual' else 'a gift with purchase'}"
    ),
    identity=lambda given: f"{given['on']} {given['what']}",
    example={"on": "annual", "what": "a luxury item"},
)
