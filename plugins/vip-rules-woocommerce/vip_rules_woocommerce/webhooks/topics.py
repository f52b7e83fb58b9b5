"""The topics of webhooks that are needed, and why the others aren't."""

from __future__ import annotations

from typing import Final

TOPICS: Final = (
    "customer.created",
    "customer.updated",
    "customer.deleted",
    "order.created",
    "order.updated",
    "order.deleted",
    "order.restored",
    "product.created",
    "product.updated",
    "product.deleted",
    "product.restored",
)
"""What is subscribed to. A refund comes as order.updated, a variation as product.updated."""


def unneeded(topic: str) -> str:
    """Why a topic tells nothing that is needed; "" where it does."""
    if topic in TOPICS:
        return ""
    resource = topic.partition(".")[0]
    if resource == "coupon":
        return "coupons are compared with what they should be when effects are checked, not by webhooks"
    if resource == "action":
        return "actions are events of plugins, of which vip-rules knows nothing: the webhook can be deleted"
    return "vip-rules needs nothing of this topic: the webhook can be deleted"
