"""The file of events: what customers did besides buying."""

from __future__ import annotations

import polars as pl

from vip_rules.files.columns import Identifier, Moment, Text
from vip_rules.files.sheet import Column, Sheet
from vip_rules.history import EVENTS

SHEET = Sheet(
    "events",
    (
        Column("customer_id", Identifier(reference=True), required=True, also=("customer", "email")),
        Column("type", Text(), required=True, also=("event", "event_type", "name")),
        Column("at", Moment(), "day", required=True, also=("date", "day", "time", "created_at")),
    ),
)


def canonical(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The parsed rows as evaluation sees them."""
    return rows.select(*EVENTS)
