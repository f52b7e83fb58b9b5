"""The adapter over the fake shop, for the contracts of the core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from vip_rules.adapter import Adapter, Intent, Opening, Outcome, Sight
from vip_rules.model import Currency
from vip_rules.store import StoreCustomer, StoreEvent, StoreOrder
from vip_rules.testing import Fault, Workbench
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.examples import CUSTOMERS, ORDERS
from vip_rules.webhooks import Delivery

from tests.woocommerce.calls import Call
from tests.woocommerce.faults import Fault as Theirs
from tests.woocommerce.filling import BIRTHDAY_META, LANGUAGE_META, TAGS_META
from tests.woocommerce.server import KEY, NOW, FakeWooCommerce
from tests.woocommerce.shelf import Row
from vip_rules_woocommerce.adapter import WooCommerceAdapter

WEBHOOK_SECRET: Final = "canary0hooks"
SEQUENCES: Final = ("users", "posts", "terms", "notes", "webhooks", "items", "meta")
SHELVES: Final = ("customers", "orders", "refunds", "products", "variations", "coupons")


def opening(url: str, **settings: Any) -> Opening:
    """What an adapter of the fake shop is opened with. It doesn't wait where it would sleep."""
    return Opening(
        settings={
            "url": url,
            "consumer_key": KEY.consumer_key,
            "consumer_secret": KEY.consumer_secret,
            "webhook_url": "https://vip.example/webhooks/shop",
            "webhook_secret": WEBHOOK_SECRET,
            "birthday_meta": BIRTHDAY_META,
            "language_meta": LANGUAGE_META,
            "tags_meta": TAGS_META,
            "gift_card_categories": ["gift-cards"],
            **settings,
        },
        currency=Currency.of("USD"),
        timezone=ZoneInfo("America/New_York"),
        clock=StoppedClock(NOW),
        sleep=lambda seconds: None,
    )


def adapter_at(url: str, **settings: Any) -> WooCommerceAdapter:
    """An adapter of the shop at an address, in whatever process."""
    return WooCommerceAdapter.open(opening(url, **settings))


@contextmanager
def working(shop: FakeWooCommerce, **settings: Any) -> Iterator[WooCommerceAdapter]:
    """An adapter of a shop, which is closed in the end."""
    adapter = adapter_at(shop.url, **settings)
    try:
        yield adapter
    finally:
        adapter.close()


class Watched(WooCommerceAdapter):
    """Lets what goes wrong go wrong until the end of a call: a request that is lost is sent again by the adapter itself."""

    shop_faults: Any = None

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        try:
            return super().carry_out(intents)
        finally:
            self.shop_faults.clear()

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        try:
            return super().look(intents)
        finally:
            self.shop_faults.clear()


class WooCommerceWorkbench(Workbench):
    """A fake shop with coupons and meta data of other people in it.

    Everybody has an email address, as in WooCommerce. The shop tells who changed only with their orders, wherefore she who
    has ordered is the last.
    """

    customers = (
        replace(CUSTOMERS[1], email="bea@example.com", birthday=date(1985, 7, 12)),
        replace(CUSTOMERS[2], email="cy@example.com"),
        CUSTOMERS[0],
    )
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
    secrets = (KEY.consumer_key, KEY.consumer_secret, WEBHOOK_SECRET)

    def __init__(self, folder: Path) -> None:
        self.shop = FakeWooCommerce().__enter__()
        desk = self.shop.coupon_desk
        for body in ({"code": "vip-gold", "amount": "5"}, {"code": "summer", "description": "vip-rules"}):
            desk.create(
                {**body, "meta_data": [{"key": "campaign", "value": "vip"}]}, checked=True, unique=True
            )

    def adapter(self) -> Adapter:
        adapter = Watched(opening(self.shop.url))
        adapter.shop_faults = self.shop.faults
        return adapter

    def fill(
        self,
        customers: Sequence[StoreCustomer],
        orders: Sequence[StoreOrder],
        events: Sequence[StoreEvent],
    ) -> None:
        for customer in customers:
            self.shop.put_customer(customer)
        for order in orders:
            self.shop.put_order(order)

    def count(self, intent: Intent) -> int:
        with self.shop.state.lock:
            if intent.kind in ("customer", "entitlements"):
                row = self.shop.customers.get(int(intent.customer_id or 0))
                keys = [key for key in meta(row) if key.startswith("vip_rules_")] if row else []
                return int(
                    any((key == "vip_rules_entitlements") is (intent.kind == "entitlements") for key in keys)
                )
            return sum(
                meta(row).get("vip_rules_key") == intent.key and self.shop.coupon_desk.live(row)
                for row in self.shop.coupons
            )

    def foreign(self) -> object:
        with self.shop.state.lock:
            return deepcopy(
                {
                    "customers": {row["id"]: theirs(row) for row in self.shop.customers},
                    "coupons": [row for row in self.shop.coupons if "vip_rules_key" not in meta(row)],
                    "orders": list(self.shop.orders),
                }
            )

    def inject(self, fault: Fault) -> None:
        faults = self.shop.faults
        match fault:
            case Fault.LOST_ANSWER:
                faults.add(Theirs.LOST_ANSWER, when=is_the_deed, times=None)
            case Fault.LOST_REQUEST:
                faults.add(Theirs.LOST_REQUEST, when=lambda call: call.writes, times=None)
            case Fault.REFUSED:
                faults.refuse("woocommerce_rest_refused", when=lambda call: call.writes)
            case Fault.BUSY:
                faults.busy(when=lambda call: call.writes, retry_after="40")
            case Fault.UNREADABLE | Fault.ABORTED:
                faults.add(Theirs.ANSWER, when=lambda call: not call.writes, times=None)
            case _:
                super().inject(fault)

    def delivery(self, what: Literal["customer", "order"], key: str) -> Delivery:
        return self.shop.deliver(f"{what}.updated", int(key), WEBHOOK_SECRET)

    def close(self) -> None:
        self.shop.__exit__(None, None, None)
        assert self.shop.crashes == []

    def opener(self) -> Callable[[], Adapter]:
        return partial(adapter_at, self.shop.url)

    def snapshot(self) -> object:
        state = self.shop.state
        with state.lock:
            return {
                "shelves": {name: {row["id"]: row for row in getattr(self.shop, name)} for name in SHELVES},
                "sequences": {name: getattr(state, name).last for name in SEQUENCES},
            }

    def restore(self, snapshot: object) -> None:
        assert isinstance(snapshot, Mapping)
        state = self.shop.state
        with state.lock:
            # Rows are never changed, but replaced by others.
            for name, rows in snapshot["shelves"].items():
                shelf = getattr(self.shop, name)
                for row in list(shelf):
                    if rows.get(row["id"]) is not row:
                        shelf.remove(row["id"])
                for row in rows.values():
                    if row["id"] not in shelf:
                        shelf.put(row)
            for name, last in snapshot["sequences"].items():
                getattr(state, name).last = last
            state.happened.clear()
            self.shop.calls.clear()


def meta(row: Row) -> dict[str, Any]:
    """The meta data of a record, by key."""
    return {one["key"]: one["value"] for one in row["meta_data"]}


def theirs(row: Row) -> Row:
    """An account without what is ours, and without when it was changed."""
    rows = [one for one in row["meta_data"] if not one["key"].startswith("vip_rules_")]
    return {
        name: rows if name == "meta_data" else value
        for name, value in row.items()
        if not name.startswith("date_modified")
    }


def is_the_deed(call: Call) -> bool:
    """Whether a request does what an intent asks for, and isn't a step towards it."""
    if call.path.startswith("/coupons"):
        return call.method == "PUT" and bool(call.body.get("date_expires") != "2000-01-01T00:00:00")
    rows = call.body.get("meta_data", []) if call.writes else []
    return any(not one["key"].startswith("vip_rules_coupon_") for one in rows)
