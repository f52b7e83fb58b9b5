"""Tags: which are ours, and that nobody is without a tier while they are changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from vip_rules.adapter import Confirmed, Found, Intent, Missing, Refused, RetryAfter, Unknown
from vip_rules.testing.examples import example

from tests.shop import Fault
from tests.shop.state import Definition
from tests.workbench import ShopifyWorkbench
from vip_rules_shopify.effects import tags

GOLD = example("customer", "1")
PLATINUM = replace(example("customer", "1", second=True), known=GOLD.payload)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    yield bench
    bench.close()


def put(bench: ShopifyWorkbench, intent: Intent) -> Any:
    (outcome,) = bench.adapter().carry_out([intent])
    return outcome


def tags_of(bench: ShopifyWorkbench, customer: int = 1) -> set[str]:
    return set(bench.shop.customers[customer].tags)


def test_tags_with_our_prefix_and_those_known_to_be_ours_are_outdated() -> None:
    present = ["vip-silver", "loyal", "press", "vip-gold"]
    assert tags.outdated(present, wanted=["vip-gold"], known=["loyal"]) == ["vip-silver", "loyal"]


def test_a_tag_in_other_letters_is_the_same_tag_to_shopify() -> None:
    assert tags.missing(["VIP-Gold"], ["vip-gold"]) == []
    assert tags.outdated(["VIP-Gold"], wanted=["vip-gold"], known=[]) == []
    assert tags.outdated(["VIP-Gold"], wanted=[], known=["vip-gold"]) == ["VIP-Gold"]
    assert tags.told(["VIP-Gold"], ["vip-gold"]) == ["vip-gold"]


def test_tags_that_only_look_like_ours_belong_to_people() -> None:
    assert tags.outdated(["VIP-Friends", "vipers"], wanted=[], known=[]) == []
    assert tags.told(["VIP-Friends", "vipers"], ["vip-gold"]) == []


def test_tags_of_people_stay_through_everything(bench: ShopifyWorkbench) -> None:
    bench.shop.customers[1].tags += ["VIP-Friends", "Press"]
    for intent in (GOLD, PLATINUM, replace(PLATINUM, action="remove", known=PLATINUM.payload)):
        assert isinstance(put(bench, intent), Confirmed)
        assert {"newsletter", "VIP-Friends", "Press"} <= tags_of(bench)
    assert tags_of(bench) == {"newsletter", "VIP-Friends", "Press"}


def test_a_tag_that_people_gave_in_other_letters_is_taken_over(bench: ShopifyWorkbench) -> None:
    bench.shop.customers[1].tags.append("VIP-Gold")
    assert isinstance(put(bench, GOLD), Confirmed)
    (sight,) = bench.adapter().look([GOLD])
    assert isinstance(sight, Found)
    assert sight.payload == GOLD.payload
    assert isinstance(put(bench, PLATINUM), Confirmed)
    assert tags_of(bench) == {"newsletter", "vip-platinum"}


def test_tags_left_by_an_earlier_program_are_removed_though_nothing_is_known(bench: ShopifyWorkbench) -> None:
    bench.shop.customers[1].tags.append("vip-bronze")
    assert isinstance(put(bench, GOLD), Confirmed)
    assert tags_of(bench) == {"newsletter", "vip-gold"}


def test_the_new_tags_come_before_the_old_ones_go(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    bench.shop.calls.clear()
    put(bench, PLATINUM)
    done = [call.operation for call in bench.shop.calls if call.mutation]
    assert done == ["CustomerPut", "TagsRemove"]
    assert bench.shop.calls[-2].fields[0] == "tagsAdd"


def test_where_the_new_tags_are_refused_the_old_ones_stay(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    bench.shop.customers[1].tags += [f"people-{number}" for number in range(248)]
    outcome = put(bench, PLATINUM)
    assert isinstance(outcome, Refused)
    assert "Too many tags" in outcome.reason
    assert "vip-gold" in tags_of(bench)


def test_where_a_field_is_refused_the_tags_are_changed_all_the_same(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    bench.shop.definitions[5] = Definition(5, "CUSTOMER", "app--1--vip", "status", "number_integer", "Status")
    outcome = put(bench, PLATINUM)
    assert isinstance(outcome, Refused)
    assert "number_integer" in outcome.reason
    assert tags_of(bench) == {"newsletter", "vip-platinum"}


def test_old_tags_whose_removal_is_in_doubt_are_looked_up_and_removed_then(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    bench.shop.faults.add(Fault.LOST_REQUEST, when=lambda call: call.operation == "TagsRemove", times=1)
    assert isinstance(put(bench, PLATINUM), Unknown)
    assert {"vip-gold", "vip-platinum"} <= tags_of(bench)
    (sight,) = bench.adapter().look([PLATINUM])
    assert isinstance(sight, Found)
    assert sight.payload["tags"] == ["vip-platinum", "vip-gold"]
    assert isinstance(put(bench, PLATINUM), Confirmed)
    assert tags_of(bench) == {"newsletter", "vip-platinum"}


def test_a_shop_too_busy_for_the_second_half_gets_the_whole_again(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    bench.shop.faults.add(Fault.THROTTLED, when=lambda call: call.operation == "TagsRemove", times=1)
    assert isinstance(put(bench, PLATINUM), RetryAfter)
    assert isinstance(put(bench, PLATINUM), Confirmed)
    assert tags_of(bench) == {"newsletter", "vip-platinum"}


def test_what_is_as_it_should_be_is_not_sent(bench: ShopifyWorkbench) -> None:
    put(bench, GOLD)
    bench.shop.calls.clear()
    assert isinstance(put(bench, GOLD), Confirmed)
    assert not [call for call in bench.shop.calls if call.mutation]


def test_the_tag_against_cart_reminders_is_one_of_the_tags(bench: ShopifyWorkbench) -> None:
    both = {**GOLD.payload, "tags": ["vip-gold", "vip-no-cart-reminders"]}
    put(bench, replace(GOLD, payload=both))
    assert tags_of(bench) == {"newsletter", "vip-gold", "vip-no-cart-reminders"}


def test_nothing_is_left_to_remove_of_a_customer_who_is_gone(bench: ShopifyWorkbench) -> None:
    gone = replace(GOLD, customer_id="777")
    assert put(bench, gone) == Refused("the shop has no such customer")
    assert isinstance(put(bench, replace(gone, action="remove")), Confirmed)
    assert bench.adapter().look([gone]) == [Missing()]


def test_a_batch_is_read_at_once_and_told_in_order(bench: ShopifyWorkbench) -> None:
    adapter = bench.adapter()
    intents = [example("customer", str(number)) for number in (3, 1, 555, 2)]
    outcomes = adapter.carry_out(intents)
    assert [type(outcome) for outcome in outcomes] == [Confirmed, Confirmed, Refused, Confirmed]
    assert bench.shop.count("CustomerState") == 1
    sights = adapter.look(intents)
    assert [isinstance(sight, Found) for sight in sights] == [True, True, False, True]
    assert bench.shop.count("CustomerState") == 2
    adapter.close()


def test_a_batch_that_is_too_dear_is_read_in_parts(bench: ShopifyWorkbench) -> None:
    bench.shop.costs = Dear(bench)
    intents = [example("customer", str(number)) for number in (1, 2, 3)]
    outcomes = bench.adapter().carry_out(intents)
    assert [type(outcome) for outcome in outcomes] == [Confirmed] * 3
    assert bench.shop.count("CustomerState") == 4


class Dear(dict[str, int]):
    """Costs by which it is too dear to read several customers at once."""

    def __init__(self, bench: ShopifyWorkbench) -> None:
        super().__init__()
        self.bench = bench

    def get(self, name: str, default: Any = None) -> Any:
        ids = self.bench.shop.calls[-1].variables.get("ids", ())
        return 5_000 if name == "CustomerState" and len(ids) > 1 else default
