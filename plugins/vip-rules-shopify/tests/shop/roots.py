"""The root fields: what can be asked of the shop, and what can be done in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.shop import credit, discounts, discountviews, metafields, segments, subscriptions, tags
from tests.shop.access import mutation_refused, owner_refused, refused_for, topic_allowed
from tests.shop.bulk import BulkOperations
from tests.shop.customers import customers_listing
from tests.shop.identifiers import gid, split
from tests.shop.nodes import by_id
from tests.shop.orders import orders_listing
from tests.shop.products import products_listing
from tests.shop.projection import Arguments, Connection, Fields, Payload, refused
from tests.shop.state import APP, State

Resolver = Callable[[State, Arguments], Payload]

MUTATIONS: Final[Mapping[str, Resolver]] = {
    "discountAutomaticActivate": discounts.activate(True),
    "discountAutomaticBasicCreate": discounts.create(True, False),
    "discountAutomaticBasicUpdate": discounts.update(True, False),
    "discountAutomaticDeactivate": discounts.deactivate(True),
    "discountAutomaticDelete": discounts.delete(True),
    "discountAutomaticFreeShippingCreate": discounts.create(True, True),
    "discountAutomaticFreeShippingUpdate": discounts.update(True, True),
    "discountCodeActivate": discounts.activate(False),
    "discountCodeBasicCreate": discounts.create(False, False),
    "discountCodeBasicUpdate": discounts.update(False, False),
    "discountCodeDeactivate": discounts.deactivate(False),
    "discountCodeDelete": discounts.delete(False),
    "discountCodeFreeShippingCreate": discounts.create(False, True),
    "discountCodeFreeShippingUpdate": discounts.update(False, True),
    "metafieldDefinitionCreate": metafields.define,
    "metafieldDefinitionUpdate": metafields.redefine,
    "metafieldsDelete": metafields.delete_metafields,
    "metafieldsSet": metafields.set_metafields,
    "segmentCreate": segments.create_segment,
    "segmentDelete": segments.delete_segment,
    "segmentUpdate": segments.update_segment,
    "standardMetafieldDefinitionEnable": metafields.enable_standard,
    "storeCreditAccountCredit": credit.credit,
    "tagsAdd": tags.add_tags,
    "tagsRemove": tags.remove_tags,
    "webhookSubscriptionCreate": subscriptions.subscribe,
    "webhookSubscriptionDelete": subscriptions.unsubscribe,
    "webhookSubscriptionUpdate": subscriptions.change_subscription,
}


def mutation_root(state: State, bulk: BulkOperations) -> Fields:
    """What can be done."""
    fields: dict[str, Any] = {name: _guarded(state, name, resolver) for name, resolver in MUTATIONS.items()}
    fields["webhookSubscriptionCreate"] = _subscribing(state)
    fields["orderUpdate"] = _overwriting(state, "Order", "order")
    fields["customerUpdate"] = _overwriting(state, "Customer", "customer")
    fields["bulkOperationRunQuery"] = bulk.run_query
    fields["bulkOperationCancel"] = bulk.cancel
    return {"__typename": "Mutation", **fields}


def query_root(state: State, bulk: BulkOperations) -> Fields:
    """What can be asked."""

    def of(*typenames: str) -> Callable[[Arguments], Fields | None]:
        return lambda arguments: by_id(state, arguments["id"], *typenames)

    def discount(typename: str, content: str) -> Callable[[Arguments], Fields | None]:
        return lambda arguments: discountviews.node(state, arguments["id"], typename, content)

    def all_discounts(typename: str, content: str, *methods: bool) -> Callable[[Arguments], Connection]:
        def several(arguments: Arguments) -> Connection:
            found = [one for one in state.discounts.values() if one.automatic in methods]
            return discountviews.discounts_listing(state, found, typename, content, arguments)

        return several

    return {
        "__typename": "QueryRoot",
        "shop": lambda _: _shop(state),
        "currentAppInstallation": lambda _: _installation(state),
        "publicApiVersions": [
            {"__typename": "ApiVersion", "handle": handle, "displayName": handle, "supported": True}
            for handle in state.versions
        ],
        "node": lambda arguments: by_id(state, arguments["id"]),
        "nodes": lambda arguments: [by_id(state, identifier) for identifier in arguments["ids"]],
        "customer": of("Customer"),
        "order": of("Order"),
        "product": of("Product"),
        "segment": of("Segment"),
        "storeCreditAccount": of("StoreCreditAccount"),
        "webhookSubscription": of("WebhookSubscription"),
        "customerByIdentifier": lambda arguments: _identified(state, arguments["identifier"]),
        "customers": lambda arguments: customers_listing(state, arguments),
        "orders": lambda arguments: orders_listing(state, state.orders.values(), arguments),
        "products": lambda arguments: products_listing(state, arguments),
        "customersCount": lambda arguments: _count(state, customers_listing(state, arguments), arguments),
        "ordersCount": lambda arguments: _count(
            state, orders_listing(state, state.orders.values(), arguments), arguments
        ),
        "segments": lambda arguments: segments.segments_listing(state, arguments),
        "segmentsCount": lambda arguments: _count(
            state, segments.segments_listing(state, arguments), arguments
        ),
        "customerSegmentMembership": lambda arguments: segments.membership(state, arguments),
        "discountNode": discount("DiscountNode", "discount"),
        "automaticDiscountNode": discount("DiscountAutomaticNode", "automaticDiscount"),
        "codeDiscountNode": discount("DiscountCodeNode", "codeDiscount"),
        "codeDiscountNodeByCode": lambda arguments: discountviews.by_code(state, arguments),
        "discountNodes": all_discounts("DiscountNode", "discount", True, False),
        "automaticDiscountNodes": all_discounts("DiscountAutomaticNode", "automaticDiscount", True),
        "codeDiscountNodes": all_discounts("DiscountCodeNode", "codeDiscount", False),
        "metafieldDefinitions": lambda arguments: metafields.definitions(state, arguments),
        "webhookSubscriptions": lambda arguments: subscriptions.subscriptions_listing(state, arguments),
        "bulkOperation": bulk.one,
        "bulkOperations": bulk.several,
    }


def _guarded(state: State, name: str, resolver: Resolver) -> Callable[[Arguments], Payload]:
    def guarded(arguments: Arguments) -> Payload:
        mutation_refused(state, name)
        owners = [arguments.get("id")] if name.startswith("tags") else []
        if name in {"metafieldsSet", "metafieldsDelete"}:
            owners = [entry["ownerId"] for entry in arguments["metafields"]]
        for owner in owners:
            owner_refused(state, split(owner)[0], name)
        return resolver(state, arguments)

    return guarded


def _subscribing(state: State) -> Callable[[Arguments], Payload]:
    def subscribe(arguments: Arguments) -> Payload:
        if not topic_allowed(state, arguments["topic"]):
            message = (
                f"You cannot create a webhook subscription with the specified topic {arguments['topic']}"
            )
            return refused(message, None, ["topic"])
        return subscriptions.subscribe(state, arguments)

    return subscribe


def _overwriting(state: State, typename: str, name: str) -> Callable[[Arguments], Payload]:
    def update(arguments: Arguments) -> Payload:
        owner_refused(state, typename, f"{name}Update")
        given = arguments["input"]
        holder = metafields.owner(state, given["id"]) if split(given["id"])[0] == typename else None
        if holder is None:
            return refused(f"{typename} does not exist", None, ["id"])
        if "tags" in given:
            tags.overwrite(state, holder, given["tags"])
        return Payload({name: by_id(state, given["id"])})

    return update


def _shop(state: State) -> Fields:
    return {
        "__typename": "Shop",
        "id": gid("Shop", 1),
        "name": state.name,
        "myshopifyDomain": state.domain,
        "currencyCode": state.currency,
        "enabledPresentmentCurrencies": [state.currency],
        "ianaTimezone": state.timezone,
        "timezoneAbbreviation": "UTC",
        "taxesIncluded": state.taxes_included,
        "email": "owner@example.com",
        "url": f"https://{state.domain}",
        "plan": {"__typename": "ShopPlan", "publicDisplayName": "Basic", "shopifyPlus": False},
    }


def _installation(state: State) -> Fields:
    scopes = [
        {"__typename": "AccessScope", "handle": scope, "description": scope} for scope in sorted(state.scopes)
    ]
    return {
        "__typename": "AppInstallation",
        "id": gid("AppInstallation", APP),
        "accessScopes": scopes,
        "app": {"__typename": "App", "id": gid("App", APP), "title": "vip-rules", "apiKey": "key"},
    }


def _identified(state: State, identifier: Mapping[str, Any]) -> Fields | None:
    refused_for(state, "Customer", "customerByIdentifier")
    if identifier.get("id") is not None:
        return by_id(state, identifier["id"], "Customer")
    email = str(identifier.get("emailAddress")).casefold()
    found = (one for one in state.customers.values() if (one.email or "").casefold() == email)
    customer = next(found, None)
    return None if customer is None else by_id(state, gid("Customer", customer.id))


def _count(state: State, found: Connection, arguments: Arguments) -> Fields:
    refused_for(state, found.typename, f"{found.typename.lower()}sCount")
    limit = arguments.get("limit", 10_000)
    total = len(found.items)
    exact = limit is None or total <= limit
    return {
        "__typename": "Count",
        "count": total if exact else limit,
        "precision": "EXACT" if exact else "AT_LEAST",
    }
