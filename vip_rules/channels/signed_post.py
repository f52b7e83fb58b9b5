"""Messages as signed HTTP requests after Standard Webhooks, for a program that somebody runs on the web."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import quote, urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

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
from vip_rules.channels.channel import Channel, InvalidChannel, is_loopback, lettered, unsendable
from vip_rules.letters.letter import InvalidTemplate, Writer

_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)
_COME_BACK: Final = frozenset({408, 425, 429, 503})
"""Answers that say: not now."""

_LOG: Final = logging.getLogger("urllib3.connectionpool")
"""At the level of debugging it tells whole addresses."""

_WAIT: Final = 60
_LONGEST_WAIT: Final = 3_600
"""Seconds to wait where the answer doesn't say how long, and at most."""


class SignedPost(Channel):
    """Posts each message as JSON, with the headers webhook-id, webhook-timestamp and webhook-signature.

    With `letters` a message has its subject, body and language, too.
    The receiver verifies the signature with the shared `secret` ("whsec_" and 24 to 64 bytes in base64), and takes messages
    with the same webhook-id, which is the message's key, for one. `timeout` is in seconds. Redirects aren't followed. A
    `session` brings proxies and certificates of one's own. Raises InvalidChannel for an address that isn't https (http only
    on this machine), or a secret of another form.
    """

    capabilities: Mapping[str, Capability] = {
        "message": Capability(
            "Posts the message to a web address, signed.",
            lacks="What arrived can't be read back: a message in doubt is sent again with the same webhook-id.",
            readable=False,
        )
    }

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        clock: Callable[[], datetime],
        letters: Writer | None = None,
        session: requests.Session | None = None,
        timeout: int = 10,
    ) -> None:
        self._host = _host(url)
        self._url = url
        self._key = _key(secret)
        self._session = session or requests.Session()
        self._clock = clock
        self._letters = letters
        self._timeout = timeout
        parts = urlsplit(url)
        self._unsaid = parts._replace(scheme="", netloc="", fragment="").geturl().lstrip("/")
        _LOG.addFilter(self._discreet)

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Post the messages one after the other."""
        return [unsendable(intent) or self._post(intent) for intent in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """Always Unreadable: a receiver can't be asked."""
        return [Unreadable(f"{self._host} can't be asked what arrived") for _ in intents]

    def close(self) -> None:
        """Close the session's connections."""
        self._session.close()
        _LOG.removeFilter(self._discreet)

    def _discreet(self, record: logging.LogRecord) -> bool:
        """Whether a line of urllib3's log leaves out the address behind the host, which may hold a secret."""
        return not self._unsaid or self._unsaid not in record.getMessage()

    def _post(self, intent: Intent) -> Outcome:
        try:
            body = _body(intent, self._letters)
        except InvalidTemplate as error:
            return Refused(str(error))
        headers = {"content-type": "application/json", **self._signed(intent.key, body)}
        # An error's own text would tell the address, which may hold a secret: it isn't passed on.
        try:
            with self._session.post(
                self._url,
                data=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._outcome(response)
        except requests.RequestException as error:
            if _never_connected(error):
                return RetryAfter(_WAIT, f"{self._host} couldn't be reached")
            return Unknown(f"{self._host} didn't answer: {type(error).__name__}")

    def _outcome(self, response: requests.Response) -> Outcome:
        status = response.status_code
        said = f"{self._host} answered {status}"
        if 200 <= status < 300:
            return Confirmed()
        if status in _COME_BACK:
            return RetryAfter(self._wait(response.headers.get("retry-after", "")), said)
        if status >= 500:
            return Unknown(f"{said}: whether it took the message isn't known")
        if 300 <= status < 400:
            return Refused(f"{said}, a redirect, which isn't followed: set the address that it leads to")
        return Refused(f"{said}: it doesn't take the message")

    def _wait(self, text: str) -> int:
        """Seconds until a time that an answer gives as seconds or as a date, within bounds."""
        if text.isascii() and text.isdigit():
            seconds = int(text[:9])
        else:
            try:
                seconds = int((parsedate_to_datetime(text) - self._clock()).total_seconds())
            except (ValueError, TypeError):  # no date, or one without a zone
                seconds = _WAIT
        return min(max(seconds, 1), _LONGEST_WAIT)

    def _signed(self, key: str, body: bytes) -> dict[str, str]:
        # Headers are ASCII; keys may hold any text of a store.
        id_ = quote(key, safe=":/@!$&'()*+,;=")
        timestamp = str(int(self._clock().timestamp()))
        content = b".".join((id_.encode(), timestamp.encode(), body))
        signature = base64.b64encode(hmac.new(self._key, content, hashlib.sha256).digest()).decode()
        return {"webhook-id": id_, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{signature}"}


def _body(intent: Intent, letters: Writer | None) -> bytes:
    """The request's body: the same bytes each time that a message is sent. Raises InvalidTemplate."""
    data = {"key": intent.key, "customer_id": intent.customer_id, **lettered(intent, letters)}
    return json.dumps({"type": f"vip.{intent.payload['occasion']}", "data": data}).encode()


def _host(url: str) -> str:
    """The host of an address: all of it that is told."""
    try:
        parts = urlsplit(url)
        host, secured = parts.hostname or "", parts.scheme == "https"
        fits = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits or parts.scheme not in ("https", "http"):
        raise InvalidChannel("the address for messages isn't one: expected https://HOST/…")
    if parts.username is not None:
        raise InvalidChannel(
            f"the address at {host} has a user name in it: leave it out, requests are signed"
        )
    if not secured and not is_loopback(host):
        raise InvalidChannel(f"messages are posted to {host} without encryption: expected https://{host}/…")
    return host


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise InvalidChannel(
            f'the secret for signing isn\'t one: expected "{_PREFIX}" and {_KEY_BYTES.start} to '
            f"{_KEY_BYTES.stop - 1} bytes in base64"
        )
    return key


def _never_connected(error: requests.RequestException) -> bool:
    """Whether nothing was sent: no connection was made."""
    cause = error.args[0] if error.args else None
    refused = isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
    return refused or isinstance(error, requests.exceptions.ConnectTimeout)
