"""Reading a shop: everything, what has changed, or some customers and orders, as pages for the core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from vip_rules.model import SpendBasis
from vip_rules.store import Page, Shop

from vip_rules_shopify import gids
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.reading.bulk import PAGE, BulkReading
from vip_rules_shopify.reading.changes import MOST, Changes
from vip_rules_shopify.reading.course import Course
from vip_rules_shopify.reading.customers import Personal
from vip_rules_shopify.reading.lines import Categories
from vip_rules_shopify.reading.progress import OBJECTS, Kind, Progress
from vip_rules_shopify.reading.selection import Selection
from vip_rules_shopify.reading.telling import Telling
from vip_rules_shopify.reading.trust import Trust

CATEGORY_TAG_PREFIX: Final = "category_tag_prefix"
"""The setting with which product tags that name categories begin; without it the product's type is the category."""

_WITHOUT: Final = SpendBasis()


class Reader:
    """Reads a shop, and tells its orders on the basis of `spend`.

    `page` is how many objects a page of a bulk file has; of over `most` changes a bulk operation is made.
    """

    def __init__(
        self,
        admin: Admin,
        settings: Mapping[str, Any],
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        *,
        spend: SpendBasis = _WITHOUT,
        page: int = PAGE,
        most: int = MOST,
    ) -> None:
        self._admin, self._clock, self._sleep = admin, clock, sleep
        self._categories = Categories(settings.get(CATEGORY_TAG_PREFIX) or "")
        self._spend, self._page, self._most = spend, page, most

    def shop(self) -> Shop:
        """The shop itself. Raises PlatformFailed."""
        return self._trust().shop

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        """Everything, or what has changed since a cursor; what an adapter's `pages` tells. Raises PlatformFailed."""
        progress = Progress.of(cursor, full=full).resumed()
        if full and not progress.full:
            return  # the cursor is that of a full reading's last page
        selection = self._selection(wanted)
        bulk = BulkReading(self._admin, selection, self._sleep, self._page)
        changes = Changes(self._admin, selection, self._most)
        yield from Course(bulk, changes, self._telling(selection), progress).pages(self._trust().notes)

    def fetch(self, customers: Sequence[str], orders: Sequence[str], *, wanted: frozenset[str]) -> Page:
        """Some customers and orders as they are now; those that the shop doesn't have are gone. Raises PlatformFailed."""
        selection = self._selection(wanted)
        changes, telling = Changes(self._admin, selection), self._telling(selection)
        gone_customers = _missing(changes, "customers", customers, telling)
        gone_orders = _missing(changes, "orders", orders, telling)
        notes: tuple[str, ...] = ()
        if gone_orders and not (trust := self._trust()).all_orders:
            # Hidden for their age, or deleted: nobody can tell, and to forget an order would be wrong.
            gone_orders, notes = (), trust.notes
        return telling.page(gone_customers=gone_customers, gone_orders=gone_orders, notes=notes)

    def _selection(self, wanted: frozenset[str]) -> Selection:
        return Selection(Personal.wanted(wanted), product_tags=bool(self._categories.prefix))

    def _telling(self, selection: Selection) -> Telling:
        return Telling(selection.personal, self._categories, self._spend)

    def _trust(self) -> Trust:
        return Trust.of(self._admin.query("shop_info"), self._clock())


def _missing(changes: Changes, kind: Kind, ids: Sequence[str], telling: Telling) -> tuple[str, ...]:
    """Let those that the shop has be taken, and tell the ids of the others."""
    asked: list[str] = []
    missing: list[str] = []
    for each in dict.fromkeys(ids):
        try:
            asked.append(gids.gid(OBJECTS[kind], each))
        except gids.InvalidId:  # it was never one of this shop's
            missing.append(each)
    gone = changes.some(kind, asked, telling.take(kind))
    return (*missing, *(gids.number(gid) for gid in gone))
