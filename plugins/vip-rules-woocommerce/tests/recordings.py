"""Recorded exchanges of a real WooCommerce: loaded by name, and answered again through `responses`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from responses import BaseResponse, RequestsMock
from vip_rules.webhooks import Delivery

FOLDER = Path(__file__).with_name("recorded")
SHOP = "https://shop.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A request and its answer. `body` is the answer's; numbers with a fraction are Decimal. `sent` is the request's."""

    note: str
    method: str
    path: str
    query: Mapping[str, str]
    sent: Any
    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDelivery:
    """A webhook that a shop sent, and the secret that it was signed with."""

    delivery: Delivery
    secret: str
    topic: str
    webhook_id: int


def names(beginning: str = "") -> list[str]:
    """The recordings here whose names begin so."""
    return sorted(file.stem for file in FOLDER.glob(f"{beginning}*.json"))


def load(name: str) -> Any:
    """A recording's JSON, as it is."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"), parse_float=Decimal)


def recording(name: str) -> Recording:
    """A recorded exchange."""
    held = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    request = held["request"]
    return Recording(
        note=held["note"],
        method=request["method"],
        path=request["path"].partition("?")[0],
        query=request["query"],
        sent=request["body"],
        status=held["status"],
        headers=held["headers"],
        body=load(name)["body"],
        text=json.dumps(held["body"]),
    )


def delivery(name: str) -> RecordedDelivery:
    """A recorded webhook: `webhook-delivery-` and the rest of its name may be left out."""
    held = load(name if name.startswith("webhook-delivery-") else f"webhook-delivery-{name}")
    headers = [(key, value) for key, value in held["request"]["headers"]]
    webhook = held["webhook"]
    return RecordedDelivery(
        delivery=Delivery(headers=headers, body=held["body_raw"].encode()),
        secret=webhook["secret"],
        topic=webhook["topic"],
        webhook_id=webhook["id"],
    )


def replay(
    answers: RequestsMock,
    name: str,
    *,
    shop: str = SHOP,
    method: str | None = None,
    path: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> BaseResponse:
    """Answer a request as it was recorded; `method` and `path` (below the API) ask for it at another place.

    What is registered several times for one address is answered in order; the last one stays.
    """
    recorded = recording(name)
    told = {key: value for key, value in recorded.headers.items() if key != "Content-Type"}
    return answers.add(
        method or recorded.method,
        shop + (recorded.path if path is None else f"/wp-json/wc/v3/{path}"),
        body=recorded.text,
        status=recorded.status,
        headers={**told, **(headers or {})},
        content_type=recorded.headers["Content-Type"],
    )
