"""A shop at work: a fake Shopify, the adapter, and the core's own reading, planning and applying over a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from vip_rules.adapter import Adapter, Intent
from vip_rules.database.connection import Database
from vip_rules.database.tables import outbox
from vip_rules.model import Currency
from vip_rules.operations.interventions import Interventions
from vip_rules.outbox import intent_of
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.testing.merchant import Merchant

from tests.shop import FakeShopify
from tests.shop.state import Discount, Segment
from tests.shop.tokens import CLIENT_ID, CLIENT_SECRET
from tests.workbench import DAYS, NOW, Clock, opening
from vip_rules_shopify.adapter import ShopifyAdapter
from vip_rules_shopify.effects.credits import last_moment

NAME: Final = "boutique"
FOREIGN_TAGS: Final = ("newsletter", "VIP-Friends", "very-vip-gold")
BORN: Final = {1: date(1980, 11, 21), 2: date(1990, 12, 1)}


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
    former = {"was": [{"gold": "gilded", "gilded": "gold"}[gold]]} if gold in ("gold", "gilded") else {}
    return {
        "format": 1,
        "program": "boutique",
        "currency": currency,
        "timezone": "UTC",
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
                **former,
            },
        ],
        "status": {"grace": "none", "demotion": "to qualified", "warn_before": [], **soft},
        "guardrails": {"max_demotions": {"percent": 100, "count": 1000}},
    }


def program(**changes: Any) -> Program:
    return read_program(document(**changes), "program.json", load_catalogue())


class Boutique(Merchant):
    """One shop at work. The fake shop may be shared with another one."""

    clock: Clock

    def __init__(
        self,
        folder: Path,
        shop: FakeShopify,
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
        """A new adapter, which asks for its token by itself."""
        given = opening(
            self.clock,
            base_url=self.fake.url,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            **self.settings,
        )
        return ShopifyAdapter.open(replace(given, currency=self.program.currency))

    def reopen(self, **settings: Any) -> None:
        """Go on with other settings."""
        self.adapter.close()
        self.settings |= settings
        self.adapter = self.opened()

    def settle(self) -> None:
        """Read all, and do all that is left to do; a person sends again what was refused."""
        self.sync(full=True)
        for _ in range(3):
            again = Interventions(self.database, self.shop, self.hand)
            again.retry([], all_refused=True)
            aside = [key for key, (state, kind) in self.intents().items() if state == "parked"]
            again.retry([key for key in aside if self.intents()[key][1] != "store_credit"])
            self.apply()

    def credits(self) -> dict[str, tuple[str, int]]:
        """The state of each store credit by its key, and how often the shop gave it."""
        with self.database.reading() as connection:
            query = select(outbox).where(outbox.c.shop == self.shop, outbox.c.kind == "store_credit")
            rows = connection.execute(query).all()
        return {row.key: (row.state, self._given(intent_of(row))) for row in rows}

    def _given(self, intent: Intent) -> int:
        ends = last_moment(intent, DAYS, self.program.timezone)
        amount = Currency.of(intent.payload["currency"]).minor(Decimal(intent.payload["amount"]))
        return sum(
            (each.amount, each.expires_at) == (amount, ends)
            for account in self.fake.accounts_of(int(intent.customer_id or 0))
            if account.currency == intent.payload["currency"]
            for each in account.transactions
        )


def fill(shop: FakeShopify, people: int = 4) -> None:
    """Customers with tags and fields of others', and discounts and a segment of the shop's people."""
    for number in range(1, people + 1):
        shop.put_customer(
            StoreCustomer(
                id=str(number),
                created_at=datetime(2025, 1, 7, tzinfo=UTC),
                tags=FOREIGN_TAGS,
                birthday=BORN.get(number),
                email=f"someone{number}@example.com",
            )
        )
    now = NOW - timedelta(days=30)
    shop.segments[71] = Segment(71, "Gold VIP", "customer_tags CONTAINS 'vip-gold'", now, now)
    shop.discounts[81] = Discount(
        81, True, False, "Gold VIP", now, now, now, tags=["vip-gold"], percentage=0.2, segments=[71]
    )
    shop.discounts[82] = Discount(
        82, False, False, "Gold", now, now, now, code="VIP-GOLD", percentage=0.1, segments=[71]
    )


def order(shop: FakeShopify, number: int, customer: int, spent: int, at: datetime) -> None:
    """An order of minor units."""
    shop.put_order(
        StoreOrder(
            id=str(number),
            customer_id=str(customer),
            placed_at=at,
            updated_at=shop.clock(),
            currency=shop.currency,
            total=spent,
        )
    )
