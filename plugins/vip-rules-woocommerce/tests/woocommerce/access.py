"""Who may do what: keys, and OAuth 1.0a over plain http."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, unquote

from tests.woocommerce.calls import Problem

_DIGESTS: Final = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_NEEDED: Final = (
    "oauth_consumer_key",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
)
_PATIENCE: Final = 15 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A REST key of the shop's settings."""

    consumer_key: str
    consumer_secret: str
    permissions: Literal["read", "write", "read_write"] = "read_write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """A request as far as access is concerned: `url` without its query, `arguments` of the query, as sent and decoded."""

    method: str
    url: str
    arguments: tuple[tuple[str, str], ...]
    authorization: str
    secure: bool


class Door:
    """Lets requests in by their key. `clocks` give seconds: by all of them a signature must be stale to be refused for it."""

    def __init__(self, *clocks: Callable[[], float]) -> None:
        self.keys: dict[str, Key] = {}
        self._clocks = clocks
        self._nonces: set[tuple[str, str, str]] = set()

    def enter(self, knock: Knock, *, writes: bool) -> bool:
        """Whether somebody known asks; False is nobody. Raises Problem where the credentials are wrong."""
        key = self._basic(knock) if knock.secure else None
        key = key or self._oauth(knock)
        if key is None:
            return False
        if writes and key.permissions == "read":
            raise _wrong("The API key provided does not have write permissions.")
        if not writes and key.permissions == "write":
            raise _wrong("The API key provided does not have read permissions.")
        return True

    def _basic(self, knock: Knock) -> Key | None:
        arguments = dict(knock.arguments)
        consumer_key, secret = arguments.get("consumer_key"), arguments.get("consumer_secret")
        scheme, _, token = knock.authorization.partition(" ")
        if not (consumer_key and secret) and scheme.lower() == "basic":
            try:
                consumer_key, _, secret = base64.b64decode(token).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                return None
        key = self.keys.get(consumer_key or "")
        if key is not None and key.consumer_secret != secret:
            raise _wrong("Consumer secret is invalid.")
        return key

    def _oauth(self, knock: Knock) -> Key | None:
        given = {name: value for name, value in knock.arguments if name.startswith("oauth_")}
        signed = [item for item in knock.arguments if item[0] != "oauth_signature"]
        scheme, _, rest = knock.authorization.partition(" ")
        if not given and scheme.lower() == "oauth":
            given = _header(rest)
            signed += [item for item in given.items() if item[0] not in {"oauth_signature", "realm"}]
        if not given:
            return None
        missing = [name for name in _NEEDED if not given.get(name)]
        if missing:
            message = f"Missing OAuth parameter{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            raise Problem(401, "woocommerce_rest_authentication_missing_parameter", message)
        key = self.keys.get(given["oauth_consumer_key"])
        if key is None:
            return None
        digest = _DIGESTS.get(given["oauth_signature_method"])
        if digest is None:
            raise _wrong("Invalid signature - signature method is invalid.")
        base = "&".join(map(_quoted, (knock.method, knock.url, _sorted(signed))))
        mac = hmac.new(f"{key.consumer_secret}&".encode(), base.encode(), digest).digest()
        if not hmac.compare_digest(base64.b64encode(mac), given["oauth_signature"].encode()):
            raise _wrong("Invalid signature - provided signature does not match.")
        self._fresh(given)
        return key

    def _fresh(self, given: Mapping[str, str]) -> None:
        timestamp = given["oauth_timestamp"]
        late = [abs(int(timestamp) - clock()) for clock in self._clocks] if timestamp.isdigit() else []
        if not late or min(late) > _PATIENCE:
            raise _wrong("Invalid timestamp.")
        used = (given["oauth_consumer_key"], timestamp, given["oauth_nonce"])
        if used in self._nonces:
            raise _wrong("Invalid nonce - nonce has already been used.")
        self._nonces.add(used)


def nobody(method: str) -> Problem:
    """The refusal of who brings no key, or an unknown one."""
    code, message = {
        "POST": ("create", "Sorry, you are not allowed to create resources."),
        "PUT": ("edit", "Sorry, you are not allowed to edit this resource."),
        "DELETE": ("delete", "Sorry, you are not allowed to delete this resource."),
    }.get(method, ("view", "Sorry, you cannot list resources."))
    return Problem(401, f"woocommerce_rest_cannot_{code}", message)


def _wrong(message: str) -> Problem:
    return Problem(401, "woocommerce_rest_authentication_error", message)


def _header(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(","))
    return {name: unquote(value.strip('"')) for name, _, value in pairs}


def _quoted(text: str) -> str:
    return quote(text, safe="~")


def _sorted(arguments: list[tuple[str, str]]) -> str:
    return "&".join(
        f"{name}={value}" for name, value in sorted((_quoted(n), _quoted(v)) for n, v in arguments)
    )
