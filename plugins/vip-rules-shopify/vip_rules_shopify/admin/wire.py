"""One HTTP exchange: what arrived, or whether anything can have arrived at all."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from typing import Final

import orjson
import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from vip_rules_shopify import __version__
from vip_rules_shopify.admin.answers import Lost, NotSent, Reply

TIMEOUT: Final = (3.05, 30)  # not money
"""Seconds for connecting, and for each silence of an answer."""

AGENT: Final = {"User-Agent": f"vip-rules-shopify/{__version__}"}


class Wire:
    """Posts with a session for each thread. Redirects aren't followed, and nothing is sent twice."""

    def __init__(self, timeout: tuple[float, float] = TIMEOUT) -> None:
        self._timeout = timeout
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []

    def post(
        self, url: str, body: bytes | Mapping[str, str], headers: Mapping[str, str]
    ) -> Reply | NotSent | Lost:
        """Post bytes, or a form, and read the answer."""
        # An exception's own text and request may hold secrets: nothing of it is passed on.
        try:
            response = self.session().post(
                url, data=body, headers={**AGENT, **headers}, timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            return failed(error)
        return Reply(response.status_code, response.headers, _json(response.content))

    def session(self) -> requests.Session:
        """This thread's session."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            # Without it every request looks for a file .netrc, and whatever that holds would be sent along.
            session.auth = _as_it_is
            with self._lock:
                self._sessions.append(session)
        return session

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for session in self._sessions:
                session.close()


def failed(error: requests.RequestException) -> NotSent | Lost:
    """What an exception comes to, without its text."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError) or _never_connected(error):
        return NotSent(in_words(error))
    return Lost(in_words(error))


def in_words(error: requests.RequestException) -> str:
    """What went wrong with a connection, for a person: nothing of the exception's own text."""
    match error:
        case requests.exceptions.ProxyError():
            return "the proxy doesn't let it through"
        case requests.exceptions.SSLError():
            return "the connection couldn't be encrypted, or its certificate isn't trusted"
        case requests.Timeout():
            return "it took too long"
        case requests.ConnectionError() if _never_connected(error):
            return "there is no connection to it"
        case requests.ConnectionError() | requests.exceptions.ChunkedEncodingError():
            return "the connection broke off"
    return f"the exchange failed ({type(error).__name__})"


def _never_connected(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(reason, NewConnectionError | ConnectTimeoutError):
        return True
    return bool(
        isinstance(error, requests.exceptions.SSLError)
        and reason is not None
        and any(isinstance(each, ssl.SSLCertVerificationError) for each in reason.args)
    )


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _json(content: bytes) -> object:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
