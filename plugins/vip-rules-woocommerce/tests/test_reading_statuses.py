"""From the shop to the figures: which orders count, and for what, once they were synced and evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

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
from vip_rules.testing.clock import StoppedClock

from tests.specification import BASES
from tests.woocommerce.server import NOW, FakeWooCommerce
from tests.workbench import opening
from vip_rules_woocommerce.adapter import WooCommerceAdapter

FIRST: Final = 1_001
"""The number of the first order; that of its customer is 1."""

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

Case = Callable[[FakeWooCommerce, int, int], None]
"""Puts the order of a number into the shop, for the customer of another."""


def case(
    order: StoreOrder = EACH,
    status: OrderStatus = "paid",
    *,
    shown: str | None = None,
    money: str | None = None,
    lines: tuple[int, ...] = (),
    shipping: bool = False,
    deleted: bool = False,
) -> Case:
    """An order with a status; a refund of some money, and what it names: lines by their places, shipping."""

    def put(shop: FakeWooCommerce, number: int, customer: int) -> None:
        shop.put_order(replace(order, id=str(number), customer_id=str(customer), status=status))
        taxed = [
            {**item, "total_tax": tax} if order.tax else item
            for item, tax in zip(shop.orders[number]["line_items"], ("4.00", "6.00"), strict=False)
        ]
        shop.orders.change(number, line_items=taxed, shipping_tax="0.50" if order.tax else "0.00")
        if money is not None:
            desk = shop.refund_desk
            back = [
                desk.returned(
                    taxed[place], Decimal(taxed[place]["total"]), Decimal(taxed[place]["total_tax"]), 1
                )
                for place in lines
            ]
            row = desk.give(number, Decimal(money), back)
            item: dict[str, Any] = {"id": 990, "total": "-5.00", "total_tax": "-0.50", "meta_data": []}
            shop.refunds.change(row["id"], shipping_lines=[item] if shipping else [])
        if shown is not None:
            shop.orders.change(number, status=shown)
        if deleted:
            shop.order_desk.delete(number, force=True)

    return put


CASES: Final[dict[str, tuple[Case, Counts]]] = {
    "in process": (case(), WHOLE),
    "completed": (case(shown="completed"), WHOLE),
    "pending": (case(status="pending"), NONE),
    "on hold": (case(shown="on-hold"), NONE),
    "failed": (case(status="failed"), NONE),
    "cancelled": (case(status="cancelled"), NONE),
    "cancelled after money was paid back": (case(money="3.00", shown="cancelled"), NONE),
    "a draft of the checkout": (case(shown="checkout-draft"), NONE),
    "in the trash": (case(shown="trash"), NONE),
    "deleted": (case(deleted=True), NONE),
    "a line came back": (case(money="66.00", lines=(1,)), ((4_000, 1), (4_400, 1), (4_500, 1), (4_950, 1))),
    "all lines came back": (case(money="110.00", lines=(0, 1)), ((0, 0), (0, 0), (500, 1), (550, 1))),
    "all came back": (case(money="115.50", lines=(0, 1), shipping=True), NONE),
    "refunded whole as money": (case(money="115.50"), NONE),
    "set to refunded": (case(status="refunded", order=replace(EACH, refunded=None)), NONE),
    "refunded by its status alone": (case(shown="refunded"), NONE),
    "some money": (case(money="3.00"), ((9_700, 1), (10_700, 1), (10_200, 1), (11_250, 1))),
    "as much money as the goods": (case(money="100.00"), ((0, 0), (1_000, 1), (500, 1), (1_550, 1))),
    "shipping was refunded": (
        case(money="5.50", shipping=True),
        ((10_000, 1), (11_000, 1), (10_000, 1), (11_000, 1)),
    ),
    "a refund of nothing": (case(money="0.00"), WHOLE),
    "for nothing": (case(replace(EACH, total=0, tax=0, shipping=0, lines=())), ((0, 1),) * 4),
    "a gift card": (case(CARD), ((0, 1),) * 4),
    "a gift card that was paid back": (case(CARD, money="50.00", lines=(0,)), NONE),
}


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        for place, (put, _) in enumerate(CASES.values()):
            its_id = str(place + 1)
            email = f"customer{its_id}@example.com"
            shop.put_customer(
                StoreCustomer(id=its_id, created_at=datetime(2025, 1, 1, tzinfo=UTC), email=email)
            )
            put(shop, FIRST + 100 * place, place + 1)  # refunds and products are numbered with the orders
        yield shop
        assert shop.crashes == []


@pytest.mark.parametrize("place", range(len(BASES)))
def test_orders_count_for_what_the_design_says(shop: FakeWooCommerce, tmp_path: Path, place: int) -> None:
    spend = BASES[place]
    adapter = WooCommerceAdapter(replace(opening(shop.url), spend=spend))
    database = Database.open(f"sqlite:///{tmp_path / 'vip.db'}", clock=StoppedClock(NOW))
    found = figures(database, adapter, spend)
    adapter.close()
    database.close()
    assert {name: found[str(number)] for number, name in enumerate(CASES, start=1)} == {
        name: counts[place] for name, (_, counts) in CASES.items()
    }


def figures(database: Database, adapter: WooCommerceAdapter, spend: SpendBasis) -> dict[str, tuple[int, int]]:
    """Everybody's spend and orders of a year."""
    asked = [{"metric": name, "window": "12 months", "at_least": 1} for name in ("spend", "orders")]
    program = read_program(
        {
            "format": 1,
            "program": "test",
            "currency": "USD",
            "timezone": "America/New_York",
            "spend": {"includes_tax": spend.includes_tax, "includes_shipping": spend.includes_shipping},
            "tiers": [{"id": "gold", "name": "Gold", "qualify": {"all": asked}}],
        }
    )
    shop = database.shop("test", adapter="woocommerce", currency="USD", timezone="America/New_York")
    report = sync(database, shop, adapter, program, clock=StoppedClock(NOW), rates=Rates())
    assert report.notes == ()
    frame = evaluate(program, read_history(database, shop, program), day_number(date(2026, 11, 20))).frame
    rows = frame.select("customer_id", "spend[12 months]", "orders[12 months]").rows()
    return {customer: (value, orders) for customer, value, orders in rows}
