"""Nodes as the Admin API gives them, for tests that say only what is special about theirs."""

from __future__ import annotations

from typing import Any


def money(amount: str) -> dict[str, Any]:
    """An amount of the shop's currency."""
    return {"shopMoney": {"amount": amount}}


def taxes(*amounts: str) -> list[dict[str, Any]]:
    """Tax lines."""
    return [{"priceSet": money(amount)} for amount in amounts]


def discounts(*amounts: str) -> list[dict[str, Any]]:
    """Discounts that fell to a line."""
    return [{"allocatedAmountSet": money(amount)} for amount in amounts]


def line_node(number: int = 1, total: str = "40.0", left: str | None = None, **more: Any) -> dict[str, Any]:
    """A line; `left` is what it still comes to."""
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": f"SKU-{number}",
        "name": "Roses - Red",
        "vendor": "Meadow",
        "quantity": 1,
        "currentQuantity": 1,
        "isGiftCard": False,
        "product": {"productType": "flowers", "vendor": "Meadow"},
        "originalTotalSet": money(total),
        "discountAllocations": [],
        "priceAfterAllDiscountsBeforeTaxesSet": money(total if left is None else left),
        "taxLines": [],
        **more,
    }


def order_node(total: str = "40.0", **more: Any) -> dict[str, Any]:
    """A paid order without tax and shipping. What is left, paid and so on follows from the total unless it is said."""
    current = more.pop("current", total)
    refunded = more.pop("refunded", "0.0")
    net = more.pop("net", total)
    return {
        "id": "gid://shopify/Order/1001",
        "processedAt": "2026-02-01T10:00:00Z",
        "updatedAt": "2026-02-03T08:30:00Z",
        "cancelledAt": None,
        "test": False,
        "sourceName": "web",
        "currencyCode": "USD",
        "taxesIncluded": False,
        "dutiesIncluded": False,
        "displayFinancialStatus": "PAID",
        "customer": {"id": "gid://shopify/Customer/7"},
        "totalPriceSet": money(total),
        "currentTotalPriceSet": money(current),
        "totalTaxSet": money("0.0"),
        "originalTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "totalTipReceivedSet": money("0.0"),
        "totalDiscountsSet": money("0.0"),
        "totalRefundedSet": money(refunded),
        "totalRefundedShippingSet": money("0.0"),
        "netPaymentSet": money(net),
        "shippingLine": None,
        **more,
    }


def shipping(amount: str, *tax: str) -> dict[str, Any]:
    """A shipping line."""
    return {"discountedPriceSet": money(amount), "taxLines": taxes(*tax)}


def customer_node(number: int = 7, **more: Any) -> dict[str, Any]:
    """A customer."""
    return {
        "id": f"gid://shopify/Customer/{number}",
        "createdAt": "2024-03-01T09:30:00Z",
        "updatedAt": "2026-01-02T03:04:05Z",
        "tags": ["newsletter", "vip-gold"],
        **more,
    }
