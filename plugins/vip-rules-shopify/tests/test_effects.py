"""What answers come to for effects, and in which order those of a batch are done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from vip_rules.adapter import Confirmed, Outcome, PlatformFailed, Refused, RetryAfter, Unknown
from vip_rules.testing.examples import example

from tests.workbench import ShopifyWorkbench
from vip_rules_shopify.admin.answers import Answer, Busy, Done, InDoubt, NotDone
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.effects.outcomes import Stopped, done, made, unread


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    yield bench
    bench.close()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            NotDone("title: is too long (TOO_LONG)", frozenset({"TOO_LONG"})),
            Refused("title: is too long (TOO_LONG)"),
        ),
        (NotDone("no", frozenset({"OWNER_NOT_FOUND"})), Refused("the shop has no such customer")),
        (NotDone("the shop is closed", frozenset({"SHOP_INACTIVE"})), RetryAfter(30, "the shop is closed")),
        (Busy(7, "throttled"), RetryAfter(7, "throttled")),
        (InDoubt("no answer"), Unknown("no answer: whether it was done isn't known")),
    ],
)
def test_what_was_not_done_stops_an_effect(answer: Answer, outcome: Outcome) -> None:
    with pytest.raises(Stopped) as stopped:
        done(answer)
    assert stopped.value.outcome == outcome


def test_what_was_done_goes_on() -> None:
    assert done(Done({"tagsAdd": {"node": {}}})) == {"tagsAdd": {"node": {}}}


def test_an_answer_that_names_nothing_that_was_made_is_in_doubt() -> None:
    assert made({"segmentCreate": {"segment": {"id": "1"}, "userErrors": []}}, "segment") == {"id": "1"}
    with pytest.raises(Stopped) as stopped:
        made({"segmentCreate": {"segment": None, "userErrors": []}}, "segment")
    assert isinstance(stopped.value.outcome, Unknown)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (AdminFailed("not allowed", frozenset({"ACCESS_DENIED"})), Refused),
        (AdminFailed("a bad token", frozenset({"HTTP_401"})), RetryAfter),
        (AdminFailed("the shop is closed", frozenset({"SHOP_INACTIVE"})), RetryAfter),
        (AdminFailed("no answer"), RetryAfter),
        (PlatformFailed("no token"), RetryAfter),
    ],
)
def test_a_shop_that_cannot_be_read_is_no_lost_effect(error: PlatformFailed, outcome: type[Outcome]) -> None:
    assert isinstance(unread(error), outcome)


def test_a_batch_is_done_in_an_order_that_works_and_told_in_its_own(bench: ShopifyWorkbench) -> None:
    intents = [
        example("customer", "1"),
        example("discount", "1"),
        example("segment", "1"),
        example("store_credit", "1"),
        example("entitlements", "1"),
    ]
    outcomes = bench.adapter().carry_out(intents)
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    done = [call.operation for call in bench.shop.calls if call.mutation]
    assert done == ["SegmentCreate", "AutomaticBasicCreate", "CustomerPut", "StoreCredit", "MetafieldsSet"]
    kinds = [str(getattr(outcome, "reference", "")).split("/")[-2] for outcome in outcomes]
    assert kinds == [
        "Customer",
        "DiscountAutomaticNode",
        "Segment",
        "StoreCreditAccountCreditTransaction",
        "Customer",
    ]


def test_effects_of_unknown_kinds_disturb_no_others(bench: ShopifyWorkbench) -> None:
    strange = replace(example("customer", "1"), kind="teleport")
    first, second = bench.adapter().carry_out([strange, example("customer", "2")])
    assert isinstance(first, Refused)
    assert isinstance(second, Confirmed)
