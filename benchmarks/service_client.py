"""Sends signed webhooks as fast as they are answered, or so many a second, over connections that are kept.

Bodies are made and signed before the first is sent, so that the client takes little of the processors that it shares with
the service. Its output is one JSON object a run: when each was sent, and after how long it was answered.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Final

from benchmarks.service_store import signature

SIZE: Final = 20_000


def webhook(host: str, path: str, number: int, wave: int) -> bytes:
    """The request that tells of the order which lifts a customer: all bodies differ."""
    order = f"N{number}-{wave}"
    told = json.dumps({"orders": [order], "note": ""})
    filling = f"{number:07}-{wave:03} " * (SIZE // 12)
    body = (told[:-2] + filling[: SIZE - len(told)] + '"}').encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\nx-topic: order\r\nx-id: {order}\r\n"
        f"x-signature: {signature(body).decode()}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Sender(asyncio.Protocol):
    """A connection: sends its next request when the one before was answered, or when it is told to."""

    transport: asyncio.Transport

    def __init__(self, run: "Run") -> None:
        self._run, self._answer, self._at = run, b"", -1

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def send(self, at: int) -> None:
        """Send a request."""
        self._at = at
        self._run.sent[at] = time.monotonic_ns()
        self.transport.write(self._run.requests[at])

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if b"\r\n\r\n" not in self._answer:
            return
        at, status = self._at, int(self._answer[9:12])
        self._run.answered(self, at, status)

    def ready(self) -> None:
        """Forget the answer."""
        self._answer = b""

    def connection_lost(self, error: Exception | None) -> None:
        self._run.lost(self, error)


class Run:
    """One run: `rate` is how many are sent a second; 0 for as many as are answered."""

    def __init__(self, requests: Sequence[bytes], rate: int) -> None:
        self.requests, self._rate = requests, rate
        self.sent, self.taken = [0] * len(requests), [0] * len(requests)
        self.statuses: dict[int, int] = {}
        self._next = self._done = 0
        self._idle: list[Sender] = []
        self._over: asyncio.Future[None]

    async def go(self, host: str, port: int, clients: int) -> dict[str, object]:
        """All of it."""
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        senders = [
            (await loop.create_connection(lambda: Sender(self), host, port))[1] for _ in range(clients)
        ]
        began = time.monotonic_ns()
        if self._rate:
            self._idle = list(senders)
            await self._pace(began)
        else:
            for sender in senders:
                self._send_next(sender)
        await self._over
        ended = time.monotonic_ns()
        return {
            "seconds": (ended - began) / 1e9,
            "statuses": self.statuses,
            "sent": self.sent,
            "milliseconds": [taken / 1e6 for taken in self.taken],
        }

    async def _pace(self, began: int) -> None:
        for at in range(len(self.requests)):
            due = began + at * 1_000_000_000 // self._rate
            while (now := time.monotonic_ns()) < due or not self._idle:
                await asyncio.sleep(max(0.0005, (due - now) / 1e9))
            self._idle.pop().send(at)

    def _send_next(self, sender: Sender) -> None:
        if self._next < len(self.requests):
            self._next += 1
            sender.send(self._next - 1)

    def answered(self, sender: Sender, at: int, status: int) -> None:
        """Count an answer, and go on."""
        self.taken[at] = time.monotonic_ns() - self.sent[at]
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self._done += 1
        sender.ready()
        if self._rate:
            self._idle.append(sender)
        else:
            self._send_next(sender)
        if self._done == len(self.requests) and not self._over.done():
            self._over.set_result(None)

    def lost(self, sender: Sender, error: Exception | None) -> None:
        """A connection ended. One that had nothing to do for a while may."""
        if sender in self._idle:
            self._idle.remove(sender)
        elif not self._over.done():
            self._over.set_exception(error or ConnectionError("the service closed a connection"))


def main() -> None:
    """HOST PORT PATH CLIENTS RATE FIRST COUNT WAVE"""
    host, port, path, *numbers = sys.argv[1:]
    clients, rate, first, count, wave = map(int, numbers)
    people = rising(first, count)
    requests = [webhook(host, path, number, wave) for number in people]
    print("ready", flush=True)
    sys.stdin.readline()
    told = asyncio.run(Run(requests, rate).go(host, int(port), clients))
    json.dump({**told, "people": people}, sys.stdout)


def rising(first: int, count: int) -> list[int]:
    """The numbers of so many customers who have no tier at the beginning."""
    return [1 + n // 9 * 10 + n % 9 for n in range(first, first + count)]


if __name__ == "__main__":
    main()
