"""A mail server on this machine, which does to its clients what it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """What a server has got, and what it answers instead of taking it, by command. `drops` are commands at which it breaks off.

    At DATA it has the message by then.
    """

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    drops: set[str] = field(default_factory=set)
    connections: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """The emails that arrived."""
        return [message_from_bytes(cast("bytes", each.content), policy=default) for each in self.envelopes]

    async def handle_NOOP(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, argument: str
    ) -> str:
        return self._answer(server, "NOOP") or "250 OK"

    async def handle_MAIL(  # noqa: N802 - aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._answer(server, "MAIL"):
            return answer
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._answer(server, "RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return self._answer(server, "DATA") or "250 OK"

    def _answer(self, server: SMTP, command: str) -> str:
        if command in self.drops:
            cast("asyncio.Transport", server.transport).abort()
        return self.answers.get(command, "")


def login(user: str, password: str) -> Callable[..., AuthResult]:
    """Lets in who has this user and password."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        known = isinstance(given, LoginPassword) and given == LoginPassword(user.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    return check


@contextmanager
def serving(*, tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[Post]:
    """A server at work; with `tls` from the first byte on. `options` are those of aiosmtpd."""
    post, loop = Post(), asyncio.new_event_loop()

    def protocol() -> SMTP:
        post.connections += 1
        return SMTP(post, hostname="mail.example.com", loop=loop, timeout=20, **options)

    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0, ssl=tls))
    post.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield post
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)
