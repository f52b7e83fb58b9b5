"""The file of customers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl

from vip_rules.files.birthdays import Birthday
from vip_rules.files.columns import Identifier, Moment, Tags, Text
from vip_rules.files.sheet import Column, Sheet
from vip_rules.history import CUSTOMERS

PERSONAL: Final = {
    column.name: column
    for column in (
        Column("birthday", Birthday(), also=("birth_date", "date_of_birth", "dob")),
        Column("email", Text()),
        Column("language", Text(), also=("locale",)),
    )
}
"""Columns with personal data: read only where something needs them."""

_COLUMNS = (
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
)


def sheet(wanted: Collection[str] = ()) -> Sheet:
    """The sheet of customers, with those columns of personal data that are wanted."""
    return Sheet("customers", (*_COLUMNS, *(PERSONAL[name] for name in PERSONAL if name in wanted)))


def canonical(rows: pl.LazyFrame, wanted: Collection[str] = ()) -> pl.LazyFrame:
    """The parsed rows as evaluation sees them, and what else is wanted. Files know nothing of earlier standings."""
    unknown = pl.lit(None, dtype=pl.String)
    return rows.with_columns(
        pl.coalesce("joined", "created").alias("joined"),
        unknown.alias("current_tier"),
        unknown.alias("highest_tier"),
    ).select(*CUSTOMERS, *(name for name in PERSONAL if name in wanted))
