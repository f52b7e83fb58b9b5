"""Whose the orders of guests are, where that was chosen.

A guest's order counts for an account if it is the only one with the order's email address, and has shown that the address is
used with it: it has paid for an order of its own (`is_paying_customer`), and the address of its last bill is the same.
WooCommerce doesn't verify addresses: somebody may still make an account with another's address, and pay. So nothing is
linked unless `link_guests` is set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from vip_rules_woocommerce.reading.customers import EVERYONE, email
from vip_rules_woocommerce.reading.fields import Row, number, rows
from vip_rules_woocommerce.reading.lists import walk
from vip_rules_woocommerce.rest.client import Rest

_FIELDS: Final = "id,email,is_paying_customer,billing.email"
_MOST: Final = 10_000
"""How many addresses are remembered at a time."""


class Guests:
    """The accounts that guests' orders belong to, each address asked for once until it is forgotten."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._owners: dict[str, str | None] = {}

    def forget(self) -> None:
        """Ask anew from now on: accounts are made, and change."""
        self._owners.clear()

    def owner(self, order: Row) -> str | None:
        """The account that a guest's order counts for; None for none. Raises PlatformFailed."""
        address = _billed_to(order)
        if number(order, "customer_id") or not address:
            return None
        if address not in self._owners:
            if len(self._owners) >= _MOST:
                self._owners.clear()
            self._owners[address] = self._account(address)
        return self._owners[address]

    def orders(self, accounts: Iterable[Row], fields: str) -> Iterator[list[Row]]:
        """Guests' orders with the addresses of some accounts, a page at a time. Raises PlatformFailed."""
        for address in dict.fromkeys(address for account in accounts if (address := email(account))):
            for page, _ in walk(self._rest, "orders", customer=0, search=address, _fields=fields):
                # The shop looks for the text in names and other places, too.
                if found := [row for row in page if _billed_to(row) == address]:
                    yield found

    def _account(self, address: str) -> str | None:
        told = rows(self._rest.get("customers", email=address, **EVERYONE, _fields=_FIELDS))
        same = [row for row in told if email(row) == address]
        if len(same) == 1 and same[0].get("is_paying_customer") is True and _billed_to(same[0]) == address:
            return str(same[0]["id"])
        return None


def _billed_to(row: Row) -> str | None:
    billing = row.get("billing")
    return email(billing) if isinstance(billing, dict) else None
