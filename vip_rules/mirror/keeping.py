"""Keeping what a store told, all of it or nothing: rows, merges, and what is gone."""

from __future__ import annotations

from sqlalchemy import Connection

from vip_rules.mirror.merging import merge
from vip_rules.mirror.removal import remove_customers, remove_orders
from vip_rules.mirror.rows import Batch, Written
from vip_rules.mirror.writing import write
from vip_rules.program.program import Program


def keep(connection: Connection, shop: int, program: Program, batch: Batch, *, remember: bool) -> Written:
    """Keep a batch, and mark the customers dirty whom it changes. `remember` notes that a full fetch under way told of it."""
    places = ((name, place) for place, tier in enumerate(program.tiers) for name in (tier.id, *tier.was))
    written = write(connection, shop, batch, remember=remember)
    written.merged = merge(connection, shop, batch.merged, dict(places))
    written.gone_customers = remove_customers(connection, shop, batch.gone_customers)
    written.gone_orders = remove_orders(connection, shop, batch.gone_orders)
    return written
