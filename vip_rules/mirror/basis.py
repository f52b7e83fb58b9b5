"""The basis on which the mirror was filled: what reads of it, or adds to it, has to be on the same one."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from vip_rules.adapter import Capability
from vip_rules.database.tables import shops
from vip_rules.mirror.cursors import BASIS, CHANGES, WANTED, Cursors
from vip_rules.mirror.personal import wanted
from vip_rules.program.program import Program


def basis_of(program: Program) -> str:
    """What counts as spend, in words."""
    parts = (("tax", program.spend.includes_tax), ("shipping", program.spend.includes_shipping))
    return ", ".join(f"{'with' if counts else 'without'} {part}" for part, counts in parts)


def is_filled(
    connection: Connection, shop: int, program: Program, capabilities: Mapping[str, Capability]
) -> bool:
    """Whether the mirror has everything that the store tells, on this program's basis; if not, a sync has to come first."""
    row = connection.execute(select(shops.c.currency, shops.c.timezone).where(shops.c.id == shop)).one()
    at = Cursors(connection, shop)
    kept = set((at.get(WANTED) or "").split(","))
    return (
        CHANGES in at
        and at.get(BASIS) == basis_of(program)
        and wanted(program, capabilities) <= kept
        and (row.currency, row.timezone) == (program.currency.code, program.timezone.key)
    )
