"""Listening: the application on an address, over HTTP as uvicorn speaks it, until the process is told to stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from vip_rules.errors import VipRulesError
from vip_rules.logs.log import Log
from vip_rules.server.protocol import Protocol

CONNECTIONS: Final = 1_000
"""Requests at a time; beyond it they are answered with 503."""

LAST_ANSWERS: Final = 10
"""Seconds that requests have to be answered once the process is told to stop."""


class CannotListen(VipRulesError):
    """The address isn't one of this machine, or is taken: change the settings."""

    exit_code = 3


def listen(app: ASGIApp, host: str, port: int, log: Log, broken: Callable[[], str | None]) -> None:
    """Answer requests until SIGTERM or SIGINT, or until a part of the service is `broken`: who looks after us starts anew.

    Port 0 chooses a free one; the log says which. Raises CannotListen.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        # Python adds the address to what the system says.
        why = str(error.strerror).partition(" (while")[0]
        raise CannotListen(
            f"[server] host and port: nobody can listen on {host}:{port} ({why}); end what listens there, or choose another "
            "address of this machine"
        ) from None
    with listener:
        _Server(configured(app, host, port), log, broken).run([listener])


def configured(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=LAST_ANSWERS,
    )


class _Server(uvicorn.Server):
    """A server that says where it listens once it does, and that ends quietly."""

    def __init__(self, config: uvicorn.Config, log: Log, broken: Callable[[], str | None]) -> None:
        super().__init__(config)
        self._log, self._broken = log, broken

    async def on_tick(self, counter: int) -> bool:
        """Whether to end; asked ten times a second."""
        return await super().on_tick(counter) or self._broken() is not None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End at a signal. Uvicorn would raise it again then: nobody would be left to see the workers out."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._log.listening(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
