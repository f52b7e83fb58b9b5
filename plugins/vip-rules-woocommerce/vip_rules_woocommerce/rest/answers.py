"""One policy: what an answer of the shop, or its absence, says about whether something was done."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError
from vip_rules.adapter import PlatformFailed

from vip_rules_woocommerce.rest.remedies import WRONG_KEY, remedy
from vip_rules_woocommerce.rest.texts import NotJson, parsed, plain

_NOT_NOW: Final = frozenset({408, 425, 429})
_WAIT: Final = 30
_LONGEST_WAIT: Final = 3_600
_UNREACHED: Final = 5
"""Seconds to wait where the answer doesn't say how long, at most, and where no connection was made."""

_MAINTENANCE: Final = ("600", "wp_die")
"""The seconds that WordPress asks for while it is updated, and its code; any other 503 may come after the work was done."""


class Absent(PlatformFailed):
    """The shop doesn't have what was asked for: the id is unknown to it."""


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; `data` is what the shop answered. Numbers with a fraction are Decimal."""

    data: Any


@dataclass(frozen=True, slots=True)
class NotDone:
    """It was not done: the shop said no, and why. `code` is its own name for it; "" where it gave none. `status` is HTTP's."""

    reason: str
    code: str
    status: int

    @property
    def absent(self) -> bool:
        """Whether the shop doesn't have the thing (any more). Unknown ids are 404 to a GET, and 400 to some PUTs."""
        return (self.status in (400, 404) and self.code.endswith("_invalid_id")) or self.status == 410


@dataclass(frozen=True, slots=True)
class Busy:
    """It was not done, and may be tried again after some seconds."""

    seconds: int
    reason: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Nobody knows whether it was done."""

    reason: str


Answer = Done | NotDone | Busy | InDoubt


def answered(
    status: int, headers: Mapping[str, str], body: bytes, *, asked: str, host: str, now: datetime
) -> Answer:
    """What an answer says. `asked` names the request, `host` the shop; `now` is for times that are given as dates."""
    if 200 <= status < 300:
        try:
            return Done(parsed(body))
        except NotJson as wrong:
            return InDoubt(f"{host} answered {asked} with {wrong}")
    if 300 <= status < 400:
        return _redirected(status, headers.get("Location", ""), asked=asked, host=host)
    said = _said(body)
    if status in _NOT_NOW:
        return Busy(_wait(headers, now), f"{host} is busy: it answered {asked} with {status}{said.words}")
    if status == 503 and (headers.get("Retry-After") in _MAINTENANCE or said.code in _MAINTENANCE):
        return Busy(_wait(headers, now), f"{host} is under maintenance{said.words}")
    if said.code == WRONG_KEY and "nonce" in said.message.lower():
        # Each request has a nonce of its own: something repeated it, and the first of both may have been let in.
        return InDoubt(
            f"{host} got {asked} twice{said.words}; if that recurs, look for a proxy that repeats requests"
        )
    if status < 500 or status == 501 or said.final:
        advice = said.advice(status)
        return NotDone(f"{host} refused {asked} ({status}){said.words}{advice}", said.code, status)
    return InDoubt(
        f"{host} failed at {asked} ({status}){said.words}; if that goes on, look in the shop's PHP log"
    )


def unanswered(error: OSError, *, asked: str, host: str) -> Answer:
    """What it says that no answer came. The error's own text isn't told: it may hold addresses with personal data."""
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        why = next(
            str(cause.verify_message) for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)
        )
        return NotDone(
            f"the certificate of {host} isn't trusted ({why or 'it does not fit'}): renew it, or set ca_bundle to the "
            "file of the authority that signed it",
            "certificate",
            0,
        )
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidHeader):
        return NotDone(f"{asked} can't be sent to {host}: look at the address of the shop", "address", 0)
    if any(isinstance(cause, ConnectTimeoutError) for cause in causes):  # refused connections are among them
        return Busy(
            _UNREACHED,
            f"{host} can't be reached: look at its address, at this computer's network and at its proxy",
        )
    if isinstance(error, requests.exceptions.SSLError):
        return InDoubt(
            f"https with {host} failed at {asked}: look at its certificate, and at ca_bundle if that is set"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return InDoubt(
            f"the proxy on the way to {host} failed at {asked}: look at HTTPS_PROXY and HTTP_PROXY"
        )
    if isinstance(error, requests.exceptions.Timeout):
        return InDoubt(f"{host} didn't answer {asked} in time")
    return InDoubt(f"{host} broke off the connection at {asked}")


@dataclass(frozen=True, slots=True)
class _Said:
    """What the body of a refusal says. `final`: the shop itself decided, whatever the status."""

    code: str = ""
    message: str = ""
    final: bool = False

    @property
    def words(self) -> str:
        return ": " + " ".join(part for part in (self.message, f"[{self.code}]") if part) if self.code else ""

    def advice(self, status: int) -> str:
        what = remedy(status, self.code, self.message)
        return f"{';' if self.code else ':'} {what}" if what else ""


def _said(body: bytes) -> _Said:
    """An error object of WordPress, or nothing."""
    try:
        told = parsed(body)
    except NotJson:
        return _Said()
    if not (isinstance(told, dict) and isinstance(told.get("code"), str) and told["code"]):
        return _Said()
    data, message = told.get("data"), told.get("message")
    parameters = data.get("params") if isinstance(data, dict) else None
    wrong = [f"{name}: {text}" for name, text in parameters.items()] if isinstance(parameters, dict) else []
    texts = [message if isinstance(message, str) else "", *wrong]
    code = plain(told["code"])
    # Plain refusals may come as 500 with "data": 500; that of a broken server has an object there.
    user_error = data == 500 and code.startswith("woocommerce_")
    return _Said(code, plain(" ".join(texts)), final=user_error)


def _redirected(status: int, location: str, *, asked: str, host: str) -> Answer:
    try:
        target = urlsplit(location)
        where = f"{target.scheme}://{target.netloc}" if target.netloc else ""
    except ValueError:
        where = ""
    to = f"to {plain(where)}" if where else "elsewhere"
    reason = (
        f"{host} sends {asked} on {to} ({status}), which isn't followed, for the keys would go along: set the address of "
        "the shop to the one that it leads to (https, with or without www), and look at plugins that redirect"
    )
    # "See other" follows upon work that was done; the others are sent in its place.
    return InDoubt(reason) if status == 303 else NotDone(reason, "redirect", status)


def _wait(headers: Mapping[str, str], now: datetime) -> int:
    """Seconds until a time that an answer gives as seconds or as a date, within bounds."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        seconds = int(text[:9])
    else:
        try:
            seconds = int((parsedate_to_datetime(text) - now).total_seconds())
        except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
            seconds = _WAIT
    return min(max(seconds, 1), _LONGEST_WAIT)


def _causes(error: object) -> Iterator[object]:
    """An error and what it wraps: requests wraps urllib3's, which wraps the system's."""
    seen = 0
    while isinstance(error, BaseException) and seen < 10:
        yield error
        seen += 1
        inner = [getattr(error, "reason", None), getattr(error, "original_error", None), *error.args]
        error = next((each for each in inner if isinstance(each, BaseException)), None)
