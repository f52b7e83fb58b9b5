"""At no moment can anybody but its customer use a coupon: looked at after every request, whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.adapter import Confirmed, Found, Intent, Refused

from tests.shopping import Shopping, changed, credit, discount, removed, shipping, shopping
from tests.woocommerce.calls import Answer
from tests.woocommerce.faults import Fault
from tests.woocommerce.server import FakeWooCommerce
from tests.woocommerce.wire import Heard
from tests.workbench import meta

OUTSIDERS = ("nobody@nowhere.example", "bea@example.com", "cy@example.com", "x@y.example", "a@b.cd")

ADDRESSES = st.one_of(
    st.none(),
    st.emails(),
    st.emails().map(str.upper),
    st.emails().map(lambda email: f" {email}"),
    st.lists(st.emails(), min_size=2, max_size=3).map(",".join),
    st.text(max_size=30),
    st.text("ab*|.@+?()[]{}^$/\\'&%# \n", max_size=12).map(lambda text: f"a{text}@b.cd"),
    st.text("ab.-*ü", max_size=10).map(lambda text: f"ada@{text}.example"),
    st.sampled_from(
        ["ada@exämple.com", "\u212aate@example.com", "*@example.com", "ada@example.com\n", "@", "a@b"]
    ),
)
"""Right addresses, strange ones, and what is none."""

FAULTS = st.sampled_from(
    [Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.HALF_ANSWER, Fault.ANSWER, Fault.ANSWER_AFTER, Fault.HTML]
)


@contextmanager
def guarded(*owners: object) -> Iterator[tuple[Shopping, list[str]]]:
    """A shop, and what leaked in it: codes that worked after some request for somebody else than a customer."""
    with shopping() as work:
        leaks: list[str] = []
        answer = work.shop.answer

        def watched(heard: Heard) -> Answer:
            answered = answer(heard)
            leaks.extend(leaking(work.shop, set().union(*map(usable, owners))))
            return answered

        work.shop.answer = watched  # type: ignore[method-assign]
        yield work, leaks


def leaking(shop: FakeWooCommerce, owners: set[str]) -> list[str]:
    """The coupons of ours that work for others than their customer."""
    ours = [row for row in shop.coupons if meta(row).get("vip_rules_key")]
    return [
        f"{row['code']} is good for {row['email_restrictions']}"
        for row in ours
        if shop.coupon_desk.usable(row, [one for one in OUTSIDERS if one not in owners])
        or (shop.coupon_desk.live(row) and not one_of(owners, row["email_restrictions"]))
    ]


def one_of(owners: set[str], restrictions: list[str]) -> bool:
    """Whether a coupon is for one person, who may use it."""
    return len(restrictions) == 1 and restrictions[0] in owners


def usable(email: object) -> set[str]:
    """The one address that a coupon may be restricted to."""
    return {email.lower()} if isinstance(email, str) else set()


@settings(max_examples=150, deadline=None)
@given(
    first=ADDRESSES,
    second=ADDRESSES,
    fault=FAULTS,
    at=st.integers(1, 14),
    times=st.sampled_from([1, 3, None]),
    make=st.sampled_from([discount, shipping, credit]),
)
def test_nobody_else_can_use_a_coupon_at_any_moment(
    first: Any, second: Any, fault: Fault, at: int, times: int | None, make: Any
) -> None:
    with guarded(first, second) as (work, leaks):
        work.shop.faults.add(fault, when=lambda call: call.number >= at, times=times)
        intent: Intent = make(first)
        known: dict[str, Any] = {}
        for step in (intent, changed(intent, email=second), removed(intent), changed(intent, email=second)):
            outcome = work.do(replace(step, **known))
            if isinstance(outcome, Confirmed):
                put = step.action == "put"
                known = {"known": step.payload, "reference": outcome.reference} if put else {}
        work.shop.faults.clear()
        outcome = work.do(replace(step, **known))
        good = [row for row in work.shop.coupons if work.shop.coupon_desk.live(row)]
        assert len(good) <= 1
        assert len(good) == 1 or not isinstance(outcome, Confirmed)
        assert leaks == []


@settings(max_examples=150, deadline=None)
@given(ADDRESSES)
def test_an_address_is_kept_as_it_is_or_refused(email: Any) -> None:
    with guarded(email) as (work, leaks):
        outcome = work.do(discount(email))
        if isinstance(outcome, Confirmed):
            (row,) = work.coupons("discount:gold:1")
            assert row["email_restrictions"] == [email.lower()]
            assert isinstance(work.see(discount(email)), Found)
        else:
            assert isinstance(outcome, Refused)
            assert len(work.shop.coupons) == 0
        assert leaks == []


@pytest.mark.parametrize("make", [discount, shipping, credit])
@pytest.mark.parametrize("kept", ["", "bea@example.com", "nobody@nowhere.example"])
def test_a_shop_that_drops_or_changes_addresses_opens_nothing(
    make: Any, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with guarded("ada@example.com", "ada@new.example") as (work, leaks):
        before = work.done(make("ada@example.com"))
        monkeypatch.setattr("tests.woocommerce.coupons.restriction", lambda text: kept)
        assert isinstance(work.do(make("ada@example.com", customer="2")), Refused)
        if make is not credit:
            assert isinstance(work.do(changed(before, email="ada@new.example")), Refused)
        assert leaks == []


@pytest.mark.parametrize("make", [discount, shipping])
def test_a_coupon_that_was_made_public_by_hand_is_closed_with_the_first_write(make: Any) -> None:
    with guarded("ada@example.com", "ada@new.example") as (work, leaks):
        put = work.done(make("ada@example.com"))
        work.shop.coupons.change(int(str(put.reference)), email_restrictions=[])
        writes: list[list[str]] = []
        work.shop.faults.add(
            Fault.NOTHING,
            when=lambda call: call.writes,
            meanwhile=lambda call: writes.append(work.shop.public_coupons()),
            times=None,
        )
        work.done(changed(put, title="Another"))
        assert writes == [[], []]
        assert set(leaks) <= {f"{work.coupon(put.key)['code']} is good for []"}, (
            "only while people left it so"
        )
