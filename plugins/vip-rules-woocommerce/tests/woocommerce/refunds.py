"""Refunds: in `/refunds` with their order's id, in an order's own list without."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.woocommerce.calls import Answer, Call, Problem
from tests.woocommerce.listing import Listing
from tests.woocommerce.orders import SORTS, Orders
from tests.woocommerce.resource import Resource
from tests.woocommerce.shelf import Row, Shelf
from tests.woocommerce.state import State


class Refunds(Resource):
    """Refunds by id."""

    path = "refunds"
    listing = Listing(sorts=SORTS, orderby="date", order="desc", filters=lambda query: [], extra="dp=2")

    def __init__(self, state: State, orders: Orders) -> None:
        super().__init__(state, Shelf(state.lock, self._links))
        self._orders = orders

    def of(self, order_id: int) -> list[Row]:
        """An order's refunds, the last first."""
        rows = [row for row in self.shelf if row["parent_id"] == order_id]
        return sorted(rows, key=lambda row: int(row["id"]), reverse=True)

    def give(
        self,
        order_id: int,
        amount: Decimal,
        lines: list[Row],
        *,
        tax: Decimal = Decimal(0),
        shipping: Decimal = Decimal(0),
        reason: str = "",
    ) -> Row:
        """Refund a part of an order: `amount` is all of it, `lines` are negative ones.

        The order's status follows when nothing is left.
        """
        state, order = self.state, self._orders.shelf[order_id]
        refunded = sum((Decimal(one["total"]) for one in order["refunds"]), -amount)
        full = -refunded >= Decimal(order["total"])
        row = {
            "id": state.posts.next(),
            "parent_id": order_id,
            **state.now("date_created"),
            **state.now("date_modified"),
            "amount": f"{amount:f}",
            "reason": reason,
            "refunded_by": 1,
            "refunded_payment": False,
            "meta_data": [
                {"id": state.meta.next(), "key": "_refund_type", "value": "full" if full else "partial"}
            ],
            "line_items": lines,
            "shipping_lines": [self._shipping(shipping)] if shipping else [],
            "tax_lines": [],
            "fee_lines": [],
        }
        total_tax = (-tax if tax else tax).quantize(amount)
        told = {"id": row["id"], "reason": reason, "total": f"-{amount:f}", "total_tax": f"{total_tax:f}"}
        self._orders.shelf.change(
            order_id,
            refunds=[*order["refunds"], told],
            status="refunded" if full else order["status"],
            **state.now("date_modified"),
        )
        state.happened.append(("order.updated", order_id))
        return self.shelf.put(row)

    def returned(self, line: Row, total: Decimal, tax: Decimal, quantity: int) -> Row:
        """The line of a refund that gives back a part of an order's line, without its tax and the tax."""
        mark, original = "_refunded_item_id", str(line["id"])
        kept = {"id": self.state.meta.next(), "key": mark, "value": original}
        back, tax_back = f"-{total:f}", f"{(-tax if tax else tax).quantize(total):f}"
        return {
            **line,
            "id": self.state.items.next(),
            "quantity": -quantity,
            "subtotal": back,
            "subtotal_tax": tax_back,
            "total": back,
            "total_tax": tax_back,
            "meta_data": [{**kept, "display_key": mark, "display_value": original}],
        }

    def _shipping(self, total: Decimal) -> Row:
        return {
            "id": self.state.items.next(),
            "method_title": "Flat rate",
            "method_id": "flat_rate",
            "instance_id": "",
            "total": f"-{total:f}",
            "total_tax": f"{Decimal(0).quantize(total):f}",
            "taxes": [],
            "tax_status": "taxable",
            "meta_data": [],
        }

    def listed_of(self, call: Call, order_id: int) -> Answer:
        """Answer with a page of an order's refunds."""
        self._orders.find(order_id)
        shelf = Shelf(self.state.lock, self._links, _without_order)
        for row in self.of(order_id):
            shelf.put(row)
        url = f"{self.state.api}/orders/{order_id}/refunds"
        return self.listing.answer(shelf, call, url, self.state.zone)

    def read_of(self, call: Call, order_id: int, refund_id: int) -> Answer:
        """Answer with one refund of an order."""
        row = self._of(order_id, refund_id)
        return Answer({**_without_order(row), "_links": self._links(row)})

    def deleted_of(self, call: Call, order_id: int, refund_id: int) -> Answer:
        """Answer to the deletion of a refund: at once, and it moves neither the order's status nor its date."""
        row = self._of(order_id, refund_id)
        order = self._orders.shelf[order_id]
        left = [one for one in order["refunds"] if one["id"] != refund_id]
        self._orders.shelf.change(order_id, refunds=left)
        self.shelf.remove(refund_id)
        return Answer({**_without_order(row), "_links": self._links(row)})

    def _of(self, order_id: int, refund_id: int) -> Row:
        self._orders.find(order_id)
        row = self.shelf.get(refund_id)
        if row is None or row["parent_id"] != order_id:
            raise Problem(404, "woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.")
        return row

    def _links(self, row: Row) -> dict[str, Any]:
        path = f"orders/{row['parent_id']}"
        links = self.state.links(f"{path}/refunds", ("GET", "DELETE"))(row)
        return {**links, "up": [{"href": f"{self.state.api}/{path}"}]}


def _without_order(row: Row) -> Row:
    return {
        name: value
        for name, value in row.items()
        if name not in {"parent_id", "date_modified", "date_modified_gmt"}
    }
