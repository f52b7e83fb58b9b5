"""Webhooks: what the shop tells by itself, to whom, and when it gives up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import http.client
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from vip_rules.webhooks import Delivery

from tests.woocommerce.calls import Answer, Call, Problem, missing_parameter
from tests.woocommerce.listing import Keep, Listing
from tests.woocommerce.resource import Resource
from tests.woocommerce.shelf import Row
from tests.woocommerce.state import State

FAILURES_TO_DISABLE: Final = 7
_AGENT: Final = "WooCommerce/11.0.1 Hookshot (WordPress/7.1)"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_STATUSES: Final = frozenset({"active", "paused", "disabled"})
_TOPICS: Final = frozenset(
    f"{resource}.{event}"
    for resource in ("customer", "order", "product", "coupon")
    for event in ("created", "updated", "deleted", "restored")
) - {"customer.restored"}


@dataclass(slots=True, kw_only=True)
class Behind:
    """What of a webhook no answer shows."""

    secret: str
    failures: int = 0
    greeted: bool = False


def _filters(query: Mapping[str, str]) -> list[Keep]:
    status = query.get("status", "all")
    return [] if status == "all" else [lambda row: row["status"] == status]


class Webhooks(Resource):
    """Webhooks by id; `behind` has their secrets and failures in a row. Only addresses of the loopback are spoken to.

    `sent` are all deliveries that were tried, with the webhook's id; `body_of` gives a record's JSON at the time of delivery.
    """

    path = "webhooks"
    listing = Listing(
        sorts={
            "date": lambda row, page: (row["date_created_gmt"], row["id"]),
            "id": lambda row, page: row["id"],
            "title": lambda row, page: (row["name"], row["id"]),
        },
        orderby="date",
        order="desc",
        filters=_filters,
        dated=False,
    )

    def __init__(self, state: State, body_of: Callable[[str, int], str]) -> None:
        super().__init__(state)
        self.behind: dict[int, Behind] = {}
        self.sent: list[tuple[int, Delivery]] = []
        self._body_of = body_of

    def find(self, row_id: int, *, status: int = 404) -> Row:
        """A webhook."""
        row = self.shelf.get(row_id)
        if row is None:
            raise Problem(status, "woocommerce_rest_shop_webhook_invalid_id", "ID is invalid.")
        return row

    def created(self, call: Call) -> Answer:
        """Answer to a POST, after the first ping."""
        answer = super().created(call)
        answer.first = lambda: self.ping(int(answer.body["id"]))
        return answer

    def create(self, body: Row, *, checked: bool, unique: bool) -> Row:
        """Make a webhook: always active, however many there are like it. A secret of its own nobody knows."""
        if "topic" not in body:
            raise missing_parameter("topic")
        now = self.state.clock()
        row = {
            "id": self.state.webhooks.last + 1,
            "name": body.get("name") or f"Webhook created on {now:%b %d, %Y @ %I:%M %p}",
            "status": "active",
            **_topic(body["topic"]),
            "delivery_url": _address(body.get("delivery_url")),
            **self.state.now("date_created"),
            **self.state.moment("date_modified", None),
        }
        self.behind[self.state.webhooks.next()] = Behind(
            secret=str(body.get("secret") or secrets.token_urlsafe(24))
        )
        return self.shelf.put(row)

    def update(self, row_id: int, body: Row, *, checked: bool) -> Row:
        """Change a webhook. Made active again it keeps its failures: one more disables it."""
        row = dict(self.find(row_id, status=400))
        if "topic" in body:
            row |= _topic(body["topic"])
        if "delivery_url" in body:
            row["delivery_url"] = _address(body["delivery_url"])
            self.behind[row_id].greeted = False
        if body.get("status") in _STATUSES:
            row["status"] = body["status"]
        if body.get("name"):
            row["name"] = str(body["name"])
        if body.get("secret"):
            self.behind[row_id].secret = str(body["secret"])
        return self.shelf.put({**row, **self.state.now("date_modified")})

    def delete(self, row_id: int, *, force: bool) -> Row:
        """Delete a webhook; there is no trash for it."""
        self.find(row_id)
        if not force:
            raise Problem(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        del self.behind[row_id]
        return self.shelf.remove(row_id)

    def ping(self, row_id: int) -> int | None:
        """Ask whether somebody is there. Gives the status of the answer; None without one."""
        content = ("Content-Type", "application/x-www-form-urlencoded")
        delivery = Delivery(headers=(*_HEADERS, content), body=f"webhook_id={row_id}".encode())
        status = _sent(self.shelf[row_id]["delivery_url"], delivery, 5)
        self.behind[row_id].greeted |= status == 200
        return status

    def signed(self, row_id: int, topic: str, body: bytes, secret: str) -> Delivery:
        """A delivery as it is sent: its id is one of the webhook and the second, the signature of the very bytes."""
        resource, _, event = topic.partition(".")
        second = f"{row_id}{self.state.clock().timestamp():.0f}"
        mac = hmac.new(html.unescape(secret).encode(), body, hashlib.sha256).digest()
        named = (
            ("Content-Type", "application/json"),
            ("X-WC-Webhook-Source", f"{self.state.url}/"),
            ("X-WC-Webhook-Topic", topic),
            ("X-WC-Webhook-Resource", resource),
            ("X-WC-Webhook-Event", event),
            ("X-WC-Webhook-Signature", base64.b64encode(mac).decode()),
            ("X-WC-Webhook-ID", str(row_id)),
            ("X-WC-Webhook-Delivery-ID", hashlib.md5(second.encode()).hexdigest()),
        )
        return Delivery(headers=(*_HEADERS, *named), body=body)

    def run_queue(self) -> int:
        """Deliver what happened since the last time, once for each webhook and record, as it is now. Gives how many."""
        with self.state.lock:
            happened, self.state.happened = dict.fromkeys(self.state.happened), []
            due = [
                (row["id"], topic, self._body_of(topic, one).encode())
                for topic, one in happened
                for row in self.shelf
                if row["status"] == "active" and row["topic"] == topic
            ]
        for row_id, topic, body in due:
            self._deliver(row_id, topic, body)
        return len(due)

    def _deliver(self, row_id: int, topic: str, body: bytes) -> None:
        behind = self.behind[row_id]
        if not behind.greeted:
            self.ping(row_id)
        delivery = self.signed(row_id, topic, body, behind.secret)
        self.sent.append((row_id, delivery))
        status = _sent(self.shelf[row_id]["delivery_url"], delivery, 60)
        if status is not None and (200 <= status < 300 or status in {301, 302}):
            behind.failures = 0
        elif behind.failures + 1 < FAILURES_TO_DISABLE:
            behind.failures += 1
        else:
            self.shelf.change(row_id, status="disabled", **self.state.now("date_modified"))


_HEADERS: Final = (("User-Agent", _AGENT), ("Accept", "*/*"), ("Connection", "close"))


def _topic(topic: object) -> Row:
    if topic not in _TOPICS:
        message = "Webhook topic is required and must be valid."
        raise Problem(400, "woocommerce_rest_shop_webhook_invalid_topic", message)
    resource, _, event = str(topic).partition(".")
    return {"topic": topic, "resource": resource, "event": event, "hooks": []}


def _address(url: object) -> str:
    if urlsplit(str(url)).scheme not in {"http", "https"}:
        message = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise Problem(400, "woocommerce_rest_shop_webhook_invalid_delivery_url", message)
    return str(url)


def _sent(url: str, delivery: Delivery, seconds: int) -> int | None:
    address = urlsplit(url)
    if address.hostname not in _LOOPBACK or address.scheme != "http":
        return None
    connection = http.client.HTTPConnection(address.hostname, address.port or 80, timeout=seconds)
    try:
        target = address.path + (f"?{address.query}" if address.query else "")
        connection.request("POST", target or "/", delivery.body, dict(delivery.headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
