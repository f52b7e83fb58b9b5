"""Anything by its GID."""

from __future__ import annotations

from typing import Any

from tests.shop.access import refused_for
from tests.shop.credit import account_view
from tests.shop.customers import customer_view
from tests.shop.discountviews import node
from tests.shop.identifiers import split
from tests.shop.orders import order_view
from tests.shop.products import product_view, variant_view
from tests.shop.projection import Fields
from tests.shop.segments import segment_view
from tests.shop.state import State
from tests.shop.subscriptions import subscription_view


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
