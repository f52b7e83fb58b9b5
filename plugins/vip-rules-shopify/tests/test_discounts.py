"""Discounts and free shipping: one for each tier, whatever goes wrong, and exactly what the program says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vip_rules.adapter import Confirmed, Found, Intent, Missing, PlatformFailed, Refused, RetryAfter, Unknown
from vip_rules.effects.grants import IN_STORE
from vip_rules.testing.examples import example

from tests.shop import Fault
from tests.shop.state import Discount
from tests.workbench import ShopifyWorkbench
from vip_rules_shopify.effects.terms import Percentage

GOLD = example("discount", "1")
LESS = replace(example("discount", "1", second=True), known=GOLD.payload)
SHIPPING = example("free_shipping", "1")
LANDING = replace(GOLD, payload={**GOLD.payload, "tags": ["vip-gold", "vip-gold-discount"]})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path)
    yield bench
    bench.close()


def put(bench: ShopifyWorkbench, *intents: Intent) -> list[Any]:
    return list(bench.adapter().carry_out(intents))


def removed(intent: Intent) -> Intent:
    return replace(intent, action="remove", known=intent.payload)


def ours(bench: ShopifyWorkbench) -> list[Discount]:
    return [discount for discount in bench.shop.discounts.values() if discount.id > 1_000]


def segments_of(bench: ShopifyWorkbench, discount: Discount) -> list[str]:
    return [bench.shop.segments[id_].query for id_ in discount.segments or ()]


def test_a_discount_is_for_the_segments_of_its_tags_and_combines_as_it_says(bench: ShopifyWorkbench) -> None:
    put(bench, LANDING)
    (discount,) = ours(bench)
    assert segments_of(bench, discount) == [
        "customer_tags CONTAINS 'vip-gold'",
        "customer_tags CONTAINS 'vip-gold-discount'",
    ]
    assert (discount.automatic, discount.title, discount.ends_at) == (True, "Gold VIP: 15 % discount", None)
    assert discount.combines_with == {
        "orderDiscounts": False,
        "productDiscounts": False,
        "shippingDiscounts": True,
    }
    assert len(discount.tags) <= 5


@pytest.mark.parametrize("kind", IN_STORE)
def test_a_change_is_made_in_place(bench: ShopifyWorkbench, kind: str) -> None:
    first = put(bench, example(kind, "1"))
    changed = put(bench, replace(example(kind, "1", second=True), reference=first[0].reference))
    assert first == changed
    assert len(ours(bench)) == 1


def test_the_segments_of_a_soft_landing_come_and_go(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    put(bench, replace(LANDING, known=GOLD.payload))
    names = [segment.name for segment in bench.shop.segments.values() if segment.id != 71]
    assert names == ["VIP: members (vip-gold)", "VIP: former members (vip-gold-discount)"]
    assert len(segments_of(bench, ours(bench)[0])) == 2
    put(bench, replace(GOLD, known=LANDING.payload))
    assert segments_of(bench, ours(bench)[0]) == ["customer_tags CONTAINS 'vip-gold'"]
    names = [segment.name for segment in bench.shop.segments.values() if segment.id != 71]
    assert names == ["VIP: members (vip-gold)"]


def test_what_is_retired_keeps_its_history_and_comes_back_as_the_same(bench: ShopifyWorkbench) -> None:
    first = put(bench, LANDING)
    bench.clock.sleep(60)
    assert put(bench, removed(LANDING)) == [Confirmed()]
    assert bench.adapter().look([LANDING]) == [Missing()]
    (discount,) = ours(bench)
    assert discount.status(bench.clock()) == "EXPIRED"
    assert [segment.query for segment in bench.shop.segments.values() if segment.id != 71] == [
        "customer_tags CONTAINS 'vip-gold'"
    ]
    assert put(bench, LANDING) == first
    (sight,) = bench.adapter().look([LANDING])
    assert isinstance(sight, Found)
    assert sight.payload == LANDING.payload


@pytest.mark.parametrize("kind", IN_STORE)
def test_a_making_whose_answer_was_lost_is_found_though_no_search_knows_it(
    bench: ShopifyWorkbench, kind: str
) -> None:
    bench.shop.index_lag = timedelta(seconds=30)
    intent = example(kind, "1")
    bench.shop.faults.add(
        Fault.LOST_ANSWER,
        when=lambda call: "Create" in (call.operation or "") and "members" not in str(call),
        times=1,
    )
    assert isinstance(put(bench, intent)[0], Unknown)
    (sight,) = bench.adapter().look([intent])
    assert isinstance(sight, Found)
    assert isinstance(put(bench, intent)[0], Confirmed)
    assert len(ours(bench)) == 1


def test_after_a_lost_answer_the_lists_get_time_to_catch_up(bench: ShopifyWorkbench) -> None:
    adapter = bench.adapter()
    bench.shop.faults.add(
        Fault.LOST_ANSWER, when=lambda call: call.operation == "AutomaticBasicCreate", times=1
    )
    assert isinstance(adapter.carry_out([GOLD])[0], Unknown)
    slept = bench.clock.slept
    adapter.look([GOLD])
    assert bench.clock.slept - slept >= 9
    adapter.look([GOLD])
    assert bench.clock.slept - slept <= 11


def test_of_two_that_a_lost_answer_made_the_older_stays(bench: ShopifyWorkbench) -> None:
    first = put(bench, GOLD)
    (discount,) = ours(bench)
    twin = replace(
        discount, id=discount.id + 50, tags=list(discount.tags), segments=list(discount.segments or ())
    )
    bench.shop.discounts[twin.id] = twin
    reference = f"gid://shopify/DiscountAutomaticNode/{twin.id}"
    assert put(bench, replace(GOLD, reference=reference)) == first
    assert ours(bench) == [discount]
    assert discount.status(bench.clock()) == "ACTIVE"


def test_two_that_a_lost_answer_made_are_told_and_mended_by_a_repair(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    (discount,) = ours(bench)
    twin = replace(
        discount, id=discount.id + 50, tags=list(discount.tags), segments=list(discount.segments or ())
    )
    bench.shop.discounts[twin.id] = twin
    adapter = bench.adapter()
    (sight,) = adapter.look([GOLD])
    assert isinstance(sight, Found)
    assert sight.payload == {**GOLD.payload, "copies": 2}
    list(adapter.repair())
    assert ours(bench) == [discount]
    (sight,) = adapter.look([GOLD])
    assert isinstance(sight, Found)
    assert sight.payload == GOLD.payload


def test_a_copy_that_people_made_in_the_admin_is_their_own(bench: ShopifyWorkbench) -> None:
    (first,) = put(bench, GOLD)
    (discount,) = ours(bench)
    copy = replace(discount, id=discount.id + 50, title=f"Copy of {discount.title}", percentage=0.3)
    bench.shop.discounts[copy.id] = copy
    before = replace(copy)
    bench.clock.sleep(60)
    known = replace(LESS, reference=first.reference)
    for intent in (GOLD, known, replace(removed(LESS), reference=first.reference)):
        assert isinstance(put(bench, intent)[0], Confirmed)
        assert copy == before
    assert discount.status(bench.clock()) == "EXPIRED"


def test_where_there_is_no_room_people_are_told_what_to_do(bench: ShopifyWorkbench) -> None:
    now = bench.clock()
    for number in range(100, 124):
        bench.shop.discounts[number] = Discount(number, True, False, f"Sale {number}", now, now, now)
    (outcome,) = put(bench, GOLD)
    assert isinstance(outcome, Refused)
    assert "25 active automatic discounts" in outcome.reason
    assert 'discounts = "code"' in outcome.reason


def test_what_is_retired_makes_room_for_what_comes_in_the_same_batch(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    now = bench.clock()
    for number in range(100, 123):
        bench.shop.discounts[number] = Discount(number, True, False, f"Sale {number}", now, now, now)
    bench.clock.sleep(60)
    renamed = replace(
        GOLD,
        key="discount:aurum",
        payload={**GOLD.payload, "tier": "aurum", "tags": ["vip-aurum"], "title": "Aurum"},
    )
    assert [type(outcome) for outcome in put(bench, renamed, removed(GOLD))] == [Confirmed, Confirmed]


def test_what_people_changed_is_told(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD, SHIPPING)
    percentage, shipping = ours(bench)
    percentage.percentage, percentage.title, percentage.segments = 0.2, "Sale", None
    shipping.input["maximumShippingPrice"] = "5"
    shipping.ends_at = bench.clock() + timedelta(days=3)
    off, free = bench.adapter().look([GOLD, SHIPPING])
    assert isinstance(off, Found)
    assert isinstance(free, Found)
    assert off.payload == {**GOLD.payload, "percent": "20", "title": "Sale", "tags": []}
    assert free.payload == {**SHIPPING.payload, "up_to": "5.0", "ends": "2026-11-23T09:00:00Z"}


def test_what_people_changed_is_put_right(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    (discount,) = ours(bench)
    discount.segments, discount.customers, discount.tags = None, None, []
    reference = f"gid://shopify/DiscountAutomaticNode/{discount.id}"
    known = replace(GOLD, reference=reference)
    assert put(bench, known) == [Confirmed(reference)]
    (sight,) = bench.adapter().look([GOLD])
    assert isinstance(sight, Found)
    assert sight.payload == GOLD.payload


def test_tags_that_people_gave_a_discount_stay(bench: ShopifyWorkbench) -> None:
    put(bench, SHIPPING)
    (discount,) = ours(bench)
    discount.tags.append("spring")
    put(bench, replace(example("free_shipping", "1", second=True), known=SHIPPING.payload))
    assert set(discount.tags) == {"vip-rules-free_shipping-gold", "vip-rules-service-standard", "spring"}


def test_a_discount_that_people_deleted_is_missing_and_made_anew(bench: ShopifyWorkbench) -> None:
    (first,) = put(bench, GOLD)
    bench.shop.discounts.pop(ours(bench)[0].id)
    known = replace(GOLD, reference=first.reference, known=GOLD.payload)
    assert bench.adapter().look([known]) == [Missing()]
    (second,) = put(bench, known)
    assert isinstance(second, Confirmed)
    assert second != first


def test_free_shipping_has_the_highest_price_of_its_service(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path, expedited_up_to="19.90")
    put(bench, SHIPPING)
    (discount,) = ours(bench)
    assert discount.input["maximumShippingPrice"] == "19.90"
    assert discount.combines_with["orderDiscounts"]
    bench.close()


@pytest.mark.parametrize("method", ["automatic", "code"])
def test_a_price_that_the_settings_change_is_set_by_a_repair(bench: ShopifyWorkbench, method: str) -> None:
    bench.settings = {"discounts": method}
    put(bench, GOLD, SHIPPING)
    bench.settings |= {"expedited_up_to": "19.90"}
    adapter = bench.adapter()
    (sight,) = adapter.look([SHIPPING])
    assert isinstance(sight, Found)
    assert sight.payload == {**SHIPPING.payload, "up_to": "any price"}
    repaired = list(adapter.repair())
    assert repaired[0] == "the discount Gold VIP: free expedited shipping is given as the settings say"
    (sight,) = adapter.look([SHIPPING])
    assert isinstance(sight, Found)
    assert sight.payload == SHIPPING.payload
    assert list(adapter.repair()) == []


def test_a_method_that_the_settings_change_is_told_and_taken_up_by_a_repair(bench: ShopifyWorkbench) -> None:
    references = {each.kind: put(bench, each)[0].reference for each in (LANDING, SHIPPING)}
    known = [replace(each, reference=references[each.kind]) for each in (LANDING, SHIPPING)]
    for method, former in (("code", "automatic"), ("automatic", "code")):
        bench.settings = {"discounts": method}
        bench.clock.sleep(60)
        adapter = bench.adapter()
        for sight, each in zip(adapter.look(known), known, strict=True):
            assert isinstance(sight, Found)
            assert sight.payload == {**each.payload, "given": former}
        list(adapter.repair())
        for sight, each in zip(adapter.look(known), known, strict=True):
            assert isinstance(sight, Found)
            assert sight.payload == each.payload
        active = [each for each in ours(bench) if each.status(bench.clock()) == "ACTIVE"]
        assert [each.automatic for each in active] == [method == "automatic"] * 2
    assert len(ours(bench)) == 4


def test_a_repair_leaves_what_people_opened_for_everybody(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    ours(bench)[0].segments = None
    bench.settings = {"discounts": "code"}
    list(bench.adapter().repair())
    (discount,) = ours(bench)
    assert (discount.automatic, discount.status(bench.clock())) == (True, "ACTIVE")


def test_what_a_repair_cannot_do_is_told_with_the_reason(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD, SHIPPING)
    bench.shop.discounts[82].code = "VIP-GOLD-DISCOUNT"
    bench.settings = {"discounts": "code"}
    bench.clock.sleep(60)
    with pytest.raises(PlatformFailed, match=r"Gold VIP: 15 % discount: .* rename"):
        list(bench.adapter().repair())
    active = [(each.title, each.automatic) for each in ours(bench) if each.status(bench.clock()) == "ACTIVE"]
    assert active == [("Gold VIP: 15 % discount", True), ("Gold VIP: free expedited shipping", False)]


def test_codes_are_deterministic_and_for_the_segment_alone(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path, discounts="code")
    put(bench, GOLD, SHIPPING)
    assert [(each.code, each.automatic) for each in ours(bench)] == [
        ("VIP-gold-DISCOUNT".upper(), False),
        ("VIP-gold-SHIPPING".upper(), False),
    ]
    assert all(each.segments for each in ours(bench))
    bench.close()


def test_a_code_of_people_is_refused_and_never_taken(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path, discounts="code")
    theirs = bench.shop.discounts[82]
    theirs.code = "vip-gold-discount"
    before = replace(theirs)
    (outcome,) = put(bench, GOLD)
    assert isinstance(outcome, Refused)
    assert "rename" in outcome.reason
    assert theirs == before
    assert ours(bench) == []
    bench.close()


def test_whoever_turns_to_codes_has_no_automatic_discount_any_more(bench: ShopifyWorkbench) -> None:
    (first,) = put(bench, GOLD)
    bench.clock.sleep(60)
    bench.settings = {"discounts": "code"}
    put(bench, replace(LESS, reference=first.reference))
    automatic, coded = ours(bench)
    assert (automatic.status(bench.clock()), coded.status(bench.clock())) == ("EXPIRED", "ACTIVE")
    assert coded.code == "VIP-GOLD-DISCOUNT"
    bench.settings = {}
    bench.clock.sleep(60)
    put(bench, replace(GOLD, reference=f"gid://shopify/DiscountCodeNode/{coded.id}"))
    assert (automatic.status(bench.clock()), coded.status(bench.clock())) == ("ACTIVE", "EXPIRED")


@given(st.integers(1, 10_000))
def test_percentages_are_exact_both_ways(hundredths: int) -> None:
    whole, part = divmod(hundredths, 100)
    percent = f"{whole}.{part:02d}".rstrip("0").rstrip(".")
    payload = {"percent": percent, "combines_with": []}
    written = Percentage().written(payload)["customerGets"]["value"]["percentage"]
    assert written * 10_000 == hundredths
    content = {
        "customerGets": {"value": {"percentage": float(written)}, "items": {"allItems": True}},  # not money
        "combinesWith": {"productDiscounts": False, "orderDiscounts": False, "shippingDiscounts": False},
    }
    assert Percentage().told(content, payload)["percent"] == percent


def test_percentages_are_sent_as_numbers_with_every_digit(bench: ShopifyWorkbench) -> None:
    put(bench, replace(GOLD, payload={**GOLD.payload, "percent": "12.35"}))
    assert Decimal(str(ours(bench)[0].percentage)) == Decimal("0.1235")


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.HTTP_500, Fault.THROTTLED])
def test_no_segment_is_left_behind_when_it_is_not_known_whether_it_went(
    bench: ShopifyWorkbench, fault: Fault
) -> None:
    for last in (replace(GOLD, known=LANDING.payload), removed(LANDING)):
        put(bench, LANDING)
        bench.shop.faults.add(fault, when=lambda call: call.operation == "SegmentDelete", times=1)
        (outcome,) = put(bench, last)
        # Were it unknown, a look would find the discount as it should be, and the segment would stay for ever.
        assert isinstance(outcome, RetryAfter)
        bench.clock.sleep(outcome.seconds)
        assert isinstance(put(bench, last)[0], Confirmed)
        assert not [each for each in bench.shop.segments.values() if "former" in each.name]
        bench.shop.faults.clear()
        bench.clock.sleep(60)
