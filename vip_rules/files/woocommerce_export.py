"""The CSV files of WooCommerce's own extension for exports (Customer/Order/Coupon Export), in its default formats.

An order has one row, or one for each of its items: then the items are read as lines. Times are those of the shop's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from vip_rules.files.sheet import LINE
from vip_rules.files.source import Source
from vip_rules.files.translation import (
    Frames,
    TranslatedTable,
    first_rows,
    layout,
    refunded,
    status,
    whole_orders,
)

STATUSES: Final = {
    "processing": "paid",
    "completed": "paid",
    "on-hold": "pending",
    "checkout-draft": "pending",
    "auto-draft": "pending",
    "trash": "cancelled",
}
"""What WooCommerce's statuses mean for the count, where they aren't called the same."""

NOTES: Final = ("WooCommerce's export marks no gift cards, so that they count.",)
WITHOUT_ITEMS: Final = (
    "WooCommerce's orders have one row each: export one row per item to have their lines as well.",
)

ITEM: Final = "item_name"
"""A column that only a file with a row for each item has."""

_ORDERS: Final = layout(
    "orders",
    (
        *("order_id", "customer_id", "status", "order_currency"),
        *("order_total", "tax_total", "shipping_total", "refunded_total"),
    ),
    (
        "date",
        "order_date",
        "discount_total",
        ITEM,
        "item_sku",
        "item_quantity",
        "item_total",
        "item_refunded",
    ),
)
_CUSTOMERS: Final = layout("customers", ("customer_id", "email", "date_registered"))


@dataclass(frozen=True)
class WooCommerceExport:
    """Exported customers and orders, each in one file or in several. `items`: orders have a row for each of their items."""

    customer_files: tuple[Path, ...]
    order_files: tuple[Path, ...]
    items: bool

    @property
    def customers(self) -> Source:
        """The customers; guests, who are in the export without a number, aren't."""
        columns = ("customer_id", "created_at", "email")
        return Source(
            self.customer_files,
            partial(TranslatedTable, layout=_CUSTOMERS, columns=columns, translate=_customers),
        )

    @property
    def orders(self) -> Source:
        """The orders."""
        columns = (
            *("order_id", "customer_id", "placed_at", "total", "tax", "shipping", "refunded", "currency"),
            *("status", "discount"),
        )
        return Source(
            self.order_files, partial(TranslatedTable, layout=_ORDERS, columns=columns, translate=_orders)
        )

    @property
    def lines(self) -> Source | None:
        """The items of the orders; None where the files don't tell them."""
        columns = ("order_id", "sku", "product", "quantity", "amount", "refunded")
        opener = partial(TranslatedTable, layout=_ORDERS, columns=columns, translate=_lines, mute=True)
        return Source(self.order_files, opener) if self.items else None


def _customers(frames: Frames) -> Frames:
    for frame in frames:
        yield frame.filter(pl.col("customer_id") != "0").with_columns(
            pl.col("date_registered").alias("created_at")
        )


def _orders(frames: Frames) -> Frames:
    for rows in whole_orders(frames, "order_id"):
        yield (
            first_rows(rows)
            .with_columns(status("status", STATUSES))
            .select(
                LINE,
                "order_id",
                pl.when(pl.col("customer_id") != "0").then("customer_id").alias("customer_id"),
                pl.coalesce("date", "order_date").alias("placed_at"),
                pl.col("order_total").alias("total"),
                pl.col("tax_total").alias("tax"),
                pl.col("shipping_total").alias("shipping"),
                refunded("refunded_total"),
                pl.col("order_currency").alias("currency"),
                "status",
                pl.col("discount_total").alias("discount"),
            )
        )


def _lines(frames: Frames) -> Frames:
    for frame in frames:
        yield frame.filter(pl.col(ITEM).is_not_null()).select(
            LINE,
            "order_id",
            pl.col("item_sku").alias("sku"),
            pl.col(ITEM).alias("product"),
            pl.col("item_quantity").alias("quantity"),
            pl.col("item_total").alias("amount"),
            pl.col("item_refunded").alias("refunded"),
        )
