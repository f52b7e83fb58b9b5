"""A reader at a fake shop, and what it told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vip_rules.model import OrderLine
from vip_rules.store import Page, StoreCustomer, StoreOrder

from tests.shop.server import FakeShopify
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.reading.reader import Reader

PERSONAL = frozenset({"email", "birthday", "language"})
NOBODY = frozenset[str]()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Time:
    """A clock that moves on when somebody sleeps."""

    now: datetime = NOON
    slept: list[float] = field(default_factory=list)  # not money

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:  # not money
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@dataclass
class Desk:
    """The shop, the time there, and readers who know nothing of each other."""

    shop: FakeShopify
    time: Time

    def admin(self) -> Admin:
        time = self.time
        return Admin(
            self.shop.url,
            tokens=StaticToken(self.shop.token),
            clock=time.clock,
            sleep=time.sleep,
            entropy=lambda count: b"\0" * count,
        )

    @contextmanager
    def reader(self, settings: dict[str, Any] | None = None, **more: Any) -> Iterator[Reader]:
        admin = self.admin()
        try:
            yield Reader(admin, settings or {}, self.time.clock, self.time.sleep, **more)
        finally:
            admin.close()

    def read(
        self,
        cursor: str | None = None,
        *,
        full: bool = True,
        wanted: frozenset[str] = PERSONAL,
        count: int | None = None,
        **more: Any,
    ) -> list[Page]:
        """The pages that a new reader tells, or the first so many of them."""
        pages = []
        with self.reader(**more) as reader:
            for page in reader.pages(cursor, full=full, wanted=wanted):
                pages.append(page)
                if len(pages) == count:
                    break
        return pages

    def fill(self, customers: Iterable[StoreCustomer], orders: Iterable[StoreOrder]) -> None:
        for customer in customers:
            self.shop.put_customer(customer)
        for order in orders:
            self.shop.put_order(order)


@contextmanager
def desk(customers: Iterable[StoreCustomer] = (), orders: Iterable[StoreOrder] = ()) -> Iterator[Desk]:
    """A shop with these in it."""
    time = Time()
    with FakeShopify(time.clock) as shop:
        made = Desk(shop, time)
        made.fill(customers, orders)
        yield made


def customer(number: int, **more: Any) -> StoreCustomer:
    """A customer who was updated on a day of their own."""
    created = datetime(2025, 1, 1, 9, tzinfo=UTC) + timedelta(days=number)
    told: dict[str, Any] = {"id": str(number), "created_at": created, "updated_at": created, "language": "en"}
    return StoreCustomer(**(told | more))


def order(number: int, buyer: int | None = 1, lines: int = 2, **more: Any) -> StoreOrder:
    """An order with lines of 10.00, 20.00 and so on, and 5.00 of shipping."""
    placed = datetime(2026, 10, 1, 8, tzinfo=UTC) + timedelta(hours=number)
    told: dict[str, Any] = {
        "id": str(number),
        "customer_id": None if buyer is None else str(buyer),
        "placed_at": placed,
        "updated_at": placed,
        "currency": "USD",
        "shipping": 500,
        "refunded": 0,
        "discount": 0,
        "channel": "web",
        "lines": tuple(
            OrderLine(f"SKU-{place}", f"Thing {place}", "things", "Maker", 1, 1_000 * place)
            for place in range(1, lines + 1)
        ),
    }
    told |= more
    told.setdefault("total", sum(line.amount for line in told["lines"]) + told["shipping"])
    return StoreOrder(**told)


def told(pages: Iterable[Page]) -> tuple[dict[str, StoreCustomer], dict[str, StoreOrder]]:
    """What pages tell, the later replacing the earlier."""
    customers: dict[str, StoreCustomer] = {}
    orders: dict[str, StoreOrder] = {}
    for page in pages:
        customers |= {each.id: replace(each, tags=tuple(sorted(each.tags))) for each in page.customers}
        orders |= {each.id: each for each in page.orders}
    return customers, orders


def ids(pages: Iterable[Page]) -> list[str]:
    """All ids in the order in which they are told."""
    told_in_turn: list[str] = []
    for page in pages:
        told_in_turn += [each.id for each in page.customers]
        told_in_turn += [each.id for each in page.orders]
    return told_in_turn
