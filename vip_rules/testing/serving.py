"""A store in memory that lives in one process and is used from others, so that those may be killed at any point."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Client, Connection, Listener
from threading import Event, Thread
from typing import Any, Final, cast

from vip_rules.testing.store import MemoryStore

_LOOPBACK: Final = "127.0.0.1"


@contextmanager
def serve(store: MemoryStore) -> Iterator[str]:
    """Serve a store on the loopback, and give the address for `connect`: a text to hand to another process."""
    key = secrets.token_bytes()
    stopping = Event()
    with Listener((_LOOPBACK, 0), authkey=key) as listener:
        _, port = cast(tuple[str, int], listener.address)
        server = Thread(target=_accept, args=(listener, store, stopping), daemon=True)
        server.start()
        try:
            yield f"{port}:{key.hex()}"
        finally:
            stopping.set()
            # Who waits for connections notices the end by one, which says nothing.
            socket.create_connection((_LOOPBACK, port)).close()
            server.join()


def connect(address: str) -> MemoryStore:
    """A served store, used as if it were here. Its methods raise what they raise there, or EOFError once it is gone."""
    port, _, key = address.partition(":")
    return cast(MemoryStore, _RemoteStore(Client((_LOOPBACK, int(port)), authkey=bytes.fromhex(key))))


class _RemoteStore:
    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._connection.send((method, arguments, named))
            answer, error = self._connection.recv()
            if error is not None:
                raise error
            return answer

        return call


def _accept(listener: Listener, store: MemoryStore, stopping: Event) -> None:
    while not stopping.is_set():
        # Somebody may be killed, or go away, while connecting.
        with suppress(OSError, EOFError):
            Thread(target=_answer, args=(listener.accept(), store), daemon=True).start()


def _answer(connection: Connection[Any, Any], store: MemoryStore) -> None:
    with connection, suppress(OSError, EOFError):
        while True:
            method, arguments, named = connection.recv()
            answer = error = None
            try:
                answer = getattr(store, method)(*arguments, **named)
            except Exception as raised:
                error = raised
            connection.send((answer, error))
