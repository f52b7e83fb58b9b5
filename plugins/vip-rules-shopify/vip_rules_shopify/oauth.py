"""How a public app is installed in a shop: the shop's leave is asked for, its answer is checked, and tokens are fetched.

The tokens end after an hour and are renewed by `admin.tokens.RefreshableToken`, whose `keep` takes what is fetched here.
Shopify refuses public apps whose tokens don't end.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from vip_rules.errors import UsageError, VipRulesError

from vip_rules_shopify.admin.grants import Grant, ask_for_grant
from vip_rules_shopify.shops import shop_domain

_OLDEST: Final = timedelta(hours=1)
_AHEAD: Final = timedelta(minutes=5)
"""How old an answer may be, and how much a shop's clock may be ahead of ours."""

_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"
_OFFLINE: Final = "urn:shopify:params:oauth:token-type:offline-access-token"


class Untrusted(VipRulesError):
    """It isn't known to come from Shopify: refuse the request, and let the installation be begun again."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody of a shop's staff who uses the app in the shop's admin. `user` is their id."""

    shop: str
    user: str


class App:
    """An app as the Dev Dashboard has it. Raises UsageError for an empty client id or secret."""

    def __init__(self, client_id: str, client_secret: str, *, clock: Callable[[], datetime]) -> None:
        if not client_id.strip() or not client_secret.strip():
            raise UsageError(
                "the app's client id or secret is empty: the Dev Dashboard shows both, under Settings"
            )
        self._id = client_id
        self._secret = client_secret
        self._clock = clock

    def __repr__(self) -> str:
        return f"App({self._id!r})"

    def permission_url(self, shop: str, scopes: Sequence[str], redirect_uri: str, state: str) -> str:
        """Where a shop's owner is sent to let the app in. `state` is a secret of this one browser, asked for again later.

        Raises UsageError for what isn't a shop's domain, and for an empty state.
        """
        if not state:
            raise UsageError("the state is empty, so that an answer couldn't be told from a forged one")
        url: str = self._session()(shop_domain(shop), "unstable").create_permission_url(
            list(scopes), redirect_uri, state
        )
        return url

    def code_of(self, query: str, *, shop: str, state: str) -> str:
        """The code in the query with which a shop's owner comes back, once it is checked. Raises Untrusted."""
        pairs = _pairs(query)
        told = dict(pairs)
        if len(told) != len(pairs):
            raise Untrusted("the answer has a parameter twice")
        if not self._is_signed(told):
            raise Untrusted("the answer isn't signed with the app's secret")
        if told.get("shop") != shop_domain(shop):
            raise Untrusted("the answer is of another shop than the one that was asked")
        if not state or not hmac.compare_digest(told.get("state", "").encode(), state.encode()):
            raise Untrusted("the answer isn't for this browser: its state is another")
        if not self._is_recent(told.get("timestamp", "")):
            raise Untrusted("the answer is too old, or from the future")
        if not told.get("code"):
            raise Untrusted("the answer has no code")
        return told["code"]

    def signed_in(self, authorization: str) -> SignedIn:
        """Who sends a request from the shop's admin, by its header Authorization. Raises Untrusted."""
        from shopify import session_token

        try:
            told: dict[str, Any] = session_token.decode_from_header(authorization, self._id, self._secret)
            return SignedIn(shop_domain(urlsplit(told["dest"]).hostname or ""), str(told["sub"]))
        except (session_token.SessionTokenError, UsageError, ValueError, TypeError, AttributeError):
            reason = "the session token isn't one of Shopify's for this app, or has ended"
        raise Untrusted(reason)

    def grant_for_code(self, shop: str, code: str, *, base_url: str | None = None) -> Grant:
        """Tokens for the code that a shop's owner came back with. Raises PlatformFailed."""
        return self._grant(shop, base_url, {"code": code})

    def grant_for_session_token(self, shop: str, session_token: str, *, base_url: str | None = None) -> Grant:
        """Tokens for a session token, which `signed_in` has checked. Raises PlatformFailed."""
        form = {
            "grant_type": _EXCHANGE,
            "subject_token": session_token,
            "subject_token_type": _ID_TOKEN,
            "requested_token_type": _OFFLINE,
        }
        return self._grant(shop, base_url, form)

    def _grant(self, shop: str, base_url: str | None, form: dict[str, str]) -> Grant:
        app = {"client_id": self._id, "client_secret": self._secret, "expiring": "1"}
        return ask_for_grant(base_url or f"https://{shop_domain(shop)}", form | app, self._clock)

    def _session(self) -> Any:
        """The class Session with this app's id and secret, which Shopify's own has for the whole process."""
        import shopify

        return type("AppSession", (shopify.Session,), {"api_key": self._id, "secret": self._secret})

    def _is_signed(self, told: dict[str, str]) -> bool:
        try:
            return bool(self._session().validate_hmac(told))
        except ValueError:
            return False

    def _is_recent(self, timestamp: str) -> bool:
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
            return False
        age = self._clock().timestamp() - int(timestamp)
        return -_AHEAD.total_seconds() <= age <= _OLDEST.total_seconds()


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.removeprefix("?"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise Untrusted("the answer has too many parameters") from None
