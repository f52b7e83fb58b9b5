"""The file of customers."""

from __future__ import annotations

import polars as pl

from vip_rules.files.columns import Identifier, Moment, Tags
from vip_rules.files.sheet import Column, Sheet
from vip_rules.history import CUSTOMERS

SHEET = Sheet(
    "customers",
    (
        Column("customer_id", Identifier(), required=True, also=("id", "customer", "email")),
        Column(
            "created_at",
            Moment(),
            "created",
            required=True,
            also=("date", "created", "registered_at", "joined"),
        ),
        Column("joined_at", Moment(), "joined"),
        Column("tags", Tags()),
    ),
)


def canonical(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The parsed rows as evaluation sees them. Files know nothing of earlier standings."""
    unknown = pl.lit(None, dtype=pl.String)
    return rows.with_columns(
        pl.coalesce("joined", "created").alias("joined"),
        unknown.alias("current_tier"),
        unknown.alias("highest_tier"),
    ).select(*CUSTOMERS)
