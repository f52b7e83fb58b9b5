"""What answers of the shop come to as outcomes, and notes on orders that are added once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from vip_rules.adapter import Intent, PlatformFailed, Refused, RetryAfter, Unknown, Unreadable
from vip_rules.testing.examples import CUSTOMERS, ORDERS

from tests.asking import Asking
from tests.shopping import Shopping, credit, discount, removed, shipping, shopping
from tests.woocommerce.access import Key
from tests.woocommerce.calls import Answer as Answered
from tests.woocommerce.faults import Fault
from tests.woocommerce.server import KEY, FakeWooCommerce
from vip_rules_woocommerce.effects.notes import note
from vip_rules_woocommerce.effects.outcomes import LATER, Stopped, done
from vip_rules_woocommerce.rest.answers import Answer, Busy, Done, InDoubt, NotDone
from vip_rules_woocommerce.rest.client import Rest


@pytest.fixture
def work() -> Iterator[Shopping]:
    with shopping() as work:
        yield work


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (NotDone("no", "woocommerce_rest_invalid_coupon", 400), Refused("no")),
        (NotDone("gone", "wc_user_invalid_id", 404), Refused("gone")),
        (NotDone("no", "woocommerce_rest_cannot_edit", 401), RetryAfter(LATER, "no")),
        (NotDone("a firewall", "", 403), RetryAfter(LATER, "a firewall")),
        (NotDone("elsewhere", "redirect", 301), RetryAfter(LATER, "elsewhere")),
        (NotDone("expired", "certificate", 0), RetryAfter(LATER, "expired")),
        (NotDone("no route", "rest_no_route", 404), RetryAfter(LATER, "no route")),
        (Busy(7, "busy"), RetryAfter(7, "busy")),
        (InDoubt("lost"), Unknown("lost")),
    ],
)
def test_an_answer_comes_to_an_outcome(answer: Answer, outcome: object) -> None:
    with pytest.raises(Stopped) as stopped:
        done(answer)
    assert stopped.value.outcome == outcome


def test_what_was_done_gives_its_record() -> None:
    assert done(Done({"id": 1})) == {"id": 1}
    assert done(Done(None)) == {}


def test_a_key_that_lost_its_right_to_write_loses_no_effect(work: Shopping) -> None:
    work.shop.add_key(
        Key(consumer_key=KEY.consumer_key, consumer_secret=KEY.consumer_secret, permissions="read")
    )
    assert isinstance(work.do(discount()), RetryAfter)
    work.shop.add_key(KEY)
    work.done(discount())


def test_a_shop_that_cannot_be_read_meanwhile_is_asked_later(work: Shopping) -> None:
    reads = work.shop.faults.add(Fault.ANSWER, when=lambda call: not call.writes, times=None)
    for intent in (discount(), credit()):
        assert isinstance(work.do(intent), RetryAfter)
        assert isinstance(work.see(intent), Unreadable)
    assert reads.befell
    work.shop.faults.clear()
    for intent in (discount(), credit()):
        work.done(intent)
        assert len(work.coupons(intent.key)) == 1


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        "x",
        5,
        [[]],
        [{}],
        {"id": "x"},
        {"id": 5},
        {"id": 5, "meta_data": 5, "email_restrictions": 5},
        {"id": 5, "meta_data": [5, {"key": "vip_rules_tier"}, {}], "email_restrictions": None},
        [{"id": 5, "meta_data": [{"key": "vip_rules_key", "value": "discount:gold:1"}]}],
        [{"id": "x", "meta_data": [{"key": "vip_rules_key", "value": "discount:gold:1"}]}],
        [{"id": 5, "meta_data": [{"key": "vip_rules_key", "value": "birthday:2026:1"}], "amount": "x"}],
        {"id": 5, "meta_data": [{"key": "vip_rules_key", "value": "discount:gold:1"}], "amount": []},
    ],
)
def test_an_answer_of_another_shape_raises_nothing(
    work: Shopping, body: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work.shop, "answer", lambda heard: Answered(body))
    payload = {"tags": ["vip-gold"], "fields": {"tier": "gold"}}
    customer = Intent(key="customer:1", kind="customer", payload=payload, customer_id="1")
    listed = Intent(key="entitlements:1", kind="entitlements", payload={"entitlements": []}, customer_id="1")
    for intent in (customer, listed, discount(), shipping(), credit()):
        for told in (intent, replace(intent, known=intent.payload, reference="5"), removed(intent)):
            work.do(told)
            work.see(told)


# Notes


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        shop.put_customer(CUSTOMERS[0])
        shop.put_order(ORDERS[0])
        yield shop
        assert shop.crashes == []


@pytest.fixture
def rest(shop: FakeWooCommerce) -> Iterator[Rest]:
    rest = Asking().rest(shop.url, clock=shop.clock, key=KEY.consumer_key, secret=KEY.consumer_secret)
    yield rest
    rest.close()


def texts(shop: FakeWooCommerce) -> list[str]:
    return [each["note"] for each in shop.order_desk.notes.get(1001, [])]


def test_a_note_is_added_once(shop: FakeWooCommerce, rest: Rest) -> None:
    ids = {note(rest, 1001, "Ship <express> & today", key="route:1001") for _ in range(3)}
    assert len(ids) == 1
    assert texts(shop) == ["Ship &lt;express&gt; &amp; today [route:1001]"]
    assert not any(each["customer_note"] for each in shop.order_desk.notes[1001])


def test_notes_of_other_keys_are_others(shop: FakeWooCommerce, rest: Rest) -> None:
    for key in ("route:1001", "route:10", "pack:1001"):
        note(rest, 1001, "Do it", key=key)
    assert len(texts(shop)) == 3


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.HALF_ANSWER, Fault.LOST_REQUEST])
def test_a_note_in_doubt_is_found_the_next_time(shop: FakeWooCommerce, rest: Rest, fault: Fault) -> None:
    shop.faults.add(fault, when=lambda call: call.writes)
    with pytest.raises(Stopped) as stopped:
        note(rest, 1001, "Ship it", key="route:1001")
    assert isinstance(stopped.value.outcome, Unknown)
    note(rest, 1001, "Ship it", key="route:1001")
    assert texts(shop) == ["Ship it [route:1001]"]


def test_doubled_notes_are_one_afterwards(shop: FakeWooCommerce, rest: Rest) -> None:
    first = note(rest, 1001, "Ship it", key="route:1001")
    told = shop.order_desk.notes[1001]
    told.append({**told[0], "id": first + 5})
    assert note(rest, 1001, "Ship it", key="route:1001") == first
    assert [each["id"] for each in shop.order_desk.notes[1001]] == [first]


def test_an_order_that_is_gone_has_no_note(rest: Rest) -> None:
    with pytest.raises(PlatformFailed):
        note(rest, 4242, "Ship it", key="route:4242")
