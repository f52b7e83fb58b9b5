"""A hand: who does something besides plans, when, and how the ledger comes to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from vip_rules.ledger import Entry, Kind, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A person at work: `by` is their name, `at` now in microseconds since 1970, `day` the local day.

    `entropy` gives so many random bytes.
    """

    by: str
    at: int
    day: int
    entropy: Callable[[int], bytes]

    def remember(
        self,
        connection: Connection,
        shop: int,
        kind: Kind,
        *,
        customer_id: str | None = None,
        key: str | None = None,
        says: Mapping[str, Any],
    ) -> None:
        """Write into the ledger what was done."""
        entry = Entry(kind=kind, day=self.day, customer_id=customer_id, key=key, says={"by": self.by, **says})
        Ledger(connection, shop, self.at, self.entropy).append([entry])
