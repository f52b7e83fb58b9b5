"""Pages of what the shop tells: its rows with all that belongs to them, and a word on those that can't be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from vip_rules.model import SpendBasis
from vip_rules.store import Page, StoreCustomer, StoreOrder

from vip_rules_woocommerce.reading import customers, orders, refunds
from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.fields import Row, Unusable, number, rows, within
from vip_rules_woocommerce.reading.guests import Guests
from vip_rules_woocommerce.reading.lists import named
from vip_rules_woocommerce.reading.products import Products
from vip_rules_woocommerce.rest.client import PER_PAGE, Absent, Rest

_MOST_NOTES: Final = 50
"""How many sentences a reading says at most."""


class Pages:
    """Makes pages of rows, for one reading. `wanted` names the personal data to tell; `spend` is the basis of orders."""

    def __init__(
        self,
        rest: Rest,
        choices: Choices,
        products: Products,
        guests: Guests,
        wanted: frozenset[str],
        spend: SpendBasis,
    ) -> None:
        self._rest, self._choices, self._products, self._guests = rest, choices, products, guests
        self._wanted, self._spend = wanted, spend
        self._said: set[str] = set()
        self.customer_fields = customers.fields(wanted, choices)
        self.order_fields = orders.FIELDS + (",billing.email" if choices.link_guests else "")

    def page(
        self,
        cursor: str | None = None,
        *,
        accounts: Iterable[Row] = (),
        placed: Iterable[Row] = (),
        newcomers: Iterable[Row] = (),
        before: Iterable[Row] = (),
        gone_customers: Iterable[int] = (),
        gone_orders: Iterable[int] = (),
    ) -> Page:
        """A page of accounts and orders, as they are. Raises PlatformFailed.

        With `newcomers`, the guests' orders that may have become theirs are told, too. `before` are accounts of the page
        before, among which one may have a twin.
        """
        accounts, orders_told = list(accounts), {row["id"]: row for row in placed}
        if self._choices.link_guests:
            for rows_told in self._guests.orders(newcomers, self.order_fields):
                orders_told |= {row["id"]: row for row in rows_told}
        people, about_people = self._customers(accounts)
        found, about_orders = self._orders(list(orders_told.values()))
        return Page(
            customers=tuple(people),
            orders=tuple(found),
            gone_customers=tuple(str(one) for one in gone_customers),
            gone_orders=tuple(str(one) for one in gone_orders),
            cursor=cursor,
            notes=self._new([*about_people, *customers.twins([*before, *accounts]), *about_orders]),
        )

    def accounts(self, ids: Iterable[int]) -> dict[int, Row]:
        """Accounts by their ids; those that are missing were deleted. Raises PlatformFailed."""
        asked = {**customers.EVERYONE, "_fields": self.customer_fields}
        found = named(self._rest, "customers", ids, **asked)
        for missing in set(ids) - found.keys():
            if row := self._one(f"customers/{missing}", self.customer_fields):
                found[missing] = row
        return found

    def orders(self, ids: Iterable[int]) -> dict[int, Row]:
        """Orders by their ids; those that are missing were deleted or trashed, or are drafts. Raises PlatformFailed."""
        found = named(self._rest, "orders", ids, _fields=self.order_fields)
        for missing in set(ids) - found.keys():
            row = self._one(f"orders/{missing}", self.order_fields)
            if row and row.get("status") not in orders.GONE:
                found[missing] = row
        return found

    def _orders(self, told: Sequence[Row]) -> tuple[list[StoreOrder], list[str]]:
        found: list[StoreOrder] = []
        notes: list[str] = []
        details, products = self._refunds(told), self._products.of(told)
        for row in told:
            linked_to = self._guests.owner(row) if self._choices.link_guests else None
            try:
                found.append(
                    orders.order(row, details, products, self._choices, self._spend, linked_to=linked_to)
                )
                notes += orders.remarks(row, self._choices)
            except Unusable as unusable:
                notes.append(f"Order {row['id']} is left out: {unusable}.")
        return found, notes

    def _customers(self, told: Iterable[Row]) -> tuple[list[StoreCustomer], list[str]]:
        found: list[StoreCustomer] = []
        notes: list[str] = []
        for row in told:
            try:
                found.append(customers.customer(row, self._wanted, self._choices))
                notes += customers.remarks(row, self._wanted, self._choices)
            except Unusable as unusable:
                notes.append(f"Customer {row['id']} is left out: {unusable}.")
        return found, notes

    def _refunds(self, told: Iterable[Row]) -> Mapping[int, Row]:
        """The refunds of orders of which only a part was refunded."""
        orders_of = {
            number(refund, "id"): row["id"]
            for row in told
            if self._in_part(row)
            for refund in within(row, "refunds")
        }
        found = named(self._rest, "refunds", orders_of, _fields=refunds.FIELDS)
        for order in {orders_of[refund] for refund in orders_of.keys() - found.keys()}:
            try:
                told_of_order = rows(self._rest.get(f"orders/{order}/refunds", per_page=PER_PAGE))
            except Absent:
                continue  # the order was deleted since it was told
            found |= {row["id"]: row for row in told_of_order}
        return found

    def _in_part(self, row: Row) -> bool:
        try:
            return refunds.in_part(row, orders.currency_of(row))
        except Unusable:
            return False  # it will be said when the order itself is read

    def _one(self, path: str, fields: str) -> Row | None:
        try:
            return rows([self._rest.get(path, _fields=fields)])[0]
        except Absent:
            return None

    def _new(self, notes: Iterable[str]) -> tuple[str, ...]:
        """Sentences that weren't said yet, until there were too many."""
        fresh = [note for note in dict.fromkeys(notes) if note not in self._said]
        room = _MOST_NOTES - len(self._said)
        self._said.update(fresh[: max(room, 0)])
        if len(fresh) <= room:
            return tuple(fresh)
        return (*fresh[: max(room, 0)], "There is more of the kind: only the first of such rows are named.")


def owners(placed: Iterable[Row]) -> set[int]:
    """The ids of the customers of orders."""
    return {number(row, "customer_id") for row in placed} - {0}
