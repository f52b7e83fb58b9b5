"""The adapter of a Shopify shop: it joins what reads the shop, works in it, listens to it and looks after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from vip_rules.adapter import Adapter, Intent, Opening, Outcome, Sight
from vip_rules.checkup import Finding
from vip_rules.errors import UsageError
from vip_rules.store import Page, Shop

from vip_rules_shopify import checkup
from vip_rules_shopify.admin.address import is_secure, shop_address
from vip_rules_shopify.admin.client import VERSION, Admin
from vip_rules_shopify.admin.tokens import ClientCredentials, RefreshableToken, StaticToken, TokenProvider
from vip_rules_shopify.capabilities import capabilities
from vip_rules_shopify.definitions import FIELDS
from vip_rules_shopify.effects.people import MOST
from vip_rules_shopify.effects.work import Work
from vip_rules_shopify.reading.reader import Reader
from vip_rules_shopify.settings import Wishes
from vip_rules_shopify.shops import Access, shop_domain
from vip_rules_shopify.webhooks.signature import ShopifyWebhooks

_VERSION: Final = re.compile(r"20\d\d-(01|04|07|10)|unstable")


class ShopifyAdapter(Adapter):
    """One shop. `access` says how it is reached; `shops.access_of` has it of a Session of `shopifyapi`, too.

    The opening's settings of tokens and addresses aren't read here. Raises UsageError for others that can't work.
    """

    batch = MOST

    def __init__(self, access: Access, opening: Opening) -> None:
        settings, wishes = opening.settings, Wishes.read(opening.settings, opening.currency)
        self._base = shop_address(access.base_url)
        self._admin = Admin(
            access.base_url,
            version=access.version,
            tokens=access.tokens,
            clock=opening.clock,
            sleep=opening.sleep,
            entropy=opening.entropy,
        )
        self.capabilities = capabilities(wishes)
        self.webhooks = _webhooks(settings)
        self._reader = Reader(self._admin, settings, opening.clock, opening.sleep, spend=opening.spend)
        self._work = Work(self._admin, wishes, opening.timezone, opening.clock, opening.sleep)
        self._setup = checkup.Setup(
            base_url=access.base_url,
            tokens=access.tokens,
            currency=opening.currency.code,
            timezone=opening.timezone,
            clock=opening.clock,
            kinds=self.capabilities.keys(),
            definitions=FIELDS,
            rates=opening.rates,
            webhook_url=settings.get("webhook_url"),
            checks_webhooks=self.webhooks is not None,
            automatic=wishes.method == "Automatic",
        )

    @classmethod
    def open(cls, opening: Opening) -> ShopifyAdapter:
        """The adapter that settings speak of. Reaches for no network. Raises UsageError."""
        return cls(_access(opening), opening)

    def __repr__(self) -> str:
        return f"ShopifyAdapter({self._base!r})"

    def shop(self) -> Shop:
        """The shop itself. Raises PlatformFailed."""
        return self._reader.shop()

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        """What the shop tells: everything by bulk operations, or what has changed since a cursor. Raises PlatformFailed."""
        return self._reader.pages(cursor, full=full, wanted=wanted)

    def fetch(self, customers: Sequence[str], orders: Sequence[str], *, wanted: frozenset[str]) -> Page:
        """Some customers and orders as they are now. Raises PlatformFailed."""
        return self._reader.fetch(customers, orders, wanted=wanted)

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Carry out effects, and tell the outcome of each, in order."""
        return self._work.carry_out(intents)

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What the shop holds under each intent's key."""
        return self._work.look(intents)

    def checkup(self) -> Iterator[Finding]:
        """Whether the shop is set up as it has to be."""
        return checkup.checkup(self._admin, self._setup)

    def repair(self) -> Iterator[str]:
        """Give discounts as the settings say, define the customers' fields, subscribe to webhooks. Raises PlatformFailed."""
        yield from self._work.repair()
        yield from checkup.repair(self._admin, self._setup)

    def close(self) -> None:
        """Close the connections."""
        self._work.close()
        self._admin.close()


def _access(opening: Opening) -> Access:
    settings = opening.settings
    base_url = settings.get("base_url")
    if base_url and not is_secure(base_url):
        raise UsageError(
            "[store] base_url isn't an address that tokens may be sent to: expected https://HOST"
        )
    version = settings.get("api_version", VERSION)
    if not _VERSION.fullmatch(version):
        raise UsageError(
            f'[store] api_version is no version of the Admin API: expected one as in "{VERSION}"'
        )
    address = base_url or f"https://{_domain(settings)}"
    return Access(address, version, _tokens(address, opening))


def _domain(settings: Mapping[str, Any]) -> str:
    """The shop's own domain. The core knows the shop by this setting: written otherwise it would be another shop."""
    try:
        domain = shop_domain(settings["shop"])
    except UsageError as error:
        raise UsageError(f"[store] shop: {error}") from None
    if settings["shop"] != domain:
        raise UsageError(f'[store] shop: write "{domain}", the shop\'s whole domain, and nothing around it')
    return domain


def _tokens(base_url: str, opening: Opening) -> TokenProvider:
    """Where tokens come from, by the settings that are there."""
    settings = opening.settings
    token, client, secret = (settings.get(key) for key in ("token", "client_id", "client_secret"))
    kept = settings.get("app_tokens")
    if token is not None and kept is not None:
        raise UsageError("[store] token and app_tokens are both there: a shop is entered with one of them")
    if token is not None:
        return StaticToken(token)
    if client is None or secret is None:
        raise UsageError(
            "[store] doesn't say how to enter the shop: set token_env for a custom app's access token, or client_id and "
            "client_secret_env for an app of the Dev Dashboard"
        )
    if kept is not None:
        return RefreshableToken(base_url, client, secret, Path(kept), clock=opening.clock)
    return ClientCredentials(base_url, client, secret, clock=opening.clock)


def _webhooks(settings: Mapping[str, Any]) -> ShopifyWebhooks | None:
    """What checks deliveries; None where there is nothing to check them with."""
    secret = settings.get("webhook_secret") or settings.get("client_secret")
    former = settings.get("former_webhook_secret")
    if secret is None:
        if settings.get("webhook_url") or former:
            raise UsageError(
                "[store] webhook_secret_env is missing: without the app's client secret nobody can tell whether a delivery "
                "comes from Shopify"
            )
        return None
    return ShopifyWebhooks(_domain(settings), [secret, *([former] if former else [])])
