"""What each topic's deliveries tell. A delivery is taken as "this changed": what it says of amounts and tags isn't believed.

Most bodies are shaped like the REST resources; those of newer topics are like GraphQL's. Ids come as numbers or global ids.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vip_rules.webhooks import Handled, InvalidWebhook, News, Person, Step

from vip_rules_shopify.webhooks.body import Body

Reader = Callable[[Body], News]


def news(topic: str, body: Body) -> News:
    """What a delivery of a topic tells. Raises InvalidWebhook for a body that isn't one of the topic."""
    reader = READERS.get(topic)
    return News(ignored=f"nothing is done for {topic}") if reader is None else reader(body)


def _own_id(body: Body, kind: str) -> str:
    """The id of what the body is about. The global one is preferred: it is exact whatever wrote the JSON."""
    return body.id("admin_graphql_api_id" if body.has("admin_graphql_api_id") else "id", kind)


def _customer(body: Body) -> News:
    return News(customers=(_own_id(body, "Customer"),))


def _customer_gone(body: Body) -> News:
    return News(gone_customers=(_own_id(body, "Customer"),))


def _customer_named(body: Body) -> News:
    return News(customers=(body.id("customerId", "Customer"),))


def _purchases(body: Body) -> News:
    customer = body.id("customerId", "Customer")
    last = (body.id("lastOrderId", "Order"),) if body.has("lastOrderId") else ()
    return News(customers=(customer,), orders=last)


def _segment_membership(body: Body) -> News:
    return News(customers=(body.id("customer_id", "Customer"),))


def _merge(body: Body) -> News:
    gone = body.id("admin_graphql_api_customer_deleted_id", "Customer")
    kept = body.id("admin_graphql_api_customer_kept_id", "Customer")
    if gone == kept:
        raise InvalidWebhook(f"the body merges the customer {kept} into itself")
    status = body.text("status")
    if status is None:
        raise InvalidWebhook("the body doesn't say whether the customers were merged")
    if status.lower() != "completed":
        return News(ignored=f"two customers weren't merged: {status.lower()}")
    return News(merged=((gone, kept),), customers=(kept,))


def _order(body: Body) -> News:
    return News(orders=(_own_id(body, "Order"),))


def _order_gone(body: Body) -> News:
    return News(gone_orders=(_own_id(body, "Order"),))


def _order_edited(body: Body) -> News:
    return News(orders=(body.part("order_edit").id("order_id", "Order"),))


def _order_named(body: Body) -> News:
    return News(orders=(body.id("order_id", "Order"),))


def _product(body: Body) -> News:
    return News(products=(_own_id(body, "Product"),))


def _stock(body: Body) -> News:
    return News(stocked=(body.id("inventory_item_id", "InventoryItem"),))


_STEPS: Final[dict[str, Step]] = {
    "label_purchased": "packed",
    "label_printed": "packed",
    "ready_for_pickup": "packed",
    "confirmed": "packed",
    "carrier_picked_up": "shipped",
    "in_transit": "shipped",
    "out_for_delivery": "shipped",
    "attempted_delivery": "shipped",
    "delivered": "delivered",
}
"""What a shipment's states come to. Those that aren't here are no step forward."""


def _fulfillment(body: Body) -> News:
    """Without a word of the shipment a fulfillment that succeeded was marked as sent; others wait for somebody to act."""
    order = body.id("order_id", "Order")
    status = (body.text("status") or "").lower()
    shipment = (body.text("shipment_status") or "").lower()
    step = _STEPS.get(shipment) if shipment else ("shipped" if status == "success" else None)
    if step is None or status not in ("success", "open", "pending"):
        return News(
            ignored=f"a fulfillment that is {shipment or status or 'of no status'} is no step of handling"
        )
    at = body.instant("updated_at" if shipment else "created_at")
    return News(handled=(Handled(order_id=order, step=step, at=at, by=body.text("tracking_company")),))


def _fulfillment_event(body: Body) -> News:
    order = body.id("order_id", "Order")
    status = (body.text("status") or "").lower()
    step = _STEPS.get(status)
    if step is None:
        return News(ignored=f"a shipment that is {status or 'of no status'} is no step of handling")
    at = body.instant("happened_at" if body.has("happened_at") else "created_at")
    return News(handled=(Handled(order_id=order, step=step, at=at),))


def _disclose(body: Body) -> News:
    return News(disclose=(_person(body, "orders_requested"),))


def _redact(body: Body) -> News:
    return News(redact=(_person(body, "orders_to_redact"),))


def _person(body: Body, orders: str) -> Person:
    told = body.part("customer") if body.has("customer") else Body({})
    person = Person(
        customer_id=told.id("id", "Customer") if told.has("id") else None,
        email=told.text("email"),
        orders=body.ids(orders, "Order"),
    )
    if person == Person():
        raise InvalidWebhook("the body's privacy request names neither a customer nor an order")
    return person


def _uninstalled(body: Body) -> News:
    return News(uninstalled=True)


def _erase(body: Body) -> News:
    return News(erase=True)


def _ignored(why: str) -> Reader:
    return lambda body: News(ignored=why)


_DRIFT: Final = "what people change of our things is found when the store is read back"
_SETTINGS: Final = "the check-up looks at it"
_ROUTED: Final = "the delivery names a fulfillment order, and no order"

READERS: Final[dict[str, Reader]] = {
    "customers/create": _customer,
    "customers/update": _customer,
    "customers/enable": _customer,
    "customers/disable": _customer,
    "customers/delete": _customer_gone,
    "customers/merge": _merge,
    "customers/purchasing_summary": _purchases,
    "customer.tags_added": _customer_named,
    "customer.tags_removed": _customer_named,
    "customer.joined_segment": _segment_membership,
    "customer.left_segment": _segment_membership,
    "orders/create": _order,
    "orders/updated": _order,
    "orders/paid": _order,
    "orders/cancelled": _order,
    "orders/fulfilled": _order,
    "orders/partially_fulfilled": _order,
    "orders/edited": _order_edited,
    "orders/delete": _order_gone,
    "refunds/create": _order_named,
    "products/create": _product,
    "products/update": _product,
    "products/delete": _product,
    "inventory_levels/connect": _stock,
    "inventory_levels/update": _stock,
    "inventory_levels/disconnect": _stock,
    "fulfillments/create": _fulfillment,
    "fulfillments/update": _fulfillment,
    "fulfillment_events/create": _fulfillment_event,
    "fulfillment_orders/order_routing_complete": _ignored(_ROUTED),
    "fulfillment_orders/moved": _ignored(_ROUTED),
    "discounts/update": _ignored(_DRIFT),
    "discounts/delete": _ignored(_DRIFT),
    "segments/update": _ignored(_DRIFT),
    "segments/delete": _ignored(_DRIFT),
    "bulk_operations/finish": _ignored("a reading that waits for it asks by itself"),
    "app/scopes_update": _ignored(_SETTINGS),
    "shop/update": _ignored(_SETTINGS),
    "app/uninstalled": _uninstalled,
    "customers/data_request": _disclose,
    "customers/redact": _redact,
    "shop/redact": _erase,
}
"""What is made of each topic's deliveries."""
