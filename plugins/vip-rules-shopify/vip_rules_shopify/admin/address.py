"""Addresses that requests may go to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from vip_rules.errors import UsageError


def shop_address(base_url: str) -> str:
    """A shop's address without a slash at its end.

    Raises UsageError for one that isn't https://HOST (http only on this machine).
    """
    if not is_secure(base_url):
        raise UsageError(
            "the shop's address isn't one that tokens may be sent to: expected https://NAME.myshopify.com"
        )
    parts = urlsplit(base_url)
    if parts.path.rstrip("/") or parts.query or parts.fragment or parts.username is not None:
        raise UsageError(
            f"the address of {parts.hostname} has more than a host: expected https://{parts.hostname}"
        )
    return f"{parts.scheme}://{parts.netloc}"


def host_of(url: str) -> str:
    """The host of an address: all of it that is told to people."""
    return urlsplit(url).hostname or "the host"


def is_secure(url: str) -> bool:
    """Whether an address is encrypted, or of this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        readable = bool(host) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return readable and (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
