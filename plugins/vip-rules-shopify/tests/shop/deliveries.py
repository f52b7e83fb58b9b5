"""Webhooks as Shopify sends them: REST-shaped payloads of what is in the shop, signed over their bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vip_rules.model import Currency
from vip_rules.webhooks import Delivery

from tests.shop.amounts import instant
from tests.shop.customers import amount_spent, last_order, number_of_orders
from tests.shop.identifiers import gid
from tests.shop.state import Customer, Discount, Line, Order, Product, Refund, Segment, State


def signed(
    state: State,
    topic: str,
    content: Mapping[str, Any],
    secret: str,
    event_id: str | None,
    triggered_at: datetime | None,
) -> Delivery:
    """A delivery with its headers."""
    body = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    digest = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    number = state.number()
    at = triggered_at or state.now()
    headers = [
        ("Content-Type", "application/json"),
        ("X-Shopify-Topic", topic),
        ("X-Shopify-Hmac-Sha256", digest),
        ("X-Shopify-Shop-Domain", state.domain),
        ("X-Shopify-API-Version", state.versions[-1]),
        ("X-Shopify-Webhook-Id", f"webhook-{number}"),
        ("X-Shopify-Event-Id", event_id or f"event-{number}"),
        ("X-Shopify-Triggered-At", at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    ]
    return Delivery(headers=headers, body=body)


def payload(state: State, topic: str, of: int | None) -> dict[str, Any]:
    """What a delivery of a topic says: of the order, customer, refund, product, segment … with the number `of`.

    Of a merge `FakeShopify.merge` gives the payload.
    """
    found = _of_customer(state, topic, of) if topic.startswith("customer") else _of_thing(state, topic, of)
    if found is None:
        raise KeyError(f"no payload of {topic} can be made of {of}: give one")
    return found


def order_payload(state: State, order: Order) -> dict[str, Any]:
    """An order as REST shows it."""
    customer = None if order.customer is None else state.customers.get(order.customer)
    returned = sum(line.subtotal for refund in order.refunds for line in refund.lines)
    return {
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        "name": f"#{order.id}",
        "created_at": instant(order.created_at),
        "processed_at": instant(order.processed_at),
        "updated_at": instant(order.updated_at),
        "cancelled_at": instant(order.cancelled_at),
        "currency": order.currency,
        "financial_status": order.financial_status.lower(),
        "fulfillment_status": None,
        "source_name": order.source_name,
        "tags": ", ".join(order.tags),
        "test": order.test,
        "taxes_included": order.taxes_included,
        "total_price": _major(order.total, order.currency),
        "subtotal_price": _major(order.subtotal, order.currency),
        "current_subtotal_price": _major(order.subtotal - returned, order.currency),
        "total_tax": _major(order.tax, order.currency),
        "total_discounts": _major(order.discount, order.currency),
        "customer": None if customer is None else customer_payload(customer),
        "line_items": [_line(line, order.currency) for line in order.lines],
        "refunds": [refund_payload(order, refund) for refund in order.refunds],
    }


def refund_payload(order: Order, refund: Refund) -> dict[str, Any]:
    """A refund as REST shows it."""
    return {
        "id": refund.id,
        "admin_graphql_api_id": gid("Refund", refund.id),
        "order_id": order.id,
        "created_at": instant(refund.created_at),
        "processed_at": instant(refund.created_at),
        "refund_line_items": [
            {
                "id": part.line,
                "line_item_id": part.line,
                "quantity": part.quantity,
                "restock_type": part.restock.lower(),
                "subtotal": _major(part.subtotal, order.currency),
                "total_tax": _major(part.tax, order.currency),
            }
            for part in refund.lines
        ],
        "transactions": [{"kind": "refund", "amount": _major(refund.total, order.currency)}],
        "order_adjustments": [],
    }


def customer_payload(customer: Customer) -> dict[str, Any]:
    """A customer as REST shows it: without tags, counts and sums."""
    return {
        "id": customer.id,
        "admin_graphql_api_id": gid("Customer", customer.id),
        "created_at": instant(customer.created_at),
        "updated_at": instant(customer.updated_at),
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "state": "disabled",
        "verified_email": customer.email is not None,
        "currency": "USD",
        "phone": None,
    }


def _of_thing(state: State, topic: str, of: int | None) -> dict[str, Any] | None:
    family, _, event = topic.partition("/")
    match family:
        case "orders" if of is not None:
            return _of_order(state, event, of)
        case "refunds":
            pairs = [(order, refund) for order in state.orders.values() for refund in order.refunds]
            return next((refund_payload(*pair) for pair in pairs if pair[1].id == of), None)
        case "products" if of is not None:
            return {"id": of} if event == "delete" else _product(state.products[of])
        case "segments" if of is not None:
            return _segment(state.segments.get(of), of)
        case "discounts" if of is not None:
            return _discount(state, state.discounts[of])
        case "bulk_operations":
            return {
                "admin_graphql_api_id": gid("BulkOperation", of or 0),
                "completed_at": instant(state.now()),
                "created_at": instant(state.now()),
                "error_code": None,
                "status": "completed",
                "type": "query",
            }
        case "app" | "shop":
            return _of_shop(state, topic)
        case "fulfillment_orders" if of is not None:
            return _fulfillment_order(event, of)
        case "inventory_levels" if of is not None:
            level = {"inventory_item_id": of, "location_id": 1, "updated_at": instant(state.now())}
            return level if event == "disconnect" else level | {"available": 5}
        case "fulfillments" | "fulfillment_events" if of is not None:
            return _fulfillment(state, family, of)
    return None


def _of_shop(state: State, topic: str) -> dict[str, Any]:
    if topic == "app/scopes_update":
        return {"id": 1, "previous": [], "current": sorted(state.scopes)}
    if topic == "shop/redact":
        return {"shop_id": 1, "shop_domain": state.domain}
    return {"id": 1, "name": state.name, "domain": state.domain, "myshopify_domain": state.domain}


def _of_order(state: State, event: str, of: int) -> dict[str, Any]:
    if event == "delete":
        return {"id": of}
    if event == "edited":
        edit = {"id": of + 1, "order_id": of, "created_at": instant(state.now())}
        return {"order_edit": edit | {"line_items": {"additions": [], "removals": []}}}
    return order_payload(state, state.orders[of])


def _of_customer(state: State, topic: str, of: int | None) -> dict[str, Any] | None:
    if of is None:
        return None
    if topic == "customers/delete":
        return {"id": of, "admin_graphql_api_id": gid("Customer", of)}
    customer = state.customers.get(of)
    if topic in {"customers/redact", "customers/data_request"}:
        person = {"id": of, "email": None if customer is None else customer.email, "phone": None}
        orders = [order.id for order in state.orders.values() if order.customer == of]
        shop = {"shop_id": 1, "shop_domain": state.domain, "customer": person}
        if topic == "customers/redact":
            return shop | {"orders_to_redact": orders}
        return shop | {"orders_requested": orders, "data_request": {"id": 9999}}
    if customer is None:
        return None
    if topic.startswith("customer."):
        return _new_style(state, topic, customer)
    if topic == "customers/purchasing_summary":
        newest = last_order(state, customer)
        return {
            "customerId": gid("Customer", of),
            "numberOfOrders": number_of_orders(state, customer),
            "amountSpent": {
                "amount": _major(amount_spent(state, customer), state.currency),
                "currencyCode": state.currency,
            },
            "lastOrderId": None if newest is None else newest["id"],
            "occurredAt": instant(state.now()),
        }
    return None if topic == "customers/merge" else customer_payload(customer)


def _new_style(state: State, topic: str, customer: Customer) -> dict[str, Any]:
    if topic in {"customer.tags_added", "customer.tags_removed"}:
        return {
            "customerId": gid("Customer", customer.id),
            "tags": list(customer.tags),
            "occurredAt": instant(state.now()),
        }
    return {"customer_id": gid("Customer", customer.id), "segment_id": gid("Segment", 1)}


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "product_id": line.product,
        "variant_id": line.product,
        "sku": line.sku,
        "title": line.title,
        "vendor": line.vendor,
        "quantity": line.quantity,
        "current_quantity": line.quantity,
        "gift_card": line.gift_card,
        "price": _major(line.original // line.quantity, currency),
        "total_discount": _major(0, currency),
        "discount_allocations": [{"amount": _major(line.allocated, currency)}] if line.allocated else [],
    }


def _product(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "admin_graphql_api_id": gid("Product", product.id),
        "title": product.title,
        "product_type": product.product_type,
        "vendor": product.vendor,
        "tags": ", ".join(product.tags),
        "status": product.status.lower(),
        "updated_at": instant(product.updated_at),
        "variants": [{"id": product.id, "sku": product.sku, "inventory_item_id": product.id}],
    }


def _segment(segment: Segment | None, number: int) -> dict[str, Any]:
    identifier = {"id": number, "admin_graphql_api_id": gid("Segment", number)}
    return identifier if segment is None else identifier | {"name": segment.name, "query": segment.query}


def _discount(state: State, discount: Discount) -> dict[str, Any]:
    kind = "DiscountAutomaticNode" if discount.automatic else "DiscountCodeNode"
    return {
        "admin_graphql_api_id": gid(kind, discount.id),
        "title": discount.title,
        "status": discount.status(state.now()),
        "created_at": instant(discount.created_at),
        "updated_at": instant(discount.updated_at),
    }


def _fulfillment_order(event: str, order: int) -> dict[str, Any]:
    identifier = {"id": gid("FulfillmentOrder", order), "order_id": order, "status": "open"}
    if event == "moved":
        return {"original_fulfillment_order": identifier, "moved_fulfillment_order": identifier}
    return {"fulfillment_order": identifier}


def _fulfillment(state: State, family: str, order: int) -> dict[str, Any]:
    typename, at = ("Fulfillment", instant(state.now()))
    shared = {"id": order, "order_id": order, "created_at": at, "updated_at": at}
    if family == "fulfillment_events":
        typename = "FulfillmentEvent"
        shared |= {"status": "delivered", "happened_at": at}
    else:
        shared |= {"status": "success", "shipment_status": None, "tracking_company": "Express"}
    return shared | {"admin_graphql_api_id": gid(typename, order)}


def _major(minor: int, currency: str) -> str:
    return Currency.of(currency).major(minor)
