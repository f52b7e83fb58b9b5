"""A real server on this machine that answers as it is told, request by request, or breaks off in the middle."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

RESET = b"RESET"
"""Instead of an answer: the connection is reset after the request was read."""

SILENCE = b"SILENCE"
"""Instead of an answer: nothing comes, until the client goes."""


@dataclass
class Loopback:
    """`answers` are raw HTTP answers, one for each request; `requests` are what arrived, raw."""

    url: str
    answers: list[bytes] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def loopback() -> Iterator[Loopback]:
    """A server until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Loopback(f"http://127.0.0.1:{listener.getsockname()[1]}")
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, served, ended))
        thread.start()
        try:
            yield served
        finally:
            ended.set()
            with socket.create_connection(listener.getsockname()):
                thread.join()


def http(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer; `length` is what it says its length is."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


def _serve(listener: socket.socket, served: Loopback, ended: threading.Event) -> None:
    while True:
        connection, _ = listener.accept()
        with connection:
            if ended.is_set():
                return
            _answer(connection, served)


def _answer(connection: socket.socket, served: Loopback) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65_536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65_536)
    served.requests.append(head + b"\r\n\r\n" + body)
    answer = served.answers.pop(0)
    if answer == RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif answer == SILENCE:
        connection.recv(1)
    else:
        connection.sendall(answer)
