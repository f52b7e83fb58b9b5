"""What a genuine delivery tells: which customers, orders and products to look at again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from vip_rules.webhooks import InvalidWebhook, News

from vip_rules_woocommerce.rest.texts import plain
from vip_rules_woocommerce.webhooks.topics import unneeded

_LARGEST_ID: Final = (1 << 63) - 1
_LONGEST_NUMBER: Final = 40
"""Digits; longer whole numbers aren't even converted."""

_FORBIDDEN: Final = frozenset({401, 403})


def news(topic: str, body: bytes) -> News:
    """What a delivery of a topic tells. Raises InvalidWebhook for a body that can't be read."""
    if why := unneeded(topic):
        return News(ignored=why)
    told = _object(topic, body)
    if "id" not in told and isinstance(told.get("code"), str):
        return News(ignored=_withheld(topic, told))
    resource, _, event = topic.partition(".")
    one = _id(topic, told, "id")
    if resource == "customer":
        return News(gone_customers=(one,)) if event == "deleted" else News(customers=(one,))
    if resource == "order":
        # "Deleted" is in the trash, out of which it may have come again: it is looked at, whatever the order of deliveries.
        return News(orders=(one,))
    stocked = (one,) if told.get("manage_stock") is True else ()
    if told.get("type") == "variation" and told.get("parent_id"):
        return News(products=(_id(topic, told, "parent_id"),), stocked=stocked)
    return News(products=(one,), stocked=stocked)


def _withheld(topic: str, told: dict[str, Any]) -> str:
    """In sentences, that the shop could no longer show what it tells of: an error of its API is in the place of it."""
    resource = topic.partition(".")[0]
    code = plain(told["code"])
    data = told.get("data")
    status = data.get("status") if isinstance(data, dict) else None
    if isinstance(status, int) and status in _FORBIDDEN:
        return (
            f"the shop didn't show the {resource} ({code}): the user who made the webhook may no longer see it; delete the "
            "webhooks of vip-rules in the shop, and have them made again with an administrator's key"
        )
    return (
        f"the {resource} was gone when the shop told of it ({code}), and it doesn't say which one it was: the next whole "
        "sync finds it"
    )


def _object(topic: str, body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(
            body.decode("utf-8"),
            parse_int=_whole,
            parse_float=str,  # amounts aren't read here, and some are too large for any number
            parse_constant=_constant,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        why = "it is nested too deeply"
    except UnicodeDecodeError:
        why = "it isn't UTF-8"
    except ValueError as error:
        why = str(error) if isinstance(error, _Unreadable) else "it isn't JSON"
    else:
        if isinstance(told, dict):
            return told
        why = "it isn't an object"
    raise InvalidWebhook(f"the body of a delivery of {topic} can't be read: {why}")


class _Unreadable(ValueError):
    """What is wrong with JSON that could be parsed; the message holds nothing of it."""


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _Unreadable(f"it has a number of {len(text)} digits")
    return int(text)


def _constant(name: str) -> Any:
    raise _Unreadable(f"{name} is no number of JSON")


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise _Unreadable("an object has one name twice")
    return held


def _id(topic: str, told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    if type(value) is int and 0 < value <= _LARGEST_ID:
        return str(value)
    raise InvalidWebhook(
        f"the body of a delivery of {topic} has no usable {name}: expected a whole number above 0"
    )
