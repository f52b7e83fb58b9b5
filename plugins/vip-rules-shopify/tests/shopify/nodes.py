"""Anything by its GID."""

from __future__ import annotations

from typing import Any

from tests.shopify.access import refused_for
from tests.shopify.credit import account_view
from tests.shopify.customers import customer_view
from tests.shopify.discountviews import node
from tests.shopify.identifiers import split
from tests.shopify.orders import order_view
from tests.shopify.products import product_view, variant_view
from tests.shopify.projection import Fields
from tests.shopify.segments import segment_view
from tests.shopify.state import State
from tests.shopify.subscriptions import subscription_view


def view(state: State, typename: str, thing: Any) -> Fields:
    """A thing of a type as GraphQL shows it."""
    match typename:
        case "Customer":
            return customer_view(state, thing)
        case "Order":
            return order_view(state, thing)
        case "Product":
            return product_view(state, thing)
        case "ProductVariant":
            return variant_view(state, thing)
        case "Segment":
            return segment_view(thing)
        case "WebhookSubscription":
            return subscription_view(state, thing)
    return account_view(state, thing)


def by_id(state: State, identifier: object, *typenames: str) -> Fields | None:
    """What a GID names, if it is of one of some types; None where there is none, or it may not be seen."""
    typename, numeral = split(identifier)
    if not numeral.isdecimal() or (typenames and typename not in typenames):
        return None
    if typename in {"DiscountAutomaticNode", "DiscountCodeNode"}:
        return node(
            state, identifier, typename, "automaticDiscount" if "Automatic" in typename else "codeDiscount"
        )
    things: dict[str, Any] = {
        "Customer": state.customers,
        "Order": state.orders,
        "Product": state.products,
        "ProductVariant": state.products,
        "Segment": state.segments,
        "StoreCreditAccount": state.accounts,
        "WebhookSubscription": state.subscriptions,
    }
    thing = things.get(typename, {}).get(int(numeral))
    if thing is None or (typename == "Order" and not state.visible(thing)):
        return None
    refused_for(state, typename, typename.lower())
    return view(state, typename, thing)
