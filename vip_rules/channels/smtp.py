"""Messages as emails, given to a mail server by SMTP."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr, getaddresses
from typing import Final, Literal

import idna

from vip_rules.adapter import (
    Capability,
    Confirmed,
    Intent,
    Outcome,
    Refused,
    RetryAfter,
    Sight,
    Unknown,
    Unreadable,
)
from vip_rules.channels.channel import Channel, InvalidChannel, is_loopback, unsendable
from vip_rules.letters.letter import InvalidTemplate, Letter, Writer

Security = Literal["starttls", "tls", "none"]

_BUSY: Final = 60
"""Seconds until a server that is busy, or can't be reached, is tried again."""

_AMISS: Final = 300
"""The same where a person has to mend something first."""

_MOST: Final = 100
"""Messages for each connection: many servers take no more."""

_SEVEN_BITS: Final = SMTP.clone(cte_type="7bit")
"""Emails as every mail server takes them."""

_TLS_PORT: Final = 465
_SERVER: Final = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[1-9]\d{0,4})", re.ASCII)
_ADDRESS: Final = re.compile(r'[^\s@<>()\[\],;:"\\\x00-\x1f\x7f]+@[^\s@<>()\[\],;:"\\\x00-\x1f\x7f]+')
_ENHANCED: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?!\S)")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server, and how the way there is secured."""

    host: str
    port: int
    security: Security

    @classmethod
    def of(cls, text: str) -> MailServer:
        """The server of "HOST:PORT": with TLS on port 465, plain on this machine, and with STARTTLS elsewhere.

        Raises InvalidChannel.
        """
        found = _SERVER.fullmatch(text)
        if found is None or int(found["port"]) > 65_535:
            raise InvalidChannel("the mail server isn't one: expected HOST:PORT, as in smtp.example.com:587")
        host, port = found["host"].strip("[]"), int(found["port"])
        if port == _TLS_PORT:
            return cls(host, port, "tls")
        return cls(host, port, "none" if is_loopback(host) else "starttls")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom emails are from: a name, which may be empty, and an address; where answers go; how to unsubscribe."""

    name: str
    address: str
    reply_to: str = ""
    unsubscribe: str = ""

    @classmethod
    def of(cls, sender: str, *, reply_to: str = "", unsubscribe: str = "") -> Sender:
        """From "Name <address>" or an address. Raises InvalidChannel."""
        found = getaddresses([sender])
        name, address = found[0] if len(found) == 1 and sender.isprintable() else ("", "")
        if not _ADDRESS.fullmatch(address) or not address.isascii():
            raise InvalidChannel('from is no sender: expected "Atelier <vip@atelier.example>"')
        if reply_to and not (_ADDRESS.fullmatch(reply_to) and reply_to.isascii()):
            raise InvalidChannel("reply_to is no address: expected one such as help@atelier.example")
        if unsubscribe and not re.fullmatch(r"(https://|mailto:)[!-;=?-~]+", unsubscribe, re.ASCII):
            raise InvalidChannel("unsubscribe is no link: expected https://… or mailto:…")
        return cls(" ".join(name.split()), address, reply_to, unsubscribe)


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """The user and password at a mail server. Raises InvalidChannel for letters that can't be sent there."""

    user: str
    password: str

    def __post_init__(self) -> None:
        if not (self.user.isascii() and self.password.isascii()):
            raise InvalidChannel("a user and password at a mail server have letters of ASCII only")


class Smtp(Channel):
    """Sends each message as an email with a plain and an HTML part.

    Its Message-ID is made of the message's key: one that was sent twice can be told. `timeout` is in seconds; `context` brings
    certificates of one's own. Errors tell the server's host and the codes of its answers, never an address, a password or the
    text of an answer.
    """

    capabilities: Mapping[str, Capability] = {
        "message": Capability(
            "Sends the message as an email.",
            lacks="What arrived can't be read back: a message in doubt is parked for a person rather than sent twice.",
            idempotent=False,
            readable=False,
            needs=frozenset({"email", "language"}),
        )
    }

    def __init__(
        self,
        server: MailServer,
        sender: Sender,
        letters: Writer,
        *,
        clock: Callable[[], datetime],
        login: Login | None = None,
        context: ssl.SSLContext | None = None,
        timeout: int = 30,
    ) -> None:
        self._server, self._sender, self._letters, self._login = server, sender, letters, login
        self._clock, self._context, self._timeout = clock, context, timeout
        self._connection: smtplib.SMTP | None = None
        self._sent = 0

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Send the messages one after the other."""
        return [unsendable(intent) or self._send(intent) for intent in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """Always Unreadable: a mail server can't be asked."""
        return [Unreadable(f"{self._server.host} can't be asked what it sent") for _ in intents]

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _send(self, intent: Intent) -> Outcome:
        email = intent.payload.get("email")
        if not email:
            return Refused(
                "no email address of the customer is known: tell them in another way and note it with vip-rules outbox "
                "confirm, or give it up with outbox drop"
            )
        address = _encoded(str(email))
        if address is None:
            return Refused("the customer's email address isn't one: mend it in the store")
        try:
            letter = self._letters.write(intent.payload)
        except InvalidTemplate as error:
            return Refused(str(error))
        connection = self._connected()
        if not isinstance(connection, smtplib.SMTP):
            return connection
        outcome = self._handed_over(connection, intent.key, address, letter)
        self._sent += 1
        if not isinstance(outcome, Confirmed):
            self.close()  # nobody knows in what state it is
        return outcome

    def _connected(self) -> smtplib.SMTP | Outcome:
        """The connection, made anew if it is no longer any good; or why there is none: then nothing was sent."""
        if self._connection is not None and (self._sent >= _MOST or not _answers(self._connection)):
            self.close()
        if self._connection is None:
            host = self._server.host
            try:
                self._connection, self._sent = self._opened(), 0
            except ssl.SSLCertVerificationError:
                return RetryAfter(_AMISS, f"{host} has no certificate that can be trusted for this name")
            except smtplib.SMTPAuthenticationError as error:
                if error.smtp_code < 500:
                    return RetryAfter(_BUSY, f"{host} answered {error.smtp_code} to the user and password")
                return RetryAfter(_AMISS, f"{host} doesn't take the user and password: mend [messages]")
            except smtplib.SMTPNotSupportedError:
                return RetryAfter(
                    _AMISS,
                    f"{host} doesn't offer what is needed on port {self._server.port} (STARTTLS, or a login): try port 587, "
                    "or 465 for TLS",
                )
            except (OSError, smtplib.SMTPException, ValueError):
                return RetryAfter(_BUSY, f"{host} couldn't be reached")
        return self._connection

    def _opened(self) -> smtplib.SMTP:
        """A connection that is ready to send. Raises what smtplib does; then it is closed."""
        server, secured = self._server, self._context or ssl.create_default_context()
        connection = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=secured)
            if server.security == "tls"
            else smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        )
        try:
            if server.security == "starttls":
                connection.starttls(context=secured)
            connection.ehlo_or_helo_if_needed()
            if self._login is not None:
                connection.login(self._login.user, self._login.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _handed_over(self, connection: smtplib.SMTP, key: str, address: str, letter: Letter) -> Outcome:
        """What became of an email. Until its end was sent, the server has nothing; after that only its answer tells."""
        host = self._server.host
        options = []
        if not address.isascii():
            if not connection.has_extn("smtputf8"):
                return Refused(f"{host} doesn't take email addresses with other letters than those of ASCII")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        email = self._email(key, address, letter)
        try:
            for code, said in (
                connection.mail(self._sender.address, options),
                connection.rcpt(address),
            ):
                if not 200 <= code < 300:
                    return self._refusal(code, said)
        except (OSError, smtplib.SMTPException, UnicodeError):
            return RetryAfter(_BUSY, f"{host} broke off before it had the message")
        try:
            code, said = connection.data(email)
        except smtplib.SMTPDataError as error:
            return self._refusal(error.smtp_code, _bytes(error.smtp_error))
        except (OSError, smtplib.SMTPException) as error:
            return Unknown(f"{host} broke off while it took the message: {type(error).__name__}")
        return Confirmed() if 200 <= code < 300 else self._refusal(code, said)

    def _refusal(self, code: int, said: bytes) -> Outcome:
        # What a server says may repeat an address: only codes are passed on.
        more = _ENHANCED.match(said)
        told = f"{self._server.host} answered {code}{f' {more[0].decode()}' if more else ''}"
        if 400 <= code < 500:
            return RetryAfter(_BUSY, told)
        if code >= 500:
            return Refused(f"{told}: it doesn't take the message")
        return Unknown(f"{told}: whether it took the message isn't known")

    def _email(self, key: str, address: str, letter: Letter) -> bytes:
        """The email: but for its date, the same bytes each time that a message is sent."""
        sender = self._sender
        email = EmailMessage(policy=_SEVEN_BITS if address.isascii() else SMTPUTF8)
        local, _, domain = address.rpartition("@")
        email["To"] = Address(username=local, domain=domain)
        email["Date"] = format_datetime(self._clock())
        email["Message-ID"] = message_id(key, sender.address)
        email["Auto-Submitted"] = "auto-generated"
        if sender.reply_to:
            email["Reply-To"] = Address(addr_spec=sender.reply_to)
        if sender.unsubscribe:
            email["List-Unsubscribe"] = f"<{sender.unsubscribe}>"
        email.set_content(letter.text)
        email.add_alternative(letter.html, subtype="html")
        email["Content-Language"] = letter.language
        # The boundary between the parts is random otherwise.
        email.set_boundary(f"={hashlib.sha256(key.encode()).hexdigest()[:32]}=")
        # EmailMessage loses spaces, or makes some, where it folds long texts that aren't ASCII.
        named = f"From: {_sender_header(sender)}\r\nSubject: {_folded('Subject', letter.subject)}\r\n"
        return named.encode("ascii") + email.as_bytes()


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the message with a key, from a sender's address: always the same, and nothing can be read from it."""
    domain = sender.rpartition("@")[2]
    digest = hashlib.sha256(f"{domain}\n{key}".encode()).hexdigest()
    return f"<{digest[:40]}@{domain}>"


def _sender_header(sender: Sender) -> str:
    if sender.name.isascii():
        return formataddr((sender.name, sender.address))
    return f"{_folded('From', sender.name)}\r\n <{sender.address}>"


def _folded(header: str, text: str) -> str:
    """A text as a header has it, in lines of what every mail server takes."""
    plain = text.isascii() and "=?" not in text
    return Header(text, None if plain else "utf-8", header_name=header).encode(linesep="\r\n")


def _answers(connection: smtplib.SMTP) -> bool:
    """Whether a connection still is one."""
    try:
        return connection.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def _encoded(address: str) -> str | None:
    """An address with its domain as the network writes it; None for what is none, or more than one."""
    local, _, domain = address.strip().rpartition("@")
    try:
        host = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, ValueError):
        return None
    found = f"{local}@{host}"
    return found if _ADDRESS.fullmatch(found) else None


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
