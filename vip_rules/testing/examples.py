"""A small shop, and an effect of each kind: what the contract suite works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from vip_rules.adapter import Capability, Intent
from vip_rules.model import OrderLine
from vip_rules.store import StoreCustomer, StoreEvent, StoreOrder

CUSTOMERS: Final = (
    StoreCustomer(
        id="1",
        created_at=datetime(2024, 3, 1, 9, 30, tzinfo=UTC),
        tags=("newsletter",),
        birthday=date(1990, 5, 3),
        email="ada@example.com",
        language="en",
    ),
    StoreCustomer(id="2", created_at=datetime(2025, 7, 12, 18, 5, tzinfo=UTC)),
    StoreCustomer(id="3", created_at=datetime(2026, 1, 31, 23, 59, tzinfo=UTC), tags=("b2b", "press")),
)
"""Customers, the first with personal data. Some have tags that other people gave them."""

ORDERS: Final = (
    StoreOrder(
        id="1001",
        customer_id="1",
        placed_at=datetime(2026, 2, 1, 10, tzinfo=UTC),
        currency="USD",
        total=12_990,
        tax=990,
        shipping=500,
        refunded=0,
        discount=1_000,
        channel="web",
        lines=(
            OrderLine(sku="ROSE-12", product="Roses", category="flowers", quantity=2, amount=8_500),
            OrderLine(sku="VASE", product="Vase", category="glass", amount=3_000),
        ),
    ),
    StoreOrder(
        id="1002",
        customer_id="2",
        placed_at=datetime(2026, 3, 8, 7, 15, tzinfo=UTC),
        currency="USD",
        total=4_000,
        refunded=1_500,
        discount=0,
        status="partially_refunded",
        channel="web",
        lines=(OrderLine(sku="VASE", product="Vase", category="glass", amount=4_000, refunded=1_500),),
    ),
    StoreOrder(
        id="1003",
        customer_id=None,
        placed_at=datetime(2026, 3, 9, 12, tzinfo=UTC),
        currency="USD",
        total=2_500,
        refunded=0,
        discount=0,
        channel="pos",
        lines=(OrderLine(sku="TULIP", product="Tulips", category="flowers", amount=2_500),),
    ),
)
"""Orders: one whole, one refunded in part, one of a guest."""

EVENTS: Final = (
    StoreEvent(customer_id="1", type="review", at=datetime(2026, 2, 9, 20, tzinfo=UTC), id="e1"),
    StoreEvent(customer_id="3", type="referral", at=datetime(2026, 2, 10, 8, tzinfo=UTC), id="e2"),
)
"""Events."""

_GOLD: Final = {"tier": "gold", "tags": ["vip-gold"]}
_BENEFIT: Final = {"type": "early_access", "hours": 24, "text": "24 hours of early access"}

PAYLOADS: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "customer": (
        {
            "tags": ["vip-gold"],
            "fields": {
                "tier": "gold",
                "tier_name": "Gold VIP",
                "status": "grace",
                "since": "2026-03-01",
                "grace_until": "2026-06-01",
                "benefits": ["15 % discount", "24 hours of early access"],
            },
        },
        {
            "tags": ["vip-platinum"],
            "fields": {
                "tier": "platinum",
                "tier_name": "Platinum VIP",
                "status": "member",
                "since": "2026-05-20",
                "benefits": ["20 % discount"],
            },
        },
    ),
    "segment": (
        {"tier": "gold", "name": "Gold VIP", "tag": "vip-gold"},
        {"tier": "gold", "name": "Golden VIP", "tag": "vip-gold"},
    ),
    "discount": (
        {**_GOLD, "percent": "15", "combines_with": ["shipping"], "title": "Gold VIP: 15 % discount"},
        {**_GOLD, "percent": "12.5", "combines_with": [], "title": "Gold VIP: 12.5 % discount"},
    ),
    "free_shipping": (
        {**_GOLD, "service": "expedited", "title": "Gold VIP: free expedited shipping"},
        {**_GOLD, "service": "standard", "title": "Gold VIP: free standard shipping"},
    ),
    "entitlements": (
        {"tier": "gold", "entitlements": [_BENEFIT, {"type": "entitlement", "text": "A handwritten card"}]},
        {"tier": "gold", "entitlements": [{**_BENEFIT, "hours": 48, "text": "48 hours of early access"}]},
    ),
    "store_credit": (
        {"amount": "25.00", "currency": "USD", "occasion": "birthday", "day": "2026-05-03", "tier": "gold"},
        {"amount": "30.00", "currency": "USD", "occasion": "birthday", "day": "2027-05-03", "tier": "gold"},
    ),
    "message": (
        {
            "occasion": "demotion_warning",
            "template": "keep-your-tier",
            "day": "2026-05-03",
            "tier": "gold",
            "text": "Spend $180 by 3 May to stay Gold.",
            "data": {"gap": "180.00"},
        },
        {
            "occasion": "demotion_warning",
            "template": "keep-your-tier",
            "day": "2027-05-03",
            "tier": "gold",
            "text": "Spend $20 by 3 May to stay Gold.",
            "data": {"gap": "20.00"},
        },
    ),
}
"""Two payloads of each kind: a state before and after a change; for what happens once, those of two years."""

_KEYS: Final = {
    "customer": "customer:{customer}",
    "segment": "segment:gold",
    "discount": "discount:gold",
    "free_shipping": "free_shipping:gold",
    "entitlements": "entitlements:{customer}",
    "store_credit": "birthday:{year}:{customer}",
    "message": "demotion_warning:{year}:{customer}",
}
OF_TIERS: Final = frozenset({"segment", "discount", "free_shipping"})
"""The kinds that are of a tier; the others are of a customer."""


def fitted(intent: Intent, capability: Capability, customer: StoreCustomer) -> Intent:
    """An intent as an adapter gets it: with the personal data that it needs, and for one customer where each has their own."""
    needed = {name: getattr(customer, name) for name in sorted(capability.needs)}

    def payload(given: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value for name, value in given.items() if not (capability.each and name == "tags")
        } | needed

    known = None if intent.known is None else payload(intent.known)
    fit = replace(intent, payload=payload(intent.payload), known=known)
    return (
        replace(fit, key=f"{intent.key}:{customer.id}", customer_id=customer.id) if capability.each else fit
    )


def example(
    kind: str, customer_id: str, *, second: bool = False, action: Literal["put", "remove"] = "put"
) -> Intent:
    """An intent of a kind. The `second` one changes the first; for what happens once it is the next year's.

    To remove goes from what the first one put.
    """
    first, changed = PAYLOADS[kind]
    return Intent(
        key=_KEYS[kind].format(customer=customer_id, year=2027 if second else 2026),
        kind=kind,
        payload=changed if second else first,
        action=action,
        customer_id=None if kind in OF_TIERS else customer_id,
        known=first if second or action == "remove" else None,
    )
