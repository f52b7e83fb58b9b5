"""Which scope is needed for what."""

from __future__ import annotations

from typing import Final

from tests.shop.projection import FieldRefused
from tests.shop.state import State

OF_TYPES: Final = {
    "Customer": "read_customers",
    "DiscountAutomaticNode": "read_discounts",
    "DiscountCodeNode": "read_discounts",
    "DiscountNode": "read_discounts",
    "LineItem": "read_orders",
    "Order": "read_orders",
    "Product": "read_products",
    "ProductVariant": "read_products",
    "Refund": "read_orders",
    "Segment": "read_customers",
    "StoreCreditAccount": "read_store_credit_accounts",
    "StoreCreditAccountTransaction": "read_store_credit_account_transactions",
}
OF_MUTATIONS: Final = {
    "bulkOperationRunQuery": None,
    "customerUpdate": "write_customers",
    "orderUpdate": "write_orders",
    "segmentCreate": "write_customers",
    "segmentDelete": "write_customers",
    "segmentUpdate": "write_customers",
    "standardMetafieldDefinitionEnable": "write_customers",
    "storeCreditAccountCredit": "write_store_credit_account_transactions",
}
OF_TOPICS: Final = {
    "CUSTOMERS_MERGE": "read_customer_merge",
    "CUSTOMER": "read_customers",
    "ORDERS": "read_orders",
    "REFUNDS": "read_orders",
    "PRODUCTS": "read_products",
    "INVENTORY": "read_inventory",
    "DISCOUNTS": "read_discounts",
    "SEGMENTS": "read_customers",
    "FULFILLMENT_ORDERS": "read_merchant_managed_fulfillment_orders",
    "FULFILLMENTS": "read_fulfillments",
    "FULFILLMENT_EVENTS": "read_fulfillments",
}


def refused_for(state: State, typename: str, field: str) -> None:
    """Raises FieldRefused where the app lacks the scope for a type."""
    _need(state, OF_TYPES.get(typename), field)


def mutation_refused(state: State, name: str) -> None:
    """Raises FieldRefused where the app lacks the scope for a mutation."""
    scope = "write_discounts" if name.startswith("discount") else OF_MUTATIONS.get(name)
    _need(state, scope, name)


def owner_refused(state: State, typename: str, field: str) -> None:
    """Raises FieldRefused where the app may not change tags and metafields of a type."""
    _need(state, {"Customer": "write_customers", "Order": "write_orders"}.get(typename), field)


def topic_allowed(state: State, topic: str) -> bool:
    """Whether the app has the scope for a webhook topic."""
    prefix = next((prefix for prefix in OF_TOPICS if topic.startswith(prefix)), None)
    return prefix is None or state.scoped(OF_TOPICS[prefix])


def _need(state: State, scope: str | None, field: str) -> None:
    if scope is not None and not state.scoped(scope):
        raise FieldRefused(
            f"Access denied for {field} field. Required access: `{scope}` access scope.",
            "ACCESS_DENIED",
            documentation="https://shopify.dev/api/usage/access-scopes",
            requiredAccess=f"`{scope}` access scope.",
        )
