"""Many requests side by side while the shop is busy: nothing is lost, doubled or mixed up."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from vip_rules.adapter import Confirmed, Intent, Outcome, Refused, RetryAfter, Unknown
from vip_rules.store import StoreCustomer
from vip_rules.testing.examples import example

from tests.shop import Call, Fault
from tests.shop.bucket import Bucket
from tests.workbench import ShopifyWorkbench

MANY = 50


class Watched(Bucket):
    """Notes what was asked for beyond what there was."""

    refused = 0

    def take(self, points: int) -> bool:
        paid = super().take(points)
        self.refused += not paid
        return paid


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path, connections=4)
    bench.shop.bucket.resize(100_000, 1_000)
    for number in range(1, MANY + 1):
        bench.shop.put_customer(StoreCustomer(id=str(number), created_at=bench.clock()))
    yield bench
    bench.close()


def customer_of(call: Call) -> str:
    return str(call.variables["id"]).rpartition("/")[2]


def batch(*kinds: str) -> list[Intent]:
    """Intents of so many customers, in disorder."""
    intents = [example(kind, str(number)) for number in range(1, MANY + 1) for kind in kinds]
    Random(7).shuffle(intents)
    return intents


def test_each_outcome_is_that_of_its_own_intent(bench: ShopifyWorkbench) -> None:
    chance = Random(3)
    unlucky = {str(number) for number in range(1, MANY + 1) if chance.random() < 0.4}
    bench.shop.faults.add(
        Fault.TOO_MANY_REQUESTS, when=lambda call: call.mutation and customer_of(call) in unlucky
    )
    intents = batch("customer")
    adapter = bench.adapter()
    for intent, outcome in zip(intents, adapter.carry_out(intents), strict=True):
        if intent.customer_id in unlucky:
            assert isinstance(outcome, RetryAfter)
        else:
            assert outcome == Confirmed(f"gid://shopify/Customer/{intent.customer_id}")
    adapter.close()


def test_effects_of_one_customer_are_told_apart(bench: ShopifyWorkbench) -> None:
    bench.shop.faults.add(Fault.USER_ERROR, when=lambda call: call.operation == "MetafieldsSet")
    bench.shop.faults.add(
        Fault.LOST_ANSWER, when=lambda call: call.operation == "StoreCredit" and customer_of(call) == "13"
    )
    intents = batch("customer", "entitlements", "store_credit")
    adapter = bench.adapter()
    expected: dict[tuple[str, bool], type[Outcome]] = {
        ("customer", False): Confirmed,
        ("customer", True): Confirmed,
        ("entitlements", False): Refused,
        ("entitlements", True): Refused,
        ("store_credit", False): Confirmed,
        ("store_credit", True): Unknown,
    }
    for intent, outcome in zip(intents, adapter.carry_out(intents), strict=True):
        assert isinstance(outcome, expected[intent.kind, intent.customer_id == "13"]), intent.key
        reference = getattr(outcome, "reference", None)
        if intent.kind == "customer":
            assert reference == f"gid://shopify/Customer/{intent.customer_id}"
    accounts = bench.shop.accounts.values()
    assert sorted((each.customer, each.balance) for each in accounts) == [
        (number, 2_500) for number in range(1, MANY + 1)
    ]
    adapter.close()


def test_in_a_storm_each_effect_is_done_once(bench: ShopifyWorkbench) -> None:
    chance = Random(11)
    for fault in (Fault.THROTTLED, Fault.TOO_MANY_REQUESTS):
        bench.shop.faults.add(fault, when=lambda call: call.mutation and chance.random() < 0.3)
    adapter, left = bench.adapter(), batch("customer", "store_credit")
    confirmed: Counter[str] = Counter()
    for _ in range(60):
        outcomes = adapter.carry_out(left)
        done = {
            intent.key for intent, each in zip(left, outcomes, strict=True) if isinstance(each, Confirmed)
        }
        assert all(isinstance(each, Confirmed | RetryAfter) for each in outcomes)
        confirmed.update(done)
        left = [intent for intent in left if intent.key not in done]
        if not left:
            break
    assert left == []
    assert set(confirmed.values()) == {1}
    assert len(confirmed) == 2 * MANY
    assert {account.balance for account in bench.shop.accounts.values()} == {2_500}
    assert len(bench.shop.accounts) == MANY
    adapter.close()


def test_a_waiting_client_is_seldom_told_that_points_are_spent(bench: ShopifyWorkbench) -> None:
    bench.shop.bucket = watched = Watched(bench.clock)
    watched.resize(200, 50)
    adapter, left = bench.adapter(), batch("customer")
    while left:
        outcomes = adapter.carry_out(left)
        left = [
            intent for intent, each in zip(left, outcomes, strict=True) if not isinstance(each, Confirmed)
        ]
    # Before the first answer nobody knows what it costs; and the shop tells of whole points.
    assert watched.refused <= 8
    adapter.close()


def test_a_closed_adapter_leaves_no_threads(bench: ShopifyWorkbench) -> None:
    def ours() -> list[str]:
        return [each.name for each in threading.enumerate() if each.name.startswith("vip-rules")]

    adapter = bench.adapter()
    adapter.carry_out(batch("customer"))
    assert ours()
    adapter.close()
    assert ours() == []


def test_a_defect_in_one_thread_is_not_taken_for_an_outcome(
    bench: ShopifyWorkbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were it swallowed the core would be told fewer outcomes than it asked for."""
    adapter: Any = bench.adapter()
    real = adapter._work._customers.carry_out

    def broken(intent: Intent, person: Any) -> Outcome:
        if intent.customer_id == "7":
            raise ZeroDivisionError
        outcome: Outcome = real(intent, person)
        return outcome

    monkeypatch.setattr(adapter._work._customers, "carry_out", broken)
    with pytest.raises(ZeroDivisionError):
        adapter.carry_out(batch("customer"))
    adapter.close()
