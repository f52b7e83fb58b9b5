"""The service over a shop: what happens in Shopify comes to its end there, over real HTTP, without anybody looking."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from vip_rules.database import tables
from vip_rules.project import Outside
from vip_rules.testing.service import Running, ServedShop, running

from tests.boutique import document, fill, order
from tests.shop import FakeShopify, Fault
from tests.shop.tokens import CLIENT_ID, CLIENT_SECRET
from tests.workbench import Clock
from vip_rules_shopify.webhooks.topics import COMPLIANCE, TOPICS

SHOP: Final = "vip-test.myshopify.com"
ADDRESS: Final = f"https://vip.example/webhooks/{SHOP}"
FORMER_SECRET: Final = "canary0former"
QUARTER: Final = 15 * 60
OURS: Final = ("vip-gold", "vip-silver")

STORE: Final = {
    "adapter": "shopify",
    "shop": SHOP,
    "client_id": CLIENT_ID,
    "client_secret_env": "SECRET",
    "webhook_url": ADDRESS,
}


@dataclass
class Scene:
    """A shop, and the service for it. `url` is where the service runs: in front of it stands what Shopify sends https to."""

    shop: FakeShopify
    clock: Callable[[], datetime]
    served: ServedShop
    url: str = ""

    def tells(self, topic: str, of: int | None = None, *, says: Mapping[str, Any] | None = None) -> int:
        """Let the shop deliver a topic that it was asked for; gives the status of the answer."""
        asked = {each.topic for each in self.shop.subscriptions.values() if each.uri == ADDRESS}
        assert topic in COMPLIANCE or topic.upper().replace("/", "_").replace(".", "_") in asked
        return self.post(self.shop.webhook(topic, says, of=of))

    def post(self, delivery: Any) -> int:
        """The status of the answer to a delivery."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            headers = dict(delivery.headers)
            connection.request("POST", urlsplit(ADDRESS).path, delivery.body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def buys(self, number: int, customer: int, spent: int) -> None:
        """Somebody orders, and the shop tells of it."""
        order(self.shop, number, customer, spent, self.clock())
        assert self.tells("orders/create", number) == 200

    def tags(self, customer: int) -> list[str]:
        """The tags of tiers that a customer has."""
        with self.shop.lock:
            return [tag for tag in self.shop.customers[customer].tags if tag in OURS]

    def mutations(self) -> int:
        """How many requests there were that change something, but for reading in bulk."""
        return sum(call.mutation and "bulkOperationRunQuery" not in call.fields for call in self.shop.calls)

    def ledger(self) -> int:
        """How many entries the ledger has."""
        return len(self.served.rows(tables.ledger, "seq"))

    def begins(self, wait: Callable[[int], None]) -> None:
        """The first start, whose plan a person approves; and the night after it: who rises from now on is promoted."""
        self.served.catch_up()
        assert self.served.approve() == 1
        self.served.catch_up()
        wait(86_400)
        self.served.catch_up()


@contextmanager
def prepared(
    folder: Path, shop: FakeShopify, clock: Callable[[], datetime], **outside: Any
) -> Iterator[Scene]:
    """A shop with four customers, and the project of its service."""
    environment = {"SECRET": CLIENT_SECRET, "FORMER": FORMER_SECRET}
    fill(shop)
    order(shop, 5_001, 1, 60_000, clock())
    order(shop, 5_002, 2, 30_000, clock())
    store = {**STORE, "base_url": shop.url}
    served = ServedShop(folder, document(), store, Outside(clock=clock, environment=environment, **outside))
    yield Scene(shop, clock, served)


def listening(scene: Scene, *, with_workers: bool = False) -> AbstractContextManager[Running]:
    """The service."""
    return running(scene.served.config, outside=scene.served.outside, with_workers=with_workers)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def scene(tmp_path: Path, clock: Clock) -> Iterator[Scene]:
    with FakeShopify(clock=clock) as shop:
        outside = {"sleep": clock.sleep, "entropy": bytes}
        with prepared(tmp_path, shop, clock, **outside) as scene, listening(scene) as service:
            scene.url = service.url
            yield scene


@pytest.fixture
def begun(scene: Scene, clock: Clock) -> Scene:
    scene.begins(clock.sleep)
    return scene


def test_the_first_start_reads_subscribes_and_leaves_the_rest_to_a_person(scene: Scene) -> None:
    scene.served.catch_up()
    there = {(each.topic, each.uri) for each in scene.shop.subscriptions.values()}
    assert there == {(topic.name, ADDRESS) for topic in TOPICS}
    assert scene.served.tiers() == {}
    assert [scene.tags(number) for number in (1, 2, 3, 4)] == [[], [], [], []]
    scene.buys(5_003, 3, 25_000)
    scene.served.catch_up()
    assert scene.served.tiers() == {}
    assert scene.served.approve() == 1
    scene.served.catch_up()
    assert scene.served.tiers() == {"1": "gold", "2": "silver", "3": "silver"}
    assert [scene.tags(number) for number in (1, 2, 3, 4)] == [
        ["vip-gold"],
        ["vip-silver"],
        ["vip-silver"],
        [],
    ]


def test_an_order_leads_to_effects_and_a_refund_takes_them_back(begun: Scene, clock: Clock) -> None:
    begun.buys(5_003, 4, 70_000)
    begun.served.catch_up()
    assert begun.tags(4) == ["vip-gold"]
    (account,) = begun.shop.accounts_of(4)
    assert [each.amount for each in account.transactions] == [2_500]
    clock.sleep(60)
    refund = begun.shop.refund(5_003, 70_000)
    assert begun.tells("refunds/create", refund.id) == 200
    begun.served.catch_up()
    assert begun.tags(4) == []
    # What was given once stays.
    assert [each.amount for each in account.transactions] == [2_500]
    assert set(begun.served.inbox()) == {"done"}


def test_what_we_write_comes_back_and_leads_to_nothing(begun: Scene) -> None:
    begun.buys(5_003, 4, 70_000)
    begun.served.catch_up()
    wrote, entries = begun.mutations(), begun.ledger()
    for _ in range(3):
        for topic in ("customers/update", "customer.tags_added"):
            assert begun.tells(topic, 4) == 200
        assert begun.tells("orders/updated", 5_003) == 200
        begun.served.catch_up()
    assert (begun.mutations(), begun.ledger()) == (wrote, entries)
    assert set(begun.served.inbox()) == {"done"}


def test_a_night_in_which_all_is_well_changes_nothing(begun: Scene, clock: Clock) -> None:
    wrote, entries, nights = begun.mutations(), begun.ledger(), 2
    for _ in range(nights):
        clock.sleep(86_400)
        begun.served.catch_up()
    assert begun.served.job("repair") == ("done", [])
    outcome, says = begun.served.job("nightly")
    assert outcome == "done"
    assert any("0 were changed by hand" in each for each in says)
    # That everybody was evaluated is noted, once a day.
    assert (begun.mutations(), begun.ledger()) == (wrote, entries + nights)


def test_somebody_who_is_deleted_is_gone(begun: Scene) -> None:
    delivery = begun.shop.webhook("customers/delete", of=2)
    del begun.shop.customers[2]
    assert begun.post(delivery) == 200
    begun.served.catch_up()
    assert ("2", True) in begun.served.rows(tables.customers, "id", "gone")
    assert begun.served.inbox() == {"done": 1}


def test_two_who_are_merged_live_on_as_one(begun: Scene) -> None:
    begun.buys(5_003, 3, 25_000)
    begun.served.catch_up()
    said = begun.shop.merge(kept=2, gone=3)
    assert begun.tells("customers/merge", says=said) == 200
    begun.served.catch_up()
    # 300 and 250 dollars are 550.
    assert begun.served.tiers() == {"1": "gold", "2": "gold"}
    assert begun.tags(2) == ["vip-gold"]


def test_who_is_to_be_forgotten_is(begun: Scene) -> None:
    assert begun.tells("customers/redact", 1) == 200
    begun.served.catch_up()
    assert begun.tags(1) == []
    assert begun.served.tiers() == {"2": "silver"}
    assert begun.served.inbox() == {"done": 1}
    assert {body for (body,) in begun.served.rows(tables.inbox, "body")} == {None}


def test_who_asks_what_is_kept_of_them_waits_for_a_person(begun: Scene) -> None:
    assert begun.tells("customers/data_request", 1) == 200
    assert begun.tells("shop/redact") == 200
    begun.served.catch_up()
    assert begun.served.inbox() == {"parked": 2}


def test_an_app_that_is_uninstalled_does_nothing_any_more(begun: Scene) -> None:
    assert begun.tells("app/uninstalled") == 200
    begun.served.catch_up()
    ((reason,),) = begun.served.rows(tables.shops, "paused_reason")
    assert "uninstalled" in reason
    wrote = begun.mutations()
    begun.buys(5_003, 4, 70_000)
    begun.served.catch_up()
    assert begun.mutations() == wrote


def test_what_no_webhook_told_is_found_within_a_quarter_of_an_hour(begun: Scene, clock: Clock) -> None:
    order(begun.shop, 5_003, 4, 70_000, clock())
    begun.served.catch_up()
    assert begun.tags(4) == []
    clock.sleep(QUARTER)
    begun.served.catch_up()
    assert begun.tags(4) == ["vip-gold"]


def test_what_is_forged_is_refused_and_what_comes_twice_is_kept_once(begun: Scene) -> None:
    forged = begun.shop.webhook("orders/create", of=5_001, secret="somebody else's")
    assert begun.post(forged) == 401
    elsewhere = begun.shop.webhook("orders/create", of=5_001)
    headers = [("X-Shopify-Shop-Domain", "other.myshopify.com")]
    headers += [each for each in elsewhere.headers if each[0] != "X-Shopify-Shop-Domain"]
    assert begun.post(replace(elsewhere, headers=headers)) == 401
    assert begun.served.inbox() == {}
    needless = begun.shop.webhook("carts/update", {"id": 1})
    assert [begun.post(needless) for _ in range(2)] == [200, 200]
    begun.served.catch_up()
    assert begun.served.inbox() == {"ignored": 1}


def test_deliveries_under_the_former_secret_are_taken_while_it_is_changed(begun: Scene) -> None:
    late = begun.shop.webhook("orders/create", of=5_001, secret=FORMER_SECRET)
    assert begun.post(late) == 401
    begun.served.write({**STORE, "base_url": begun.shop.url, "former_webhook_secret_env": "FORMER"}, {})
    with listening(begun) as service:
        begun.url = service.url
        assert begun.post(late) == 200
        assert begun.tells("orders/create", 5_002) == 200


def test_while_the_shop_is_down_webhooks_wait(begun: Scene, clock: Clock) -> None:
    begun.buys(5_003, 4, 70_000)
    begun.shop.faults.add(Fault.HTTP_503)
    begun.served.catch_up()
    assert begun.served.inbox() == {"waiting": 1}
    assert begun.tags(4) == []
    begun.shop.faults.clear()
    clock.sleep(QUARTER)
    begun.served.catch_up()
    assert begun.tags(4) == ["vip-gold"]
    assert begun.served.inbox() == {"done": 1}


def test_a_busy_shop_gets_the_rest_later_and_nothing_twice(begun: Scene, clock: Clock) -> None:
    begun.buys(5_003, 4, 70_000)
    begun.shop.faults.add(Fault.TOO_MANY_REQUESTS, when=lambda call: call.mutation, seconds=30)
    begun.served.catch_up()
    assert any(state == "planned" for (state,) in begun.served.rows(tables.outbox, "state"))
    begun.shop.faults.clear()
    for _ in range(3):
        clock.sleep(60)
        begun.served.catch_up()
    assert {state for (state,) in begun.served.rows(tables.outbox, "state")} == {"confirmed"}
    (account,) = begun.shop.accounts_of(4)
    assert [each.amount for each in account.transactions] == [2_500]
    assert begun.tags(4) == ["vip-gold"]


def test_a_stop_does_not_wait_for_a_bulk_operation(tmp_path: Path) -> None:
    """Shopify is at work on it for ever, and isn't asked again and again while the service ends."""
    clock = Clock()
    with FakeShopify(clock=clock) as shop, prepared(tmp_path, shop, clock, entropy=bytes) as scene:
        shop.bulk.polls = 1_000_000
        with listening(scene, with_workers=True):
            until(lambda: shop.count("BulkStatus"))
        assert shop.count("BulkStatus") < 10
        assert not [thread.name for thread in threading.enumerate() if thread.name.endswith(SHOP)]
        # The job wasn't done, nor did it fail: it goes on at the next start, with the same operations.
        assert scene.served.rows(tables.jobs, "name") == []
        begun = list(shop.bulk.operations.values())
        for operation in begun:
            operation.polls = 1
        scene.served.outside = replace(scene.served.outside, sleep=clock.sleep)
        scene.served.catch_up()
        assert scene.served.job("reconcile")[0] == "done"
        assert list(shop.bulk.operations.values()) == begun


@pytest.mark.slow
def test_a_service_that_runs_needs_nobody(tmp_path: Path) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    with FakeShopify(clock=now) as shop, prepared(tmp_path, shop, now) as scene:
        with listening(scene, with_workers=True) as service:
            scene.url = service.url
            until(lambda: len(shop.subscriptions) == len(TOPICS) and scene.served.approve())
            until(lambda: scene.tags(1) == ["vip-gold"])
            scene.buys(5_003, 4, 70_000)
            until(lambda: scene.tags(4) == ["vip-gold"])
        order(shop, 5_004, 3, 30_000, now())
        with listening(scene, with_workers=True) as service:
            scene.url = service.url
            assert scene.tells("orders/updated", 5_004) == 200
            until(lambda: scene.tags(3) == ["vip-silver"])
            until(lambda: scene.served.inbox() == {"done": 2})
            wrote = scene.mutations()
            assert scene.tells("customers/update", 3) == 200
            until(lambda: scene.served.inbox() == {"done": 3})
        assert scene.mutations() == wrote


def until(holds: Callable[[], object]) -> None:
    """Wait for something that has to come; it is given up after a long time only."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it didn't come")
