"""What is asked for: which fields, and which objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vip_rules_shopify.admin.documents import bulk_query
from vip_rules_shopify.reading.customers import Personal
from vip_rules_shopify.reading.progress import Kind

OVERLAP: Final = timedelta(minutes=5)
"""How far a reading of changes goes back behind the last one: the search finds what has changed a little later."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The fields that are read: personal data as wanted, and the products' tags if categories are taken from them."""

    personal: Personal
    product_tags: bool

    def variables(self, kind: Kind) -> dict[str, bool]:
        """The variables of the documents that read a kind."""
        return self.personal.variables if kind == "customers" else {"tags": self.product_tags}

    def bulk(self, kind: Kind, since: str | None) -> str:
        """The query of a bulk operation that reads what was updated since then; None: everything."""
        query = None if since is None else search(kind, since)
        return bulk_query(f"bulk_{kind}", query=query, **self.variables(kind))


def search(kind: Kind, since: str) -> str:
    """What finds the objects that were updated since then, and some before.

    Customers are found by whole days, of a time zone that isn't said: a day more is none too few.
    """
    begin = overlapping(since)
    if kind == "customers":
        return f"updated_at:>='{begin - timedelta(days=1):%Y-%m-%d}'"
    return f"updated_at:>='{begin:%Y-%m-%dT%H:%M:%SZ}'"


def overlapping(since: str) -> datetime:
    """From when on updates are told again."""
    return datetime.fromisoformat(since) - OVERLAP
