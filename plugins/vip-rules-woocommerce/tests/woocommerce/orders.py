"""Orders and their notes. They come into the shop by filling it, not over the REST interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.woocommerce import meta
from tests.woocommerce.calls import Answer, Call, Problem, invalid_parameter, missing_parameter, not_one_of
from tests.woocommerce.listing import Keep, Listing
from tests.woocommerce.moments import truth
from tests.woocommerce.resource import Resource
from tests.woocommerce.shelf import Row, Shelf
from tests.woocommerce.state import State
from tests.woocommerce.texts import encoded, is_email

STATUSES: Final = (
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
)
_HIDDEN: Final = frozenset({"trash", "checkout-draft", "auto-draft"})
_TEXTS: Final = ("customer_note", "payment_method", "payment_method_title", "transaction_id")


def _filters(query: Mapping[str, str]) -> list[Keep]:
    statuses = frozenset(query.get("status", "any").split(","))
    if not statuses <= {"any", "trash", *STATUSES}:
        raise not_one_of("status", ("any", "trash", *STATUSES))
    # Together with others `any` still means those that it means alone.
    keeps: list[Keep] = [
        (lambda row: row["status"] not in _HIDDEN)
        if "any" in statuses
        else lambda row: row["status"] in statuses
    ]
    if "customer" in query:
        customer = int(query["customer"])
        keeps.append(lambda row: row["customer_id"] == customer)
    if "search" in query:
        part = query["search"].lower()
        keeps.append(lambda row: part in row["billing"]["email"].lower() or part == row["number"])
    if "product" in query:
        product = int(query["product"])
        keeps.append(lambda row: any(product == line["product_id"] for line in row["line_items"]))
    return keeps


def _dated(row: Row, page: int) -> tuple[str, int]:
    return row["date_created_gmt"], row["id"]


SORTS: Final = {
    "date": _dated,
    "id": lambda row, page: row["id"],
    "include": lambda row, page: row["id"],
    "title": _dated,
    "slug": _dated,
    "modified": lambda row, page: (row["date_modified_gmt"], row["id"]),
}
"""The key of each order of orders, and of refunds."""


class Orders(Resource):
    """Orders by id, and `notes` by their order's. Drafts and the trash are in no list that doesn't ask for them by name."""

    path = "orders"
    listing = Listing(
        sorts=SORTS,
        orderby="date",
        order="desc",
        filters=_filters,
        extra="status%5B0%5D=any&dp=2&context=view",
        forgetful=True,
    )

    def __init__(self, state: State) -> None:
        super().__init__(state, Shelf(state.lock, self._links))
        self.notes: dict[int, list[Row]] = {}

    def find(self, row_id: int, *, status: int = 404) -> Row:
        """An order, also in the trash."""
        row = self.shelf.get(row_id)
        if row is None:
            message = "Invalid ID." if status == 404 else "ID is invalid."
            raise Problem(status, "woocommerce_rest_shop_order_invalid_id", message)
        return row

    def update(self, row_id: int, body: Row, *, checked: bool) -> Row:
        """Change an order's status, addresses, texts and meta. `date_modified` moves even if nothing differs."""
        row = dict(self.find(row_id, status=400))
        # Nothing tells of an order that comes out of the trash.
        if row["status"] != "trash":
            self.state.happened.append(("order.updated", row_id))
        if "status" in body:
            if checked and body["status"] not in STATUSES:
                raise not_one_of("status", STATUSES)
            row["status"] = body["status"] if body["status"] in STATUSES else "pending"
        for name in ("billing", "shipping"):
            if name in body:
                row[name] = {**row[name], **_address(name, body[name], checked=checked)}
        row |= {name: str(body[name] or "") for name in _TEXTS if name in body}
        if "customer_id" in body:
            row["customer_id"] = int(body["customer_id"] or 0)
        if "meta_data" in body:
            row["meta_data"] = meta.updated(row["meta_data"], body["meta_data"], self.state.meta.next)
        return self.shelf.put({**row, **self.state.now("date_modified")})

    def delete(self, row_id: int, *, force: bool) -> Row:
        """Trash an order, or delete it, of which no webhook tells."""
        row = self.find(row_id)
        if force:
            return self.shelf.remove(row_id)
        if row["status"] == "trash":
            raise Problem(410, "woocommerce_rest_already_trashed", "The shop_order has already been deleted.")
        self.shelf.change(row_id, status="trash", **self.state.now("date_modified"))
        self.state.happened.append(("order.deleted", row_id))
        return row

    def listed_notes(self, call: Call, order_id: int) -> Answer:
        """Answer with an order's notes, all of them: there are no pages."""
        self.find(order_id)
        kind = call.query.get("type", "any")
        notes = [
            note
            for note in self.notes.get(order_id, [])
            if kind == "any" or note["customer_note"] == (kind == "customer")
        ]
        return Answer([self._note(order_id, note) for note in notes])

    def created_note(self, call: Call, order_id: int) -> Answer:
        """Answer to a new note; it moves nothing and no webhook tells of it."""
        self.find(order_id)
        body = call.body if isinstance(call.body, dict) else {}
        if "note" not in body:
            raise missing_parameter("note")
        note = {
            "id": self.state.notes.next(),
            "author": "admin" if truth(body.get("added_by_user")) else "WooCommerce",
            **self.state.now("date_created"),
            "note": encoded(str(body["note"])),
            "customer_note": truth(body.get("customer_note")),
        }
        self.notes.setdefault(order_id, []).append(note)
        return Answer(self._note(order_id, note), 201)

    def deleted_note(self, call: Call, order_id: int, note_id: int) -> Answer:
        """Answer to the deletion of a note."""
        note = next((note for note in self.notes.get(order_id, []) if note["id"] == note_id), None)
        if note is None:
            raise Problem(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
        if not truth(call.query.get("force")):
            raise Problem(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        self.notes[order_id].remove(note)
        return Answer(self._note(order_id, note))

    def statuses(self, call: Call) -> Answer:
        """Answer with the statuses that this shop knows."""
        return Answer(
            [{"slug": slug, "name": slug.replace("-", " ").title()} for slug in (*STATUSES, "trash")]
        )

    def _links(self, row: Row) -> dict[str, Any]:
        links = self.state.links(self.path)(row)
        if row["customer_id"]:
            links["customer"] = [{"href": f"{self.state.api}/customers/{row['customer_id']}"}]
        return links

    def _note(self, order_id: int, note: Row) -> Row:
        links = self.state.links(f"orders/{order_id}/notes", ("GET", "DELETE"))(note)
        return {**note, "_links": {**links, "up": [{"href": f"{self.state.api}/orders/{order_id}"}]}}


def _address(name: str, given: Any, *, checked: bool) -> Row:
    if not isinstance(given, dict):
        if checked:
            message = f"{name} is not of type object."
            raise invalid_parameter(name, "rest_invalid_type", message, {"param": name})
        return {}
    if name == "billing" and "email" in given and not is_email(given["email"]):
        raise invalid_parameter(name, "rest_invalid_email", "Invalid email address.")
    return {key: str(value or "") for key, value in given.items()}
