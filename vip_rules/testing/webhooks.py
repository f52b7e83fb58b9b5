"""The webhooks of a store in memory: signed as real stores sign them, and read so that no bytes whatever do harm."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from vip_rules.errors import VipRulesError
from vip_rules.webhooks import (
    Delivery,
    Forged,
    Genuine,
    InvalidWebhook,
    News,
    Person,
    Ping,
    Verdict,
    Webhooks,
)

SIGNATURE: Final = "X-Memory-Hmac-Sha256"
TOPIC: Final = "X-Memory-Topic"
ID: Final = "X-Memory-Delivery-Id"
AT: Final = "X-Memory-Triggered-At"
"""The headers of a delivery."""

PING: Final = b"webhook_id="
"""How the body of a ping begins; it isn't signed."""

CHANGED: Final = "changed"
"""The topic of everything that is read. Other topics are ignored."""

_LONGEST: Final = 255


class MemoryWebhooks(Webhooks):
    """Deliveries of the shop of a name, signed with one of the `secrets`: the base64 of the body's HMAC-SHA256.

    A body is a JSON object with the names of `News`: ids as texts, pairs of them as lists, people as objects. Its `shop`, where
    it is there, has to be the shop's. Raises VipRulesError for an empty secret.

    >>> webhooks = MemoryWebhooks("atelier", ["secret"])
    >>> delivery = webhooks.delivery({"customers": ["7"]}, id="1")
    >>> webhooks.verify(delivery)
    Genuine(topic='changed', id='1', at=None)
    >>> webhooks.read("changed", delivery.body).customers
    ('7',)
    """

    def __init__(self, shop: str, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise VipRulesError(
                "the secret of the webhooks is empty, and anybody could sign with it: set one"
            )
        self._shop, self._keys = shop, [secret.encode() for secret in secrets]

    def delivery(
        self,
        says: Mapping[str, Any] | bytes,
        *,
        id: str | None = None,  # noqa: A002 - as Genuine names it
        topic: str = CHANGED,
        at: datetime | None = None,
    ) -> Delivery:
        """What the store sends to say something, or to send these very bytes, signed with the first secret."""
        body = says if isinstance(says, bytes) else json.dumps(says).encode()
        headers = [(SIGNATURE, _signature(self._keys[0], body).decode()), (TOPIC, topic)]
        headers += [(ID, id)] if id is not None else []
        headers += [(AT, at.isoformat())] if at is not None else []
        return Delivery(headers=headers, body=body)

    def verify(self, delivery: Delivery) -> Verdict:
        """Whether a delivery comes from the store."""
        if not any(name.lower() == SIGNATURE.lower() for name, _ in delivery.headers):
            return Ping() if delivery.body.startswith(PING) else Forged("it isn't signed")
        signature = delivery.header(SIGNATURE)
        if signature is None:
            return Forged("it has more than one signature")
        given = signature.encode("utf-8", "replace")
        fits = [hmac.compare_digest(_signature(key, delivery.body), given) for key in self._keys]
        if not any(fits):
            return Forged("its signature isn't that of the body")
        topic = delivery.header(TOPIC)
        if not topic:
            return Forged("it doesn't name its topic")
        return Genuine(topic=topic, id=delivery.header(ID), at=_instant(delivery.header(AT)))

    def read(self, topic: str, body: bytes) -> News:
        """What a genuine delivery tells. Raises InvalidWebhook for a body that can't be read."""
        if topic != CHANGED:
            return News(ignored="nothing is done about this topic")
        says = _loaded(body)
        if says.get("shop", self._shop) != self._shop:
            raise InvalidWebhook("the body is of another shop")
        return News(
            customers=_ids(says, "customers"),
            orders=_ids(says, "orders"),
            gone_customers=_ids(says, "gone_customers"),
            gone_orders=_ids(says, "gone_orders"),
            merged=tuple(map(_pair, _list(says, "merged"))),
            disclose=tuple(map(_person, _list(says, "disclose"))),
            redact=tuple(map(_person, _list(says, "redact"))),
            uninstalled=says.get("uninstalled") is True,
            erase=says.get("erase") is True,
        )


def _signature(key: bytes, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest())


def _instant(text: str | None) -> datetime | None:
    try:
        found = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _loaded(body: bytes) -> dict[str, Any]:
    try:
        says = json.loads(
            body.decode("utf-8"), parse_constant=_refuse, parse_float=_refuse, object_pairs_hook=_object
        )
    except (ValueError, RecursionError):
        raise InvalidWebhook("the body isn't JSON that can be read") from None
    if not isinstance(says, dict):
        raise InvalidWebhook("the body isn't an object of JSON")
    return says


def _refuse(number: str) -> Any:
    raise ValueError(number)


def _object(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("two members have the same name")
    return found


def _list(says: Mapping[str, Any], name: str) -> list[Any]:
    found = says.get(name, [])
    if not isinstance(found, list):
        raise InvalidWebhook(f"the body's {name!r} isn't a list")
    return found


def _ids(says: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(map(_id, _list(says, name)))


def _id(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise InvalidWebhook("an id in the body isn't a short text")
    return value


def _pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise InvalidWebhook("what was merged in the body isn't a pair of ids")
    return _id(value[0]), _id(value[1])


def _person(value: Any) -> Person:
    if not isinstance(value, dict):
        raise InvalidWebhook("a person in the body isn't an object")
    return Person(
        customer_id=_maybe_id(value.get("customer_id")),
        email=_maybe_id(value.get("email")),
        orders=_ids(value, "orders"),
    )


def _maybe_id(value: Any) -> str | None:
    return None if value is None else _id(value)
