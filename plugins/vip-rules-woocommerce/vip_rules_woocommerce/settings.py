"""What the section [store] sets for a WooCommerce shop, apart from how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from vip_rules.errors import UsageError

_MOST_DAYS: Final = 3_650
_TRUSTED: Final = "webhook_secret", "former_webhook_secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings, as far as they can be told right from wrong without the shop. Says no secret.

    `webhook_secrets` are those with which deliveries may be signed, the present one first.
    """

    ca_bundle: str | None = None
    verify: bool = True
    webhook_url: str | None = None
    webhook_secrets: tuple[str, ...] = ()
    credit_days: int = 365

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Settings:
        """The settings as they were written. Raises UsageError for those that can't work."""
        bundle, url = given.get("ca_bundle"), given.get("webhook_url")
        # An empty secret is kept here, to be refused by what would check signatures with it.
        secrets = tuple(str(given[name]) for name in _TRUSTED if given.get(name) is not None)
        if url is not None and not _is_address(url):
            raise UsageError("[store] webhook_url isn't an address: expected https://HOST/webhooks/SHOP")
        if url is not None and given.get("webhook_secret") is None:
            raise UsageError(
                "[store] webhook_secret_env is missing: without it nobody can tell whether a delivery comes from the shop; set "
                "it, or webhook_secret_file, to a long random text"
            )
        return cls(
            ca_bundle=None if bundle is None else str(bundle),
            verify=_flag(given.get("verify", True)),
            webhook_url=url,
            webhook_secrets=secrets,
            credit_days=_days(given.get("credit_days", 365)),
        )

    def __repr__(self) -> str:
        return f"Settings(webhook_url={self.webhook_url!r}, credit_days={self.credit_days})"


def _is_address(url: Any) -> bool:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return False
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError("[store] verify: expected true or false")
    return value


def _days(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= _MOST_DAYS:
        raise UsageError(f"[store] credit_days: expected a whole number of days, from 1 to {_MOST_DAYS}")
    return value
