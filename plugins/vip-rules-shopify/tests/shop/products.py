"""Products and their one variant as GraphQL shows them."""

from __future__ import annotations

from typing import Final

from tests.shop.amounts import instant
from tests.shop.identifiers import gid
from tests.shop.listing import listing
from tests.shop.projection import Arguments, Connection, Fields
from tests.shop.search import Index, Instant, Number, Text
from tests.shop.state import Product, State

PRODUCTS: Final = Index(
    {
        "id": Number(lambda product: product.id),
        "product_type": Text(lambda product: product.product_type),
        "sku": Text(lambda product: product.sku),
        "status": Text(lambda product: product.status),
        "tag": Text(lambda product: product.tags),
        "tag_not": Text(lambda product: product.tags),
        "title": Text(lambda product: product.title),
        "updated_at": Instant(lambda product: product.updated_at),
        "vendor": Text(lambda product: product.vendor),
    },
    lambda product: product.title,
)


def products_listing(state: State, arguments: Arguments) -> Connection:
    """The products that a query finds."""
    return listing(
        state,
        "Product",
        state.products.values(),
        lambda product: product_view(state, product),
        PRODUCTS,
        arguments,
        {"UPDATED_AT": lambda product: product.updated_at, "TITLE": lambda product: product.title},
    )


def product_view(state: State, product: Product) -> Fields:
    """A Product."""
    return {
        "__typename": "Product",
        "id": gid("Product", product.id),
        "legacyResourceId": str(product.id),
        "title": product.title,
        "handle": product.title.lower().replace(" ", "-"),
        "productType": product.product_type,
        "vendor": product.vendor,
        "tags": sorted(product.tags),
        "status": product.status,
        "category": None,
        "isGiftCard": False,
        "createdAt": instant(product.created_at),
        "updatedAt": instant(product.updated_at),
        "variants": lambda _: Connection(
            "ProductVariant", [product], lambda product: variant_view(state, product)
        ),
    }


def variant_view(state: State, product: Product) -> Fields:
    """Its ProductVariant."""
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", product.id),
        "legacyResourceId": str(product.id),
        "sku": product.sku,
        "title": "Default Title",
        "displayName": product.title,
        "product": lambda _: product_view(state, product),
    }
