"""What orders' lines don't tell of their products: category, brand, and whether they are gift cards.

Variations have none of their own: their product's are theirs, and a line names its product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.fields import Row, marked, number, rows, text, within
from vip_rules_woocommerce.reading.lists import named
from vip_rules_woocommerce.rest.client import Rest

_FIELDS: Final = "id,type,categories,brands,meta_data"
_NO_CATEGORY: Final = "uncategorized"
"""The slug of the category that WooCommerce gives to products without one."""

_MOST: Final = 20_000
"""How many products are remembered at a time."""


@dataclass(frozen=True, slots=True)
class Product:
    """What is known of a product; nothing of one that was deleted for good."""

    category: str | None = None
    brand: str | None = None
    gift_card: bool = False


class Products:
    """The products of a shop as orders name them, each asked for once until it is forgotten."""

    def __init__(self, rest: Rest, choices: Choices) -> None:
        self._rest, self._choices = rest, choices
        self._known: dict[int, Product] = {}
        self._parents: dict[int, int] | None = None

    def forget(self) -> None:
        """Ask anew from now on: products and categories change."""
        self._known.clear()
        self._parents = None

    def of(self, orders: Iterable[Row]) -> Mapping[int, Product]:
        """The products that orders name, by their ids. Raises PlatformFailed."""
        ids = {number(line, "product_id") for order in orders for line in within(order, "line_items")} - {0}
        if unknown := ids - self._known.keys():
            if len(self._known) + len(unknown) > _MOST:
                self._known.clear()
                unknown = ids
            found = named(self._rest, "products", unknown, _fields=_FIELDS)
            # A list doesn't tell of those in the trash unless it is asked for them.
            found |= named(self._rest, "products", unknown - found.keys(), status="trash", _fields=_FIELDS)
            self._known |= {one: self._product(found[one]) if one in found else Product() for one in unknown}
        return {one: self._known[one] for one in ids}

    def _product(self, row: Row) -> Product:
        categories, brands = within(row, "categories"), within(row, "brands")
        slugs = {category.get("slug") for category in categories}
        return Product(
            category=self._deepest(categories),
            brand=text(min(brands, key=_id), "name") if brands else None,
            gift_card=row.get("type") in self._choices.gift_card_types
            or marked(row, self._choices.gift_card_meta)
            or not slugs.isdisjoint(self._choices.gift_card_categories),
        )

    def _deepest(self, categories: Iterable[Row]) -> str | None:
        """The name of the category furthest down the tree; of several the one with the lowest id."""
        real = sorted((each for each in categories if each.get("slug") != _NO_CATEGORY), key=_id)
        if len(real) < 2:
            return text(real[0], "name") if real else None
        return text(max(real, key=lambda each: self._depth(_id(each))), "name")

    def _depth(self, category: int) -> int:
        if self._parents is None:
            asked = {"_fields": "id,parent", "orderby": "id", "order": "asc"}
            pages = self._rest.pages("products/categories", **asked)
            self._parents = {row["id"]: number(row, "parent") for page in pages for row in rows(page)}
        above: set[int] = set()
        while category and category not in above:
            above.add(category)
            category = self._parents.get(category, 0)
        return len(above)


def _id(row: Row) -> int:
    return number(row, "id")
