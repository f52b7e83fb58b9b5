"""A shop with a few customers and an adapter at work in it, and the intents that it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from vip_rules.adapter import Confirmed, Found, Intent, Outcome, Sight
from vip_rules.testing.examples import CUSTOMERS

from tests.woocommerce.server import FakeWooCommerce
from tests.woocommerce.shelf import Row
from tests.workbench import meta, working
from vip_rules_woocommerce.adapter import WooCommerceAdapter

ADA, BEA = "ada@example.com", "bea@example.com"


@dataclass
class Shopping:
    """The shop, the adapter, and short ways to have something done."""

    shop: FakeWooCommerce
    adapter: WooCommerceAdapter

    def do(self, intent: Intent) -> Outcome:
        """Carry out an intent."""
        (outcome,) = self.adapter.carry_out([intent])
        return outcome

    def see(self, intent: Intent) -> Sight:
        """Look at an intent."""
        (sight,) = self.adapter.look([intent])
        return sight

    def done(self, intent: Intent) -> Intent:
        """Carry out an intent that succeeds; gives it as the next time knows it."""
        outcome = self.do(intent)
        assert isinstance(outcome, Confirmed), outcome
        return replace(intent, known=intent.payload, reference=outcome.reference)

    def held(self, intent: Intent) -> object:
        """The payload that a look finds."""
        sight = self.see(intent)
        return sight.payload if isinstance(sight, Found) else None

    def join(self, customer: str, email: str) -> None:
        """Let somebody have an account."""
        self.shop.put_customer(replace(CUSTOMERS[0], id=customer, email=email))

    def coupons(self, key: str) -> list[Row]:
        """The coupons that bear a key."""
        return [row for row in self.shop.coupons if meta(row).get("vip_rules_key") == key]

    def coupon(self, key: str) -> Row:
        """The one coupon that bears a key."""
        (row,) = self.coupons(key)
        return row


@contextmanager
def shopping(**settings: Any) -> Iterator[Shopping]:
    """A shop that is open, with Ada (1), Bea (2) and Cy (3)."""
    with FakeWooCommerce() as shop:
        emails = [ADA, BEA, "cy@example.com"]
        for customer, email in zip(CUSTOMERS, emails, strict=True):
            shop.put_customer(replace(customer, email=email))
        with working(shop, **settings) as adapter:
            yield Shopping(shop, adapter)
        assert shop.crashes == []


def discount(
    email: str | None = ADA,
    *,
    customer: str = "1",
    tier: str = "gold",
    action: Literal["put", "remove"] = "put",
    **terms: Any,
) -> Intent:
    """The discount of a customer."""
    payload = {
        "tier": tier,
        "email": email,
        "percent": "15",
        "combines_with": ["shipping"],
        "title": "Gold VIP: 15 % discount",
        **terms,
    }
    return Intent(
        key=f"discount:{tier}:{customer}",
        kind="discount",
        payload=payload,
        action=action,
        customer_id=customer,
    )


def shipping(email: str | None = ADA, *, customer: str = "1") -> Intent:
    """The free shipping of a customer."""
    payload = {"tier": "gold", "email": email, "service": "expedited", "title": "Gold VIP: free shipping"}
    return Intent(
        key=f"free_shipping:gold:{customer}", kind="free_shipping", payload=payload, customer_id=customer
    )


def credit(email: str | None = ADA, *, customer: str = "1", year: int = 2026, **more: Any) -> Intent:
    """The birthday credit of a customer."""
    payload = {
        "amount": "25.00",
        "currency": "USD",
        "occasion": "birthday",
        "day": f"{year}-05-03",
        "tier": "gold",
        "email": email,
        **more,
    }
    return Intent(
        key=f"birthday:{year}:{customer}", kind="store_credit", payload=payload, customer_id=customer
    )


def changed(intent: Intent, **payload: Any) -> Intent:
    """The intent with another payload."""
    return replace(intent, payload={**intent.payload, **payload})


def removed(intent: Intent) -> Intent:
    """The intent to take it away."""
    return replace(intent, action="remove")
