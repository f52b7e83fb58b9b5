"""The nouns of a store's history: money, customers, orders, lines, events. Frozen and typed; they know no platform."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

import iso4217

from vip_rules.errors import VipRulesError

OrderStatus = Literal["paid", "partially_refunded", "refunded", "pending", "failed", "cancelled", "voided"]
ORDER_STATUSES: tuple[str, ...] = get_args(OrderStatus)

LARGEST_AMOUNT = 10**13
"""The bound on one amount, in minor units: small enough that sums and shares never leave 64 bits."""


class InvalidMoney(VipRulesError):
    """An amount that isn't money of its currency; the message says why and what was expected."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217 with its exponent: 2 for USD, 0 for JPY, 3 for KWD."""

    code: str
    exponent: int

    @classmethod
    def of(cls, code: str) -> Currency:
        """The currency of an ISO 4217 code. Raises InvalidMoney for one that is unknown or has no minor unit (XAU)."""
        try:
            exponent = iso4217.Currency(code).exponent
        except ValueError:
            exponent = None
        if exponent is None:
            raise InvalidMoney(f"{code!r} is not a currency code of ISO 4217")
        return cls(code, exponent)

    def minor(self, amount: Decimal | int) -> int:
        """An amount of major units in minor ones: 19.99 USD is 1999. Raises InvalidMoney if inexact or too large."""
        amount = Decimal(amount)
        if not amount.is_finite() or (amount and abs(amount.adjusted()) > 30):
            raise InvalidMoney(f"{amount} is out of range for an amount of money")
        scaled = amount.scaleb(self.exponent)
        if abs(scaled) > LARGEST_AMOUNT:
            raise InvalidMoney(f"{amount} is out of range for an amount of money")
        if scaled != scaled.to_integral_value():
            steps = (int(scaled), int(scaled) + (-1 if scaled < 0 else 1))
            near = " or ".join(self.major(minor) for minor in steps if minor)
            few = f"than {self.code} has ({self.exponent})"
            raise InvalidMoney(f"{amount:f} has more decimals {few}; write {near}")
        return int(scaled)

    def major(self, minor: int) -> str:
        """Minor units as a decimal string of major units: 1999 is "19.99"; what files and JSON carry."""
        if not self.exponent:
            return str(minor)
        whole, part = divmod(abs(minor), 10**self.exponent)
        return f"{'-' if minor < 0 else ''}{whole}.{part:0{self.exponent}d}"

    def shown(self, minor: int) -> str:
        """Minor units as people read them: "1,234.50 USD"."""
        whole, dot, part = self.major(abs(minor)).partition(".")
        return f"{'-' if minor < 0 else ''}{int(whole):,}{dot}{part} {self.code}"


def currency_codes() -> list[str]:
    """All currency codes of ISO 4217 that have a minor unit, sorted."""
    return sorted(c.code for c in iso4217.Currency if c.exponent is not None)


@dataclass(frozen=True, slots=True)
class SpendBasis:
    """Whether tax and shipping are part of an order's counted value."""

    includes_tax: bool = False
    includes_shipping: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who buys. Days are local days of the program (days since 1970-01-01).

    `joined` is when they joined the program; None means with their first day as a customer. The tiers are the standing
    before this evaluation; None is unknown.
    """

    id: str
    created: int
    joined: int | None = None
    tags: tuple[str, ...] = ()
    current_tier: str | None = None
    highest_tier: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of an order: `amount` and `refunded` in minor units on the spend basis, after all discounts."""

    sku: str | None = None
    product: str | None = None
    category: str | None = None
    brand: str | None = None
    quantity: int = 1
    amount: int = 0
    refunded: int = 0
    gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An order as the store knows it, counted or not; money in minor units of the program's currency, `day` local.

    `total` is what was paid: after discounts, with tax and shipping. `refunded` is of goods on the spend basis; None: no
    figure was given. `discount` is how much was taken off; None: unknown.
    """

    id: str
    customer_id: str
    day: int
    total: int
    tax: int = 0
    shipping: int = 0
    refunded: int | None = None
    discount: int | None = None
    status: OrderStatus = "paid"
    test: bool = False
    channel: str | None = None
    lines: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something a customer did besides buying (a review, a referral, a visit), on a local day."""

    customer_id: str
    type: str
    day: int
