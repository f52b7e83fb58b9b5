"""Money off every order of a member."""

from vip_rules.benefits.arguments import choices, percentage
from vip_rules.benefits.definition import Arguments, BenefitType
from vip_rules.model import Currency


def _sentence(given: Arguments, _: Currency) -> str:
    whole, part = divmod(given["percent"], 100)
    percent = f"{whole}.{part:02d}".rstrip("0") if part else str(whole)
    others = " and ".join(given["combines_with"])
    return f"{percent} % discount" + (f" (combines with {others} discounts)" if others else "")


DISCOUNT = BenefitType(
    name="discount",
    title="Discount",
    description="A percentage off what a member buys. Alone on an order unless `combines_with` allows other discounts.",
    properties={
        "percent": percentage("How much is taken off, in percent.", 10, 15, 20, positive=True),
        "combines_with": choices(
            "The store's other discounts that may apply to the same order: on products, on the order, on shipping. "
            "Left out: none of them.",
            "product",
            "order",
            "shipping",
        ),
    },
    required=("percent",),
    defaults={"combines_with": ()},
    sentence=_sentence,
    example={"percent": 10},
)
