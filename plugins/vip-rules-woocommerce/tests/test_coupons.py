"""Discounts and free shipping are coupons of a customer's own: made once, changed in place, over when the tier is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from vip_rules.adapter import Confirmed, Found, Intent, Missing, Refused, Unknown

from tests.shopping import ADA, BEA, Shopping, changed, discount, removed, shipping, shopping
from tests.woocommerce.access import Key
from tests.woocommerce.calls import Call
from tests.woocommerce.faults import Fault
from tests.workbench import adapter_at, meta
from vip_rules_woocommerce.effects.terms import given_up

OTHER_KEY = Key(consumer_key="ck_of_tomorrow", consumer_secret="cs_of_tomorrow")


@pytest.fixture
def work() -> Iterator[Shopping]:
    with shopping() as work:
        yield work


def is_from(number: int, call: Call) -> bool:
    """Whether a request is the one of a number, or a later one."""
    return call.number >= number


def shown(work: Shopping, customer: int = 1) -> dict[str, str]:
    """The codes that a customer is shown."""
    held = meta(work.shop.customers[customer])
    return {key: value for key, value in held.items() if key.startswith("vip_rules_coupon_")}


def test_a_discount_is_a_coupon_for_the_customer_alone(work: Shopping) -> None:
    put = work.done(discount("Ada@Example.com"))
    coupon = work.coupon(put.key)
    assert re.fullmatch(r"vip-gold-[a-z2-7]{8}-[a-z2-7]{8}", coupon["code"])
    assert (coupon["discount_type"], coupon["amount"], coupon["usage_limit"]) == ("percent", "15.00", None)
    assert coupon["email_restrictions"] == [ADA]
    assert coupon["description"] == "Gold VIP: 15 % discount"
    assert put.reference == str(coupon["id"])
    assert work.held(put) == put.payload
    assert work.shop.coupons_usable_by(ADA) == [coupon["code"]]
    assert work.shop.public_coupons() == []


def test_free_shipping_is_a_coupon_beside_it(work: Shopping) -> None:
    one, other = work.done(discount()), work.done(shipping())
    coupon = work.coupon(other.key)
    assert (coupon["free_shipping"], coupon["amount"], coupon["individual_use"]) == (True, "0.00", False)
    assert work.held(one) == one.payload
    assert work.held(other) == other.payload
    assert len(work.shop.coupons_usable_by(ADA)) == 2


@pytest.mark.parametrize(
    ("combines_with", "alone"), [([], True), (["shipping"], False), (["order", "product"], False)]
)
def test_only_what_combines_with_nothing_is_used_alone(
    work: Shopping, combines_with: list[str], alone: bool
) -> None:
    put = work.done(discount(combines_with=combines_with))
    assert work.coupon(put.key)["individual_use"] is alone
    assert work.held(put) == put.payload


def test_customers_are_shown_their_codes(work: Shopping) -> None:
    one, other = work.done(discount()), work.done(shipping())
    assert shown(work) == {
        "vip_rules_coupon_discount_gold": work.coupon(one.key)["code"],
        "vip_rules_coupon_free_shipping_gold": work.coupon(other.key)["code"],
    }
    work.done(removed(one))
    assert shown(work) == {"vip_rules_coupon_free_shipping_gold": work.coupon(other.key)["code"]}
    assert shown(work, 2) == {}


def test_a_coupon_takes_four_requests_to_make(work: Shopping) -> None:
    work.done(discount())
    asked = [(call.method, re.sub(r"\d+", "#", call.path)) for call in work.shop.calls]
    assert asked == [
        ("PUT", "/customers/#"),
        ("POST", "/coupons"),
        ("GET", "/coupons"),
        ("PUT", "/coupons/#"),
    ]


def test_a_change_is_made_in_place(work: Shopping) -> None:
    before = work.done(discount())
    code = work.coupon(before.key)["code"]
    terms = {"percent": "12.5", "combines_with": [], "title": "Gold VIP: 12.5 % discount"}
    after = work.done(changed(before, **terms))
    coupon = work.coupon(before.key)
    assert (coupon["code"], coupon["amount"], coupon["individual_use"]) == (code, "12.50", True)
    assert work.held(after) == after.payload
    assert after.reference == before.reference


def test_a_new_email_takes_the_place_of_the_former(work: Shopping) -> None:
    before = work.done(discount())
    after = work.done(changed(before, email="ada@new.example"))
    assert work.coupon(before.key)["email_restrictions"] == ["ada@new.example"]
    assert work.shop.coupons_usable_by(ADA) == []
    assert work.held(after) == after.payload


def test_a_lost_tier_lets_the_coupon_expire_without_anybodys_address(work: Shopping) -> None:
    put = work.done(discount())
    work.done(removed(put))
    coupon = work.coupon(put.key)
    assert coupon["date_expires"] == "2000-01-01T00:00:00"
    assert coupon["email_restrictions"] == ["nobody@vip-rules.invalid"]
    assert work.shop.coupons_usable_by(ADA) == []
    assert isinstance(work.see(put), Missing)
    assert work.do(removed(put)) == Confirmed()


def test_a_tier_won_back_revives_the_coupon(work: Shopping) -> None:
    before = work.done(discount())
    code = work.coupon(before.key)["code"]
    work.done(removed(before))
    # The core forgets what it removed.
    again = work.done(discount())
    assert work.coupon(before.key)["code"] == code
    assert work.shop.coupons_usable_by(ADA) == [code]
    assert shown(work) == {"vip_rules_coupon_discount_gold": code}
    assert again.reference == before.reference


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER])
@pytest.mark.parametrize("path", ["/coupons/", "/customers/"])
def test_a_tier_won_back_right_after_a_removal_in_doubt_shows_the_code(
    work: Shopping, fault: Fault, path: str
) -> None:
    put = work.done(discount())
    work.shop.faults.add(fault, when=lambda call: call.writes and call.path.startswith(path), times=None)
    assert isinstance(work.do(removed(put)), Unknown)
    work.shop.faults.clear()
    work.done(put)
    assert shown(work) == {"vip_rules_coupon_discount_gold": work.coupon(put.key)["code"]}
    assert work.shop.coupons_usable_by(ADA) == [work.coupon(put.key)["code"]]


@pytest.mark.parametrize("make", [discount, shipping])
@pytest.mark.parametrize("email", [None, "a|b@example.com"])
def test_a_coupon_of_a_former_address_is_closed_where_the_new_one_does_not_fit(
    work: Shopping, make: Callable[[], Intent], email: str | None
) -> None:
    put = work.done(make())
    assert isinstance(work.do(changed(put, email=email)), Refused)
    assert work.shop.coupons_usable_by(ADA) == []
    assert work.coupon(put.key)["email_restrictions"] == ["nobody@vip-rules.invalid"]
    assert shown(work) == {}
    work.done(put)
    assert work.shop.coupons_usable_by(ADA) == list(shown(work).values())


def test_a_code_that_is_shown_still_is_not_removed_yet(work: Shopping) -> None:
    put = work.done(discount())
    work.shop.faults.add(
        Fault.LOST_REQUEST, when=lambda call: call.path.startswith("/customers/"), times=None
    )
    assert isinstance(work.do(removed(put)), Unknown)
    work.shop.faults.clear()
    assert isinstance(work.see(removed(put)), Found)
    work.done(removed(put))
    assert isinstance(work.see(removed(put)), Missing)
    assert shown(work) == {}


def test_what_is_refused_is_not_shown(work: Shopping, monkeypatch: pytest.MonkeyPatch) -> None:
    work.shop.faults.refuse("woocommerce_rest_refused", when=lambda call: call.method == "POST")
    assert isinstance(work.do(discount()), Refused)
    assert shown(work) == {}
    with monkeypatch.context() as patched:
        patched.setattr("tests.woocommerce.coupons.restriction", lambda text: "")
        assert isinstance(work.do(discount()), Refused)
    assert shown(work) == {}


def test_another_api_key_finds_the_coupon_and_leaves_its_code(work: Shopping) -> None:
    before = work.done(discount())
    code = work.coupon(before.key)["code"]
    work.shop.add_key(OTHER_KEY)
    keys = {"consumer_key": OTHER_KEY.consumer_key, "consumer_secret": OTHER_KEY.consumer_secret}
    adapter = adapter_at(work.shop.url, **keys)
    later = Shopping(work.shop, adapter)
    assert later.held(before) == before.payload
    for intent in (discount(), before):
        later.done(intent)
        assert work.coupon(before.key)["code"] == code
        assert shown(work) == {"vip_rules_coupon_discount_gold": code}
    other = later.done(discount(BEA, customer="2"))
    mine = work.done(discount(BEA, customer="2"))
    assert other.reference == mine.reference
    adapter.close()


def test_a_code_cannot_be_worked_out_without_the_secret() -> None:
    with shopping() as one, shopping(consumer_secret="cs_other") as other:
        other.shop.add_key(Key(consumer_key="ck_of_the_tests", consumer_secret="cs_other"))
        codes = [each.coupon(each.done(discount()).key)["code"] for each in (one, other)]
    known, unknown = zip(*(code.rsplit("-", 1) for code in codes), strict=True)
    assert known[0] == known[1]
    assert unknown[0] != unknown[1]


def test_changes_by_hand_are_seen(work: Shopping) -> None:
    put = work.done(discount("Ada@Example.com"))
    coupon = work.coupon(put.key)
    own = put.payload
    for change, seen in (
        ({"amount": "20.00"}, {"percent": "20"}),
        ({"email_restrictions": []}, {"email": "ANYBODY"}),
        ({"email_restrictions": [ADA, BEA]}, {"email": f"{ADA}, {BEA}"}),
        ({"individual_use": True}, {"combines_with": []}),
        ({"description": "Mine"}, {"title": "Mine"}),
        ({"usage_limit": 1}, {"usage_limit": 1}),
        ({"status": "draft"}, {"status": "draft"}),
        (
            {"date_expires": "2027-01-01T00:00:00", "date_expires_gmt": "2027-01-01T05:00:00"},
            {"date_expires": "2027-01-01T00:00:00"},
        ),
        ({"discount_type": "fixed_cart"}, {"discount_type": "fixed_cart"}),
    ):
        work.shop.coupons.put({**coupon, **change})
        assert work.held(put) == {**own, **seen}
        work.done(put)
        assert work.held(put) == own
    work.shop.coupons.change(coupon["id"], status="trash")
    assert isinstance(work.see(put), Missing)


def test_a_coupon_in_the_trash_is_left_there(work: Shopping) -> None:
    put = work.done(discount())
    old = work.coupon(put.key)
    work.shop.coupons.change(old["id"], status="trash")
    again = work.done(put)
    assert again.reference != put.reference
    assert work.held(again) == put.payload
    assert work.shop.coupons[old["id"]]["status"] == "trash"


def test_a_coupon_whose_code_was_changed_by_hand_is_found_by_its_id(work: Shopping) -> None:
    put = work.done(discount())
    work.shop.coupons.change(int(str(put.reference)), code="for-ada")
    assert work.held(put) == put.payload
    work.done(removed(put))
    assert work.shop.coupons_usable_by(ADA) == []


def test_what_is_there_is_known_again_by_the_former_payload(work: Shopping) -> None:
    before = work.done(discount("Ada@Example.com"))
    planned = changed(before, percent="20", email="ada@new.example", combines_with=["order"])
    assert work.held(planned) == before.payload


def test_a_code_that_somebody_else_has_is_refused_and_left_alone(work: Shopping) -> None:
    put = work.done(discount())
    coupon = work.coupon(put.key)
    theirs = {**coupon, "meta_data": [], "amount": "50.00"}
    work.shop.coupons.put(theirs)
    outcome = work.do(discount())
    assert isinstance(outcome, Refused)
    assert coupon["code"] in outcome.reason
    assert work.shop.coupons[coupon["id"]] == theirs


@pytest.mark.parametrize("kind", [discount, shipping])
def test_six_who_make_it_at_once_make_one(work: Shopping, kind: type) -> None:
    adapters = [adapter_at(work.shop.url) for _ in range(6)]
    work.shop.race(6)
    intent = kind()
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda adapter: adapter.carry_out([intent])[0], adapters))
    for adapter in adapters:
        adapter.close()
    coupon = work.coupon(intent.key)
    assert set(outcomes) == {Confirmed(str(coupon["id"]))}
    assert work.held(intent) == intent.payload
    assert len(work.shop.coupons_usable_by(ADA)) == 1


def test_a_double_is_seen_and_mended(work: Shopping) -> None:
    put = work.done(discount())
    first = work.coupon(put.key)
    for mend in (lambda: work.done(put), lambda: list(work.adapter.repair())):
        work.shop.coupons.put({**first, "id": first["id"] + 50})
        assert work.held(put) == {**put.payload, "copies": 2}
        mend()
        assert work.coupon(put.key)["id"] == first["id"]
    assert list(work.adapter.repair()) == []


def test_of_doubles_the_one_that_was_used_is_kept_and_of_two_the_older(work: Shopping) -> None:
    put = work.done(discount())
    first = work.coupon(put.key)
    used = work.shop.coupons.put({**first, "id": first["id"] + 50, "usage_count": 3})
    assert work.done(put).reference == str(used["id"])
    assert first["id"] not in work.shop.coupons
    work.shop.coupons.put({**first, "usage_count": 1})
    assert work.done(put).reference == str(first["id"])
    assert work.shop.coupons[used["id"]]["status"] == "trash", "its uses can still be looked up"
    assert work.held(put) == put.payload


def test_one_that_is_good_is_kept_before_one_that_is_over(work: Shopping) -> None:
    put = work.done(discount())
    first = work.coupon(put.key)
    over = {"date_expires": "2000-01-01T00:00:00", "date_expires_gmt": "2000-01-01T05:00:00"}
    work.shop.coupons.put({**first, **over, "usage_count": 3})
    work.shop.coupons.put({**first, "id": first["id"] + 50})
    assert work.held(put) == {**put.payload, "copies": 2}
    assert list(work.adapter.repair())[-1] == "deleted a second coupon for discount:gold:1"
    assert work.held(put) == put.payload
    assert list(work.adapter.repair()) == []


@pytest.mark.parametrize(
    "email",
    [
        None,
        "",
        "ada",
        "ada@localhost",
        "ada @example.com",
        " ada@example.com",
        "ada@example.com\n",
        "ada@example.com,bea@example.com",
        "ada@example.com;bea@example.com",
        "Ada <ada@example.com>",
        "*@example.com",
        "a|b@example.com",
        "ada@exämple.com",
        "ädä@example.com",
        "\u212ate@example.com",
        "ada@-example.com",
        "ada@example..com",
        ".ada@example.com",
        "a" * 65 + "@example.com",
        ["ada@example.com"],
        5,
    ],
)
def test_an_address_that_restricts_nothing_is_refused(work: Shopping, email: object) -> None:
    outcome = work.do(discount(email))  # type: ignore[arg-type]
    assert isinstance(outcome, Refused)
    assert isinstance(work.see(discount(email)), Missing)  # type: ignore[arg-type]
    assert len(work.shop.coupons) == 0
    if email:
        assert str(email) not in outcome.reason, "personal data in a reason"
    else:
        assert "has no email address" in outcome.reason


def test_a_restriction_that_the_shop_does_not_keep_closes_the_coupon(
    work: Shopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = work.done(discount())
    for kept in ("", "ada@elsewhere.example"):
        monkeypatch.setattr("tests.woocommerce.coupons.restriction", lambda text, kept=kept: kept)
        for intent in (changed(put, email="ada@new.example"), discount(BEA, customer="2")):
            assert isinstance(work.do(intent), Refused)
            assert work.shop.coupons_usable_by(ADA, BEA, "ada@new.example", "ada@elsewhere.example") == []


def test_a_new_coupon_without_its_restriction_is_given_up_at_once(
    work: Shopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.woocommerce.coupons.restriction", lambda text: "")
    assert isinstance(work.do(discount()), Refused)
    made, after = [call for call in work.shop.calls if call.path.startswith("/coupons")]
    assert (made.method, after.method, after.body) == ("POST", "PUT", given_up())


def test_a_customer_who_is_gone_has_no_coupon_made_and_theirs_expires(work: Shopping) -> None:
    put = work.done(discount())
    work.shop.customers.remove(1)
    assert isinstance(work.do(discount(tier="silver")), Refused)
    assert work.coupons("discount:silver:1") == []
    assert work.do(removed(put)) == Confirmed()
    assert work.shop.coupons_usable_by(ADA) == []


def test_an_answer_that_is_lost_at_any_request_is_made_good_by_the_next_time(work: Shopping) -> None:
    for number in range(1, 5):
        customer = str(100 + number)
        work.join(customer, ADA)
        intent = discount(ADA, customer=customer)
        # From that request on, for the adapter sends some again by itself.
        lost = partial(is_from, len(work.shop.calls) + number)
        work.shop.faults.add(Fault.LOST_ANSWER, when=lost, times=None)
        outcome = work.do(intent)
        work.shop.faults.clear()
        assert not isinstance(outcome, Confirmed | Refused)
        again = work.done(intent)
        assert work.held(again) == intent.payload
        assert len(work.coupons(intent.key)) == 1


def test_a_coupon_that_the_shop_does_not_list_is_in_doubt(work: Shopping) -> None:
    def lose(call: Call) -> None:
        for row in work.shop.coupons:
            work.shop.coupons.remove(row["id"])

    work.shop.faults.add(Fault.NOTHING, when=lambda call: call.method == "POST", meanwhile=lose)
    assert isinstance(work.do(discount()), Unknown)
    assert isinstance(work.see(discount()), Missing)
