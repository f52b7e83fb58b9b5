"""A reader of the fake shop for tests, and what a mirror would hold of the pages that it tells."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from vip_rules.model import SpendBasis
from vip_rules.store import Page, StoreCustomer, StoreOrder

from tests.woocommerce.server import KEY, FakeWooCommerce
from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.reader import Reader
from vip_rules_woocommerce.rest.client import Rest

NOTHING: frozenset[str] = frozenset()
NEITHER = SpendBasis()


@contextmanager
def reading(
    shop: FakeWooCommerce,
    choices: Choices = Choices(),  # noqa: B008 - frozen
    spend: SpendBasis = NEITHER,
) -> Iterator[Reader]:
    """A reader of a shop, by the shop's clock, on a basis of spend."""
    rest = Rest(
        shop.url,
        key=KEY.consumer_key,
        secret=KEY.consumer_secret,
        clock=lambda: datetime.now(UTC),  # signatures grow stale by the wall's clock
        sleep=lambda seconds: None,
        entropy=os.urandom,
    )
    try:
        yield Reader(rest, choices, clock=shop.clock, spend=spend)
    finally:
        rest.close()


@dataclass
class Held:
    """What is known of a shop after some pages: the later tells better, and what is gone is forgotten."""

    customers: dict[str, StoreCustomer] = field(default_factory=dict)
    orders: dict[str, StoreOrder] = field(default_factory=dict)
    cursor: str | None = None
    notes: list[str] = field(default_factory=list)

    def keep(self, pages: Iterable[Page]) -> Held:
        """Keep what pages tell."""
        for page in pages:
            self.customers |= {each.id: each for each in page.customers}
            self.orders |= {each.id: each for each in page.orders}
            for gone in page.gone_customers:
                self.customers.pop(gone, None)
            for gone in page.gone_orders:
                self.orders.pop(gone, None)
            self.cursor = page.cursor or self.cursor
            self.notes += page.notes
        return self

    @property
    def content(self) -> tuple[dict[str, StoreCustomer], dict[str, StoreOrder]]:
        """The customers and orders, but for when they were updated."""
        return (
            {key: replace(each, updated_at=None) for key, each in self.customers.items()},
            {key: replace(each, updated_at=None) for key, each in self.orders.items()},
        )


def everything(reader: Reader, wanted: frozenset[str] = NOTHING) -> Held:
    """What a reading of everything tells."""
    return Held().keep(reader.pages(None, full=True, wanted=wanted))
