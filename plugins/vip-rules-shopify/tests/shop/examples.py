"""The core's examples as a Shopify shop can have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from vip_rules.testing import examples

_WHOLE, _REFUNDED, _GUEST = examples.ORDERS

CUSTOMERS: Final = tuple(
    replace(customer, language=customer.language or "en") for customer in examples.CUSTOMERS
)
"""Customers. To Shopify each has a language."""

ORDERS: Final = (
    _WHOLE,
    replace(_REFUNDED, lines=(replace(_REFUNDED.lines[0], quantity=8),)),
    _GUEST,
)
"""Orders. Shopify refunds of a line whole units only: of the line that is refunded in part there are eight."""
