"""One reading on its way: customers, orders and newcomers, from wherever its cursor stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from vip_rules.store import Page

from vip_rules_woocommerce.reading import customers
from vip_rules_woocommerce.reading.cursor import Cursor, bound
from vip_rules_woocommerce.reading.fields import Row, Unusable, instant, rows
from vip_rules_woocommerce.reading.lists import START, walk
from vip_rules_woocommerce.reading.pages import Pages, owners
from vip_rules_woocommerce.rest.client import Rest

_NEWEST: Final = {"orderby": "modified", "order": "desc", "per_page": 1, "_fields": "id,date_modified_gmt"}


class Course:
    """A reading. `here` is where it stands: behind the page that was told last."""

    def __init__(self, rest: Rest, told: Pages, here: Cursor) -> None:
        self._rest, self._told, self.here = rest, told, here

    def pages(self, clock: Callable[[], datetime]) -> Iterator[Page]:
        """What is left of it; the last page's cursor is where the next reading begins. Raises PlatformFailed."""
        changes = self.here.since is not None
        if self.here.stage == "customers":
            yield from self._customers(again=False)
            self.here = replace(self.here, stage="orders")
        if self.here.stage == "orders":
            yield from self._changed(clock) if changes else self._everything()
            self.here = replace(self.here, stage="newcomers")
        yield from self._customers(again=changes)
        self.here = replace(self.here, stage="done", since=None, orders=START)
        yield self._told.page(str(self.here))

    def _customers(self, *, again: bool) -> Iterator[Page]:
        """Customers behind the cursor; `again` tells the newest of those before it once more, should they have changed."""
        known = self.here.customers.id
        before: Sequence[Row] = ()
        asked: dict[str, Any] = {**customers.EVERYONE, "_fields": self._told.customer_fields}
        for accounts, position in walk(self._rest, "customers", self.here.customers, again=again, **asked):
            self.here = replace(self.here, customers=position)
            late = self.here.stage == "newcomers"
            new = [row for row in accounts if row["id"] > known] if late else []
            yield self._told.page(str(self.here), accounts=accounts, newcomers=new, before=before)
            before = accounts

    def _everything(self) -> Iterator[Page]:
        asked: dict[str, Any] = {"_fields": self._told.order_fields}
        for placed, position in walk(self._rest, "orders", self.here.orders, **asked):
            self.here = replace(self.here, orders=position)
            yield self._told.page(str(self.here), placed=placed)

    def _changed(self, clock: Callable[[], datetime]) -> Iterator[Page]:
        """Orders that were modified since, with their customers; then those that were trashed since."""
        since: dict[str, Any] = {"modified_after": self.here.since, "dates_are_gmt": True}
        asked: dict[str, Any] = {**since, "_fields": self._told.order_fields}
        first = self.here.orders == START
        for placed, position in walk(self._rest, "orders", self.here.orders, **asked):
            self.here = replace(self.here, orders=position)
            if first:  # whatever changes from now on is dated later than all that the first answer tells
                self.here = replace(self.here, next=max(self.here.next, newest_change(placed, clock())))
                first = False
            whose = owners(placed)
            people = self._told.accounts(whose)
            yield self._told.page(
                str(self.here),
                accounts=people.values(),
                placed=placed,
                newcomers=people.values(),
                gone_customers=sorted(whose - people.keys()),
            )
        asked = {**since, "status": "trash", "_fields": "id"}
        for trashed, _ in walk(self._rest, "orders", **asked):
            yield self._told.page(str(self.here), gone_orders=[row["id"] for row in trashed])


def beginning(rest: Rest, now: datetime) -> Cursor:
    """Where a reading of everything begins. Raises PlatformFailed."""
    newest = rows(rest.get("orders", **_NEWEST))
    return Cursor(stage="customers", next=newest_change(newest, now))


def newest_change(placed: Iterable[Row], now: datetime) -> str:
    """From when on changes have to be told to one who knows these orders."""
    return bound(max(filter(None, map(_modified_at, placed)), default=None), now)


def _modified_at(row: Row) -> datetime | None:
    try:
        return instant(row, "date_modified_gmt")
    except Unusable:
        return None  # said where the order itself is read
