"""The CSV files that Shopify's admin exports: orders with a row for each line, and customers.

The export doesn't tell when a customer came: the day of the first order stands for it. An order belongs to the customer
with its email address. Its instant is `Created at`, which for orders of the store itself is when they were processed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final

import polars as pl

from vip_rules.adapter import Opening
from vip_rules.files.sheet import LINE, Sheet
from vip_rules.files.shopify_amounts import net_shipping, shared, tax
from vip_rules.files.source import Source
from vip_rules.files.tables import Progress
from vip_rules.files.translation import (
    ORDER,
    Frames,
    TranslatedTable,
    first_rows,
    layout,
    raw_frames,
    refunded,
    status,
    whole_orders,
)
from vip_rules.localdays import FIRST_YEAR, LAST_YEAR, local_day, local_days, time_fault

BIRTH_DATE: Final = "(customer.metafields.facts.birth_date)"
"""The end of a column's name that holds Shopify's own metafield of the birthday."""

STATUSES: Final = {
    "authorized": "pending",
    "partially_paid": "pending",
    "expired": "voided",
}
"""What payment statuses mean for the count, where they aren't called the same."""

NOTES: Final = (
    "Shopify's export doesn't tell when customers came: the day of their first order stands for it.",
    "Customers without an order are taken to have come on the day of the latest order of all.",
    "It marks neither test orders nor gift cards, so that both count.",
)

_ORDERS: Final = layout(
    "orders",
    (
        *("Name", "Email", "Financial Status", "Currency", "Subtotal", "Shipping", "Taxes", "Total"),
        *("Created at", "Cancelled at", "Refunded Amount"),
        *("Lineitem quantity", "Lineitem name", "Lineitem price"),
    ),
    ("Id", "Duties", "Discount Amount", "Source", "Vendor", "Lineitem sku", "Lineitem discount"),
)


@dataclass(frozen=True)
class ShopifyExport:
    """Exported customers and orders, each in one file or in several.

    The opening's clock dates customers where there is no order at all. `birthday` is the column with it, if there is one.
    """

    customer_files: tuple[Path, ...]
    order_files: tuple[Path, ...]
    opening: Opening
    birthday: str | None = None

    @property
    def customers(self) -> Source:
        """The customers."""
        columns = ("customer_id", "created_at", "tags", "email", "birthday")
        return Source(self.customer_files, self._opener(self._layout, columns, self._customers))

    @property
    def orders(self) -> Source:
        """The orders."""
        columns = (
            *("order_id", "customer_id", "placed_at", "total", "tax", "shipping", "refunded", "currency"),
            *("status", "channel", "discount"),
        )
        return Source(self.order_files, self._opener(_ORDERS, columns, self._orders))

    @property
    def lines(self) -> Source:
        """The lines of the orders."""
        columns = ("order_id", "sku", "product", "brand", "quantity", "amount")
        return Source(self.order_files, self._opener(_ORDERS, columns, self._lines, mute=True))

    def _opener(
        self,
        sheet: Sheet,
        columns: Sequence[str],
        translate: Callable[[Frames], Frames],
        mute: bool = False,
    ) -> Callable[[Path, Progress | None], TranslatedTable]:
        return partial(TranslatedTable, layout=sheet, columns=columns, translate=translate, mute=mute)

    @cached_property
    def _layout(self) -> Sheet:
        return layout(
            "customers", ("Email",), ("Customer ID", "Tags", *([self.birthday] if self.birthday else []))
        )

    @cached_property
    def _ids(self) -> pl.DataFrame:
        """The id of the customer with each email address."""
        frames = [
            frame.select(_email(), _customer_id().alias("customer_id"))
            for frame in raw_frames(self.customer_files, self._layout)
        ]
        return pl.concat(frames).filter(pl.col("email").is_not_null()).unique("email", keep="first")

    @cached_property
    def _first_days(self) -> pl.DataFrame:
        """The local day of the first order of each email address, those of orders without one under null."""
        text = _instant("Created at")
        day = local_days(text, pl.String(), self.opening.timezone, FIRST_YEAR, LAST_YEAR)
        frames = [
            frame.select(_email(), pl.when(~time_fault(text, pl.String())).then(day).alias("day"))
            .group_by("email")
            .agg(pl.col("day").min().alias("first"), pl.col("day").max().alias("last"))
            for frame in raw_frames(self.order_files, _ORDERS)
        ]
        return pl.concat(frames).group_by("email").agg(pl.col("first").min(), pl.col("last").max())

    def _customers(self, frames: Frames) -> Frames:
        latest = self._first_days["last"].max()
        fallback = local_day(self.opening.clock(), self.opening.timezone) if latest is None else latest
        day = pl.coalesce("first", pl.lit(fallback, pl.Int32)).cast(pl.Date).cast(pl.String)
        birthday = pl.col(self.birthday).str.strip_prefix("'") if self.birthday else pl.lit(None, pl.String)
        for frame in frames:
            rows = frame.with_columns(_email(), birthday.alias("birthday"))
            yield rows.join(self._first_days, on="email", how="left", maintain_order="left").select(
                LINE,
                _customer_id().alias("customer_id"),
                day.alias("created_at"),
                pl.col("Tags").alias("tags"),
                "email",
                "birthday",
            )

    def _orders(self, frames: Frames) -> Frames:
        paid = status("Financial Status", STATUSES)
        for rows in whole_orders(frames, "Name"):
            orders = first_rows(rows).with_columns(_email(), tax(), net_shipping(self.opening.currency), paid)
            yield orders.join(self._ids, on="email", how="left", maintain_order="left").select(
                LINE,
                _order_id().alias("order_id"),
                "customer_id",
                _instant("Created at").alias("placed_at"),
                pl.col("Total").alias("total"),
                "tax",
                "shipping",
                refunded("Refunded Amount"),
                pl.col("Currency").alias("currency"),
                pl.when(pl.col("Cancelled at").is_null())
                .then("status")
                .otherwise(pl.lit("cancelled"))
                .alias("status"),
                pl.col("Source").alias("channel"),
                pl.col("Discount Amount").alias("discount"),
            )

    def _lines(self, frames: Frames) -> Frames:
        for rows in whole_orders(frames, "Name"):
            told = rows.with_columns(
                tax(),
                net_shipping(self.opening.currency),
                *(pl.col(name).first().over(ORDER) for name in ("Total", "Currency")),
            ).with_columns(
                *(pl.col(name).first().over(ORDER) for name in ("tax", "shipping")),
                _order_id().first().over(ORDER).alias("order_id"),
            )
            lines = told.filter(pl.any_horizontal(pl.col("Lineitem name", "Lineitem quantity").is_not_null()))
            yield shared(lines, self.opening.currency).select(
                LINE,
                "order_id",
                pl.col("Lineitem sku").alias("sku"),
                pl.col("Lineitem name").alias("product"),
                pl.col("Vendor").alias("brand"),
                pl.col("Lineitem quantity").alias("quantity"),
                "amount",
            )


def _email() -> pl.Expr:
    address = pl.col("Email").str.strip_chars().str.to_lowercase()
    return pl.when(address != "").then(address).alias("email")


def _customer_id() -> pl.Expr:
    """Shopify's number of the customer, which it writes behind an apostrophe; older exports have the email address alone."""
    return pl.coalesce(pl.col("Customer ID").str.strip_prefix("'"), _email())


def _order_id() -> pl.Expr:
    return pl.coalesce(pl.col("Id").str.strip_prefix("'"), "Name")


def _instant(column: str) -> pl.Expr:
    """2026-05-03 10:11:12 -0400 as it is written in ISO 8601."""
    return (
        pl.col(column)
        .str.replace(r"^(\S+) (\S+) ([+-][0-9]{4}|UTC)$", "${1}T${2}${3}")
        .str.replace("UTC$", "Z")
    )
