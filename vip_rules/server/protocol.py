"""The protocol: HTTP as uvicorn speaks it, but nobody may be slow or endless with the head of a request."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

SLOW: Final = 10
"""Seconds that a sender has for the head of a request."""

LARGEST_HEAD: Final = 64 * 1024
"""Bytes that the head of a request may have."""


class Protocol(HttpToolsProtocol):
    """Closes connections on which no whole head comes in time, or one that is too large."""

    _deadline: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the wait with the connection."""
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes of a head."""
        if self._deadline is not None:
            self._head += len(data)
        super().data_received(data)
        if self._deadline is not None and self._head > LARGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Another request begins on a connection that was kept."""
        super().on_message_begin()
        if self._deadline is None:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._end_wait()
        super().on_headers_complete()

    def _expect_head(self) -> None:
        self._head = 0
        self._deadline = self.loop.call_later(SLOW, self.transport.close)

    def _end_wait(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
