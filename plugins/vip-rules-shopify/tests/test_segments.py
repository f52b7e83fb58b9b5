"""Segments: found again, renamed, and deleted only when nobody needs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from vip_rules.adapter import Confirmed, Found, Intent, Refused, RetryAfter, Unknown
from vip_rules.testing.examples import example

from tests.shop import Fault
from tests.shop.state import Discount, Segment
from tests.workbench import ShopifyWorkbench

GOLD = example("segment", "1")
GOLDEN = replace(example("segment", "1", second=True), known=GOLD.payload)
DISCOUNT = example("discount", "1")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path)
    yield bench
    bench.close()


def put(bench: ShopifyWorkbench, *intents: Intent) -> list[Any]:
    return list(bench.adapter().carry_out(intents))


def ours(bench: ShopifyWorkbench) -> list[Segment]:
    return [segment for segment in bench.shop.segments.values() if segment.id != 71]


def removed(intent: Intent) -> Intent:
    return replace(intent, action="remove", known=intent.payload)


def test_a_segment_is_of_those_with_the_tag_and_says_whose_it_is(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    (segment,) = ours(bench)
    assert segment.name == "VIP: Gold VIP (vip-gold)"
    assert segment.query == "customer_tags CONTAINS 'vip-gold'"


def test_a_renamed_tier_keeps_its_segment(bench: ShopifyWorkbench) -> None:
    (first,) = put(bench, GOLD)
    assert put(bench, replace(GOLDEN, reference=first.reference)) == [first]
    (segment,) = ours(bench)
    assert segment.name == "VIP: Golden VIP (vip-gold)"


def test_a_segment_that_people_renamed_is_known_by_its_reference(bench: ShopifyWorkbench) -> None:
    (first,) = put(bench, GOLD)
    ours(bench)[0].name = "Our best"
    (sight,) = bench.adapter().look([replace(GOLD, reference=first.reference)])
    assert isinstance(sight, Found)
    assert sight.payload["name"] == "Our best"
    assert put(bench, replace(GOLD, reference=first.reference)) == [first]
    assert len(ours(bench)) == 1


def test_a_query_that_people_changed_is_told_and_put_right(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    ours(bench)[0].query = "number_of_orders > 3"
    (sight,) = bench.adapter().look([GOLD])
    assert isinstance(sight, Found)
    assert sight.payload["tag"] == "number_of_orders > 3"
    put(bench, GOLD)
    assert ours(bench)[0].query == "customer_tags CONTAINS 'vip-gold'"


def test_a_segment_of_people_with_the_same_query_is_never_taken(bench: ShopifyWorkbench) -> None:
    before = replace(bench.shop.segments[71])
    put(bench, GOLD, DISCOUNT)
    put(bench, removed(DISCOUNT), removed(GOLD))
    assert ours(bench) == []
    assert bench.shop.segments[71] == before


def test_an_answer_that_was_lost_makes_no_second_segment(bench: ShopifyWorkbench) -> None:
    bench.shop.faults.add(Fault.LOST_ANSWER, when=lambda call: call.operation == "SegmentCreate", times=1)
    assert isinstance(put(bench, GOLD)[0], Unknown)
    assert isinstance(put(bench, GOLD)[0], Confirmed)
    assert len(ours(bench)) == 1


def test_a_discount_waits_until_it_is_known_whether_its_segment_was_made(bench: ShopifyWorkbench) -> None:
    bench.shop.faults.add(Fault.LOST_ANSWER, when=lambda call: call.operation == "SegmentCreate", times=1)
    segment, discount = put(bench, GOLD, DISCOUNT)
    assert isinstance(segment, Unknown)
    assert isinstance(discount, RetryAfter)
    put(bench, DISCOUNT)
    assert len(ours(bench)) == 1


def test_a_second_segment_of_ours_goes_unless_a_discount_needs_it(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    (kept,) = ours(bench)
    for number in (2_000_000, 2_000_001):
        name = f"VIP: members {number} (vip-gold)"
        bench.shop.segments[number] = replace(kept, id=number, name=name)
    now = bench.clock()
    bench.shop.discounts[83] = Discount(83, False, False, "Thanks", now, now, now, segments=[2_000_001])
    put(bench, GOLD)
    assert {segment.id for segment in ours(bench)} == {kept.id, 2_000_001}


def test_a_name_that_is_there_and_is_not_listed_yet_is_waited_for(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    name = "VIP: Gold VIP (vip-gold)"
    other = ours(bench)[0]
    other.name = name.upper()
    (outcome,) = put(bench, GOLD)
    assert isinstance(outcome, RetryAfter)


def test_discounts_have_the_segment_of_their_tier_whoever_comes_first(bench: ShopifyWorkbench) -> None:
    put(bench, DISCOUNT)
    (segment,) = ours(bench)
    assert segment.name == "VIP: members (vip-gold)"
    put(bench, GOLD)
    put(bench, DISCOUNT)
    assert [segment.name for segment in ours(bench)] == ["VIP: Gold VIP (vip-gold)"]


def test_in_one_batch_a_segment_goes_after_its_discounts(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD, DISCOUNT)
    bench.shop.calls.clear()
    outcomes = put(bench, removed(GOLD), removed(DISCOUNT))
    assert outcomes == [Confirmed(), Confirmed()]
    done = [call.operation for call in bench.shop.calls if call.mutation]
    assert done == ["AutomaticDeactivate", "SegmentDelete"]


def test_a_segment_that_our_discount_needs_waits_for_it(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD, DISCOUNT)
    (outcome,) = put(bench, removed(GOLD))
    assert isinstance(outcome, RetryAfter)
    assert "Gold VIP: 15 % discount" in outcome.reason
    assert len(ours(bench)) == 1


def test_a_segment_that_a_discount_of_people_needs_is_left_with_the_reason(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    (segment,) = ours(bench)
    now = bench.clock()
    bench.shop.discounts[83] = Discount(83, False, False, "Thanks", now, now, now, segments=[segment.id])
    (outcome,) = put(bench, removed(GOLD))
    assert isinstance(outcome, Refused)
    assert "Thanks" in outcome.reason
    assert "end it" in outcome.reason
    assert len(ours(bench)) == 1


def test_a_segment_that_a_discount_of_tomorrow_needs_is_left_with_the_reason(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    (segment,) = ours(bench)
    begins, now = bench.clock() + timedelta(days=1), bench.clock()
    bench.shop.discounts[500] = Discount(
        500, False, False, "Sale of tomorrow", begins, now, now, code="SOON", segments=[segment.id]
    )
    (outcome,) = put(bench, removed(GOLD))
    assert isinstance(outcome, Refused)
    assert "Sale of tomorrow" in outcome.reason
    assert ours(bench) == [segment]
