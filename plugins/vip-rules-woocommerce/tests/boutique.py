"""A shop at work: a fake WooCommerce, the adapter, and the core's own reading, planning and applying over a database."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from vip_rules.adapter import Adapter
from vip_rules.database.connection import Database
from vip_rules.operations.interventions import Interventions
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.testing.merchant import Merchant

from tests.woocommerce.server import NOW, FakeWooCommerce
from tests.workbench import opening
from vip_rules_woocommerce.adapter import WooCommerceAdapter
from vip_rules_woocommerce.effects.codes import fingerprint

NAME: Final = "boutique"
BORN: Final = {1: date(1980, 11, 21), 2: date(1990, 12, 1)}
_NONCES = count()


class Clock:
    """Stands still unless somebody sleeps."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def entropy(size: int) -> bytes:
    """Bytes that never come again, and are the same in each run as far as waits go."""
    return bytes(size - 8) + next(_NONCES).to_bytes(8, "big") if size > 8 else bytes(size)


def document(
    *,
    gold: str = "gold",
    percent: int | Decimal = 15,
    combines: tuple[str, ...] = ("shipping",),
    shipping: str | None = "expedited",
    discount: bool = True,
    landing: bool = False,
    early: int | None = 48,
    currency: str = "USD",
    credit: int | Decimal = 25,
) -> dict[str, Any]:
    """A program of two tiers. `gold` is the id of the upper one, which was "gold" or "gilded"."""
    upper: list[dict[str, Any]] = [
        {"type": "store_credit", "amount": credit, "on": "birthday"},
        {"type": "store_credit", "amount": credit, "on": "promotion"},
    ]
    if discount:
        upper.append({"type": "discount", "percent": percent, "combines_with": list(combines)})
    if shipping is not None:
        upper.append({"type": "free_shipping", "service": shipping})
    if early is not None:
        upper.append({"type": "early_access", "hours": early})
    kept = [name for name, there in (("discount", discount), ("free_shipping", shipping)) if there]
    soft = {"soft_landing": {"for": "20 days", "keep": kept}} if landing and kept else {}
    return {
        "format": 1,
        "program": "boutique",
        "currency": currency,
        "timezone": "America/New_York",
        "tiers": [
            {
                "id": "silver",
                "name": "Silver VIP",
                "qualify": {"metric": "spend", "window": "12 months", "at_least": 200},
                "benefits": [{"type": "discount", "percent": 5}],
            },
            {
                "id": gold,
                "name": "Gold VIP",
                "qualify": {"metric": "spend", "window": "12 months", "at_least": 500},
                "benefits": upper,
                "was": [{"gold": "gilded", "gilded": "gold"}[gold]],
            },
        ],
        "status": {"grace": "none", "demotion": "to qualified", "warn_before": [], **soft},
        "guardrails": {"max_demotions": {"percent": 100, "count": 1000}},
    }


def program(**changes: Any) -> Program:
    return read_program(document(**changes), "program.json", load_catalogue())


class Boutique(Merchant):
    """One shop at work."""

    clock: Clock

    def __init__(
        self,
        folder: Path,
        shop: FakeWooCommerce,
        clock: Clock,
        rules: Program,
        *,
        name: str = NAME,
        database: Database | None = None,
        **settings: Any,
    ) -> None:
        self.fake, self.clock, self.program, self.settings = shop, clock, rules, settings
        super().__init__(folder, self.opened(), rules, clock, name=name, database=database, sleep=clock.sleep)

    def opened(self) -> Adapter:
        """A new adapter, as another process has it."""
        given = replace(
            opening(self.fake.url),
            currency=self.program.currency,
            clock=self.clock,
            sleep=self.clock.sleep,
            entropy=entropy,
            timezone=ZoneInfo("America/New_York"),
        )
        return WooCommerceAdapter.open(replace(given, settings={**given.settings, **self.settings}))

    def reopen(self, **settings: Any) -> None:
        """Go on with other settings."""
        self.adapter.close()
        self.settings |= settings
        self.adapter = self.opened()

    def settle(self) -> None:
        """Read all, and do all that is left to do; a person sends again what was refused or tried too often."""
        self.sync(full=True)
        for _ in range(3):
            aside = [key for key, (state, _) in self.intents().items() if state in ("refused", "parked")]
            Interventions(self.database, self.shop, self.hand).retry(aside, even_if_done=True)
            self.apply()


def address(number: int, version: int = 0) -> str:
    """An address of a customer; each version is another."""
    name = hashlib.sha256(f"{number} {version}".encode()).hexdigest()[:10]
    return f"{name}@example.com"


def fill(shop: FakeWooCommerce, people: int = 4) -> None:
    """Customers with meta data of others', and coupons of the shop's people that look much like ours."""
    for number in range(1, people + 1):
        shop.put_customer(
            StoreCustomer(
                id=str(number),
                created_at=datetime(2025, 1, 7, tzinfo=UTC),
                tags=("newsletter", "vip-friend"),
                birthday=BORN.get(number),
                email=address(number),
            )
        )
    alike = fingerprint("discount:gold:1")
    for body in (
        {"code": "vip-gold", "amount": "5"},
        {"code": f"vip-gold-{alike}-aaaaaaaa", "amount": "9", "meta_data": [{"key": "key", "value": "vip"}]},
        {"code": "summer", "description": f"vip-rules {alike}", "email_restrictions": [address(1)]},
    ):
        shop.coupon_desk.create(body, checked=True, unique=True)


def order(shop: FakeWooCommerce, number: int, customer: int | None, spent: int, at: datetime) -> None:
    """An order of minor units."""
    shop.put_order(
        StoreOrder(
            id=str(number),
            customer_id=None if customer is None else str(customer),
            placed_at=at,
            updated_at=shop.clock(),
            currency=shop.state.currency,
            total=spent,
        )
    )
