"""A shop that is subscribed to, tells of changes, gives up, and is put right again: over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Literal

import pytest
from vip_rules.webhooks import Delivery, Forged, Genuine, News, Ping, Verdict

from tests.asking import NOW, Asking
from tests.loopback import Loopback, answer, serving
from tests.woocommerce.access import Key
from tests.woocommerce.faults import Fault
from tests.woocommerce.server import KEY, FakeWooCommerce
from vip_rules_woocommerce.checkup import checkup
from vip_rules_woocommerce.rest.client import Done, InDoubt, NotDone, Rest
from vip_rules_woocommerce.webhooks.signature import WooCommerceWebhooks
from vip_rules_woocommerce.webhooks.subscriptions import Subscriptions
from vip_rules_woocommerce.webhooks.topics import TOPICS

SECRET = "a&amp;b of the hooks"


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce(clock=lambda: NOW, wall=NOW.timestamp) as shop:
        yield shop


@pytest.fixture
def rest(shop: FakeWooCommerce) -> Iterator[Rest]:
    rest = Asking().rest(shop.url, key=KEY.consumer_key, secret=KEY.consumer_secret)
    yield rest
    rest.close()


class Receiver:
    """Where deliveries arrive: they are checked and read, or answered with an error while it is `broken`."""

    def __init__(self) -> None:
        self.broken = False
        self.secrets = [SECRET]

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        answer(500 if self.broken else 200)(handler)

    def told(self, shop: FakeWooCommerce, heard: Loopback) -> list[News | Verdict]:
        """What arrived since the last time: the news of what is genuine, otherwise the verdict."""
        reader = WooCommerceWebhooks(shop.url, self.secrets)
        told: list[News | Verdict] = []
        for (_, headers), body in zip(heard.asked, heard.bodies, strict=True):
            verdict = reader.verify(Delivery(headers=list(headers.items()), body=body))
            told.append(reader.read(verdict.topic, body) if isinstance(verdict, Genuine) else verdict)
        heard.asked.clear()
        heard.bodies.clear()
        return told


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def heard(receiver: Receiver) -> Iterator[Loopback]:
    with serving(receiver) as heard:
        yield heard


@pytest.fixture
def subscriptions(rest: Rest, heard: Loopback) -> Subscriptions:
    return Subscriptions(rest, url=f"{heard.url}/webhooks/atelier", secret=SECRET)


def customer(rest: Rest, email: str) -> str:
    answer = rest.post("customers", {"email": email})
    assert isinstance(answer, Done)
    return str(answer.data["id"])


def test_a_shop_that_is_subscribed_to_tells_of_changes(
    shop: FakeWooCommerce, rest: Rest, receiver: Receiver, heard: Loopback, subscriptions: Subscriptions
) -> None:
    list(subscriptions.repair())
    assert receiver.told(shop, heard) == [Ping()] * len(TOPICS)
    ids = [customer(rest, "a@example.test"), customer(rest, "b@example.test")]
    rest.delete(f"customers/{ids[1]}", force=True)
    shop.run_queue()
    told = receiver.told(shop, heard)
    assert News(customers=(ids[0],)) in told
    assert News(gone_customers=(ids[1],)) in told
    assert not any(isinstance(one, Forged) for one in told)


def test_a_receiver_that_was_down_is_found_and_put_right(
    shop: FakeWooCommerce, rest: Rest, receiver: Receiver, heard: Loopback, subscriptions: Subscriptions
) -> None:
    list(subscriptions.repair())
    receiver.broken = True
    for number in range(7):
        customer(rest, f"{number}@example.test")
        shop.run_queue()
    assert any("switched off" in finding.says for finding in subscriptions.findings())
    receiver.broken = False
    said = list(subscriptions.repair())
    assert any("customer.created was" in one or "customer.created after" in one for one in said)
    receiver.told(shop, heard)
    late = customer(rest, "late@example.test")
    shop.run_queue()
    assert News(customers=(late,)) in receiver.told(shop, heard)


def test_a_secret_is_changed_without_losing_a_delivery(
    shop: FakeWooCommerce, rest: Rest, receiver: Receiver, heard: Loopback, subscriptions: Subscriptions
) -> None:
    list(subscriptions.repair())
    receiver.secrets = ["another", SECRET]
    before = customer(rest, "before@example.test")
    shop.run_queue()
    list(Subscriptions(rest, url=f"{heard.url}/webhooks/atelier", secret="another").repair())
    after = customer(rest, "after@example.test")
    shop.run_queue()
    told = receiver.told(shop, heard)
    assert News(customers=(before,)) in told
    assert News(customers=(after,)) in told
    receiver.secrets = [SECRET]
    customer(rest, "later@example.test")
    shop.run_queue()
    assert {type(one) for one in receiver.told(shop, heard)} == {Forged}


def test_a_shop_is_checked_up_over_the_wire(
    shop: FakeWooCommerce, rest: Rest, subscriptions: Subscriptions
) -> None:
    list(subscriptions.repair())
    before = shop.state.posts.last
    found = list(
        checkup(
            rest, currency="USD", timezone=shop.state.zone, clock=lambda: NOW, subscriptions=subscriptions
        )
    )
    assert {finding.subject: finding.state for finding in found if finding.state != "good"} == {
        "https": "warning",
        "background jobs": "warning",
        "webhooks": "warning",  # for the address is of this machine
    }
    assert shop.state.posts.last == before
    assert shop.crashes == []


@pytest.mark.parametrize(
    ("permissions", "subject", "words"),
    [("read", "writing", "Read/Write"), ("write", "access", "Read/Write")],
)
def test_a_key_of_the_wrong_kind_is_found_over_the_wire(
    shop: FakeWooCommerce, permissions: Literal["read", "write"], subject: str, words: str
) -> None:
    shop.add_key(Key(consumer_key="ck_other", consumer_secret="cs_other", permissions=permissions))
    rest = Asking().rest(shop.url, key="ck_other", secret="cs_other")
    found = list(
        checkup(rest, currency="USD", timezone=shop.state.zone, clock=lambda: NOW, subscriptions=None)
    )
    rest.close()
    (bad,) = [finding for finding in found if finding.state == "bad"]
    assert bad.subject == subject
    assert words in bad.says


def test_every_fault_leaves_a_post_in_doubt_or_surely_undone(shop: FakeWooCommerce, rest: Rest) -> None:
    for fault in (Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.HALF_ANSWER, Fault.ANSWER_AFTER, Fault.HTML):
        shop.faults.add(fault, when=lambda call: call.method == "POST")
        answer = rest.post("customers", {"email": f"{fault.name.lower()}@example.test"})
        made = f"{fault.name.lower()}@example.test" in str(rest.get("customers", role="all"))
        assert isinstance(answer, InDoubt) or (isinstance(answer, NotDone) and not made), fault


def test_every_fault_lets_a_put_arrive_in_the_end(shop: FakeWooCommerce, rest: Rest) -> None:
    one = customer(rest, "a@example.test")
    faults = (Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.HALF_ANSWER, Fault.ANSWER, Fault.ANSWER_AFTER)
    for fault in faults:
        shop.faults.add(fault, when=lambda call: call.method == "PUT")
        assert isinstance(rest.put(f"customers/{one}", {"first_name": fault.name}), Done), fault
        assert rest.get(f"customers/{one}")["first_name"] == fault.name
