"""Access tokens: those that the shop accepts, and the grants by which apps get them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from tests.shop.answer import Answer, json_answer

CLIENT_ID: Final = "the-client-id"
CLIENT_SECRET: Final = "shpss_the-client-secret"
STATIC: Final = "shpat_the-static-token"
DAY: Final = 86_399
HOUR: Final = 3_600
REFRESH: Final = 7_776_000


@dataclass(slots=True)
class _Refresh:
    """A refresh token. It is good until the one that came of it is used; `successor` is that one."""

    token: str
    expires_at: datetime
    successor: str | None = None
    dead: bool = False


class Tokens:
    """Which tokens are good, and until when (None: always). `codes` are those of installations that may be exchanged."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.client_id, self.client_secret = CLIENT_ID, CLIENT_SECRET
        self.access: dict[str, datetime | None] = {STATIC: None}
        self.codes: set[str] = set()
        self._refreshes: dict[str, _Refresh] = {}
        self._made = 0

    def good(self, token: str | None) -> bool:
        """Whether a token lets in now."""
        if token is None or token not in self.access:
            return False
        until = self.access[token]
        return until is None or until > self._clock()

    def revoke(self, token: str | None = None) -> None:
        """A token, or all of them, is good no more."""
        for one in [token] if token is not None else list(self.access):
            self.access.pop(one, None)

    def issue_refresh(self) -> tuple[str, str]:
        """An access token of an hour and its refresh token, as an installation gives them."""
        refresh = _Refresh(self._name("shprt"), self._clock() + timedelta(seconds=REFRESH))
        self._refreshes[refresh.token] = refresh
        return self._access(HOUR), refresh.token

    def grant(self, body: bytes, content_type: str, scope: str) -> Answer:
        """The answer to a request for a token."""
        given = _form(body, content_type)
        if (given.get("client_id"), given.get("client_secret")) != (self.client_id, self.client_secret):
            return _no("invalid_client", "The client id or secret is wrong.", 401)
        match given.get("grant_type"):
            case "client_credentials":
                return json_answer({"access_token": self._access(DAY), "scope": scope, "expires_in": DAY})
            case "refresh_token":
                return self._refreshed(given.get("refresh_token", ""), scope)
        if given.get("code") in self.codes:
            self.codes.discard(given["code"])
            if given.get("expiring") != "1":
                return json_answer({"access_token": self._access(None), "scope": scope})
            return self._pair(*self.issue_refresh(), scope)
        return _no("invalid_request", "The grant isn't valid.", 400)

    def _refreshed(self, token: str, scope: str) -> Answer:
        refresh = self._refreshes.get(token)
        if refresh is None or refresh.dead or refresh.expires_at <= self._clock():
            return _no("invalid_grant", "The refresh token isn't valid any more.", 400)
        for other in self._refreshes.values():
            if other.successor == token:
                other.dead = True
        access, successor = self.issue_refresh()
        if refresh.successor is not None:
            self._refreshes.pop(refresh.successor, None)
        refresh.successor = successor
        return self._pair(access, successor, scope)

    def _pair(self, access: str, refresh: str, scope: str) -> Answer:
        return json_answer(
            {
                "access_token": access,
                "scope": scope,
                "expires_in": HOUR,
                "refresh_token": refresh,
                "refresh_token_expires_in": REFRESH,
            }
        )

    def _access(self, seconds: int | None) -> str:
        token = self._name("shpat")
        self.access[token] = None if seconds is None else self._clock() + timedelta(seconds=seconds)
        return token

    def _name(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}_{self._made:032d}"


def _form(body: bytes, content_type: str) -> Mapping[str, Any]:
    try:
        if "json" in content_type:
            given = json.loads(body)
            return {key: str(value) for key, value in given.items()}
        return {key: values[0] for key, values in parse_qs(body.decode()).items()}
    except (ValueError, AttributeError):
        return {}


def _no(error: str, description: str, status: int) -> Answer:
    return json_answer({"error": error, "error_description": description}, status)
