"""The service over a shop: what happens in WooCommerce comes to its end there, over real HTTP, without anybody looking."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from vip_rules.database import tables
from vip_rules.project import Outside
from vip_rules.testing.service import Running, ServedShop, free_port, running

from tests.boutique import NAME, Clock, document, entropy, fill, order
from tests.woocommerce.faults import Fault
from tests.woocommerce.server import KEY, FakeWooCommerce
from tests.workbench import WEBHOOK_SECRET, meta
from vip_rules_woocommerce.webhooks.topics import TOPICS

OURS = "vip_rules_"
FORMER_SECRET = "canary0former"
QUARTER = 15 * 60


@dataclass
class Scene:
    """A shop, and the service for it, which runs: its workers work only when they are told to."""

    shop: FakeWooCommerce
    clock: Clock
    served: ServedShop
    port: int
    store: dict[str, Any]

    def happens(self, topic: str, number: int) -> None:
        """Let the shop tell of something at its next deliveries."""
        self.shop.state.happened.append((topic, number))

    def buys(self, number: int, customer: int, spent: int) -> None:
        """Somebody orders, and the shop will tell of it."""
        order(self.shop, number, customer, spent, self.clock())
        self.happens("order.created", number)

    def settles(self) -> int:
        """Let the shop deliver and the workers work, until nothing more happens; how many deliveries there were."""
        delivered = 0
        for _ in range(5):
            told = self.shop.run_queue()
            self.served.catch_up()
            delivered += told
            if not told:
                return delivered
        raise AssertionError("what we write leads to more and more writing")

    def tier(self, customer: int) -> str | None:
        """The tier that a customer's fields show in the shop."""
        found: str | None = meta(self.shop.customers[customer]).get(f"{OURS}tier")
        return found

    def coupons(self, customer: int) -> list[str]:
        """What the coupons of ours are for that work and that a customer has: a discount, a promotion …"""
        keys = [
            str(meta(row).get(f"{OURS}key", ""))
            for row in self.shop.coupons
            if self.shop.coupon_desk.live(row)
        ]
        return sorted(key.split(":")[0] for key in keys if key.endswith(f":{customer}"))

    def writes(self) -> int:
        """How many requests there were that change something."""
        return sum(call.writes for call in self.shop.calls)

    def ledger(self) -> int:
        """How many entries the ledger has."""
        return len(self.served.rows(tables.ledger, "seq"))

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer to something that is posted to the service's address for webhooks."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", urlsplit(self.store["webhook_url"]).path, body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def begins(self) -> None:
        """The first start, whose plan a person approves; and the night after it: who rises from now on is promoted."""
        self.served.catch_up()
        assert self.served.approve() == 1
        self.settles()
        self.clock.sleep(86_400)
        self.settles()


@contextmanager
def prepared(
    folder: Path, shop: FakeWooCommerce, clock: Callable[[], datetime], **outside: Any
) -> Iterator[Scene]:
    """A shop with four customers, and the project of its service."""
    port = free_port()
    store = {
        "adapter": "woocommerce",
        "shop": NAME,
        "url": shop.url,
        "consumer_key_env": "KEY",
        "consumer_secret_env": "SECRET",
        "webhook_url": f"http://127.0.0.1:{port}/webhooks/{NAME}",
        "webhook_secret_env": "HOOKS",
    }
    environment = {
        "KEY": KEY.consumer_key,
        "SECRET": KEY.consumer_secret,
        "HOOKS": WEBHOOK_SECRET,
        "FORMER": FORMER_SECRET,
    }
    fill(shop)
    order(shop, 1, 1, 60_000, clock())
    order(shop, 2, 2, 30_000, clock())
    served = ServedShop(folder, document(), store, Outside(clock=clock, environment=environment, **outside))
    yield Scene(shop, clock, served, port, store)  # type: ignore[arg-type]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    clock = Clock()
    with FakeWooCommerce(clock=clock) as shop:
        with prepared(tmp_path, shop, clock, sleep=clock.sleep, entropy=entropy) as scene, listening(scene):
            yield scene
        assert shop.crashes == []


def listening(scene: Scene, *, with_workers: bool = False) -> Any:
    """The service, at the address that the shop was told."""
    return running(
        scene.served.config, outside=scene.served.outside, port=scene.port, with_workers=with_workers
    )


def test_the_first_start_reads_subscribes_and_leaves_the_rest_to_a_person(scene: Scene) -> None:
    scene.served.catch_up()
    assert [row["topic"] for row in scene.shop.webhooks.shelf] == list(TOPICS)
    assert {row["delivery_url"] for row in scene.shop.webhooks.shelf} == {scene.store["webhook_url"]}
    assert all(behind.greeted for behind in scene.shop.webhooks.behind.values())
    assert scene.writes() == len(TOPICS)
    assert scene.served.tiers() == {}
    scene.buys(3, 3, 25_000)
    scene.settles()
    assert scene.writes() == len(TOPICS)
    assert scene.served.tiers() == {}
    assert scene.served.approve() == 1
    scene.settles()
    # The plan that was approved knew nothing of the order that came after: it was looked at behind it.
    assert scene.served.tiers() == {"1": "gold", "2": "silver", "3": "silver"}
    assert [scene.tier(number) for number in (1, 2, 3, 4)] == ["gold", "silver", "silver", None]


def test_an_order_leads_to_effects_and_a_refund_takes_them_back(scene: Scene) -> None:
    scene.begins()
    scene.buys(4, 4, 70_000)
    scene.settles()
    assert scene.tier(4) == "gold"
    assert scene.coupons(4) == ["discount", "free_shipping", "promotion"]
    scene.clock.sleep(60)
    scene.shop.refund(4, "650.00")
    scene.settles()
    assert scene.tier(4) is None
    # What was given once stays.
    assert scene.coupons(4) == ["promotion"]
    assert set(scene.served.inbox()) <= {"done", "ignored"}


def test_what_we_write_comes_back_and_leads_to_nothing(scene: Scene) -> None:
    scene.begins()
    scene.buys(4, 4, 70_000)
    scene.settles()
    wrote, entries = scene.writes(), scene.ledger()
    for number in (1, 2, 3, 4):
        scene.happens("customer.updated", number)
    scene.happens("order.updated", 4)
    assert scene.settles() == 5
    assert (scene.writes(), scene.ledger()) == (wrote, entries)


def test_a_night_in_which_all_is_well_changes_nothing(scene: Scene) -> None:
    scene.begins()
    scene.settles()
    wrote, entries, nights = scene.writes(), scene.ledger(), 2
    for _ in range(nights):
        scene.clock.sleep(86_400)
        scene.settles()
    assert scene.served.job("repair") == ("done", [])
    outcome, says = scene.served.job("nightly")
    assert outcome == "done"
    assert "0 were changed by hand" in says[-1]
    # That everybody was evaluated is noted, once a day.
    assert (scene.writes(), scene.ledger()) == (wrote, entries + nights)


def test_somebody_who_is_deleted_is_gone(scene: Scene) -> None:
    scene.begins()
    scene.clock.sleep(60)
    scene.shop.customer_desk.delete(1, force=True)
    scene.settles()
    assert "1" in {id_ for id_, gone in scene.served.rows(tables.customers, "id", "gone") if gone}
    assert scene.coupons(1) == []
    assert set(scene.served.inbox()) <= {"done", "ignored"}


def test_what_no_webhook_told_is_found_within_a_quarter_of_an_hour(scene: Scene) -> None:
    scene.begins()
    order(scene.shop, 4, 4, 70_000, scene.clock())
    scene.settles()
    assert scene.tier(4) is None
    scene.clock.sleep(QUARTER)
    scene.settles()
    assert scene.tier(4) == "gold"


def test_pings_are_answered_and_what_is_forged_is_refused(scene: Scene) -> None:
    scene.begins()
    kept = sum(scene.served.inbox().values())
    assert scene.shop.ping(1) == 200
    forged = scene.shop.deliver("customer.updated", 1, "somebody else's")
    assert scene.post(forged.body, dict(forged.headers)) == 401
    assert sum(scene.served.inbox().values()) == kept
    genuine = scene.shop.deliver("coupon.updated", {"id": 7}, WEBHOOK_SECRET)
    assert scene.post(genuine.body, dict(genuine.headers)) == 200
    assert scene.post(genuine.body, dict(genuine.headers)) == 200
    scene.served.catch_up()
    assert scene.served.inbox().get("ignored") == 1


def test_deliveries_under_the_former_secret_are_taken_while_it_is_changed(scene: Scene) -> None:
    before = {**scene.store, "webhook_secret_env": "FORMER"}
    scene.served.write(before, {})
    scene.served.catch_up()
    scene.served.approve()
    scene.served.write({**scene.store, "former_webhook_secret_env": "FORMER"}, {})
    with listening(rebound(scene)):
        late = scene.shop.deliver("customer.updated", 1, FORMER_SECRET)
        assert scene.post(late.body, dict(late.headers)) == 200
        scene.clock.sleep(86_400)
        scene.served.catch_up()
        outcome, says = scene.served.job("repair")
        assert (outcome, len(says)) == ("done", len(TOPICS))
        assert {behind.secret for behind in scene.shop.webhooks.behind.values()} == {WEBHOOK_SECRET}


def rebound(scene: Scene) -> Scene:
    """The same at another port: the service that began with other settings has the first."""
    scene.port = free_port()
    return scene


def test_while_the_shop_is_down_webhooks_wait(scene: Scene) -> None:
    scene.begins()
    scene.buys(4, 4, 70_000)
    scene.shop.run_queue()
    scene.shop.faults.add(Fault.ANSWER, times=None)
    for _ in range(4):
        scene.served.catch_up()
        scene.clock.sleep(3)
    assert scene.served.inbox()["waiting"] >= 1
    assert scene.tier(4) is None
    scene.shop.faults.clear()
    scene.clock.sleep(60)
    scene.settles()
    assert scene.tier(4) == "gold"
    assert "waiting" not in scene.served.inbox()


def test_a_busy_shop_gets_the_rest_later_and_nothing_twice(scene: Scene) -> None:
    scene.begins()
    scene.buys(4, 4, 70_000)
    scene.shop.run_queue()
    busy = scene.shop.faults.busy(
        when=lambda call: call.writes and call.path.startswith("/coupons"), retry_after="300", times=3
    )
    scene.served.catch_up()
    assert busy.befell
    assert any(state == "planned" for (state,) in scene.served.rows(tables.outbox, "state"))
    for _ in range(6):
        scene.clock.sleep(60)
        scene.settles()
    assert {state for (state,) in scene.served.rows(tables.outbox, "state")} == {"confirmed"}
    assert scene.coupons(4) == ["discount", "free_shipping", "promotion"]


def test_a_service_that_ends_in_the_middle_goes_on_at_the_next_start(scene: Scene) -> None:
    scene.begins()
    scene.buys(4, 4, 70_000)
    scene.shop.run_queue()
    stopping = Event()
    # It is told to stop while it makes the first of three coupons.
    scene.shop.faults.add(
        Fault.NOTHING,
        when=lambda call: call.writes and call.path == "/coupons",
        meanwhile=lambda _: stopping.set(),
    )
    outside = scene.served.outside
    scene.served.outside = replace(outside, stopping=stopping.is_set)
    scene.served.catch_up()
    assert len(scene.coupons(4)) == 1
    assert any(state == "planned" for (state,) in scene.served.rows(tables.outbox, "state"))
    scene.served.outside = outside
    scene.settles()
    assert scene.coupons(4) == ["discount", "free_shipping", "promotion"]
    assert {state for (state,) in scene.served.rows(tables.outbox, "state")} == {"confirmed"}


@pytest.mark.slow
def test_a_service_that_runs_needs_nobody(tmp_path: Path) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    with FakeWooCommerce(clock=now) as shop, prepared(tmp_path, shop, now) as scene:
        with listening(scene, with_workers=True) as service:
            until(lambda: len(list(shop.webhooks.shelf)) == len(TOPICS) and scene.served.approve())
            until(lambda: scene.tier(1) == "gold")
            settled(scene)
            scene.buys(4, 4, 70_000)
            until(lambda: shop.run_queue() or scene.tier(4))
            until(lambda: scene.tier(4) == "gold")
            assert alive(service) == 200
        # It is down while somebody buys, and the shop's deliveries fail.
        scene.buys(5, 3, 30_000)
        shop.run_queue()
        with listening(scene, with_workers=True):
            scene.happens("order.updated", 5)
            shop.run_queue()
            until(lambda: scene.tier(3) == "silver")
            settled(scene)
            wrote = scene.writes()
            settled(scene)
            assert scene.writes() == wrote
        assert scene.coupons(4) == ["discount", "free_shipping"]
        assert shop.crashes == []


def until(holds: Callable[[], object]) -> None:
    """Wait for something that has to come; it is given up after a long time only."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it didn't come")


def settled(scene: Scene) -> None:
    """Let the shop deliver, and wait until all of it is dealt with and nothing is on its way."""
    until(lambda: not scene.shop.run_queue() and scene.served.inbox().get("waiting", 0) == 0)


def alive(service: Running) -> int:
    """The status of the answer to /livez."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=30)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status
    finally:
        connection.close()
