"""A page in the making: the objects that were read, as the core takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vip_rules.model import SpendBasis
from vip_rules.store import Page, StoreCustomer, StoreOrder

from vip_rules_shopify.reading.customers import Personal, told_customer
from vip_rules_shopify.reading.lines import Categories
from vip_rules_shopify.reading.orders import told_order
from vip_rules_shopify.reading.progress import Kind
from vip_rules_shopify.reading.remarks import Remarks

Node = Mapping[str, Any]
Take = Callable[[Node, Sequence[Node]], None]
"""Takes an object with its children. It is called for one after the other, so that never many raw ones are in memory."""


@dataclass(slots=True)
class Telling:
    """Objects are taken, and told as pages. Customers who weren't updated from `begin` on were told before."""

    personal: Personal
    categories: Categories
    spend: SpendBasis
    begin: datetime | None = None
    newest: datetime | None = None
    _customers: list[StoreCustomer] = field(default_factory=list)
    _orders: list[StoreOrder] = field(default_factory=list)
    _remarks: Remarks = field(default_factory=Remarks)

    def take(self, kind: Kind) -> Take:
        """What takes customers, or orders."""
        return self._take_order if kind == "orders" else self._take_customer

    def page(self, **more: Any) -> Page:
        """What was taken since the last page, with more of what a page has."""
        notes = (*more.pop("notes", ()), *self._remarks.sentences())
        page = Page(customers=tuple(self._customers), orders=tuple(self._orders), notes=notes, **more)
        self._customers, self._orders, self._remarks = [], [], Remarks()
        return page

    def _take_order(self, node: Node, lines: Sequence[Node]) -> None:
        order = told_order(node, lines, self.categories, self._remarks, self.spend)
        if order is not None:
            self._orders.append(order)
            self._note(order.updated_at)

    def _take_customer(self, node: Node, _: Sequence[Node]) -> None:
        customer = told_customer(node, self.personal, self._remarks)
        if customer is None:
            return
        self._note(customer.updated_at)
        if self.begin is None or customer.updated_at is None or customer.updated_at >= self.begin:
            self._customers.append(customer)

    def _note(self, moment: datetime | None) -> None:
        if moment is not None and (self.newest is None or moment > self.newest):
            self.newest = moment
