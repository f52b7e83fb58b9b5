"""Whatever goes wrong on the way: once all is well the shop holds what the program says, and nothing was given twice."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from vip_rules.adapter import PlatformFailed
from vip_rules.plan import PlanRefused
from vip_rules.sync import FetchShrank

from tests.boutique import Boutique, fill, order, program
from tests.shop import FakeShopify, Fault
from tests.shop.state import Customer, Discount
from tests.workbench import Clock, others

PEOPLE: Final = 4
FAULTS: Final = (
    Fault.THROTTLED,
    Fault.TOO_MANY_REQUESTS,
    Fault.HTTP_500,
    Fault.HTTP_502_DONE,
    Fault.UNAUTHORIZED,
    Fault.LOST_ANSWER,
    Fault.LOST_REQUEST,
    Fault.USER_ERROR,
    Fault.INTERNAL_ERROR,
    Fault.INTERNAL_ERROR_DONE,
    Fault.WRONG_JSON,
    Fault.HALF_ANSWER,
    Fault.BULK_FAILED,
)
HOW_OFTEN: Final = 200 if os.environ.get("VIP_RULES_HYPOTHESIS") == "thorough" else 12


class Life(RuleBasedStateMachine):
    """A shop of a few customers."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
        self.clock = Clock()
        self.shop = FakeShopify(clock=self.clock).__enter__()
        fill(self.shop, PEOPLE)
        self.orders = 0
        self.changes: dict[str, Any] = {}

    @initialize(method=st.sampled_from(["automatic", "code"]))
    def opens(self, method: str) -> None:
        self.boutique = Boutique(self.folder, self.shop, self.clock, program(), discounts=method)
        self.before = foreign(self.shop)
        self.order(1, 60_000, 10)
        self.order(2, 30_000, 20)
        self.boutique.sync(full=True)
        self.boutique.apply()

    def order(self, customer: int, spent: int, ago: int) -> None:
        self.orders += 1
        order(self.shop, 5_000 + self.orders, customer, spent, self.clock() - timedelta(days=ago))

    @rule(
        who=st.integers(1, PEOPLE),
        spent=st.sampled_from([4_000, 19_000, 30_000, 70_000]),
        ago=st.sampled_from([0, 1, 350]),
    )
    def somebody_orders(self, who: int, spent: int, ago: int) -> None:
        self.order(who, spent, ago)

    @rule(data=st.data())
    def an_order_is_refunded(self, data: st.DataObject) -> None:
        paid = [each.id for each in self.shop.orders.values() if not each.refunds]
        if paid:
            chosen = data.draw(st.sampled_from(paid))
            self.shop.refund(chosen, self.shop.orders[chosen].total)

    @rule(who=st.integers(1, PEOPLE), tag=st.sampled_from(["press", "VIPs"]))
    def people_tag_somebody(self, who: int, tag: str) -> None:
        tags = self.shop.customers[who].tags
        if tag not in tags:
            tags.append(tag)
        self.before = foreign(self.shop)

    @rule(who=st.integers(1, PEOPLE), upper=st.booleans() | st.none())
    def somebody_is_pinned(self, who: int, upper: bool | None) -> None:
        with suppress(PlanRefused):
            gold = self.changes.get("gold", "gold")
            self.boutique.pin(str(who), None if upper is None else gold if upper else "silver")

    @rule(who=st.integers(1, PEOPLE))
    def a_pin_is_taken_away(self, who: int) -> None:
        self.boutique.unpin(str(who))

    @rule(
        changed=st.fixed_dictionaries(
            {},
            optional={
                "gold": st.sampled_from(["gold", "gilded"]),
                "percent": st.sampled_from([15, Decimal("12.5"), Decimal("33.33"), 100]),
                "combines": st.sampled_from([(), ("shipping",), ("order", "product", "shipping")]),
                "shipping": st.sampled_from([None, "standard", "expedited"]),
                "discount": st.booleans(),
                "landing": st.booleans(),
                "early": st.sampled_from([None, 24, 48]),
            },
        )
    )
    def the_program_is_changed(self, changed: dict[str, Any]) -> None:
        self.changes |= changed
        self.boutique.program = program(**self.changes)

    @rule(method=st.sampled_from(["automatic", "code"]))
    def discounts_are_given_in_another_way(self, method: str) -> None:
        self.boutique.reopen(discounts=method)

    @rule()
    def another_process_goes_on(self) -> None:
        self.boutique.reopen()

    @rule()
    def the_token_ends(self) -> None:
        self.shop.tokens.revoke()

    @rule(seconds=st.sampled_from([0, 5, 30]))
    def searches_lag(self, seconds: int) -> None:
        self.shop.index_lag = timedelta(seconds=seconds)

    @rule(
        faults=st.lists(st.tuples(st.sampled_from(FAULTS), st.integers(1, 40)), max_size=5),
        full=st.booleans(),
        aimed=st.sampled_from(
            [None, "Create", "Update", "Delete", "Deactivate", "CustomerPut", "TagsRemove", "StoreCredit"]
        ),
    )
    def it_works_in_bad_weather(self, faults: list[tuple[Fault, int]], full: bool, aimed: str | None) -> None:
        with suppress(PlatformFailed, FetchShrank):
            self.boutique.sync(full=full)
        for fault, call in faults:
            if aimed is not None:
                self.shop.faults.add(
                    fault,
                    when=lambda asked: asked.mutation and aimed in (asked.operation or ""),
                    times=call % 3 + 1,
                )
            else:
                self.shop.faults.add(fault, calls=[self.asked() + call])
        with suppress(PlatformFailed, FetchShrank):
            self.boutique.sync()
        with suppress(PlanRefused):
            self.boutique.apply()
        self.shop.faults.clear()

    def asked(self) -> int:
        return sum(call.kind == "graphql" for call in self.shop.calls)

    @rule(days=st.sampled_from([0, 1, 12, 30, 300]))
    def all_is_well_again(self, days: int) -> None:
        self.shop.faults.clear()
        self.shop.index_lag = timedelta(0)
        self.clock.sleep(60)
        self.boutique.settle()
        list(self.boutique.adapter.repair())
        self.compare()
        self.clock.sleep(86_400 * days)

    def compare(self) -> None:
        boutique, shop = self.boutique, self.shop
        left = boutique.plan()
        # The credit of an earlier day that nobody is entitled to any more is planned until that day is over, and not sent.
        assert [each.key for each in left.changes if each.kind != "store_credit"] == []
        assert left.waiting == 0
        drift = boutique.drift()
        assert ([each.sentence() for each in drift.differences], drift.unreadable) == ([], 0)
        wanted = boutique.desired()
        assert foreign(shop) == self.before
        for number, customer in shop.customers.items():
            assert own(customer) == expected(wanted, number)
        assert Counter(active(shop)) == Counter(granted(wanted, boutique.settings["discounts"]))
        kept = {tag for key, each in wanted.items() for tag in _segments(key, each)}
        found = [each.query for each in shop.segments.values() if each.name.startswith("VIP: ")]
        assert sorted(found) == sorted(f"customer_tags CONTAINS '{tag}'" for tag in kept)
        given = boutique.credits()
        assert {state for state, _ in given.values()} <= {"confirmed", "parked", "withdrawn"}
        assert all(times == 1 for state, times in given.values() if state == "confirmed"), given
        assert all(times <= 1 for _, times in given.values()), given
        booked = [each for account in shop.accounts.values() for each in account.transactions]
        assert len(booked) == sum(times for _, times in given.values())

    def teardown(self) -> None:
        try:
            if hasattr(self, "boutique"):
                self.all_is_well_again(0)
                assert self.shop.gaps == []
        finally:
            if hasattr(self, "boutique"):
                self.boutique.close()
            self.shop.close()
            shutil.rmtree(self.folder)


def foreign(shop: FakeShopify) -> dict[str, Any]:
    """All that isn't ours."""
    with shop.lock:
        return deepcopy(
            {
                "tags": {
                    each.id: [tag for tag in each.tags if not tag.startswith("vip-")]
                    for each in shop.customers.values()
                },
                "fields": {
                    each.id: {place: one.value for place, one in others(each).items()}
                    for each in shop.customers.values()
                },
                "segments": [each for each in shop.segments.values() if each.id < 1000],
                "discounts": [each for each in shop.discounts.values() if each.id < 1000],
            }
        )


def own(customer: Customer) -> tuple[set[str], dict[str, Any]]:
    """The tags and fields of a customer that are ours."""
    tags = [tag for tag in customer.tags if tag.startswith("vip-")]
    assert len(tags) == len(set(tags))
    fields = {key: one.value for (space, key), one in customer.metafields.items() if space == "app--1--vip"}
    return set(tags), {
        key: json.loads(value) if value[:1] in "[{" else value for key, value in fields.items()
    }


def expected(wanted: Mapping[str, Any], number: int) -> tuple[set[str], dict[str, Any]]:
    """The same as the program has it."""
    customer = wanted.get(f"customer:{number}", {"tags": [], "fields": {}})
    fields = {key: value for key, value in customer["fields"].items() if value not in (None, "", [])}
    if f"entitlements:{number}" in wanted:
        fields["entitlements"] = wanted[f"entitlements:{number}"]
    return set(customer["tags"]), fields


def active(shop: FakeShopify) -> list[tuple[Any, ...]]:
    """The discounts of ours that customers have."""
    return [
        _grant(shop, each)
        for each in shop.discounts.values()
        if any(tag.startswith("vip-rules-") for tag in each.tags) and each.status(shop.now()) != "EXPIRED"
    ]


def _grant(shop: FakeShopify, each: Discount) -> tuple[Any, ...]:
    queries = {shop.segments[number].query for number in each.segments or ()}
    return (
        each.title,
        "automatic" if each.automatic else "code",
        each.free_shipping,
        None if each.percentage is None else Decimal(str(each.percentage)),
        frozenset(queries),
        frozenset(key.removesuffix("Discounts") for key, value in each.combines_with.items() if value),
    )


def granted(wanted: Mapping[str, Any], method: str) -> list[tuple[Any, ...]]:
    """The same as the program has it."""
    return [
        (
            each["title"],
            method,
            key.startswith("free_shipping:"),
            Decimal(each["percent"]) / 100 if "percent" in each else None,
            frozenset(f"customer_tags CONTAINS '{tag}'" for tag in each["tags"]),
            frozenset(each["combines_with"] if "percent" in each else ("product", "order")),
        )
        for key, each in wanted.items()
        if key.startswith(("discount:", "free_shipping:"))
    ]


def _segments(key: str, payload: Mapping[str, Any]) -> list[str]:
    if key.startswith("segment:"):
        return [payload["tag"]]
    return list(payload["tags"]) if key.startswith(("discount:", "free_shipping:")) else []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_credit_whose_answer_goes_astray_is_given_once_or_waits_for_a_person(
    tmp_path: Path, fault: Fault
) -> None:
    clock = Clock()
    with FakeShopify(clock=clock) as shop:
        fill(shop)
        order(shop, 5_001, 1, 60_000, clock() - timedelta(days=10))
        boutique = Boutique(tmp_path, shop, clock, program())
        boutique.sync(full=True)
        shop.faults.add(fault, when=lambda call: call.operation == "StoreCredit", times=1)
        boutique.apply()
        boutique.reopen()
        boutique.settle()
        ((state, times),) = boutique.credits().values()
        assert (state, times) in {("confirmed", 1), ("parked", 0)}
        assert shop.count("StoreCredit") <= 2
        lost = fault in {Fault.LOST_REQUEST, Fault.HTTP_500, Fault.INTERNAL_ERROR}
        assert (state == "parked") == lost
        boutique.close()


@pytest.mark.slow
def test_in_the_end_the_shop_holds_what_the_program_says() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=HOW_OFTEN,
            stateful_step_count=14,
            deadline=None,
            # A life takes a second: to shorten one takes minutes.
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
