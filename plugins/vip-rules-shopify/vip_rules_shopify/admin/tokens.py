"""Where access tokens come from: a fixed one, one that the app asks for each day, or one that is renewed each hour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from vip_rules_shopify.admin.address import shop_address
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.grants import Grant, ask_for_grant
from vip_rules_shopify.admin.tokenfile import read_grant, write_grant

_MARGIN: Final = timedelta(minutes=5)
"""How long before its end a token is no longer used, if another can be had."""

_LOCKED: Final = 60
"""Seconds to wait for another process that renews the token."""


class TokenProvider(Protocol):
    """Gives access tokens. May be asked by several threads at a time. Both raise PlatformFailed where there is none."""

    def token(self) -> str:
        """A token that should be good."""

    def refresh(self, stale: str) -> str:
        """Another token than one that the shop has refused."""


class StaticToken:
    """A token that was made once and doesn't end."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        """The token."""
        return self._token

    def refresh(self, stale: str) -> str:
        """Raises AdminFailed: there is no other."""
        raise AdminFailed(
            "the access token was refused: install the app in the shop again, or make a new token",
            frozenset({"HTTP_401"}),
        )


class ClientCredentials:
    """A token that an app of the Dev Dashboard asks for with its client id and secret. It is good for a day; none is kept."""

    def __init__(
        self, base_url: str, client_id: str, client_secret: str, *, clock: Callable[[], datetime]
    ) -> None:
        self._base = shop_address(base_url)
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._clock = clock
        self._lock = threading.Lock()
        self._grant: Grant | None = None

    def token(self) -> str:
        """The token, asked for anew shortly before it ends."""
        with self._lock:
            now = self._clock()
            if self._grant is None or self._grant.expires_at - _MARGIN <= now:
                try:
                    self._grant = ask_for_grant(self._base, self._form, self._clock)
                except AdminFailed:
                    if self._grant is None or self._grant.expires_at <= now:
                        raise
            return self._grant.token

    def refresh(self, stale: str) -> str:
        """A new token, unless another thread has asked for one meanwhile."""
        with self._lock:
            if self._grant is None or self._grant.token == stale:
                self._grant = ask_for_grant(self._base, self._form, self._clock)
            return self._grant.token


class RefreshableToken:
    """A token of a public app, good for an hour, with a refresh token that changes with each use.

    Both are kept in a file that only its owner may read, and which several processes may share: whoever renews them holds a
    lock beside it, and keeps the new ones before using them. `keep` puts the first ones there.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: str,
        path: Path,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._base = shop_address(base_url)
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._file_lock = FileLock(f"{path}.lock", timeout=_LOCKED, mode=0o600)
        self._grant: Grant | None = None

    def token(self) -> str:
        """The token, renewed shortly before it ends."""
        with self._lock:
            if self._grant is None:
                self._grant = read_grant(self._path)
            now = self._clock()
            if self._grant.expires_at - _MARGIN <= now:
                try:
                    self._grant = self._renewed(self._grant.token)
                except AdminFailed:
                    if self._grant.expires_at <= now:
                        raise
            return self._grant.token

    def refresh(self, stale: str) -> str:
        """A renewed token, unless another thread or process has renewed it meanwhile."""
        with self._lock:
            if self._grant is None or self._grant.token == stale:
                self._grant = self._renewed(stale)
            return self._grant.token

    def keep(self, grant: Grant) -> None:
        """Keep what an installation of the app gave. Raises AdminFailed where it can't be written."""
        with self._lock:
            write_grant(self._path, grant)
            self._grant = grant

    def _renewed(self, stale: str) -> Grant:
        try:
            with self._file_lock:
                kept = read_grant(self._path)
                if kept.token != stale and kept.expires_at - _MARGIN > self._clock():
                    return kept
                if kept.refresh_token is None:
                    raise AdminFailed(f"{self._path} has no refresh token: install the app in the shop again")
                form = self._client | {"grant_type": "refresh_token", "refresh_token": kept.refresh_token}
                grant = ask_for_grant(self._base, form, self._clock)
                write_grant(self._path, grant)
                return grant
        except Timeout:
            reason = f"another process has held {self._path}.lock for {_LOCKED} seconds: look what it does"
        except OSError as error:
            reason = f"{self._path}.lock can't be locked ({error.strerror}): change who may write there"
        raise AdminFailed(reason)
