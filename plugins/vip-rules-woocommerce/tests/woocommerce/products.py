"""Products, their variations, and the categories and brands that they are in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.woocommerce.calls import Answer, Call, Problem
from tests.woocommerce.listing import Keep, Listing, ids
from tests.woocommerce.resource import Resource
from tests.woocommerce.shelf import Row, Shelf
from tests.woocommerce.state import State
from tests.woocommerce.texts import encoded

_SORTS: Final = {
    "date": lambda row, page: (row["date_created_gmt"], row["id"]),
    "id": lambda row, page: row["id"],
    "include": lambda row, page: row["id"],
    "title": lambda row, page: (row["name"], row["id"]),
    "slug": lambda row, page: (row["name"], row["id"]),
    "modified": lambda row, page: (row["date_modified_gmt"], row["id"]),
    "menu_order": lambda row, page: (row["menu_order"], row["id"]),
}


def _filters(query: Mapping[str, str]) -> list[Keep]:
    status = query.get("status", "any")
    keeps: list[Keep] = [
        (lambda row: row["status"] != "trash") if status == "any" else lambda row: row["status"] == status
    ]
    if "sku" in query:
        skus = set(query["sku"].split(","))
        keeps.append(lambda row: row["sku"] in skus)
    if "type" in query:
        keeps.append(lambda row: row["type"] == query["type"])
    for name, field in (("category", "categories"), ("brand", "brands")):
        if name in query:
            keeps.append(_in_terms(field, ids(query[name])))
    return keeps


def _in_terms(field: str, wanted: set[int]) -> Keep:
    return lambda row: any(one["id"] in wanted for one in row[field])


class Products(Resource):
    """Products by id; a variation is found by its id too, and is in no list of products."""

    path = "products"
    listing = Listing(sorts=_SORTS, orderby="date", order="desc", filters=_filters)

    def __init__(self, state: State, variations: Variations) -> None:
        super().__init__(state)
        self._variations = variations

    def find(self, row_id: int, *, status: int = 404) -> Row:
        """A product, also in the trash, or a variation."""
        row = self.shelf.get(row_id) or self._variations.shelf.get(row_id)
        if row is None:
            raise Problem(status, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        return row

    def add(
        self, *, sku: str = "", name: str, categories: list[Row], brands: list[Row], kind: str = "simple"
    ) -> Row:
        """Put a new product into the shop."""
        slug = slugged(name)
        row: dict[str, Any] = {
            "id": self.state.posts.next(),
            "name": encoded(name),
            "slug": slug,
            "permalink": f"{self.state.url}/product/{slug}/",
            **self.state.now("date_created"),
            **self.state.now("date_modified"),
            "type": kind,
            "status": "publish",
            "catalog_visibility": "visible",
            "sku": sku,
            "price": "",
            "regular_price": "",
            "sale_price": "",
            "virtual": False,
            "downloadable": False,
            "manage_stock": False,
            "stock_quantity": None,
            "stock_status": "instock",
            "parent_id": 0,
            "categories": [{name: term[name] for name in ("id", "name", "slug")} for term in categories],
            "brands": [{name: term[name] for name in ("id", "name", "slug")} for term in brands],
            "tags": [],
            "attributes": [],
            "variations": [],
            "menu_order": 0,
            "meta_data": [],
        }
        return self.shelf.put(row)


class Variations(Resource):
    """Variations by id, of all products or of one."""

    path = "variations"
    listing = Listing(sorts=_SORTS, orderby="date", order="desc", filters=_filters)

    def listed_of(self, call: Call, product_id: int) -> Answer:
        """Answer with a page of a product's variations."""
        shelf = Shelf(self.state.lock, self.state.links(f"products/{product_id}/variations"))
        for row in self.shelf:
            if row["parent_id"] == product_id:
                shelf.put(row)
        url = f"{self.state.api}/products/{product_id}/variations"
        return self.listing.answer(shelf, call, url, self.state.zone)

    def read_of(self, call: Call, product_id: int, variation_id: int) -> Answer:
        """Answer with one variation of a product."""
        row = self.shelf.get(variation_id)
        if row is None or row["parent_id"] != product_id:
            raise Problem(404, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
        return Answer({**row, "_links": self.state.links(f"products/{product_id}/variations")(row)})


class Terms(Resource):
    """Categories or brands by id."""

    path = "products/categories"
    listing = Listing(
        sorts={
            "id": lambda row, page: row["id"],
            "include": lambda row, page: row["id"],
            "name": lambda row, page: (row["name"].lower(), row["id"]),
            "slug": lambda row, page: row["slug"],
            "term_group": lambda row, page: row["id"],
            "description": lambda row, page: (row["description"], row["id"]),
            "count": lambda row, page: (row["count"], row["id"]),
        },
        orderby="name",
        order="asc",
        filters=lambda query: [],
        dated=False,
    )

    def find(self, row_id: int, *, status: int = 404) -> Row:
        """A term."""
        row = self.shelf.get(row_id)
        if row is None:
            raise Problem(404, "woocommerce_rest_term_invalid", "Resource does not exist.")
        return row

    def named(self, name: str) -> Row:
        """The term of a name, made where there is none."""
        known = next((row for row in self.shelf if row["name"] == encoded(name)), None)
        return known or self.shelf.put(
            {
                "id": self.state.terms.next(),
                "name": encoded(name),
                "slug": slugged(name),
                "parent": 0,
                "description": "",
                "display": "default",
                "image": None,
                "menu_order": 0,
                "count": 0,
            }
        )


class Brands(Terms):
    """Brands by id."""

    path = "products/brands"


def slugged(name: str) -> str:
    """A name as it is in addresses."""
    return "-".join("".join(one if one.isalnum() else " " for one in name.lower()).split())
