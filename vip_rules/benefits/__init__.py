"""The types of benefit that come with vip-rules: what they are called, their arguments, and how they are said."""

from vip_rules.benefits.access import EARLY_ACCESS, EXCLUSIVE_PRODUCTS, PRE_ORDER
from vip_rules.benefits.credit import STORE_CREDIT
from vip_rules.benefits.definition import BenefitType
from vip_rules.benefits.discount import DISCOUNT
from vip_rules.benefits.gift import GIFT
from vip_rules.benefits.service import ENTITLEMENT, EVENT, SUPPORT
from vip_rules.benefits.shipping import FREE_SHIPPING

BENEFITS: tuple[BenefitType, ...] = (
    DISCOUNT,
    FREE_SHIPPING,
    EARLY_ACCESS,
    STORE_CREDIT,
    EXCLUSIVE_PRODUCTS,
    PRE_ORDER,
    GIFT,
    SUPPORT,
    EVENT,
    ENTITLEMENT,
)
