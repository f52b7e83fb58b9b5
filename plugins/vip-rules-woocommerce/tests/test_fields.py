"""A customer's fields and entitlements are meta data of ours, and come back as they were put."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vip_rules.adapter import Confirmed, Intent, Missing, Refused

from tests.shopping import Shopping, changed, removed, shopping
from tests.workbench import meta

FIELDS = {
    "tier": "gold",
    "tier_name": "Gold & Söhne \\ <i>VIP</i> 😀",
    "status": "member",
    "since": "2026-03-01",
    "secured_until": None,
    "grace_until": "2026-06-01",
    "benefits": ["15 % discount", 'a "card" \\ by hand'],
    "next_tier": None,
    "progress": [{"metric": "spend", "needed": "$1,500", "missing": "$180", "by": None}],
}


@pytest.fixture
def work() -> Iterator[Shopping]:
    with shopping() as work:
        yield work


def fields(customer: str | None = "1", tags: tuple[str, ...] = ("vip-gold",), **own: Any) -> Intent:
    payload = {"tags": list(tags), "fields": {**FIELDS, **own}}
    return Intent(key=f"customer:{customer}", kind="customer", payload=payload, customer_id=customer)


def test_each_field_has_a_key_of_its_own(work: Shopping) -> None:
    work.done(fields(tags=("vip-gold", "vip-no-cart-reminders")))
    held = meta(work.shop.customers[1])
    assert (held["vip_rules_tier"], held["vip_rules_tier_name"]) == ("gold", FIELDS["tier_name"])
    assert held["vip_rules_progress"] == ('[{"metric":"spend","needed":"$1,500","missing":"$180","by":null}]')
    assert held["vip_rules_tags"] == '["vip-gold","vip-no-cart-reminders"]'
    assert held["vip_rules_no_cart_reminders"] == "yes"
    assert "vip_rules_secured_until" not in held


def test_all_is_written_with_one_request_to_the_route_of_the_customer(work: Shopping) -> None:
    work.done(fields())
    assert [(call.method, call.path) for call in work.shop.calls] == [("PUT", "/customers/1")]


def test_what_an_earlier_state_had_besides_goes_whoever_knew_of_it(work: Shopping) -> None:
    before = work.done(fields(score=7))
    for intent in (changed(before, fields={"tier": "silver"}), fields("1")):
        after = work.done(intent)
        assert work.held(after) == after.payload
        assert "vip_rules_score" not in meta(work.shop.customers[1])


def test_nothing_of_others_is_sent(work: Shopping) -> None:
    before = work.done(fields())
    work.done(changed(before, tags=[]))
    work.done(removed(before))
    sent = {row["key"] for call in work.shop.calls if call.writes for row in call.body["meta_data"]}
    assert all(key.startswith("vip_rules_") for key in sent)
    assert all(set(call.body) == {"meta_data"} for call in work.shop.calls if call.writes)
    assert "customer_tags" in meta(work.shop.customers[1])


def test_changes_by_hand_are_seen(work: Shopping) -> None:
    put = work.done(fields(tags=("vip-gold", "vip-no-cart-reminders")))
    rows = work.shop.customers[1]["meta_data"]
    changes = {"vip_rules_tier": "platinum", "vip_rules_benefits": "[broken"}
    rows = [{**row, "value": changes.get(row["key"], row["value"])} for row in rows]
    rows = [row for row in rows if row["key"] not in ("vip_rules_no_cart_reminders", "vip_rules_since")]
    work.shop.customers.change(1, meta_data=[*rows, {"id": 990, "key": "vip_rules_extra", "value": "x"}])
    expected = {**FIELDS, "tier": "platinum", "benefits": "[broken", "extra": "x"}
    del expected["since"]
    assert work.held(put) == {"tags": ["vip-gold"], "fields": expected}
    again = work.done(put)
    assert work.held(again) == put.payload


def test_doubled_rows_are_one_after_the_next_put(work: Shopping) -> None:
    put = work.done(fields())
    rows = work.shop.customers[1]["meta_data"]
    work.shop.customers.change(1, meta_data=[*rows, {"id": 991, "key": "vip_rules_tier", "value": "none"}])
    work.done(put)
    keys = [row["key"] for row in work.shop.customers[1]["meta_data"]]
    assert keys.count("vip_rules_tier") == 1


def test_what_is_there_is_known_again_by_the_former_payload(work: Shopping) -> None:
    before = work.done(fields())
    planned = changed(before, fields={**FIELDS, "grace_until": None, "since": "2026-11-20"})
    assert work.held(planned) == before.payload


@pytest.mark.parametrize("customer", ["987654321", "batch", "1/../2", "", None, "٣"])
def test_an_unknown_customer_is_refused_and_needs_no_removal(work: Shopping, customer: str | None) -> None:
    intent = fields(customer)
    assert isinstance(work.do(intent), Refused)
    assert isinstance(work.see(intent), Missing)
    assert work.do(removed(intent)) == Confirmed()
    assert not any(call.path == "/customers/batch" for call in work.shop.calls)


def test_fields_entitlements_and_codes_are_apart(work: Shopping) -> None:
    listed = {"tier": None, "entitlements": [{"type": "gift", "text": 'a "card" \\', "guests": 2}]}
    intent = Intent(key="entitlements:1", kind="entitlements", payload=listed, customer_id="1")
    own = work.done(fields())
    owed = work.done(intent)
    assert (work.held(own), work.held(owed)) == (own.payload, listed)
    work.done(removed(own))
    assert work.held(own) is None
    assert work.held(owed) == listed
    work.done(removed(owed))
    assert isinstance(work.see(owed), Missing)


plain = (
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.integers() | st.booleans()
)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.text("abcdefg_", min_size=1, max_size=8), values, max_size=4),
    st.dictionaries(st.text("abcdefg_", min_size=1, max_size=8), values, max_size=4),
)
def test_any_fields_come_back_as_they_were_put(
    work: Shopping, first: dict[str, Any], second: dict[str, Any]
) -> None:
    put = Intent(
        key="customer:3", kind="customer", payload={"tags": ["vip-a"], "fields": first}, customer_id="3"
    )
    known = work.done(put)
    assert work.held(known) == put.payload
    change = changed(known, fields=second)
    assert work.held(work.done(change)) == change.payload
