"""A store in memory behind HTTP, its adapter, and adapters that break the contract of crashes, each in one way."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Any, cast

import requests

from tests.testing.memory import MemoryWorkbench
from vip_rules.adapter import (
    Adapter,
    Capability,
    Confirmed,
    Intent,
    Outcome,
    PlatformFailed,
    Refused,
    RetryAfter,
    Sight,
    Unknown,
    Unreadable,
)
from vip_rules.store import Page, Shop
from vip_rules.testing import MemoryAdapter, MemoryStore
from vip_rules.testing.adapter import CAPABILITIES


class Server(ThreadingHTTPServer):
    """Calls a store's methods: what is posted is the name and the arguments, pickled."""

    daemon_threads = True

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = store
        # Who shuts it down waits for so many seconds.
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it an answer waits for the acknowledgement of its head.
    wbufsize = -1

    def do_POST(self) -> None:
        method, arguments, named = pickle.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = pickle.dumps(getattr(cast(Server, self.server).store, method)(*arguments, **named))
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class RemoteStore:
    """A store in memory, used over HTTP."""

    def __init__(self, address: str) -> None:
        self.address, self.session = address, requests.Session()

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            with self.session.post(self.address, data=pickle.dumps((method, arguments, named))) as answer:
                return pickle.loads(answer.content)

        return call


class RemoteAdapter(MemoryAdapter):
    capabilities: Mapping[str, Capability] = MappingProxyType(
        {kind: does for kind, does in CAPABILITIES.items() if kind != "message"}
    )

    def __init__(self, address: str) -> None:
        self.remote = RemoteStore(address)
        super().__init__(cast(MemoryStore, self.remote), capabilities=self.capabilities, page_size=3)

    def shop(self) -> Shop:
        try:
            return super().shop()
        except requests.ConnectionError:
            raise PlatformFailed("the store didn't answer") from None

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        try:
            yield from super().pages(cursor, full=full, wanted=wanted)
        except requests.ConnectionError:
            raise PlatformFailed("the store didn't answer") from None

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        try:
            return super().carry_out(intents)
        except requests.ConnectionError:
            return [Unknown("the store didn't answer") for _ in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        try:
            return super().look(intents)
        except requests.ConnectionError:
            return [Unreadable("the store didn't answer") for _ in intents]

    def close(self) -> None:
        self.remote.session.close()


class Resends(RemoteAdapter):
    """Tries again when an answer is lost."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        outcomes = super().carry_out(intents)
        return super().carry_out(intents) if isinstance(outcomes[0], Unknown) else outcomes


class Waits(RemoteAdapter):
    """Takes a lost answer for a store that is busy."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return [
            RetryAfter(1, outcome.reason) if isinstance(outcome, Unknown) else outcome
            for outcome in super().carry_out(intents)
        ]


class GivesUp(RemoteAdapter):
    """Takes a lost answer for a refusal."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return [
            Refused(outcome.reason) if isinstance(outcome, Unknown) else outcome
            for outcome in super().carry_out(intents)
        ]


class Hopes(RemoteAdapter):
    """Takes a lost answer for a good one."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return [
            Confirmed() if isinstance(outcome, Unknown) else outcome for outcome in super().carry_out(intents)
        ]


class Promises(RemoteAdapter):
    """Says that a credit may be sent twice, and can't be looked up; the store gives it each time."""

    capabilities = MappingProxyType(
        {**RemoteAdapter.capabilities, "store_credit": Capability("Gives store credit.", readable=False)}
    )

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        (intent,) = intents
        if intent.kind != "store_credit":
            return super().carry_out(intents)
        try:
            self.store.carry_out(intent, idempotent=False)
        except requests.ConnectionError:
            return [Unknown("the store didn't answer")]
        return [Confirmed()]


class RemoteWorkbench(MemoryWorkbench):
    """The workbench of one of these adapters."""

    opened: type[RemoteAdapter] = RemoteAdapter

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.server = Server(self.store)

    def opener(self) -> Callable[[], Adapter]:
        return partial(self.opened, self.server.address)

    def snapshot(self) -> Any:
        return self.store.snapshot()

    def restore(self, snapshot: Any) -> None:
        self.store.restore(snapshot)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
