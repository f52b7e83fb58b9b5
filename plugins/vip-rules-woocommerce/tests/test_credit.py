"""A store credit is a coupon for one order, given once whatever happens, and never taken back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from vip_rules.adapter import Confirmed, Missing, Refused, RetryAfter

from tests.shopping import ADA, BEA, Shopping, changed, credit, removed, shopping
from tests.woocommerce.faults import Fault
from tests.workbench import adapter_at, meta


@pytest.fixture
def work() -> Iterator[Shopping]:
    with shopping() as work:
        yield work


def test_a_credit_is_a_coupon_for_one_order_of_its_customer(work: Shopping) -> None:
    put = work.done(credit("Ada@Example.com"))
    coupon = work.coupon(put.key)
    assert (coupon["discount_type"], coupon["amount"]) == ("fixed_cart", "25.00")
    assert (coupon["usage_limit"], coupon["usage_limit_per_user"]) == (1, 1)
    assert coupon["email_restrictions"] == [ADA]
    assert coupon["description"] == "25.00 USD: birthday 2026"
    assert coupon["code"].startswith("vip-birthday-")
    assert meta(work.shop.customers[1])["vip_rules_coupon_birthday_2026"] == coupon["code"]
    assert work.held(put) == put.payload
    assert not work.shop.redeem(coupon["code"], BEA)
    assert work.shop.redeem(coupon["code"], ADA)
    assert not work.shop.redeem(coupon["code"], ADA)


def test_it_is_good_for_as_many_days_as_were_chosen() -> None:
    with shopping(credit_days=30) as work:
        assert work.coupon(work.done(credit()).key)["date_expires"] == "2026-12-20T23:59:59"
    with shopping() as work:
        assert work.coupon(work.done(credit()).key)["date_expires"] == "2027-11-20T23:59:59"


def test_given_again_it_is_there_once_and_as_it_was(work: Shopping) -> None:
    first = work.done(credit())
    coupon = work.coupon(first.key)
    second = work.done(credit())
    assert second.reference == first.reference
    assert work.coupon(first.key) == coupon


@pytest.mark.parametrize(
    "change",
    [
        {"usage_count": 1, "used_by": ["1"]},
        {"date_expires": "2026-11-01T23:59:59", "date_expires_gmt": "2026-11-02T04:59:59"},
        {"usage_count": 1, "date_expires": "2000-01-01T00:00:00", "date_expires_gmt": "2000-01-01T05:00:00"},
    ],
    ids=["spent", "expired", "spent and closed by hand"],
)
def test_one_that_is_spent_or_expired_was_given_all_the_same(
    work: Shopping, change: dict[str, object]
) -> None:
    put = work.done(credit())
    coupon = work.shop.coupons.change(work.coupon(put.key)["id"], **change)
    assert work.held(put) == put.payload
    assert work.do(credit()) == Confirmed(put.reference)
    assert work.coupon(put.key) == coupon
    assert work.shop.coupons_usable_by(ADA) == []


def test_years_are_apart(work: Shopping) -> None:
    one = work.done(credit())
    assert isinstance(work.see(credit(year=2027)), Missing)
    other = work.done(credit(year=2027))
    assert one.reference != other.reference
    assert len(work.shop.coupons_usable_by(ADA)) == 2


def test_it_is_not_taken_back(work: Shopping) -> None:
    put = work.done(credit())
    assert isinstance(work.do(removed(put)), Refused)
    assert len(work.shop.coupons_usable_by(ADA)) == 1


@pytest.mark.parametrize("email", [None, "*@example.com", "ada"])
def test_without_an_address_it_is_refused(work: Shopping, email: str | None) -> None:
    assert isinstance(work.do(credit(email)), Refused)
    assert isinstance(work.see(credit(email)), Missing)
    assert len(work.shop.coupons) == 0


def test_another_currency_than_the_shops_is_refused(work: Shopping) -> None:
    outcome = work.do(changed(credit(), currency="EUR"))
    assert isinstance(outcome, Refused)
    assert "EUR" in outcome.reason
    assert "USD" in outcome.reason
    assert len(work.shop.coupons) == 0


def test_the_currency_is_asked_for_once(work: Shopping) -> None:
    for year in (2026, 2027):
        work.done(credit(year=year))
    assert work.shop.count("GET", "/settings") == 1


def test_a_shop_that_does_not_say_its_currency_is_asked_later(work: Shopping) -> None:
    work.shop.faults.add(Fault.ANSWER, when=lambda call: call.path.startswith("/settings"), times=None)
    assert isinstance(work.do(credit()), RetryAfter)
    assert work.shop.count("POST") == 0


def test_changes_by_hand_are_seen(work: Shopping) -> None:
    put = work.done(credit())
    work.shop.coupons.change(work.coupon(put.key)["id"], amount="30.00", email_restrictions=[], usage_limit=5)
    assert work.held(put) == {**put.payload, "amount": "30.00", "email": "ANYBODY", "usage_limit": 5}


def test_six_who_give_it_at_once_give_one(work: Shopping) -> None:
    adapters = [adapter_at(work.shop.url) for _ in range(6)]
    work.shop.race(6)
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda adapter: adapter.carry_out([credit()])[0], adapters))
    for adapter in adapters:
        adapter.close()
    assert work.held(credit()) == credit().payload
    assert set(outcomes) == {Confirmed(str(work.coupon(credit().key)["id"]))}
    code = work.coupon(credit().key)["code"]
    assert [work.shop.redeem(code, ADA) for _ in range(3)] == [True, False, False]


def test_one_that_comes_late_beside_the_one_that_is_sent_again_is_never_good(work: Shopping) -> None:
    """The first request was lost, and is done only after the second."""
    put = work.done(credit())
    given = work.coupon(put.key)
    (made,) = [call.body for call in work.shop.calls if call.method == "POST"]
    for late in (given["id"] - 1, given["id"] + 1):
        work.shop.coupon_desk.create(made, checked=True, unique=False)
        row = work.coupons(put.key)[-1]
        work.shop.coupons.remove(row["id"])
        work.shop.coupons.put({**row, "id": late})
        assert len([each for each in work.coupons(put.key) if work.shop.coupon_desk.live(each)]) == 1
        assert work.held(put) == put.payload
        assert work.do(credit()) == Confirmed(put.reference)
        assert work.coupon(put.key) == given


@pytest.mark.parametrize(
    "more", [{}, {"date_expires_gmt": "2000-01-01T05:00:00"}], ids=["spent", "and closed"]
)
def test_a_spent_one_is_kept_before_any_double(work: Shopping, more: dict[str, object]) -> None:
    put = work.done(credit())
    first = work.coupon(put.key)
    work.shop.coupons.put({**first, "id": first["id"] + 50, "usage_count": 1, **more})
    assert work.do(credit()) == Confirmed(str(first["id"] + 50))
    assert work.shop.coupons_usable_by(ADA) == []
