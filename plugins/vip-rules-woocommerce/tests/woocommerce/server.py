"""A fake WooCommerce over real HTTP, with what is nasty about a real one. See README.md beside it."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Lock, Thread
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.testing.clock import StoppedClock
from vip_rules.webhooks import Delivery

from tests.woocommerce.access import Door, Key, nobody
from tests.woocommerce.calls import Answer, Call, Problem
from tests.woocommerce.coupons import Coupons
from tests.woocommerce.customers import Customers
from tests.woocommerce.faults import Faults
from tests.woocommerce.filling import Filling, invented
from tests.woocommerce.orders import Orders
from tests.woocommerce.products import Brands, Products, Terms, Variations
from tests.woocommerce.refunds import Refunds
from tests.woocommerce.routes import Routes
from tests.woocommerce.settings import Settings
from tests.woocommerce.shelf import Row, rendered
from tests.woocommerce.state import State
from tests.woocommerce.webhooks import Webhooks
from tests.woocommerce.wire import Heard, Server, nowhere

KEY: Final = Key(consumer_key="ck_of_the_tests", consumer_secret="cs_of_the_tests")
"""A key that may read and write, in every shop from the start."""

NOW: Final = datetime(2026, 11, 20, 11, tzinfo=UTC)
"""The instant at which a shop's clock stands unless it is given another."""

STORE: Final = Path(__file__).parent / "store"
"""The folder of a whole store as a real server told it."""

_PATIENCE: Final = 5


class FakeWooCommerce:
    """A shop on the loopback, open between `with` and its end.

    `clock` dates what happens. By `wall`, in seconds, OAuth timestamps grow stale; without it they may be of `clock` or of this
    machine's clock. With `tls` it is an https shop.
    `calls` are all requests in their order, `faults` what goes wrong with them, `delay` seconds pass before each answer.
    `crashes` are errors of the fake itself, which are answered as 500.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] | None = None,
        timezone: str = "America/New_York",
        currency: str = "USD",
        wall: Callable[[], float] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.clock = clock or StoppedClock(NOW)
        self.secure = tls is not None
        self.permalinks = True
        self.loses_authorization = False
        self.delay: float = 0
        self.calls: list[Call] = []
        self.crashes: list[BaseException] = []
        self.faults = Faults()
        self.state = State(clock=self.clock, zone=ZoneInfo(timezone), currency=currency)
        self.door = Door(wall) if wall else Door(time.time, lambda: self.clock().timestamp())
        self.add_key(KEY)
        self.settings = Settings(self.state)
        self.order_desk = Orders(self.state)
        self.refund_desk = Refunds(self.state, self.order_desk)
        self.customer_desk = Customers(self.state, self._forgotten)
        self.coupon_desk = Coupons(self.state)
        self.variation_desk = Variations(self.state)
        self.product_desk = Products(self.state, self.variation_desk)
        self.category_desk = Terms(self.state)
        self.brand_desk = Brands(self.state)
        self.webhooks = Webhooks(self.state, self._body_of)
        self.customers = self.customer_desk.shelf
        self.orders = self.order_desk.shelf
        self.refunds = self.refund_desk.shelf
        self.coupons = self.coupon_desk.shelf
        self.products = self.product_desk.shelf
        self.variations = self.variation_desk.shelf
        self._routes = Routes(self)
        self._filling = Filling(self)
        self._numbering = Lock()
        self._race: tuple[str, Barrier] | None = None
        self._unseen = 0
        self._server = Server(self)
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.url = f"{'https' if self.secure else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self.state.url = self.url
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)  # not money

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    # Who is let in, and what is asked

    def add_key(self, key: Key) -> None:
        """Let a key in."""
        self.door.keys[key.consumer_key] = key

    def revoke(self, consumer_key: str) -> None:
        """Let a key in no longer."""
        del self.door.keys[consumer_key]

    def count(self, method: str, path: str = "") -> int:
        """How many requests of a method there were to paths that begin so."""
        return sum(call.method == method and call.path.startswith(path) for call in self.calls)

    def hears(self, heard: Heard) -> Heard:
        """Keep a request, and give it its number."""
        with self._numbering:
            call = replace(heard.call, number=len(self.calls) + 1)
            self.calls.append(call)
        return replace(heard, call=call)

    def answer(self, heard: Heard) -> Answer:
        """Do what is asked, and answer."""
        self._wait_for_others(heard.call)
        try:
            with self.state.lock:
                return self._done(heard)
        except Problem as problem:
            return nowhere(problem) or Answer(problem.body, problem.status)
        except Exception as error:
            self.crashes.append(error)
            return Answer({"code": "internal_server_error", "message": repr(error)}, 500)

    def _done(self, heard: Heard) -> Answer:
        call = heard.call
        if heard.site:
            return self.settings.site(call)
        known = self.door.enter(heard.knock, writes=call.writes)
        handle, ids, public = self._routes.handle(call)
        if not (known or public):
            raise nobody(call.method)
        if heard.problem is not None:
            raise heard.problem
        return handle(call, *ids)

    # What happens in the same moment

    def race(self, posts: int, path: str = "/coupons") -> None:
        """Let so many POSTs to a path arrive before any is done, so that none sees what the others make. Once.

        They are waited for some seconds; then those that are there go on as if they had come one by one.
        """
        self._race = (path, Barrier(posts))

    def overlook(self, posts: int = 1) -> None:
        """Let the next POSTs not see what is there already, as if it had been made in the same moment."""
        self._unseen = posts

    def _wait_for_others(self, call: Call) -> None:
        if call.method != "POST":
            return
        with self.state.lock:
            race = self._race if self._race is not None and self._race[0] == call.path else None
            if self._unseen:
                self._unseen -= 1
                self.state.unseen.add(call.number)
        if race is None:
            return
        try:
            race[1].wait(_PATIENCE)
        except BrokenBarrierError:
            return
        finally:
            self._race = None
        with self.state.lock:
            self.state.unseen.add(call.number)

    # Filling

    def put_customer(self, customer: StoreCustomer) -> None:
        """Put a customer of the core's."""
        self._filling.customer(customer)

    def put_order(self, order: StoreOrder) -> None:
        """Put an order of the core's, with its refunds and the products of its lines."""
        self._filling.order(order)

    def fill_many(self, *, customers: int, orders: int, seed: int = 0) -> None:
        """Put invented customers and orders of the last two years: the same for the same seed."""
        people, bought = invented(
            customers=customers, orders=orders, seed=seed, until=self.clock(), currency=self.state.currency
        )
        for customer in people:
            self.put_customer(customer)
        for order in bought:
            self.put_order(order)

    def load(self, folder: Path = STORE) -> None:
        """Put a whole store as a real server told it: what the files of a folder say."""
        state = self.state
        for name, shelf, sequence in (
            ("categories", self.category_desk.shelf, state.terms),
            ("customers", self.customers, state.users),
            ("orders", self.orders, state.posts),
            ("refunds", self.refunds, state.posts),
            ("products", self.products, state.posts),
            ("variations", self.variations, state.posts),
            ("coupons", self.coupons, state.posts),
        ):
            for line in (folder / f"{name}.jsonl").read_text("utf-8").splitlines():
                row: Row = json.loads(line)
                sequence.after(row["id"])
                for meta in row.get("meta_data", ()):
                    state.meta.after(meta["id"])
                if name == "refunds":
                    row = {
                        **row,
                        "date_modified": row["date_created"],
                        "date_modified_gmt": row["date_created_gmt"],
                    }
                shelf.put(row)

    def refund(
        self, order_id: int, amount: str, *, line: int | None = None, tax: str = "0", shipping: str = "0"
    ) -> Row:
        """Give back `amount` of an order, of it `tax` and `shipping`; the rest is of the line at a place, or of none.

        The order's date moves.
        """
        whole, of_tax, of_shipping = Decimal(amount), Decimal(tax), Decimal(shipping)
        with self.state.lock:
            lines = []
            if line is not None:
                kept = self.orders[order_id]["line_items"][line]
                lines = [self.refund_desk.returned(kept, whole - of_tax - of_shipping, of_tax, 0)]
            return self.refund_desk.give(order_id, whole, lines, tax=of_tax, shipping=of_shipping)

    # What the shop tells by itself

    def deliver(
        self, topic: str, resource: int | Row, secret: str, *, webhook_id: int = 1, body: bytes | None = None
    ) -> Delivery:
        """A delivery of a topic, signed. `resource` is a record, or the id of one: told as it is now."""
        if body is None:
            told = rendered(resource) if isinstance(resource, dict) else self._body_of(topic, resource)
            body = told.encode()
        return self.webhooks.signed(webhook_id, topic, body, secret)

    def ping(self, webhook_id: int) -> int | None:
        """Ask a webhook's address whether somebody is there. Gives the status of the answer."""
        return self.webhooks.ping(webhook_id)

    def run_queue(self) -> int:
        """Deliver to all active webhooks what happened since the last time. Gives how many deliveries there were."""
        return self.webhooks.run_queue()

    def _body_of(self, topic: str, row_id: int) -> str:
        resource, _, event = topic.partition(".")
        if event == "deleted":
            return rendered({"id": row_id})
        desk = {
            "customer": self.customer_desk,
            "order": self.order_desk,
            "coupon": self.coupon_desk,
            "product": self.product_desk,
        }[resource]
        try:
            return rendered(desk.shelf.shown(desk.find(row_id)))
        except Problem as problem:
            return rendered(problem.body)

    # What shoppers see

    def coupons_usable_by(self, *emails: str, user_id: int | None = None) -> list[str]:
        """The codes that work for somebody with these addresses, of the account or the bill. Of twins any that works counts."""
        return sorted({row["code"] for row in self.coupons if self.coupon_desk.usable(row, emails, user_id)})

    def public_coupons(self, codes: Collection[str] | None = None) -> list[str]:
        """The codes that work for anybody, of some coupons or of all."""
        return [
            code
            for code in self.coupons_usable_by("nobody@nowhere.example")
            if codes is None or code in codes
        ]

    def redeem(self, code: str, email: str, user_id: int | None = None) -> bool:
        """Use a coupon at the checkout. Gives whether it worked."""
        with self.state.lock:
            row = self.coupon_desk.by_code(code)
            if row is None or not self.coupon_desk.usable(row, [email], user_id):
                return False
            self.coupon_desk.used(row["id"], str(user_id) if user_id else email.lower())
        return True

    def _forgotten(self, user_id: int) -> None:
        for row in self.orders:
            if row["customer_id"] == user_id:
                self.orders.change(row["id"], customer_id=0)
