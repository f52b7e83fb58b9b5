"""A line to a server: bytes go out as they are, and answers come in one by one."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from vip_rules.webhooks import Delivery

PATIENCE = 20
"""Seconds after which a server that neither answers nor closes is taken to hang."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Unbuffered:
    """Reads no further than the answer goes: the next one is behind it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def makefile(self, _: str) -> socket.SocketIO:
        return self._line.makefile("rb", buffering=0)


class Line:
    """A connection to the server of a URL."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._socket = socket.create_connection((place.hostname, place.port), PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> bool:
        """Whether they could be sent, as far as is known here."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def end(self) -> None:
        """Say that nothing more is sent, if the server still listens."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self, method: str = "POST") -> Answer:
        """The next answer; those that are only on the way to it are skipped."""
        answer = http.client.HTTPResponse(_Unbuffered(self._socket), method=method)  # type: ignore[arg-type]
        answer.begin()
        with answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())

    def is_closed(self) -> bool:
        """Wait until the server closes the line, or says something more."""
        try:
            return not self._socket.recv(1)
        except ConnectionResetError:
            return True

    def read(self, size: int) -> bytes:
        """So many bytes, as they come."""
        return self._socket.recv(size, socket.MSG_WAITALL)

    def some(self) -> bytes:
        """What comes first; nothing if the line is closed."""
        with suppress(ConnectionResetError):
            return self._socket.recv(65_536)
        return b""

    def rest(self) -> bytes:
        """All that comes until the line is closed."""
        found = b""
        with suppress(ConnectionResetError):
            while some := self._socket.recv(65_536):
                found += some
        return found


def request(delivery: Delivery, shop: str = "atelier", method: str = "POST") -> bytes:
    """A delivery as a store sends it."""
    length = [("Content-Length", str(len(delivery.body)))]
    return head(f"/webhooks/{shop}", [*delivery.headers, *length], method) + delivery.body


def head(path: str, headers: list[tuple[str, str]], method: str = "POST", version: str = "1.1") -> bytes:
    """The head of a request."""
    told = "".join(f"{name}: {value}\r\n" for name, value in [("Host", "shop.example"), *headers])
    return f"{method} {path} HTTP/{version}\r\n{told}\r\n".encode("latin-1")


def post(url: str, data: bytes) -> Answer:
    """What is answered to some bytes, on a line of their own."""
    with Line(url) as line:
        line.send(data)
        return line.answer()
