"""What a person can do about a refusal of the shop's API."""

from __future__ import annotations

from typing import Final

WRONG_KEY: Final = "woocommerce_rest_authentication_error"
"""The shop's code for a key, a secret or a signature that doesn't fit; what is wrong only the message says."""

_KEYS: Final = "WooCommerce › Settings › Advanced › REST API"
_NO_KEY: Final = (
    "no key that WooCommerce knows reached it: the key is unknown or was revoked, or the host strips the Authorization "
    f"header, or the address should begin with https. Compare the key with those in {_KEYS}; if it is there, have the host "
    "pass the Authorization header on to PHP"
)
_ROUTE: Final = (
    "the shop has no such route: look whether the address of the shop is right, WooCommerce is active, and Settings › "
    "Permalinks isn't on Plain"
)

_BY_MESSAGE: Final = (
    ("write permission", f"the key may only read: set it to Read/Write in {_KEYS}"),
    ("read permission", f"the key may only write: set it to Read/Write in {_KEYS}"),
    (
        "timestamp",
        "the clocks differ by more than 15 minutes: set this computer's clock and the shop's by a time server",
    ),
    (
        "signature",
        "the consumer secret is wrong, or the address isn't the shop's own (Settings › General, Site Address)",
    ),
    ("secret", f"the consumer secret doesn't belong to the consumer key: make a new pair in {_KEYS}"),
    ("consumer key", f"the consumer key is unknown: make a new pair in {_KEYS}"),
)
"""What the refusal of a key says, in WooCommerce's own English, and what to do. The first that fits."""

_METHOD: Final = "a server in front of the shop doesn't let this kind of request (PUT, DELETE) through: have the host allow it"

_BY_STATUS: Final = {
    403: (
        "either the key's user lacks the rights (make the key for an administrator or shop manager), or a security plugin "
        "or firewall refuses the request (let /wp-json/wc/v3 through)"
    ),
    405: _METHOD,
    406: "a firewall of the host (often ModSecurity) refuses the request: let /wp-json/wc/v3 through",
    413: "the request is too large for the shop's server: have the host raise its limit",
    414: "the request's address is too long for the shop's server",
    501: _METHOD,
}

_BY_SHOP: Final = frozenset({413, 501})
"""Statuses that the shop itself gives, too, and then says why."""


def remedy(status: int, code: str, message: str) -> str:
    """What to do about a refusal, or "" where the shop's own message says all that is known."""
    if code == WRONG_KEY:
        said = message.lower()
        return next((what for words, what in _BY_MESSAGE if words in said), f"look at the key in {_KEYS}")
    if status == 401:
        return _NO_KEY if code.startswith("woocommerce_") or not code else _closed(code)
    if code == "rest_no_route" or (status == 404 and not code):
        return _ROUTE
    if code.startswith("rest_") and status == 403:
        return _closed(code)
    if code and status in _BY_SHOP:
        return ""
    return _BY_STATUS.get(status, "")


def _closed(code: str) -> str:
    return f"something in the shop closes its REST API ({code}), often a security plugin: let /wp-json/wc/v3 through"
