"""The topics that a shop is asked to tell of, and how much of each: ids, and no names or addresses that would be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by its name in GraphQL. `needs` is the scope without which a shop can't be asked; None: it needs none.

    `fields` are the parts of the body that are sent; None is all of it, for bodies that hold nothing but ids.
    """

    name: str
    needs: str | None
    fields: tuple[str, ...] | None = None


_CHANGED: Final = ("id", "admin_graphql_api_id", "updated_at")
_FULFILLED: Final = ("order_id", "status", "shipment_status", "tracking_company", "created_at")

TOPICS: Final = (
    Topic("APP_UNINSTALLED", None, ("id", "myshopify_domain")),
    Topic("CUSTOMERS_CREATE", "read_customers", _CHANGED),
    Topic("CUSTOMERS_UPDATE", "read_customers", _CHANGED),
    Topic("CUSTOMERS_DELETE", "read_customers"),
    Topic("CUSTOMERS_MERGE", "read_customer_merge"),
    Topic("CUSTOMER_TAGS_ADDED", "read_customers"),
    Topic("CUSTOMER_TAGS_REMOVED", "read_customers"),
    Topic("ORDERS_CREATE", "read_orders", _CHANGED),
    Topic("ORDERS_UPDATED", "read_orders", _CHANGED),
    Topic("ORDERS_PAID", "read_orders", _CHANGED),
    Topic("ORDERS_CANCELLED", "read_orders", _CHANGED),
    Topic("ORDERS_EDITED", "read_orders"),
    Topic("ORDERS_DELETE", "read_orders"),
    Topic("REFUNDS_CREATE", "read_orders", ("id", "admin_graphql_api_id", "order_id", "created_at")),
    Topic("PRODUCTS_CREATE", "read_products", _CHANGED),
    Topic("PRODUCTS_UPDATE", "read_products", _CHANGED),
    Topic("PRODUCTS_DELETE", "read_products"),
    Topic("INVENTORY_LEVELS_UPDATE", "read_inventory"),
    Topic("FULFILLMENTS_CREATE", "read_fulfillments", (*_CHANGED, *_FULFILLED)),
    Topic("FULFILLMENTS_UPDATE", "read_fulfillments", (*_CHANGED, *_FULFILLED)),
    Topic(
        "FULFILLMENT_EVENTS_CREATE",
        "read_fulfillments",
        (*_CHANGED, "order_id", "status", "happened_at", "created_at"),
    ),
)
"""What is needed. Topics that name nothing to look at again aren't: a fulfillment order's, a discount's, a segment's."""

COMPLIANCE: Final = ("customers/data_request", "customers/redact", "shop/redact")
"""Topics that only the app's own configuration can ask for."""
