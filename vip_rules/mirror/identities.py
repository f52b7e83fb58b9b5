"""Who a told id is by now: themselves, the customer into whom they were merged, or nobody since they were redacted."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, literal_column, select

from vip_rules.database.bulk import among
from vip_rules.database.tables import customers, shops


@dataclass(frozen=True, slots=True)
class Identities:
    """What became of some ids. `keepers` are those of merged customers; `redacted` were erased."""

    keepers: Mapping[str, str] = field(default_factory=dict)
    redacted: Collection[str] = ()

    def now(self, told: str | None) -> str | None:
        """The customer to whom an order belongs; None for a guest's, and for a redacted one's."""
        if told is None or told in self.redacted:
            return None
        return self.keepers.get(told, told)


def identities(connection: Connection, shop: int, ids: Collection[str]) -> Identities:
    """What became of some ids, in one look where nobody was ever merged or redacted."""
    of_shop = customers.c.shop == shop
    # As the partial index says it.
    redacted = of_shop & literal_column("redacted")
    keepers: dict[str, str] = {}
    if connection.scalar(
        select(customers.c.id).where(of_shop, customers.c.merged_into.is_not(None)).limit(1)
    ):
        merged = of_shop & customers.c.merged_into.is_not(None) & among(connection, customers.c.id, ids)
        rows = connection.execute(select(customers.c.id, customers.c.merged_into).where(merged))
        keepers = {row.id: row.merged_into for row in rows}
    if not connection.scalar(select(customers.c.id).where(redacted).limit(1)):
        return Identities(keepers)
    hashes = Hashes.of(connection, shop)
    tombs = {hashes.tombstone(told): told for told in ids}
    gone = set(
        connection.scalars(select(customers.c.id).where(of_shop, among(connection, customers.c.id, tombs)))
    )
    return Identities(keepers, frozenset(told for tomb, told in tombs.items() if tomb in gone))


@dataclass(frozen=True, slots=True)
class Hashes:
    """A shop's keyed hashes: they stand for the ids of redacted customers."""

    key: bytes

    @classmethod
    def of(cls, connection: Connection, shop: int) -> Hashes:
        """The hashes of a shop."""
        key = connection.execute(select(shops.c.redaction_key).where(shops.c.id == shop)).scalar_one()
        return cls(bytes.fromhex(key))

    def tombstone(self, customer_id: str) -> str:
        """What stands for the id of a redacted customer."""
        return hmac.digest(self.key, customer_id.encode(), "sha256").hex()
