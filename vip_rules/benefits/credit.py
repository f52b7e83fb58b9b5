"""Money that a member may spend in the store."""

from vip_rules.benefits.arguments import amount, choice
from vip_rules.benefits.definition import BenefitType

OCCASIONS = {
    "birthday": "on the birthday",
    "anniversary": "on each anniversary of joining",
    "quarter": "each quarter",
    "promotion": "on reaching the tier",
}

STORE_CREDIT = BenefitType(
    name="store_credit",
    title="Store credit",
    description="An amount that the member may spend in the store, given on an occasion, once each time.",
    properties={
        "amount": amount("How much, in the program's currency.", 25, 50, 100, positive=True),
        "on": choice(
            "When it is given: on the birthday, on each anniversary of joining, each quarter, or on promotion to the tier.",
            *OCCASIONS,
        ),
    },
    required=("amount", "on"),
    variant="on",
    sentence=lambda given, currency: (
        f"{currency.shown(given['amount'])} store credit {OCCASIONS[given['on']]}"
    ),
    identity=lambda given: f"on {given['on']}",
    example={"amount": 25, "on": "birthday"},
)
