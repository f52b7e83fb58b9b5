"""The adapter over the fake shop, for the contracts of the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from vip_rules.adapter import Adapter, Intent, Opening
from vip_rules.model import Currency
from vip_rules.store import StoreCustomer, StoreEvent, StoreOrder
from vip_rules.testing import Fault, Workbench
from vip_rules.webhooks import Delivery

from tests.shop import Call, FakeShopify
from tests.shop import Fault as Theirs
from tests.shop.examples import CUSTOMERS, ORDERS
from tests.shop.state import Customer, Discount, Segment
from tests.shop.tokens import CLIENT_SECRET
from vip_rules_shopify.adapter import ShopifyAdapter
from vip_rules_shopify.admin.client import VERSION
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.effects.credits import last_moment
from vip_rules_shopify.shops import Access

NOW: Final = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAYS: Final = 365
HELD: Final = (
    "customers",
    "orders",
    "products",
    "segments",
    "discounts",
    "accounts",
    "definitions",
    "subscriptions",
    "_last",
)


class Clock:
    """Stands still unless somebody sleeps."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.slept = 0.0  # not money

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)


def opening(clock: Clock, **settings: Any) -> Opening:
    """What an adapter is opened with, with some settings."""
    return Opening(
        settings={
            "shop": "vip-test.myshopify.com",
            "client_secret": CLIENT_SECRET,
            "webhook_url": "https://vip.example/webhooks/vip-test",
            "credit_days": DAYS,
            **settings,
        },
        currency=Currency.of("USD"),
        timezone=ZoneInfo("UTC"),
        clock=clock,
        sleep=clock.sleep,
        entropy=bytes,
    )


def adapter_at(url: str, token: str, now: datetime = NOW, **settings: Any) -> ShopifyAdapter:
    """An adapter of the shop at an address, in whatever process, with a clock of its own."""
    access = Access(url, VERSION, StaticToken(token))
    return ShopifyAdapter(access, opening(Clock(now), **settings))


class ShopifyWorkbench(Workbench):
    """A fake shop with a segment, discounts and fields of other people in it."""

    customers = CUSTOMERS
    orders = ORDERS
    events = ()
    faults = frozenset(
        {
            Fault.LOST_ANSWER,
            Fault.LOST_REQUEST,
            Fault.REFUSED,
            Fault.BUSY,
            Fault.UNREADABLE,
            Fault.ABORTED,
        }
    )

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock = Clock()
        self.shop = FakeShopify(clock=self.clock).__enter__()
        self.settings = settings
        self.secrets = (self.shop.token, CLIENT_SECRET)
        self.put_foreign()

    def put_foreign(self) -> None:
        """What people made in the shop, much like ours."""
        shop, now = self.shop, self.clock()
        shop.segments[71] = Segment(71, "Gold VIP", "customer_tags CONTAINS 'vip-gold'", now, now)
        shop.discounts[81] = Discount(
            81, True, False, "Gold VIP", now, now, now, tags=["vip-gold"], percentage=0.2, segments=[71]
        )
        shop.discounts[82] = Discount(
            82, False, False, "Gold", now, now, now, code="VIP-GOLD", percentage=0.1, segments=[71]
        )

    def adapter(self) -> Adapter:
        access = Access(self.shop.url, VERSION, StaticToken(self.shop.token))
        return ShopifyAdapter(access, opening(self.clock, **self.settings))

    def fill(
        self,
        customers: Sequence[StoreCustomer],
        orders: Sequence[StoreOrder],
        events: Sequence[StoreEvent],
    ) -> None:
        for customer in customers:
            before = self.shop.customers.get(int(customer.id))
            ours = [tag for tag in before.tags if tag.startswith("vip-")] if before else []
            self.shop.put_customer(customer).tags += ours
        for order in orders:
            self.shop.put_order(order)

    def count(self, intent: Intent) -> int:
        with self.shop.lock:
            match intent.kind:
                case "customer" | "entitlements":
                    customer = self.shop.customers.get(int(intent.customer_id or 0))
                    return int(customer is not None and bool(own(customer, intent.kind)))
                case "segment":
                    return sum(name_of(each.name, intent) for each in self.shop.segments.values())
                case "store_credit":
                    return self.credits(intent)
            return len(self.discounts(intent))

    def credits(self, intent: Intent) -> int:
        """How often a credit was given."""
        ends = last_moment(intent, DAYS, ZoneInfo("UTC"))
        amount = int(Decimal(intent.payload["amount"]) * 100)
        return sum(
            (each.amount, each.expires_at) == (amount, ends)
            for account in self.shop.accounts_of(int(intent.customer_id or 0))
            for each in account.transactions
        )

    def discounts(self, intent: Intent) -> list[Discount]:
        """The active discounts of an intent."""
        mark = f"vip-rules-{intent.kind}-{intent.payload['tier']}"
        now = self.shop.now()
        return [
            each
            for each in self.shop.discounts.values()
            if mark in each.tags and each.status(now) != "EXPIRED"
        ]

    def foreign(self) -> object:
        with self.shop.lock:
            return deepcopy(
                {
                    "tags": {
                        each.id: [tag for tag in each.tags if not tag.startswith("vip-")]
                        for each in self.shop.customers.values()
                    },
                    "fields": {
                        each.id: {place: one.value for place, one in others(each).items()}
                        for each in self.shop.customers.values()
                    },
                    "segments": [each for each in self.shop.segments.values() if each.id < 1000],
                    "discounts": [each for each in self.shop.discounts.values() if each.id < 1000],
                    "orders": list(self.shop.orders.values()),
                }
            )

    def inject(self, fault: Fault) -> None:
        faults = self.shop.faults
        match fault:
            case Fault.LOST_ANSWER:
                faults.add(Theirs.LOST_ANSWER, when=is_the_deed, times=1)
            case Fault.LOST_REQUEST:
                faults.add(Theirs.LOST_REQUEST, when=is_the_deed, times=1)
            case Fault.REFUSED:
                faults.add(Theirs.USER_ERROR, times=1)
            case Fault.BUSY:
                faults.add(Theirs.THROTTLED, when=lambda call: call.mutation, times=1)
            case Fault.UNREADABLE | Fault.ABORTED:
                faults.add(Theirs.HTTP_500, when=lambda call: not call.mutation)
            case _:
                super().inject(fault)

    def delivery(self, what: Literal["customer", "order"], key: str) -> Delivery:
        return self.shop.webhook("customers/update" if what == "customer" else "orders/updated", of=int(key))

    def close(self) -> None:
        self.shop.__exit__(None, None, None)

    def opener(self) -> Callable[[], Adapter]:
        return partial(adapter_at, self.shop.url, self.shop.token, **self.settings)

    def snapshot(self) -> object:
        with self.shop.lock:
            held = {name: getattr(self.shop, name) for name in HELD}
            return deepcopy({"bulk": self.shop.bulk.operations, **held})

    def restore(self, snapshot: object) -> None:
        assert isinstance(snapshot, Mapping)
        with self.shop.lock:
            held = deepcopy(dict(snapshot))
            self.shop.bulk.operations = held.pop("bulk")
            for name, things in held.items():
                setattr(self.shop, name, things)
            self.shop.bucket.left = self.shop.bucket.maximum


def is_the_deed(call: Call) -> bool:
    """Whether a request does what an intent asks for, and isn't a step towards it."""
    step = call.operation == "SegmentCreate" and str(call.variables["name"]).startswith(
        ("VIP: members ", "VIP: former ")
    )
    return call.mutation and not step


def own(customer: Customer, kind: str) -> list[object]:
    """What a customer has of ours."""
    keys = [key for space, key in customer.metafields if space == "app--1--vip"]
    if kind == "entitlements":
        return [key for key in keys if key == "entitlements"]
    tags = [tag for tag in customer.tags if tag.startswith("vip-")]
    return [*tags, *(key for key in keys if key != "entitlements")]


def others(customer: Customer) -> dict[tuple[str, str], Any]:
    """The metafields of a customer that aren't ours."""
    return {place: one for place, one in customer.metafields.items() if place[0] != "app--1--vip"}


def name_of(name: str, intent: Intent) -> bool:
    """Whether a segment is the one of an intent."""
    return name.startswith("VIP: ") and name.endswith(f"({intent.payload['tag']})")
