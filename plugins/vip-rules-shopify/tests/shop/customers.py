"""Customers as GraphQL shows them, and how they are searched."""

from __future__ import annotations

from typing import Any, Final

from tests.shop.amounts import instant, money
from tests.shop.credit import account_view
from tests.shop.identifiers import gid
from tests.shop.listing import listing
from tests.shop.metafields import metafield_fields
from tests.shop.orders import order_view, orders_listing
from tests.shop.projection import Arguments, Connection, FieldRefused, Fields
from tests.shop.search import Index, Instant, Number, Text
from tests.shop.state import Customer, State

CUSTOMERS: Final = Index(
    {
        "id": Number(lambda customer: customer.id),
        "email": Text(lambda customer: customer.email),
        "first_name": Text(lambda customer: customer.first_name),
        "last_name": Text(lambda customer: customer.last_name),
        "state": Text(lambda customer: "DISABLED"),
        "tag": Text(lambda customer: customer.tags),
        "tag_not": Text(lambda customer: customer.tags),
        "customer_date": Instant(lambda customer: customer.created_at, whole_days=True),
        "updated_at": Instant(lambda customer: customer.updated_at, whole_days=True),
    },
    lambda customer: f"{customer.first_name} {customer.last_name} {customer.email}",
)


def customers_listing(state: State, arguments: Arguments) -> Connection:
    """The customers that a query finds."""
    return listing(
        state,
        "Customer",
        state.customers.values(),
        lambda customer: customer_view(state, customer),
        CUSTOMERS,
        arguments,
        {
            "UPDATED_AT": lambda customer: customer.updated_at,
            "CREATED_AT": lambda customer: customer.created_at,
        },
    )


def customer_view(state: State, customer: Customer) -> Fields:
    """A Customer."""
    name = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return {
        "__typename": "Customer",
        "id": gid("Customer", customer.id),
        "legacyResourceId": str(customer.id),
        "createdAt": instant(customer.created_at),
        "updatedAt": instant(customer.updated_at),
        "state": "DISABLED",
        "tags": sorted(customer.tags, key=str.casefold),
        "displayName": lambda _: _personal(state, "name", name or customer.email or ""),
        "firstName": lambda _: _personal(state, "name", customer.first_name),
        "lastName": lambda _: _personal(state, "name", customer.last_name),
        "locale": customer.locale,
        "note": None,
        "taxExempt": False,
        "verifiedEmail": customer.email is not None,
        "dataSaleOptOut": False,
        "lifetimeDuration": "1 year",
        "numberOfOrders": lambda _: str(number_of_orders(state, customer)),
        "amountSpent": lambda _: money(amount_spent(state, customer), state.currency),
        "defaultEmailAddress": lambda _: _personal(state, "email", _email(customer)),
        "defaultPhoneNumber": None,
        "lastOrder": lambda _: last_order(state, customer),
        "orders": lambda arguments: orders_listing(state, state.orders_of(customer.id), arguments),
        "storeCreditAccounts": lambda _: Connection(
            "StoreCreditAccount",
            state.accounts_of(customer.id),
            lambda account: account_view(state, account),
        ),
        **metafield_fields(customer),
    }


def number_of_orders(state: State, customer: Customer) -> int:
    """What Shopify counts, whatever the app may see."""
    if customer.orders is not None:
        return customer.orders
    return sum(1 for order in state.orders.values() if order.customer == customer.id)


def amount_spent(state: State, customer: Customer) -> int:
    """What Shopify adds up by itself, tests and cancelled ones left out."""
    if customer.spent is not None:
        return customer.spent
    return sum(
        order.total - order.refunded
        for order in state.orders.values()
        if order.customer == customer.id and not order.test and order.cancelled_at is None
    )


def last_order(state: State, customer: Customer) -> Fields | None:
    """The newest order that the app may see."""
    orders = state.orders_of(customer.id)
    return order_view(state, orders[-1]) if orders else None


def _email(customer: Customer) -> Fields | None:
    if customer.email is None:
        return None
    return {
        "__typename": "CustomerEmailAddress",
        "emailAddress": customer.email,
        "marketingState": "NOT_SUBSCRIBED",
        "marketingUpdatedAt": None,
        "validFormat": True,
    }


def _personal(state: State, name: str, value: Any) -> Any:
    if not state.personal:
        documentation = "https://shopify.dev/docs/apps/launch/protected-customer-data"
        message = f"This app is not approved to use the {name} field. See {documentation} for more details."
        raise FieldRefused(message, "ACCESS_DENIED", documentation=documentation)
    return value
