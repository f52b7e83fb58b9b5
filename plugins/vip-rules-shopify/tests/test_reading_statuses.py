"""From the shop to the figures: which orders count, and for what, once they were synced and evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pytest
from vip_rules.database.connection import Database
from vip_rules.evaluate import evaluate
from vip_rules.localdays import day_number
from vip_rules.mirror.reading import read_history
from vip_rules.model import OrderLine, OrderStatus, SpendBasis
from vip_rules.program.load import read_program
from vip_rules.rates import Rates
from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.sync import sync

from tests.reading.specification import BASES
from tests.shop.server import FakeShopify
from tests.workbench import Clock, opening
from vip_rules_shopify.adapter import ShopifyAdapter
from vip_rules_shopify.admin.client import VERSION
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.shops import Access

Counts = tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]
"""Spend and orders with neither, with tax, with shipping, with both."""

NONE: Final[Counts] = ((0, 0), (0, 0), (0, 0), (0, 0))
WHOLE: Final[Counts] = ((10_000, 1), (11_000, 1), (10_500, 1), (11_550, 1))
"""Goods of 40.00 and 60.00 with a tenth of tax, shipping of 5.00 with 0.50."""

EACH: Final = StoreOrder(
    id="1",
    customer_id="1",
    placed_at=datetime(2026, 10, 1, 8, tzinfo=UTC),
    currency="USD",
    total=11_550,
    tax=1_050,
    shipping=500,
    refunded=0,
    discount=0,
    lines=(OrderLine("ROSE", amount=4_000), OrderLine("VASE", amount=6_000)),
)
CARD: Final = replace(
    EACH, total=5_000, tax=0, shipping=0, lines=(OrderLine("CARD", amount=5_000, gift_card=True),)
)

Case = Callable[[FakeShopify, int], None]
"""Puts the order of a number into the shop, for the customer of the same number."""


def case(
    order: StoreOrder = EACH,
    status: OrderStatus = "paid",
    *,
    shown: str | None = None,
    test: bool = False,
    money: int = 0,
    lines: tuple[int, ...] = (),
    shipping: bool = False,
) -> Case:
    """An order with a status; what of it is given back: money, lines by their places, shipping."""

    def put(shop: FakeShopify, number: int) -> None:
        its_id = str(number)
        told = replace(order, id=its_id, customer_id=its_id, status=status, test=test)
        kept = shop.put_order(told, shipping_tax=50 if order.tax else 0)
        if shown is not None:
            kept.financial_status = shown
        if money or lines or shipping:
            shop.refund(
                number, money, lines=dict.fromkeys(lines, 1), shipping=(500, 50) if shipping else None
            )

    return put


CASES: Final[dict[str, tuple[Case, Counts]]] = {
    "paid": (case(), WHOLE),
    "pending": (case(status="pending"), NONE),
    "authorized": (case(shown="AUTHORIZED"), NONE),
    "paid in part": (case(shown="PARTIALLY_PAID"), NONE),
    "expired": (case(shown="EXPIRED"), NONE),
    "voided": (case(status="voided"), NONE),
    "cancelled": (case(status="cancelled"), NONE),
    "cancelled and paid back": (case(status="cancelled", money=11_550), NONE),
    "a test": (case(test=True), NONE),
    "a line came back": (case(lines=(1,)), ((4_000, 1), (4_400, 1), (4_500, 1), (4_950, 1))),
    "all lines came back": (case(lines=(0, 1)), ((0, 0), (0, 0), (500, 1), (550, 1))),
    "all came back": (case(lines=(0, 1), shipping=True), NONE),
    "refunded whole as money": (case(money=11_550), NONE),
    "some money": (case(money=300), ((9_700, 1), (10_700, 1), (10_200, 1), (11_250, 1))),
    "as much money as the goods": (case(money=10_000), ((0, 0), (1_000, 1), (500, 1), (1_550, 1))),
    "shipping was refunded": (case(shipping=True), ((10_000, 1), (11_000, 1), (10_000, 1), (11_000, 1))),
    "for nothing": (case(replace(EACH, total=0, tax=0, shipping=0, lines=())), ((0, 1),) * 4),
    "a gift card": (case(CARD), ((0, 1),) * 4),
    "a gift card that was paid back": (case(CARD, money=5_000), NONE),
}


@pytest.fixture
def shop() -> Iterator[FakeShopify]:
    with FakeShopify(clock=Clock()) as shop:
        for number, (put, _) in enumerate(CASES.values(), start=1):
            shop.put_customer(StoreCustomer(id=str(number), created_at=datetime(2025, 1, 1, tzinfo=UTC)))
            put(shop, number)
        yield shop


@pytest.mark.parametrize("place", range(len(BASES)))
def test_orders_count_for_what_the_design_says(shop: FakeShopify, tmp_path: Path, place: int) -> None:
    spend = BASES[place]
    clock = Clock()
    adapter = ShopifyAdapter(
        Access(shop.url, VERSION, StaticToken(shop.token)), replace(opening(clock), spend=spend)
    )
    database = Database.open(f"sqlite:///{tmp_path / 'vip.db'}", clock=clock)
    found = figures(database, adapter, spend, clock)
    adapter.close()
    database.close()
    assert {name: found[str(number)] for number, name in enumerate(CASES, start=1)} == {
        name: counts[place] for name, (_, counts) in CASES.items()
    }


def figures(
    database: Database, adapter: ShopifyAdapter, spend: SpendBasis, clock: Clock
) -> dict[str, tuple[int, int]]:
    """Everybody's spend and orders of a year."""
    asked = [{"metric": name, "window": "12 months", "at_least": 1} for name in ("spend", "orders")]
    program = read_program(
        {
            "format": 1,
            "program": "test",
            "currency": "USD",
            "timezone": "UTC",
            "spend": {"includes_tax": spend.includes_tax, "includes_shipping": spend.includes_shipping},
            "tiers": [{"id": "gold", "name": "Gold", "qualify": {"all": asked}}],
        }
    )
    shop = database.shop("test", adapter="shopify", currency="USD", timezone="UTC")
    report = sync(database, shop, adapter, program, clock=clock, rates=Rates())
    assert report.notes == ()
    frame = evaluate(program, read_history(database, shop, program), day_number(date(2026, 11, 20))).frame
    rows = frame.select("customer_id", "spend[12 months]", "orders[12 months]").rows()
    return {customer: (value, orders) for customer, value, orders in rows}
