"""The receiver of webhooks: size and signature are checked, the bytes are kept, and only then is it answered.

Nothing is parsed here: what the bytes say is the worker's matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from vip_rules.inbox import Arrived
from vip_rules.logs.log import Log
from vip_rules.project import Project
from vip_rules.server.desk import Desk
from vip_rules.server.postbox import Postbox
from vip_rules.webhooks import Delivery, Forged, Genuine, Ping, Verdict, Webhooks

COME_AGAIN: Final = "60"
"""Seconds until a sender should try again who couldn't be served."""

LONGEST_NAME: Final = 255
"""Characters that a topic, or a delivery's id, may have."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Refused(Exception):
    """A request that isn't taken, with the answer to it. `cause` is a word for it in the log."""

    def __init__(self, status: int, cause: str, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status, self.cause, self.reason = status, cause, reason
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Receiver:
    """The ASGI application behind POST /webhooks/{shop}, whose path parameter `shop` is the shop's name.

    `largest` is the most bytes of a body; `answered` is called with the shop's name, empty where there is none, and the status
    of each answer.
    """

    slow = 10
    """Seconds that a sender has for the whole body."""

    def __init__(
        self,
        desks: Mapping[str, Desk],
        postbox: Postbox,
        log: Log,
        *,
        largest: int,
        answered: Callable[[str, int], None],
    ) -> None:
        self._desks, self._postbox, self._log = desks, postbox, log
        self._largest, self._answered = largest, answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope["path_params"]["shop"]
        try:
            await self._take(name, scope, receive)
            response = Response(status_code=200)
        except Refused as refused:
            log = self._desks[name].log if name in self._desks else self._log
            log.refused(refused.status, refused.cause)
            response = Response(refused.reason + "\n", refused.status, refused.headers, "text/plain")
        self._answered(name if name in self._desks else "", response.status_code)
        await response(scope, receive, send)

    async def _take(self, name: str, scope: Scope, receive: Receive) -> None:
        """Check a webhook and keep it. Raises Refused."""
        if scope["method"] != "POST":
            raise Refused(405, "method", "webhooks are posted", allow="POST")
        project = self._desks[name].project if name in self._desks else None
        webhooks = project.adapter.webhooks if project else None
        if project is None or webhooks is None:
            raise Refused(404, "shop", "no shop of this name takes webhooks here")
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise Refused(
                415,
                "encoding",
                "bodies are taken as they are, without content-encoding",
                accept_encoding="identity",
            )
        body = await self._body(headers, receive)
        told = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]]
        match self._verdict(name, webhooks, Delivery(headers=told, body=body)):
            case Ping():
                return
            case Forged():
                raise Refused(401, "signature", "the signature isn't the shop's")
            case Genuine(topic=topic, id=given) if not (_fits(topic) and _fits(given or "")):
                raise Refused(400, "name", f"a topic or id has at most {LONGEST_NAME} printable characters")
            case Genuine() as genuine:
                await self._keep(project, genuine, body)

    def _verdict(self, name: str, webhooks: Webhooks, delivery: Delivery) -> Verdict:
        """What the adapter says of a delivery. Where it stumbles, the delivery isn't known to be genuine."""
        try:
            return webhooks.verify(delivery)
        except Exception as error:  # an adapter's slip: whatever was sent, the server lives on
            self._desks[name].log.failed("receiver", error)
            return Forged("it couldn't be checked")

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        """The whole body. Raises Refused for one that is too large, too slow, or ends early."""
        too_large = Refused(
            413, "size", f"a webhook has at most {self._largest} bytes here", connection="close"
        )
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self._largest:
            raise too_large
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self.slow):
                while True:
                    message: Message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refused(400, "torn", "the body ended early")
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > self._largest:
                        raise too_large
                    chunks.append(chunk)
                    if not message.get("more_body", False):
                        return b"".join(chunks)
        except TimeoutError:
            raise Refused(408, "slow", "the body didn't come in time", connection="close") from None

    async def _keep(self, project: Project, genuine: Genuine, body: bytes) -> None:
        arrived = Arrived(
            shop=project.shop,
            topic=genuine.topic,
            delivery=genuine.id or "",
            body=body,
            sent_at=None if genuine.at is None else _micros(genuine.at),
            received_at=project.means.now(),
        )
        try:
            await self._postbox.put(arrived)
        except Exception:  # the postbox has told why; the sender only needs to know that it isn't kept
            raise Refused(
                503, "storage", "it couldn't be kept: send it again", retry_after=COME_AGAIN
            ) from None


def _fits(name: str) -> bool:
    return len(name) <= LONGEST_NAME and name.isprintable()


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND
