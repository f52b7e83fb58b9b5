"""The adapter of a WooCommerce shop: it joins what reads the shop, works in it, listens to it and looks after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from vip_rules.adapter import Adapter, Intent, Opening, Outcome, Sight
from vip_rules.checkup import Finding
from vip_rules.errors import UsageError
from vip_rules.store import Page, Shop

from vip_rules_woocommerce.capabilities import CAPABILITIES
from vip_rules_woocommerce.checkup import checkup
from vip_rules_woocommerce.effects.work import Work
from vip_rules_woocommerce.reading.choices import Choices, InvalidChoice
from vip_rules_woocommerce.reading.reader import Reader
from vip_rules_woocommerce.rest.access import InvalidAccess
from vip_rules_woocommerce.rest.client import Rest
from vip_rules_woocommerce.settings import Settings
from vip_rules_woocommerce.webhooks.signature import InvalidSecret, WooCommerceWebhooks
from vip_rules_woocommerce.webhooks.subscriptions import Subscriptions


class WooCommerceAdapter(Adapter):
    """One shop. Reaches for no network as it is made; raises UsageError for settings that can't work."""

    capabilities = CAPABILITIES

    def __init__(self, opening: Opening) -> None:
        settings = Settings.read(opening.settings)
        try:
            self._rest = _rest(opening, settings)
            choices = Choices.of(opening.settings)
            url, secrets = self._rest.access.url, settings.webhook_secrets
            self.webhooks = WooCommerceWebhooks(url, secrets) if secrets else None
        except (InvalidAccess, InvalidChoice, InvalidSecret) as invalid:
            raise UsageError(f"[store] {invalid}") from None
        self._reader = Reader(self._rest, choices, clock=opening.clock, spend=opening.spend)
        self._subscriptions = (
            Subscriptions(self._rest, url=settings.webhook_url, secret=secrets[0])
            if settings.webhook_url
            else None
        )
        self._work = Work(
            self._rest,
            shop=self._reader.shop,
            today=lambda: opening.clock().astimezone(opening.timezone).date(),
            credit_days=settings.credit_days,
        )
        self._checkup = partial(
            checkup,
            self._rest,
            currency=opening.currency.code,
            timezone=opening.timezone,
            clock=opening.clock,
            subscriptions=self._subscriptions,
        )

    @classmethod
    def open(cls, opening: Opening) -> WooCommerceAdapter:
        """The adapter of the shop that settings name. Raises UsageError."""
        return cls(opening)

    def __repr__(self) -> str:
        return f"WooCommerceAdapter({self._rest.access.url!r})"

    def shop(self) -> Shop:
        """The shop's currency and time zone. Raises PlatformFailed."""
        return self._reader.shop()

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        """Everything, or what has changed since a cursor. Raises PlatformFailed."""
        return self._reader.pages(cursor, full=full, wanted=wanted)

    def fetch(self, customers: Sequence[str], orders: Sequence[str], *, wanted: frozenset[str]) -> Page:
        """Some customers and orders as they are now. Raises PlatformFailed."""
        return self._reader.fetch(customers, orders, wanted=wanted)

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Carry out effects, one after the other, and tell the outcome of each."""
        return [self._work.outcome(intent) for intent in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What the shop holds under each intent's key."""
        return [self._work.sight(intent) for intent in intents]

    def checkup(self) -> Iterator[Finding]:
        """Whether the shop is set up as it has to be."""
        return self._checkup()

    def repair(self) -> Iterator[str]:
        """Put webhooks right, delete doubles of coupons, and say so. Raises PlatformFailed."""
        if self._subscriptions is not None:
            yield from self._subscriptions.repair()
        yield from self._work.mend()

    def close(self) -> None:
        """Close the connections."""
        self._rest.close()


def _rest(opening: Opening, settings: Settings) -> Rest:
    """How the shop is asked. Raises InvalidAccess."""
    given = opening.settings
    return Rest(
        str(given["url"]),
        key=str(given["consumer_key"]),
        secret=str(given["consumer_secret"]),
        clock=opening.clock,
        sleep=opening.sleep,
        entropy=opening.entropy,
        ca_bundle=settings.ca_bundle,
        verify=settings.verify,
    )
