"""Files that Shopify lays out at a signed address: read piece by piece, without a token."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import requests

from vip_rules_shopify.admin.address import host_of, is_secure
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.wire import AGENT, in_words

_PIECE: Final = 1 << 18
"""Bytes that are read at a time."""

_LOG: Final = logging.getLogger("urllib3.connectionpool")
"""At the level of debugging it tells whole addresses."""


@contextmanager
def downloaded(url: str, timeout: tuple[float, float]) -> Iterator[Iterator[bytes]]:
    """The lines of a file. Raises AdminFailed, also while they are read; never tells the address, whose query is a secret."""
    host = host_of(url)
    if not is_secure(url):
        raise AdminFailed(f"a file at {host} isn't encrypted on its way: it isn't read")
    unsaid = urlsplit(url).path

    def discreet(record: logging.LogRecord) -> bool:
        return unsaid not in record.getMessage()

    _LOG.addFilter(discreet)
    try:
        with requests.Session() as session:
            session.auth = lambda request: request
            response = _opened(session, url, timeout)
            if isinstance(response, str):
                raise AdminFailed(f"the file at {host} couldn't be read ({response}): read again")
            with response:
                if response.status_code != 200:
                    raise AdminFailed(
                        f"{host} answered {response.status_code} for a file: its address is good for seven days only; "
                        "read again",
                        frozenset({f"HTTP_{response.status_code}"}),
                    )
                yield _lines(response, host)
    finally:
        _LOG.removeFilter(discreet)


def _opened(session: requests.Session, url: str, timeout: tuple[float, float]) -> requests.Response | str:
    try:
        return session.get(url, stream=True, timeout=timeout, headers=AGENT)
    except requests.RequestException as error:
        return in_words(error)


def _lines(response: requests.Response, host: str) -> Iterator[bytes]:
    rest = b""
    pieces = response.iter_content(_PIECE)
    while (piece := _next(pieces)) is not None:
        if isinstance(piece, str):
            raise AdminFailed(f"the file at {host} broke off ({piece}): read again")
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line for line in whole if line)
    if rest:
        yield rest


def _next(pieces: Iterator[bytes]) -> bytes | str | None:
    """The next piece; a text says how it failed, None is the end."""
    try:
        return next(pieces, None)
    except requests.RequestException as error:
        return in_words(error)
