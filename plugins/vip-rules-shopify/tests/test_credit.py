"""Store credit: given once, known again by its last second, and never sent a second time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vip_rules.adapter import Confirmed, Found, Intent, Missing, Refused, RetryAfter, Unknown
from vip_rules.testing.examples import example

from tests.shop import Fault
from tests.shop.credit import account_for, book
from tests.workbench import ShopifyWorkbench
from vip_rules_shopify.effects.credits import OCCASIONS, last_moment

# Of its next birthday: what ended already can't be given.
BIRTHDAY = example("store_credit", "1")
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    yield bench
    bench.close()


def put(bench: ShopifyWorkbench, *intents: Intent) -> list[Any]:
    return list(bench.adapter().carry_out(intents))


def of(occasion: str, key: str) -> Intent:
    return replace(BIRTHDAY, key=key, payload={**BIRTHDAY.payload, "occasion": occasion})


def test_a_credit_is_exact_and_says_nothing_to_the_customer(bench: ShopifyWorkbench) -> None:
    put(bench, BIRTHDAY)
    (call,) = (call for call in bench.shop.calls if call.mutation)
    assert call.variables["credit"]["creditAmount"] == {"amount": "25.00", "currencyCode": "USD"}
    assert call.variables["credit"]["notify"] is False
    (account,) = bench.shop.accounts_of(1)
    assert account.balance == 2_500


def test_a_credit_is_good_for_its_days_and_ends_in_the_course_of_the_last() -> None:
    for zone in (UTC_ZONE, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland")):
        ends = last_moment(BIRTHDAY, 365, zone).astimezone(zone)
        assert ends.date().isoformat() == "2027-05-03"


@given(
    st.text("0123456789", min_size=1, max_size=12),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Havana"]),
)
def test_credits_of_one_customer_on_one_day_end_at_different_seconds(customer: str, zone: str) -> None:
    days = ("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-05-03")
    for day in days:
        moments = []
        for occasion in OCCASIONS:
            one = of(occasion, f"{occasion}:2026:{customer}")
            moments.append(last_moment(replace(one, payload={**one.payload, "day": day}), 1, ZoneInfo(zone)))
        assert len(set(moments)) == len(OCCASIONS)


def test_fingerprints_are_spread_over_the_day() -> None:
    """Two promotions of a customer on one day are told apart by their keys alone."""
    keys = [f"promotion:{tier}:{customer}" for tier, customer in product(("silver", "gold"), range(2_000))]
    ends = {key: last_moment(of("promotion", key), 365, UTC_ZONE) for key in keys}
    alike = sum(ends[f"promotion:silver:{one}"] == ends[f"promotion:gold:{one}"] for one in range(2_000))
    assert alike <= 2
    assert len(set(ends.values())) > 3_000


def test_equal_credits_of_one_day_are_each_found_by_their_own_key(bench: ShopifyWorkbench) -> None:
    birthday, promotion = of("birthday", "birthday:2026:1"), of("promotion", "promotion:gold:1")
    put(bench, birthday)
    adapter = bench.adapter()
    found, missing = adapter.look([birthday, promotion])
    assert isinstance(found, Found)
    assert missing == Missing()
    put(bench, promotion)
    assert all(isinstance(sight, Found) for sight in adapter.look([birthday, promotion]))
    assert bench.shop.accounts_of(1)[0].balance == 5_000


def test_another_database_does_not_give_it_again(bench: ShopifyWorkbench) -> None:
    first = put(bench, BIRTHDAY)
    assert put(bench, BIRTHDAY) == first
    assert bench.shop.accounts_of(1)[0].balance == 2_500


@pytest.mark.parametrize(
    "fault", [Fault.LOST_ANSWER, Fault.HTTP_502_DONE, Fault.INTERNAL_ERROR_DONE, Fault.WRONG_JSON]
)
def test_after_a_lost_answer_it_is_found_and_never_given_twice(bench: ShopifyWorkbench, fault: Fault) -> None:
    bench.shop.faults.add(fault, when=lambda call: call.mutation, times=1)
    assert isinstance(put(bench, BIRTHDAY)[0], Unknown)
    (sight,) = bench.adapter().look([BIRTHDAY])
    assert isinstance(sight, Found)
    assert sight.payload == BIRTHDAY.payload
    assert bench.shop.count("StoreCredit") == 1
    put(bench, BIRTHDAY)
    assert bench.shop.accounts_of(1)[0].balance == 2_500


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.HTTP_500, Fault.INTERNAL_ERROR])
def test_what_may_not_have_been_done_is_unknown_and_not_sent_again(
    bench: ShopifyWorkbench, fault: Fault
) -> None:
    bench.shop.faults.add(fault, when=lambda call: call.mutation, times=1)
    assert isinstance(put(bench, BIRTHDAY)[0], Unknown)
    assert bench.adapter().look([BIRTHDAY]) == [Missing()]
    assert bench.shop.count("StoreCredit") == 1


def test_nothing_is_given_where_the_credits_cannot_be_read(bench: ShopifyWorkbench) -> None:
    bench.shop.faults.add(Fault.HTTP_500, when=lambda call: not call.mutation)
    assert isinstance(put(bench, BIRTHDAY)[0], RetryAfter)
    assert bench.shop.count("StoreCredit") == 0


def test_a_credit_is_found_behind_hundreds_of_later_ones(bench: ShopifyWorkbench) -> None:
    put(bench, BIRTHDAY)
    account = bench.shop.accounts_of(1)[0]
    for number in range(250):
        bench.clock.sleep(60)
        book(bench.shop, account, 2_500 if number % 2 else -100, bench.clock() + timedelta(days=number + 1))
    (sight,) = bench.adapter().look([BIRTHDAY])
    assert isinstance(sight, Found)
    assert bench.shop.count("CreditTransactions") == 3


def test_a_credit_is_found_among_accounts_of_many_currencies(bench: ShopifyWorkbench) -> None:
    for currency in ("EUR", "GBP", "CAD", "JPY", "SEK", "NOK", "DKK", "CHF", "PLN", "AUD", "NZD"):
        book(bench.shop, account_for(bench.shop, 1, currency), 2_500, last_moment(BIRTHDAY, 365, UTC_ZONE))
    assert bench.adapter().look([BIRTHDAY]) == [Missing()]
    put(bench, BIRTHDAY)
    (sight,) = bench.adapter().look([BIRTHDAY])
    assert isinstance(sight, Found)


def test_money_that_was_spent_is_no_credit(bench: ShopifyWorkbench) -> None:
    account = account_for(bench.shop, 1, "USD")
    book(bench.shop, account, 5_000, bench.clock() + timedelta(days=9))
    book(bench.shop, account, -2_500)
    assert bench.adapter().look([BIRTHDAY]) == [Missing()]


def test_a_credit_of_a_currency_without_cents_is_found(bench: ShopifyWorkbench) -> None:
    yen = replace(BIRTHDAY, payload={**BIRTHDAY.payload, "amount": "2500", "currency": "JPY"})
    put(bench, yen)
    (sight,) = bench.adapter().look([yen])
    assert isinstance(sight, Found)


@pytest.mark.parametrize("day", ["2024-05-03", "2025-11-19"])
def test_what_would_have_ended_already_is_refused_with_what_to_do(bench: ShopifyWorkbench, day: str) -> None:
    late = replace(BIRTHDAY, payload={**BIRTHDAY.payload, "day": day})
    (outcome,) = put(bench, late)
    assert isinstance(outcome, Refused)
    assert "credit_days" in outcome.reason


def test_a_limit_of_shopifys_is_said_in_words(bench: ShopifyWorkbench) -> None:
    bench.shop.credit_limit = 1_000
    (outcome,) = put(bench, BIRTHDAY)
    assert isinstance(outcome, Refused)
    assert "limit" in outcome.reason
    assert bench.shop.accounts_of(1)[0].balance == 0


def test_a_batch_is_looked_through_in_one_request(bench: ShopifyWorkbench) -> None:
    intents = [example("store_credit", str(number)) for number in (1, 2, 3)]
    outcomes = put(bench, *intents)
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert bench.shop.count("CreditsByIds") == 1
    assert len({outcome.reference for outcome in outcomes}) == 3


def test_the_last_second_never_changes() -> None:
    """What was given with an earlier version has to be found by later ones."""
    keys = {"birthday:2026:1": "birthday", "promotion:gold:17": "promotion", "quarter:2026-Q3:5": "quarter"}
    told = [last_moment(of(occasion, key), 365, UTC_ZONE) for key, occasion in keys.items()]
    assert [ends.strftime("%H:%M:%S") for ends in told] == ["00:07:10", "21:42:02", "17:27:47"]
