"""Webhook subscriptions: one for a topic and address."""

from __future__ import annotations

from typing import Final

from tests.shop.amounts import instant
from tests.shop.identifiers import gid, number
from tests.shop.listing import listing
from tests.shop.projection import Arguments, Connection, Fields, Payload, refused
from tests.shop.search import Index, Instant, Number
from tests.shop.state import State, Subscription

SUBSCRIPTIONS: Final = Index(
    {
        "id": Number(lambda subscription: subscription.id),
        "created_at": Instant(lambda subscription: subscription.created_at),
        "updated_at": Instant(lambda subscription: subscription.updated_at),
    },
    lambda subscription: subscription.uri,
)


def subscription_view(state: State, subscription: Subscription) -> Fields:
    """A WebhookSubscription."""
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", subscription.id),
        "legacyResourceId": str(subscription.id),
        "topic": subscription.topic,
        "uri": subscription.uri,
        "format": subscription.format,
        "filter": subscription.filter,
        "includeFields": list(subscription.include_fields),
        "metafieldNamespaces": [],
        "name": None,
        "createdAt": instant(subscription.created_at),
        "updatedAt": instant(subscription.updated_at),
        "apiVersion": {"__typename": "ApiVersion", "handle": state.versions[-1], "supported": True},
    }


def subscriptions_listing(state: State, arguments: Arguments) -> Connection:
    """The app's subscriptions."""
    topics, uri = arguments.get("topics"), arguments.get("uri")
    found = [
        subscription
        for subscription in state.subscriptions.values()
        if (not topics or subscription.topic in topics) and (uri is None or subscription.uri == uri)
    ]
    return listing(
        state,
        "WebhookSubscription",
        found,
        lambda subscription: subscription_view(state, subscription),
        SUBSCRIPTIONS,
        arguments,
    )


def subscribe(state: State, arguments: Arguments) -> Payload:
    """A subscription; the same topic and address once more is refused."""
    given = arguments["webhookSubscription"]
    topic, uri = arguments["topic"], given.get("uri")
    error = _error(state, topic, uri, None)
    if error is not None:
        return error
    now = state.now()
    made = Subscription(
        state.number(),
        topic,
        uri,
        now,
        now,
        given.get("format") or "JSON",
        given.get("filter"),
        given.get("includeFields") or [],
    )
    state.subscriptions[made.id] = made
    return Payload({"webhookSubscription": subscription_view(state, made)})


def change_subscription(state: State, arguments: Arguments) -> Payload:
    """Another address, filter or selection of fields."""
    subscription = state.subscriptions.get(number(arguments["id"], "WebhookSubscription") or 0)
    if subscription is None:
        return refused("Webhook subscription does not exist", None, ["id"])
    given = arguments["webhookSubscription"]
    uri = given.get("uri") or subscription.uri
    error = _error(state, subscription.topic, uri, subscription)
    if error is not None:
        return error
    subscription.uri, subscription.updated_at = uri, state.now()
    subscription.filter = given.get("filter", subscription.filter)
    subscription.include_fields = given.get("includeFields", subscription.include_fields) or []
    return Payload({"webhookSubscription": subscription_view(state, subscription)})


def unsubscribe(state: State, arguments: Arguments) -> Payload:
    """The subscription is gone."""
    subscription = state.subscriptions.pop(number(arguments["id"], "WebhookSubscription") or 0, None)
    if subscription is None:
        return refused("Webhook subscription does not exist", None, ["id"])
    return Payload({"deletedWebhookSubscriptionId": gid("WebhookSubscription", subscription.id)})


def _error(state: State, topic: str, uri: str | None, of: Subscription | None) -> Payload | None:
    path = ["webhookSubscription", "uri"]
    if not uri or not uri.startswith(("https://", "arn:aws:events:", "pubsub://")):
        return refused("Address is invalid", None, path)
    for other in state.subscriptions.values():
        if (other.topic, other.uri) == (topic, uri) and other is not of:
            return refused("Address for this topic has already been taken", None, path)
    return None
