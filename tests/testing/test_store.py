"""The store in memory: its life goes on and is told, what people made stays theirs, and doubled money is seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from vip_rules.adapter import Confirmed, Found, Intent, Missing, Refused
from vip_rules.store import Page, StoreEvent
from vip_rules.testing import MemoryAdapter, MemoryStore, StoppedClock
from vip_rules.testing.examples import CUSTOMERS, ORDERS, example
from vip_rules.testing.store import NoSuchCustomer

ALL = frozenset({"birthday", "email", "language"})


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put_customer(*CUSTOMERS)
    store.put_order(*ORDERS)
    return store


def since(store: MemoryStore, cursor: str | None) -> Page:
    (page,) = MemoryAdapter(store).pages(cursor, full=False, wanted=ALL)
    return page


def test_only_what_changed_is_told(store: MemoryStore) -> None:
    before = since(store, None).cursor
    assert since(store, before) == Page(cursor=before)
    store.refund("1001", 500)
    store.tag("2", "press")
    visit = StoreEvent(customer_id="2", type="visit", at=date(2026, 5, 1))
    store.add_event(visit)
    page = since(store, before)
    assert page.orders == (replace(ORDERS[0], refunded=500, status="partially_refunded"),)
    assert page.customers == (replace(CUSTOMERS[1], tags=("press",)),)
    assert page.events == (visit,)
    assert page.cursor != before


def test_a_whole_refund_names_no_amount(store: MemoryStore) -> None:
    store.refund("1001")
    assert (store.order("1001").status, store.order("1001").refunded) == ("refunded", None)


def test_refunds_add_up(store: MemoryStore) -> None:
    store.refund("1002", 500)
    assert store.order("1002").refunded == 2_000


def test_what_is_gone_is_told_as_gone(store: MemoryStore) -> None:
    before = since(store, None).cursor
    store.delete_order("1001")
    store.delete_customer("2")
    page = since(store, before)
    assert (page.gone_orders, page.gone_customers) == (("1001",), ("2",))
    assert [(order.id, order.customer_id) for order in page.orders] == [("1002", None)]
    assert [customer.id for customer in since(store, None).customers] == ["1", "3"]
    assert since(store, None).gone_customers == ()


def test_a_merged_customer_lives_on_in_another(store: MemoryStore) -> None:
    store.carry_out(example("store_credit", "1"))
    before = since(store, None).cursor
    store.merge("1", into="3")
    page = since(store, before)
    assert page.merged == (("1", "3"),)
    assert page.gone_customers == ()
    assert store.order("1001").customer_id == "3"
    assert store.customer("3").tags == ("b2b", "press", "newsletter")
    assert [held.customer_id for held in store.held("store_credit")] == ["3"]
    with pytest.raises(KeyError):
        store.customer("1")


def test_a_redacted_person_is_nobody(store: MemoryStore) -> None:
    store.set_field("1", "note", "likes roses")
    store.redact("1")
    customer = since(store, None).customers[-1]
    assert (customer.id, customer.email, customer.birthday, customer.language) == ("1", None, None, None)
    assert (customer.tags, store.fields("1")) == ((), {})


def test_a_clock_says_when_things_changed() -> None:
    clock = StoppedClock(datetime(2026, 11, 20, 12, tzinfo=UTC))
    store = MemoryStore(clock=clock)
    store.put_customer(*CUSTOMERS)
    clock.advance(days=1, seconds=1)
    store.tag("1", "press")
    assert store.customer("1").updated_at == datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)
    assert store.customer("2").updated_at == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_a_credit_sent_twice_is_money_given_twice(store: MemoryStore) -> None:
    adapter, credit = MemoryAdapter(store), example("store_credit", "1")
    assert [outcome for _ in range(2) for outcome in adapter.carry_out([credit])] == [
        Confirmed(credit.key)
    ] * 2
    assert len(store.held("store_credit")) == len(store.done(credit.key)) == 2


def test_what_was_done_is_never_forgotten(store: MemoryStore) -> None:
    put = example("discount", "1")
    for intent in (put, put, replace(put, action="remove")):
        store.carry_out(intent)
    store.carry_out(example("message", "1"))
    store.carry_out(example("message", "1"))
    assert [(done.key, done.action) for done in store.done()] == [
        ("discount:gold", "put"),
        ("discount:gold", "put"),
        ("discount:gold", "remove"),
        ("demotion_warning:2026:1", "put"),
    ]
    assert store.held("discount") == []


def test_what_was_changed_by_hand_is_seen(store: MemoryStore) -> None:
    adapter = MemoryAdapter(store)
    customer, discount = example("customer", "1"), example("discount", "1")
    for intent in (customer, discount):
        store.carry_out(intent)
    store.tag("1", "vip-silver")
    store.set_field("1", "vip-rules.tier", None)
    store.hold("discount", "discount:gold", {"percent": "50"})
    found = [sight.payload for sight in adapter.look([customer, discount]) if isinstance(sight, Found)]
    assert found[0]["tags"] == ["vip-gold", "vip-silver"]
    assert "tier" not in found[0]["fields"]
    assert found[1] == {"percent": "50"}
    store.drop("discount", "discount:gold")
    store.untag("1", "vip-gold", "vip-silver")
    for name in store.fields("1"):
        store.set_field("1", name, None)
    assert adapter.look([customer, discount]) == [Missing(), Missing()]


def test_tags_of_other_names_are_ours_if_we_put_them(store: MemoryStore) -> None:
    first: dict[str, Any] = {"tags": ["Gold member"], "fields": {}}
    second: dict[str, Any] = {"tags": ["Silver member"], "fields": {}}
    put = Intent(key="customer:1", kind="customer", payload=first, customer_id="1")
    store.carry_out(put)
    store.carry_out(replace(put, payload=second, known=first))
    assert store.customer("1").tags == ("newsletter", "Silver member")


def test_the_tags_that_are_there_already_change_nothing(store: MemoryStore) -> None:
    store.carry_out(example("customer", "1"))
    before = since(store, None).cursor
    store.carry_out(example("customer", "1"))
    assert since(store, before).customers == ()


@pytest.mark.parametrize("kind", ["customer", "store_credit", "message", "entitlements"])
def test_nothing_is_given_to_somebody_who_is_gone(store: MemoryStore, kind: str) -> None:
    store.delete_customer("1")
    (outcome,) = MemoryAdapter(store).carry_out([example(kind, "1")])
    assert outcome == Refused("the store has no customer 1")
    assert store.done() == []


def test_payloads_are_plain_json(store: MemoryStore) -> None:
    with pytest.raises(TypeError):
        store.carry_out(replace(example("discount", "1"), payload={"since": date(2026, 1, 1)}))


def test_what_the_store_holds_is_a_copy(store: MemoryStore) -> None:
    tags = ["vip-gold"]
    fields = {"benefits": ["a"]}
    intent = replace(example("customer", "1"), payload={"tags": tags, "fields": fields})
    store.carry_out(intent)
    fields["benefits"].append("b")
    found = store.find(intent)
    assert found == {"tags": ["vip-gold"], "fields": {"benefits": ["a"]}}


def test_a_store_goes_back_to_a_snapshot(store: MemoryStore) -> None:
    before = store.snapshot()
    assert store.snapshot() == before
    for _ in range(2):
        store.carry_out(example("customer", "1"))
        store.set_field("1", "note", "likes roses")
        store.carry_out(example("store_credit", "1"), idempotent=False)
        store.delete_order("1001")
        assert store.snapshot() != before
        store.restore(before)
        assert store.snapshot() == before
    assert not store.done()


def test_an_error_of_the_store_is_plain(store: MemoryStore) -> None:
    with pytest.raises(NoSuchCustomer, match="no customer 9"):
        store.carry_out(example("customer", "9"))


def test_more_than_a_batch_is_a_mistake_of_the_caller(store: MemoryStore) -> None:
    adapter = MemoryAdapter(store, batch=2)
    intents: Sequence[Intent] = [example("customer", each.id) for each in CUSTOMERS]
    assert len(adapter.carry_out(intents[:2])) == 2
    with pytest.raises(ValueError, match="at most 2"):
        adapter.carry_out(intents)
