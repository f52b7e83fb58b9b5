"""The reader of a shop: everything, or what has changed, or some of it, page by page.

Everything is read in the order of ids: customers, orders, and those customers who came meanwhile. What has changed are the
orders that were modified since, with their customers, those that were trashed, and new customers. WooCommerce doesn't tell
which other customers changed, which orders were deleted for good, and that a refund was taken back: webhooks and the nightly
reading of everything find those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import available_timezones

from vip_rules.adapter import PlatformFailed
from vip_rules.model import SpendBasis
from vip_rules.store import Page, Shop

from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.course import Course, beginning
from vip_rules_woocommerce.reading.cursor import Cursor
from vip_rules_woocommerce.reading.fields import text
from vip_rules_woocommerce.reading.guests import Guests
from vip_rules_woocommerce.reading.lists import START
from vip_rules_woocommerce.reading.pages import Pages, owners
from vip_rules_woocommerce.reading.products import Products
from vip_rules_woocommerce.rest.client import Rest

_PRODUCTS_LAST: Final = timedelta(minutes=10)
"""How long products are remembered from one fetch to the next."""

_WITHOUT: Final = SpendBasis()


class Reader:
    """Reads one shop, and tells its orders on the basis of `spend`. `clock` gives the present instant."""

    def __init__(
        self,
        rest: Rest,
        choices: Choices,
        *,
        clock: Callable[[], datetime],
        spend: SpendBasis = _WITHOUT,
    ) -> None:
        self._rest, self._choices, self._clock, self._spend = rest, choices, clock, spend
        self._products, self._guests = Products(rest, choices), Guests(rest)
        self._since: datetime | None = None

    def shop(self) -> Shop:
        """The shop's currency and time zone; none where it only has an offset. Raises PlatformFailed."""
        told = self._rest.get("settings/general/woocommerce_currency")
        currency = text(told, "value") if isinstance(told, dict) else None
        if currency is None:
            raise PlatformFailed(
                f"{self._rest.host} doesn't say its currency: look at WooCommerce › Settings › General"
            )
        zone = self._rest.site().get("timezone_string")
        return Shop(currency=currency, timezone=zone if zone in available_timezones() else None)

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        """Everything, or what has changed since a cursor; the cursor of any page goes on behind it. Raises PlatformFailed.

        A cursor that can't be read begins at the beginning.
        """
        here = Cursor.read(cursor)
        if here is None or (full and here.since is not None):
            here = beginning(self._rest, self._clock())
        elif here.stage == "done":
            if full:
                return
            here = replace(here, stage="orders", since=here.next, orders=START)
        yield from Course(self._rest, self._pages(wanted, anew=True), here).pages(self._clock)

    def fetch(self, customer_ids: Sequence[str], order_ids: Sequence[str], *, wanted: frozenset[str]) -> Page:
        """Some customers and orders as they are now, and the customers of the orders. Raises PlatformFailed."""
        told = self._pages(wanted, anew=False)
        placed = told.orders(_numbers(order_ids))
        people = told.accounts(_numbers(customer_ids) | owners(placed.values()))
        page = told.page(accounts=people.values(), placed=placed.values(), newcomers=people.values())
        return replace(
            page,
            gone_customers=tuple(one for one in dict.fromkeys(customer_ids) if _number(one) not in people),
            gone_orders=tuple(one for one in dict.fromkeys(order_ids) if _number(one) not in placed),
        )

    def _pages(self, wanted: frozenset[str], *, anew: bool) -> Pages:
        now = self._clock()
        if anew or self._since is None or now - self._since > _PRODUCTS_LAST:
            self._products.forget()
            self._since = now
        self._guests.forget()
        return Pages(self._rest, self._choices, self._products, self._guests, wanted, self._spend)


def _number(name: str) -> int:
    """An id of the shop's; 0 for what isn't one."""
    return int(name) if name.isascii() and name.isdigit() and len(name) < 19 and name[0] != "0" else 0


def _numbers(names: Iterable[str]) -> set[int]:
    return {_number(name) for name in names} - {0}
