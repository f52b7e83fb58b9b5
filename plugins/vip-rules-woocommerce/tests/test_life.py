"""Whatever goes wrong on the way: no coupon is ever anybody else's, and once all is well the shop holds what it should."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from vip_rules.adapter import PlatformFailed
from vip_rules.operations.people import NotThere
from vip_rules.plan import PlanRefused
from vip_rules.sync import FetchShrank

from tests.boutique import Boutique, Clock, address, fill, order, program
from tests.woocommerce.access import Key
from tests.woocommerce.calls import Answer, Call
from tests.woocommerce.faults import Fault
from tests.woocommerce.server import KEY, FakeWooCommerce
from tests.woocommerce.shelf import Row
from tests.woocommerce.texts import restriction
from tests.woocommerce.wire import Heard
from tests.workbench import meta, theirs

PEOPLE: Final = 4
GRANTS: Final = ("discount:", "free_shipping:")
ODD: Final = ("a|b*@example.com", "äda@example.com")
"""Addresses that would let others in as a restriction, or that WooCommerce makes others of."""

WEATHER: Final[dict[str, dict[str, Any]]] = {
    "lost answer": {"fault": Fault.LOST_ANSWER},
    "lost request": {"fault": Fault.LOST_REQUEST},
    "half an answer": {"fault": Fault.HALF_ANSWER},
    "a page": {"fault": Fault.HTML},
    "a page instead of success": {"fault": Fault.HTML, "status": 200},
    "failed": {"fault": Fault.ANSWER, "status": 500},
    "failed after the work": {"fault": Fault.ANSWER_AFTER, "status": 500},
    "overloaded": {"fault": Fault.ANSWER, "status": 503},
    "overloaded after the work": {"fault": Fault.ANSWER_AFTER, "status": 503},
    "gateway after the work": {"fault": Fault.ANSWER_AFTER, "status": 504, "code": ""},
    "updating": {"fault": Fault.ANSWER, "status": 503, "headers": {"Retry-After": "600"}},
    "busy": {"fault": Fault.ANSWER, "status": 429, "headers": {"Retry-After": "4"}},
    "firewall": {"fault": Fault.ANSWER, "status": 403, "code": ""},
    "refused": {"fault": Fault.ANSWER, "status": 400, "code": "woocommerce_rest_invalid_coupon"},
}
HOW_OFTEN: Final = 200 if os.environ.get("VIP_RULES_HYPOTHESIS") == "thorough" else 10


class Life(RuleBasedStateMachine):
    """A shop of a few customers, looked at after each of its answers."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="life-"))
        self.clock = Clock()
        self.shop = FakeWooCommerce(clock=self.clock).__enter__()
        fill(self.shop, PEOPLE)
        self.orders = self.versions = self.keys = 0
        self.changed: dict[str, Any] = {}
        self.leaks: list[str] = []
        self.spent: Counter[str] = Counter()
        self.addresses = defaultdict(set, {number: {address(number)} for number in range(1, PEOPLE + 1)})
        self.drops = False
        self.dropping = patch("tests.woocommerce.coupons.restriction", self.restriction)
        self.dropping.start()
        self.answer = self.shop.answer
        self.shop.answer = self.watched  # type: ignore[method-assign]

    def watched(self, heard: Heard) -> Answer:
        """The shop's answer; leaks are looked for as soon as it is made."""
        answered = self.answer(heard)
        if heard.call.writes:
            with self.shop.state.lock:
                self.leaks += self.leaking(heard.call)
        return answered

    def restriction(self, text: object) -> str:
        """An address as the shop keeps it, which sometimes drops all."""
        return "" if self.drops else restriction(text)

    def leaking(self, call: Call) -> list[str]:
        return [
            f"{call.method} {call.path} {call.body}: {row['code']} is good for {row['email_restrictions']}"
            for row in self.good()
            if len(row["email_restrictions"]) != 1 or row["email_restrictions"][0] not in self.owners(row)
        ]

    def good(self) -> list[Row]:
        """The coupons of ours that can be used."""
        return [row for row in self.shop.coupons if key_of(row) and self.shop.coupon_desk.live(row)]

    def owners(self, row: Row) -> set[str]:
        """The addresses that a coupon's customer has had."""
        return self.addresses[int(key_of(row).rpartition(":")[2])]

    @initialize()
    def opens(self) -> None:
        self.boutique = Boutique(self.folder, self.shop, self.clock, program())
        self.before = foreign(self.shop)
        self.order(1, 60_000, 10)
        self.order(2, 30_000, 20)
        self.boutique.sync(full=True)
        self.boutique.apply()

    def order(self, customer: int, spent: int, ago: int) -> None:
        self.orders += 1
        order(self.shop, 5_000 + self.orders, customer, spent, self.clock() - timedelta(days=ago))

    def there(self, who: int) -> bool:
        return who in self.shop.customers

    # What happens in the shop

    @rule(
        who=st.integers(1, PEOPLE),
        spent=st.sampled_from([4_000, 19_000, 30_000, 70_000]),
        ago=st.sampled_from([0, 1, 350]),
    )
    def somebody_orders(self, who: int, spent: int, ago: int) -> None:
        if self.there(who):
            self.order(who, spent, ago)

    @rule(data=st.data())
    def an_order_is_refunded(self, data: st.DataObject) -> None:
        paid = [row["id"] for row in self.shop.orders if not row["refunds"]]
        if paid:
            chosen = data.draw(st.sampled_from(paid))
            self.shop.refund(chosen, self.shop.orders[chosen]["total"])

    @rule(who=st.integers(1, PEOPLE), becomes=st.sampled_from(["another", "another", "", *ODD]))
    def somebody_has_another_address(self, who: int, becomes: str) -> None:
        if self.there(who):
            self.versions += 1
            email = address(who, self.versions) if becomes == "another" else becomes
            self.addresses[who].add(email)
            self.shop.customers.change(who, email=email)
            self.before = foreign(self.shop)

    @rule(who=st.integers(1, PEOPLE))
    def two_customers_change_addresses(self, who: int) -> None:
        other = who % PEOPLE + 1
        if self.there(who) and self.there(other):
            emails = self.shop.customers[who]["email"], self.shop.customers[other]["email"]
            for one, email in zip((other, who), emails, strict=True):
                self.addresses[one].add(email)
                self.shop.customers.change(one, email=email)
            self.before = foreign(self.shop)

    @rule(who=st.integers(1, PEOPLE))
    def somebody_leaves(self, who: int) -> None:
        if self.there(who) and len(self.shop.customers) > 2:
            self.shop.customer_desk.delete(who, force=True)
            self.before = foreign(self.shop)

    @rule(data=st.data())
    def a_coupon_is_used(self, data: st.DataObject) -> None:
        good = sorted(row["code"] for row in self.good())
        if good:
            code = data.draw(st.sampled_from(good))
            row = self.shop.coupon_desk.by_code(code)
            assert row is not None
            assert not self.shop.redeem(code, "nobody@nowhere.example")
            self.spent[key_of(row)] += self.shop.redeem(code, row["email_restrictions"][0])

    @rule(who=st.integers(1, PEOPLE))
    def others_write_meta_data(self, who: int) -> None:
        if self.there(who):
            rows = self.shop.customers[who]["meta_data"]
            self.versions += 1
            row = {"id": self.shop.state.meta.next(), "key": "wc_last_active", "value": str(self.versions)}
            self.shop.customers.change(who, meta_data=[*rows, row])
            self.before = foreign(self.shop)

    @rule(data=st.data())
    def a_coupon_is_made_once_more(self, data: st.DataObject) -> None:
        """A request that was taken for lost comes late."""
        made = [call.body for call in self.shop.calls if (call.method, call.path) == ("POST", "/coupons")]
        if made:
            self.shop.coupon_desk.create(data.draw(st.sampled_from(made)), checked=True, unique=False)

    @rule(posts=st.integers(1, 2))
    def others_make_it_at_once(self, posts: int) -> None:
        self.shop.overlook(posts)

    @rule(who=st.integers(1, PEOPLE), upper=st.booleans() | st.none())
    def somebody_is_pinned(self, who: int, upper: bool | None) -> None:
        with suppress(PlanRefused, NotThere):
            gold = self.changed.get("gold", "gold")
            self.boutique.pin(str(who), None if upper is None else gold if upper else "silver")

    @rule(who=st.integers(1, PEOPLE))
    def a_pin_is_taken_away(self, who: int) -> None:
        with suppress(NotThere):
            self.boutique.unpin(str(who))

    # What its people change

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
        self.changed |= changed
        self.boutique.program = program(**self.changed)

    @rule(revoked=st.booleans())
    def the_key_is_changed(self, revoked: bool) -> None:
        self.keys += 1
        key = Key(consumer_key=f"ck_{self.keys}", consumer_secret=f"cs_{self.keys}")
        self.shop.add_key(key)
        former = self.boutique.settings.get("consumer_key", KEY.consumer_key)
        self.boutique.reopen(consumer_key=key.consumer_key, consumer_secret=key.consumer_secret)
        if revoked:
            self.shop.revoke(former)

    @rule()
    def another_process_goes_on(self) -> None:
        self.boutique.reopen()

    # What vip-rules does

    @rule(
        weather=st.lists(st.tuples(st.sampled_from(sorted(WEATHER)), st.integers(1, 30)), max_size=5),
        full=st.booleans(),
        stormy=st.booleans(),
        drops=st.booleans(),
    )
    def it_works_in_bad_weather(
        self, weather: list[tuple[str, int]], full: bool, stormy: bool, drops: bool
    ) -> None:
        with suppress(PlatformFailed, FetchShrank):
            self.boutique.sync(full=full)
        self.drops = drops and bool(weather)
        asked = len(self.shop.calls)
        for name, number in weather:
            if stormy:
                self.shop.faults.add(when=lambda call: call.writes, times=number % 4 + 1, **WEATHER[name])
            else:
                at = asked + number
                self.shop.faults.add(when=partial(is_number, at), **WEATHER[name])
        if full:
            with suppress(PlatformFailed, FetchShrank):
                self.boutique.sync()
        with suppress(PlanRefused):
            self.boutique.apply()
        self.shop.faults.clear()
        self.drops = False
        assert self.leaks == []

    @rule(days=st.sampled_from([0, 1, 12, 30, 300]))
    def all_is_well_again(self, days: int) -> None:
        self.shop.overlook(0)
        self.clock.sleep(60)
        self.boutique.settle()
        list(self.boutique.adapter.repair())
        self.compare()
        self.clock.sleep(86_400 * days)

    def compare(self) -> None:
        boutique, shop = self.boutique, self.shop
        assert self.leaks == []
        left, wanted = boutique.plan(), boutique.desired()
        assert (left.changes, left.waiting) == ((), 0)
        drift = boutique.drift()
        differences = [each for each in drift.differences if each.key not in self.refused()]
        assert ([each.sentence() for each in differences], drift.unreadable) == ([], 0)
        assert foreign(shop) == self.before
        for number in range(1, PEOPLE + 1):
            assert own(shop, number) == self.expected(wanted, number)
        grants = [row for row in self.good() if key_of(row).startswith(GRANTS)]
        assert Counter(map(terms, grants)) == Counter(granted(wanted))
        given = Counter(key_of(row) for row in self.good() if not key_of(row).startswith(GRANTS))
        once = {key: state for key, (state, kind) in boutique.intents().items() if kind == "store_credit"}
        assert not given - Counter(once.keys())
        assert all(self.spent[key] <= 1 for key in once)
        assert all(
            given[key] + self.spent[key] == 1 or self.expired(key)
            for key, state in once.items()
            if state == "confirmed"
        )
        marks = Counter(key_of(row) for row in shop.coupons if key_of(row) and row["status"] != "trash")
        assert set(marks.values()) <= {1}

    def refused(self) -> set[str]:
        """The keys of what can't be done, for the customer has no address that fits."""
        return {key for key, (state, _) in self.boutique.intents().items() if state == "refused"}

    def expired(self, key: str) -> bool:
        now = self.clock().astimezone(UTC).isoformat()
        return any(
            key_of(row) == key and "2001" < row["date_expires_gmt"] <= now for row in self.shop.coupons
        )

    def expected(self, wanted: dict[str, Any], number: int) -> tuple[dict[str, Any], dict[str, str]]:
        """What a customer's meta data should say: fields, and the codes of coupons."""
        if not self.there(number):
            return {}, {}
        customer = wanted.get(f"customer:{number}", {"tags": None, "fields": {}})
        fields = {**customer["fields"], "tags": customer["tags"]}
        if "vip-no-cart-reminders" in (customer["tags"] or ()):
            fields["no_cart_reminders"] = "yes"
        if f"entitlements:{number}" in wanted:
            fields["entitlements"] = wanted[f"entitlements:{number}"]
        codes = {
            "_".join(key_of(row).split(":")[:-1]): row["code"]
            for row in self.shop.coupons
            if key_of(row).endswith(f":{number}") and row["status"] != "trash"
            if not key_of(row).startswith(GRANTS) or self.shop.coupon_desk.live(row)
        }
        return {key: value for key, value in fields.items() if value is not None}, codes

    def teardown(self) -> None:
        try:
            if hasattr(self, "boutique"):
                self.all_is_well_again(0)
                assert self.shop.crashes == []
        finally:
            self.dropping.stop()
            if hasattr(self, "boutique"):
                self.boutique.close()
            self.shop.__exit__(None, None, None)
            shutil.rmtree(self.folder)


def is_number(number: int, call: Call) -> bool:
    return call.number == number


def key_of(row: Row) -> str:
    """The business key that a coupon bears; "" for those of others."""
    return str(meta(row).get("vip_rules_key", ""))


def foreign(shop: FakeWooCommerce) -> dict[str, Any]:
    """All that isn't ours."""
    with shop.state.lock:
        return deepcopy(
            {
                "customers": {row["id"]: theirs(row) for row in shop.customers},
                "coupons": [row for row in shop.coupons if not key_of(row)],
            }
        )


def own(shop: FakeWooCommerce, number: int) -> tuple[dict[str, Any], dict[str, str]]:
    """What is ours in a customer's meta data: fields, and the codes of coupons."""
    row = shop.customers.get(number)
    mine = {
        each["key"].removeprefix("vip_rules_"): each["value"]
        for each in (row["meta_data"] if row else ())
        if each["key"].startswith("vip_rules_")
    }
    codes = {key: value for key, value in mine.items() if key.startswith("coupon_")}
    fields = {
        key: json.loads(value) if value[:1] in ("[", "{") else value
        for key, value in mine.items()
        if key not in codes
    }
    return fields, {key.removeprefix("coupon_"): value for key, value in codes.items()}


def terms(row: Row) -> tuple[Any, ...]:
    """What a coupon says."""
    return (
        key_of(row),
        tuple(row["email_restrictions"]),
        row["discount_type"],
        Decimal(row["amount"]),
        row["free_shipping"],
        row["individual_use"],
        row["usage_limit"],
        row["date_expires"],
        row["description"],
    )


def granted(wanted: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The same of each grant that the program has, to whom has an address that fits."""
    return [
        (
            key,
            (each["email"],),
            "percent",
            Decimal(each.get("percent", 0)),
            key.startswith("free_shipping:"),
            not each.get("combines_with", True),
            None,
            None,
            each["title"],
        )
        for key, each in wanted.items()
        if key.startswith(GRANTS) and (each["email"] or "") not in ("", *ODD)
    ]


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
