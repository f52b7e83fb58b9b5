from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vip_rules.adapter import Opening
from vip_rules.files.adapter import FilesAdapter
from vip_rules.files.plugin import open_files
from vip_rules.localdays import zone
from vip_rules.model import Currency
from vip_rules.rates import Rates
from vip_rules.store import Page, StoreCustomer, StoreOrder

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)


def opened(
    folder: Path,
    currency: str = "USD",
    timezone: str = "America/New_York",
    rates: Rates | None = None,
    **settings: Any,
) -> FilesAdapter:
    return open_files(
        Opening(
            settings={"folder": folder, **settings},
            currency=Currency.of(currency),
            timezone=zone(timezone),
            clock=lambda: NOW,
            rates=rates or Rates(),
        )
    )


def told(adapter: FilesAdapter, *wanted: str, cursor: str | None = None, full: bool = True) -> list[Page]:
    return list(adapter.pages(cursor, full=full, wanted=frozenset(wanted)))


def customers(pages: Iterable[Page]) -> dict[str, StoreCustomer]:
    return {customer.id: customer for page in pages for customer in page.customers}


def orders(pages: Iterable[Page]) -> dict[str, StoreOrder]:
    return {order.id: order for page in pages for order in page.orders}


def notes(pages: Iterable[Page]) -> str:
    return "\n".join(note for page in pages for note in page.notes)
