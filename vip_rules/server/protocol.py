"""The protocol: HTTP as uvicorn speaks it, but nobody may be slow or endless with what isn't a body."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD: Final = 64 * 1024
"""Bytes that a request may have besides its body: its head, and what marks the chunks of a body."""

_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class Protocol(HttpToolsProtocol):
    """Closes connections on which no whole head comes in time, or too much of it, and those whose body nobody will read."""

    slow = 10
    """Seconds that a sender has for the head of a request."""

    _deadline: asyncio.TimerHandle | None = None
    _in_head = False
    _besides = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the wait with the connection."""
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes besides a body, and see that the head that has begun ends."""
        self._besides += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        # Before the first request there is none, whatever its type says.
        idle = self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]
        if self._besides > LARGEST_HEAD:
            if idle:
                self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._in_head or idle:
            self._wait_for_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._besides = True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; behind a body there may be none, where it could say something else than those before it."""
        if not self._in_head:
            raise ValueError("trailers aren't taken")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        self._end_wait()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """What the body is bounded by is the matter of those who read it."""
        self._besides -= len(body)
        super().on_body(body)

    def on_response_complete(self) -> None:
        """It is answered. Where that was before the end of the body, nobody reads the rest."""
        if not self.pipeline and self.cycle.more_body:
            self.transport.close()
        super().on_response_complete()

    def _wait_for_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.slow, self.transport.close)

    def _end_wait(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
