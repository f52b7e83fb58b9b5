"""The REST API (wc/v3) of one shop: reads that try again, and writes that say whether they were done."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

import requests
import urllib3
from urllib3.exceptions import InsecureRequestWarning
from vip_rules.adapter import PlatformFailed, Stopping

from vip_rules_woocommerce import __version__
from vip_rules_woocommerce.rest.access import Access, InvalidAccess
from vip_rules_woocommerce.rest.addresses import quoted_path, written
from vip_rules_woocommerce.rest.answers import (
    Absent,
    Answer,
    Busy,
    Done,
    InDoubt,
    NotDone,
    answered,
    unanswered,
)

__all__ = ["Absent", "Answer", "Busy", "Done", "InDoubt", "NotDone", "Rest", "Told"]

PER_PAGE: Final = 100
"""The most that the API gives at a time."""

_TIMEOUT: Final = (3.05, 60)  # not money
"""Seconds for the connection, and between two pieces of the answer."""

_READINGS: Final = 5
_WRITINGS: Final = 3
"""How often one thing is tried at most."""

_PATIENCE: Final = 120
_PATIENCE_WRITING: Final = 10
"""The longest wait, in seconds, that is kept by sleeping; for a longer one the caller is told."""

_ORDERS: Final = {"customers": {"orderby": "id", "order": "asc"}}
"""Orders without which rows repeat and others never appear."""

_LOG: Final = logging.getLogger("urllib3.connectionpool")
"""At the level of debugging it tells whole addresses, with what is searched for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the shop answered to a question. `headers` have names of any case."""

    data: Any
    headers: Mapping[str, str]

    def number(self, header: str) -> int | None:
        """A header that counts; None where it is missing or isn't a number."""
        text = self.headers.get(header, "")
        return int(text[:18]) if text.isascii() and text.isdigit() else None


@dataclass(frozen=True, slots=True)
class _Reply:
    answer: Answer
    headers: Mapping[str, str]


class Rest:
    """The API of the shop at an address: over https with the keys, over http with requests signed by them (OAuth 1.0a).

    Paths are those below wc/v3: "orders/12/notes". `ca_bundle` is a file of certificate authorities, otherwise those are
    trusted that requests trusts; `verify` False trusts any certificate, which only tests should. Proxies are taken from the
    environment. At most `at_once` requests are under way. Redirects aren't followed. Numbers with a fraction in answers are
    Decimal. Raises InvalidAccess for an address, keys or a file that can't work.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        secret: str,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        entropy: Callable[[int], bytes],
        ca_bundle: str | None = None,
        verify: bool = True,
        at_once: int = 2,
    ) -> None:
        if ca_bundle is not None and not Path(ca_bundle).is_file():
            raise InvalidAccess(
                f"ca_bundle: {ca_bundle} is no file: expected certificates of authorities as PEM"
            )
        self.access = Access.of(url, key, secret)
        self.verified = verify
        self._auth = self.access.auth(clock, entropy)
        self._clock = clock
        self._sleep = sleep
        self._entropy = entropy
        # Per request, for requests overrides a session's own with REQUESTS_CA_BUNDLE.
        self._verify: bool | str = (ca_bundle or True) if verify else False
        if not verify:  # the checkup says it, once and with what to do
            urllib3.disable_warnings(InsecureRequestWarning)
        self._turns = BoundedSemaphore(at_once)
        self._session = requests.Session()
        self._session.headers.update(
            {
                "Accept": "application/json",
                "Content-Type": "application/json",
                "User-Agent": f"vip-rules-woocommerce/{__version__}",
            }
        )
        _LOG.addFilter(_discreet)

    @property
    def host(self) -> str:
        """What messages call the shop."""
        return self.access.host

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """What is at a path. Tries again what may pass; raises Absent for unknown ids, PlatformFailed with what to do."""
        return self.told(path, **parameters).data

    def told(self, path: str, **parameters: Any) -> Told:
        """What is at a path, with the answer's headers. Raises as `get`."""
        return self._read("GET", path, parameters)

    def pages(self, path: str, **parameters: Any) -> Iterator[list[dict[str, Any]]]:
        """The rows of a list, a hundred at a time, until there are no more. Raises PlatformFailed; so it ends whole.

        Rows that are written meanwhile shift the pages: a row may come twice, or be left out till the next reading.
        """
        asked = {**_ORDERS.get(path, {}), "per_page": PER_PAGE, **parameters}
        last: int | None = None
        before: list[dict[str, Any]] = []
        for number in count(1):
            told = self.told(path, **asked, page=number)
            rows = self._rows(told.data, path)
            # Only the first page's totals are right; a page may be short, for rows that the key may not see are left out.
            last = told.number("X-WP-TotalPages") if number == 1 else last
            if rows and rows == before:
                raise PlatformFailed(
                    f"{self.host} answered page {number} of {path} with the rows of the page before: a cache in front of "
                    "the shop keeps answers of its API; have it leave out /wp-json"
                )
            if rows:
                yield rows
            if not rows and (last is None or number >= last):
                return
            if last is not None and number >= last and len(rows) < asked["per_page"]:
                return
            before = rows

    def count(self, path: str, **parameters: Any) -> int:
        """How many rows a list has. Raises PlatformFailed."""
        reply = self._once("HEAD", path, {**parameters, "per_page": 1}, None)
        total = Told(None, reply.headers).number("X-WP-Total") if isinstance(reply.answer, Done) else None
        if total is None:  # some servers don't take HEAD; and its failures have no words
            total = self.told(path, **{**parameters, "per_page": 1}).number("X-WP-Total")
        if total is None:
            raise PlatformFailed(
                f"{self.host} doesn't say how many {path} there are (X-WP-Total is missing): have whatever is in front of "
                "the shop let that header through"
            )
        return total

    def put(self, path: str, body: Mapping[str, Any], *, again: bool = True) -> Answer:
        """Set values. They must be whole ones, not differences: unless `again` is False, it is sent again when in doubt."""
        return self._write("PUT", path, {}, body, _WRITINGS if again else 1)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Make something new. Sent once: sent twice, it would be there twice."""
        return self._write("POST", path, {}, body, 1)

    def delete(self, path: str, **parameters: Any) -> Answer:
        """Delete something. Sent again when in doubt; gone by then is done, and `data` is None."""
        return self._write("DELETE", path, parameters, None, _WRITINGS)

    def site(self) -> Mapping[str, Any]:
        """What WordPress says of the site to everybody: url, home, timezone_string, gmt_offset, namespaces.

        Asked without keys, which WordPress itself would take for those of a user. Raises PlatformFailed.
        """
        fields = "name,url,home,gmt_offset,timezone_string,namespaces"
        data = self._read("GET", None, {"_fields": fields}).data
        if not isinstance(data, dict):
            raise PlatformFailed(
                f"{self.host} answered /wp-json with something else than what WordPress says of a site"
            )
        return data

    def _read(self, method: str, path: str | None, parameters: Mapping[str, Any]) -> Told:
        reasons: list[str] = []
        for attempt in range(1, _READINGS + 1):
            reply = self._once(method, path, parameters, None)
            match reply.answer:
                case Done(data):
                    return Told(data, reply.headers)
                case NotDone() as refusal:
                    raise (Absent if refusal.absent else PlatformFailed)(refusal.reason)
                case Busy(seconds, reason):
                    pause: float = seconds
                case InDoubt(reason):
                    pause = self._pause(attempt)
            reasons.append(reason)
            if attempt == _READINGS or pause > _PATIENCE:
                break
            self._sleep(pause)
        tried = f" (tried {len(reasons)} times)" if len(reasons) > 1 else ""
        raise PlatformFailed(f"{reasons[-1]}{tried}; try again later")

    def _write(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        attempts: int,
    ) -> Answer:
        doubt: InDoubt | None = None
        for attempt in count(1):
            answer = self._once(method, path, parameters, body).answer
            match answer:
                case Done():
                    return answer
                case NotDone(absent=True) if doubt and method == "DELETE":
                    return Done(None)
                case NotDone(reason=reason):
                    # What was tried before may have been done all the same.
                    return InDoubt(f"{doubt.reason}; then {reason}") if doubt else answer
                case Busy(seconds):
                    pause: float = seconds
                case InDoubt():
                    doubt = doubt or answer
                    pause = self._pause(attempt)
            if attempt >= attempts or pause > _PATIENCE_WRITING:
                break
            try:
                self._sleep(pause)
            except Stopping:
                break  # what is known so far mustn't be lost
        return doubt or answer

    def _once(
        self, method: str, path: str | None, parameters: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> _Reply:
        """One request. Without a path, WordPress itself is asked, and without keys."""
        asked = f"{method} {path if path is not None else '/wp-json'}"
        address = f"{self.access.url}/wp-json/" if path is None else f"{self.access.api}/{quoted_path(path)}"
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        try:
            with self._turns:
                response = self._session.request(
                    method,
                    address,
                    params=written(parameters),
                    data=data,
                    auth=_keyless if path is None else self._auth,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                    verify=self._verify,
                )
        except OSError as error:  # requests' own are among them
            return _Reply(unanswered(error, asked=asked, host=self.host), {})
        if method == "HEAD" and 200 <= response.status_code < 300:
            return _Reply(Done(None), response.headers)
        answer = answered(
            response.status_code,
            response.headers,
            response.content,
            asked=asked,
            host=self.host,
            now=self._clock(),
        )
        return _Reply(self._without_keys(answer), response.headers)

    def _without_keys(self, answer: Answer) -> Answer:
        match answer:
            case NotDone(reason, code, status):
                return NotDone(self.access.without_keys(reason), self.access.without_keys(code), status)
            case Busy(seconds, reason):
                return Busy(seconds, self.access.without_keys(reason))
            case InDoubt(reason):
                return InDoubt(self.access.without_keys(reason))
            case _:
                return answer

    def _pause(self, attempt: int) -> float:
        """Seconds before the next try: 1, 2, 4 …, and up to one more, so that many who wait don't come at once."""
        return (1 << (attempt - 1)) + int.from_bytes(self._entropy(2), "big") / 65_536  # not money

    def _rows(self, data: Any, path: str) -> list[dict[str, Any]]:
        if isinstance(data, list) and all(isinstance(row, dict) for row in data):
            return data
        raise PlatformFailed(f"{self.host} answered GET {path} with something else than a list of objects")


def _keyless(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Lets a request go without keys; with none at all, requests would look for some in a file of the user's."""
    return request


def _discreet(record: logging.LogRecord) -> bool:
    """Whether a line of the log leaves out email addresses."""
    return "%40" not in record.getMessage()
