"""The client of a shop's Admin API: queries that are asked again until they are answered, mutations that are sent once."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from vip_rules.adapter import PlatformFailed

from vip_rules_shopify.admin.address import host_of, shop_address
from vip_rules_shopify.admin.answers import (
    Answer,
    Busy,
    Denial,
    Done,
    InDoubt,
    Lost,
    NotDone,
    NotSent,
    Reply,
    judge,
    search_warnings,
)
from vip_rules_shopify.admin.bucket import Bucket
from vip_rules_shopify.admin.documents import Document, document
from vip_rules_shopify.admin.download import downloaded
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.tokens import TokenProvider
from vip_rules_shopify.admin.wire import TIMEOUT, Wire

VERSION: Final = "2026-10"
"""The version of the Admin API that the documents are written for."""

_TRIES: Final = 4
_BUSY_TRIES: Final = 8
"""How often a query is sent at most: if answers are lost, and if the shop is busy."""

_UNUSABLE: Final = 60
"""Seconds after which a shop that can't be used at all may be tried again: somebody has to do something first."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an app may see of what it asked for, and what it may not: those fields are null in `data`."""

    data: Mapping[str, Any]
    denied: tuple[Denial, ...]


class Admin:
    """A shop's Admin API. May be used by several threads at a time.

    `base_url` is https://NAME.myshopify.com (http only on this machine), `timeout` seconds for connecting and for each silence
    of an answer. Requests wait for their turn: no more is sent than the shop's points pay for. Raises UsageError for an
    address that tokens mustn't be sent to.
    """

    def __init__(
        self,
        base_url: str,
        *,
        version: str = VERSION,
        tokens: TokenProvider,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        entropy: Callable[[int], bytes],
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._base = shop_address(base_url)
        self._url = f"{self._base}/admin/api/{version}/graphql.json"
        self._version = version
        self._tokens = tokens
        self._sleep = sleep
        self._entropy = entropy
        self._timeout = timeout
        self._wire = Wire(timeout)
        self._bucket = Bucket(clock)
        self._lock = threading.Lock()
        self._notes: dict[str, None] = {}

    def __repr__(self) -> str:
        return f"Admin({self._base!r}, version={self._version!r})"

    @property
    def host(self) -> str:
        """The shop's host."""
        return host_of(self._base)

    @property
    def version(self) -> str:
        """The version of the API that is asked for."""
        return self._version

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for people about what was noticed so far, each once."""
        with self._lock:
            return tuple(self._notes)

    def query(self, name: str, /, **variables: Any) -> Mapping[str, Any]:
        """The data that a query gives, all of it. What passes by itself is waited for.

        Raises AdminFailed for what the shop does, and PlatformFailed where there is no token.
        """
        answer = self._asked(name, variables)
        if isinstance(answer, Done):
            return answer.data
        raise AdminFailed(answer.reason, answer.codes)

    def query_allowed(self, name: str, /, **variables: Any) -> Allowed:
        """As `query`, but where the app may not read some fields it gives the others. Raises as `query` for all else."""
        answer = self._asked(name, variables)
        if isinstance(answer, Done):
            return Allowed(answer.data, ())
        if answer.codes == {"ACCESS_DENIED"} and answer.data is not None:
            return Allowed(answer.data, answer.denials)
        raise AdminFailed(answer.reason, answer.codes)

    def mutate(self, name: str, /, **variables: Any) -> Answer:
        """Send a mutation once, after its turn has come, and tell what came of it. Doesn't raise for what the shop does.

        It is sent again only if its token was refused, and then with a fresh one. A shop that can't be used at all (no
        token, frozen, not there) is Busy: that says nothing about the mutation.
        """
        try:
            answer, _ = self._attempt(document(name), variables)
        except PlatformFailed as error:
            return Busy(_UNUSABLE, str(error))
        if isinstance(answer, NotDone) and answer.is_of_shop:
            return Busy(_UNUSABLE, answer.reason)
        if isinstance(answer, Done) and None in answer.data.values():
            return InDoubt(f"{self.host} told nothing of what came of it")
        return answer

    def download(self, url: str) -> AbstractContextManager[Iterator[bytes]]:
        """The lines of a file at a signed address, without the access token; not more of it in memory than a piece.

        Raises AdminFailed, also while reading, where it can't be read to its end. Count the lines all the same.
        """
        return downloaded(url, self._timeout)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _asked(self, name: str, variables: Mapping[str, Any]) -> Done | NotDone:
        asked = document(name)
        if asked.kind != "query":
            raise ValueError(f"{name} is a mutation: it mustn't be sent again and again")
        tries = 0
        while True:
            tries += 1
            answer, reply = self._attempt(asked, variables)
            warnings = search_warnings(reply.body) if isinstance(reply, Reply) else []
            if warnings:
                told = "; ".join(warnings)
                return NotDone(
                    f"Shopify doesn't understand the search: {told}", frozenset({"SEARCH_WARNING"})
                )
            match answer:
                case Done() | NotDone():
                    return answer
                case Busy(seconds, reason) if tries < _BUSY_TRIES:
                    self._sleep(seconds + self._jitter())
                case InDoubt(reason) if tries < _TRIES:
                    self._sleep(2 ** (tries - 1) + self._jitter())
                case Busy(_, reason):
                    raise AdminFailed(f"{reason}. It was tried {tries} times: call the command again later")
                case InDoubt(reason):
                    raise AdminFailed(
                        f"{reason}. It was tried {tries} times: look whether the shop can be reached, "
                        "and call the command again"
                    )

    def _attempt(
        self, asked: Document, variables: Mapping[str, Any]
    ) -> tuple[Answer, Reply | NotSent | Lost]:
        """Send a document once, in its turn. Raises PlatformFailed where there is no token."""
        body = orjson.dumps({"query": asked.text, "variables": variables}, default=_plain)
        turn = self._bucket.take(asked.name)
        reply: Reply | NotSent | Lost | None = None
        try:
            if turn.wait > 0:
                self._sleep(turn.wait)
            token = self._tokens.token()
            reply = self._post(body, token)
            if isinstance(reply, Reply) and reply.status == 401:
                reply = self._post(body, self._tokens.refresh(token))
        finally:
            self._bucket.give_back(turn, reply.cost if isinstance(reply, Reply) else None)
        answer = judge(reply, host=self.host)
        if isinstance(answer, Busy):
            seconds = max(self._bucket.seconds_for(asked.name) + self._jitter(), answer.seconds)
            answer = replace(answer, seconds=math.ceil(seconds))
        return answer, reply

    def _post(self, body: bytes, token: str) -> Reply | NotSent | Lost:
        headers = {"Content-Type": "application/json", "X-Shopify-Access-Token": token}
        reply = self._wire.post(self._url, body, headers)
        if isinstance(reply, Reply):
            answered = reply.headers.get("X-Shopify-API-Version", self._version)
            if answered != self._version:
                self._note(
                    f"{self.host} answers with version {answered} of the Admin API instead of {self._version}, "
                    "which it no longer has"
                )
        return reply

    def _note(self, sentence: str) -> None:
        with self._lock:
            self._notes[sentence] = None

    def _jitter(self) -> float:
        """Less than a second, by chance: so that not all who wait come back together."""
        return int.from_bytes(self._entropy(2)) / 65_536  # not money


def _plain(value: object) -> object:
    """A decimal as a JSON number, every digit of it."""
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} is no JSON")
