"""Store credits fall due on their days, once each, for the tier that counted on the day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.recalculation.shop import Shop, days, number, program, spend, tier
from vip_rules.effects.effect import Effect
from vip_rules.model import Customer
from vip_rules.planning.occasions import Credits, too_soon
from vip_rules.standing import Pin

LIFE = {"grace": "none", "warn_before": []}


def credit(amount: int, on: str) -> dict[str, Any]:
    return {"type": "store_credit", "amount": amount, "on": on}


def giving(*occasions: str) -> Any:
    """Silver from 100, gold from 500; what each gives on some occasions: 10 and 20."""
    return program(
        tier("silver", spend(100), benefits=[credit(10, on) for on in occasions]),
        tier("gold", spend(500), benefits=[credit(20, on) for on in occasions]),
        status=LIFE,
    )


def shop_of(*occasions: str, paid: int = 100, enrolled: str = "2026-01-10") -> Shop:
    shop = Shop(giving(*occasions))
    shop.order("ann", "2026-01-01", paid)
    shop.evaluate(enrolled)
    return shop


def due(shop: Shop, on: int | str, *people: str, welcome: bool = False, **ann: Any) -> list[Effect]:
    """The credits that fall due when some people, or everybody, are evaluated on a day, which is kept."""
    recalculation = shop.evaluate(on, *people)
    known: Mapping[str, Mapping[str, Any]] = {"ann": {"joined": number("2020-03-31"), **ann}}
    falling = Credits(shop.program, recalculation.qualifications.as_of, {}, known)
    return [
        each
        for decision in recalculation.decisions.values()
        for each in falling.of(decision, welcome=welcome)
    ]


def said(effects: Iterable[Effect]) -> list[tuple[str, str, str]]:
    return [(each.key, each.payload["day"], each.payload["amount"]) for each in effects]


def test_a_birthday_is_credited_on_its_day() -> None:
    shop = shop_of("birthday")

    assert due(shop, "2026-05-02", birthday="05-03") == []
    (effect,) = due(shop, "2026-05-03", birthday="05-03")

    assert (effect.key, effect.kind, effect.customer_id) == ("birthday:2026:ann", "store_credit", "ann")
    assert effect.payload == {
        "amount": "10.00",
        "currency": "EUR",
        "occasion": "birthday",
        "day": "2026-05-03",
        "tier": "silver",
    }
    assert effect.reason == "10.00 EUR store credit on the birthday of Silver"
    assert due(shop, "2026-05-04", birthday="05-03") == []


@pytest.mark.parametrize(("year", "falls"), [(2026, "2026-02-28"), (2028, "2028-02-29")])
def test_29_february_falls_on_the_28th_in_other_years(year: int, falls: str) -> None:
    shop = shop_of("birthday")
    shop.order("ann", f"{year}-01-20", 100)
    shop.evaluate(f"{year}-02-26")

    found = [
        each for day in days(f"{year}-02-27", f"{year}-03-01") for each in due(shop, day, birthday="02-29")
    ]

    assert said(found) == [(f"birthday:{year}:ann", falls, "10.00")]


def test_an_anniversary_of_joining_is_credited_but_not_the_joining() -> None:
    shop = shop_of("anniversary")
    shop.evaluate("2026-03-30")

    assert due(shop, "2026-03-31", joined=number("2026-03-31")) == []
    assert said(due(shop, "2026-03-31", joined=number("2025-03-31"))) == [
        ("anniversary:2026:ann", "2026-03-31", "10.00")
    ]


def test_a_quarter_is_credited_on_its_first_day() -> None:
    shop = shop_of("quarter")
    found = [each for day in ("2026-03-31", "2026-04-01", "2026-04-02") for each in due(shop, day)]

    assert said(found) == [("quarter:2026-Q2:ann", "2026-04-01", "10.00")]


def test_a_promotion_is_credited_by_what_the_reached_tier_gives() -> None:
    shop = shop_of("promotion")
    shop.order("ann", "2026-02-01", 400)

    assert said(due(shop, "2026-02-03")) == [("promotion:gold:ann", "2026-02-01", "20.00")]


def test_who_skips_a_tier_gets_the_credit_of_the_one_that_is_reached() -> None:
    shop = shop_of("promotion", paid=1)
    shop.order("ann", "2026-02-01", 500)

    assert said(due(shop, "2026-02-01")) == [("promotion:gold:ann", "2026-02-01", "20.00")]


def test_missed_days_are_made_up_in_their_order() -> None:
    shop = shop_of("birthday", "anniversary", "quarter")

    found = due(shop, "2026-08-01", birthday="05-03")

    assert said(sorted(found, key=lambda each: each.payload["day"])) == [
        ("anniversary:2026:ann", "2026-03-31", "10.00"),
        ("quarter:2026-Q2:ann", "2026-04-01", "10.00"),
        ("birthday:2026:ann", "2026-05-03", "10.00"),
        ("quarter:2026-Q3:ann", "2026-07-01", "10.00"),
    ]


def test_a_pause_over_the_turn_of_the_year_misses_nothing() -> None:
    shop = shop_of("birthday", "quarter")
    shop.order("ann", "2026-12-20", 100)
    shop.evaluate("2026-12-20")

    assert said(due(shop, "2027-01-02", birthday="12-31")) == [
        ("birthday:2026:ann", "2026-12-31", "10.00"),
        ("quarter:2027-Q1:ann", "2027-01-01", "10.00"),
    ]


def test_what_was_missed_is_made_up_when_the_program_changes_too() -> None:
    shop = shop_of("birthday")
    shop.evaluate("2026-05-01")
    shop.change(giving("birthday", "quarter"), "2026-05-05")

    assert said(due(shop, "2026-05-05", birthday="05-03")) == [("birthday:2026:ann", "2026-05-03", "10.00")]


def test_on_the_same_day_again_the_same_keys_come_again() -> None:
    """Keys that were used are left out by who plans: nothing is given twice, whatever was evaluated in between."""
    shop = shop_of("birthday", "promotion")
    shop.order("ann", "2026-05-03", 500)
    first = said(due(shop, "2026-05-03", "ann", birthday="05-03"))

    assert [key for key, *_ in first] == ["promotion:gold:ann", "birthday:2026:ann"]
    assert said(due(shop, "2026-05-03", birthday="05-03")) == first


def test_the_tier_of_the_day_decides() -> None:
    """Gold since the day after the birthday, and no tier at all from the year after on."""
    shop = shop_of("birthday")
    shop.order("ann", "2026-05-04", 500)

    assert said(due(shop, "2026-05-10", birthday="05-03")) == [("birthday:2026:ann", "2026-05-03", "10.00")]
    shop.evaluate("2027-05-05")
    assert due(shop, "2027-06-10", birthday="06-03") == []


def test_a_pin_counts_on_its_days() -> None:
    shop = shop_of("birthday")
    shop.pin("ann", Pin("gold", number("2026-05-03"), "…", "eve"))

    assert said(due(shop.copy(), "2026-05-03", birthday="05-03"))[0][2] == "20.00"
    assert said(due(shop, "2026-05-10", birthday="05-04"))[0][2] == "10.00"


def test_who_fell_since_gets_no_credit_for_a_day_before() -> None:
    shop = shop_of("birthday")
    shop.pin("ann", Pin("gold", number("2026-05-03"), "…", "eve"))

    assert due(shop, "2026-05-10", birthday="05-03") == []


def test_an_enrolment_gives_nothing_for_days_before_and_no_promotion_unless_welcome() -> None:
    shop = Shop(giving("birthday", "quarter", "promotion"))
    shop.order("ann", "2025-12-01", 500)

    assert due(shop, "2026-01-10", birthday="01-09") == []
    assert said(due(shop, "2026-01-10", birthday="01-10", welcome=True)) == [
        ("promotion:gold:ann", "2026-01-10", "20.00"),
        ("birthday:2026:ann", "2026-01-10", "20.00"),
    ]


def test_the_day_after_the_enrolment_is_like_any_other() -> None:
    shop = Shop(giving("birthday"))
    shop.order("ann", "2025-12-01", 500)
    shop.evaluate("2026-01-10")

    assert said(due(shop, "2026-01-11", birthday="01-11")) == [("birthday:2026:ann", "2026-01-11", "20.00")]


def test_who_comes_later_gets_the_credit_of_a_promotion() -> None:
    shop = shop_of("promotion")
    shop.customers["bob"] = Customer("bob", number("2026-02-01"))
    shop.order("bob", "2026-02-01", 100)

    assert [each.key for each in due(shop, "2026-02-02")] == ["promotion:silver:bob"]


@pytest.mark.parametrize(
    ("last", "soon"), [("2025-07-08", True), ("2025-07-07", False), ("2026-05-09", True)]
)
def test_birthdays_are_300_days_apart(last: str, soon: bool) -> None:
    (effect,) = due(shop_of("birthday"), "2026-05-03", birthday="05-03")

    assert too_soon(effect, {"ann": number(last)}) is soon
    assert not too_soon(effect, {})
    assert not too_soon(replace(effect, key="quarter:2026-Q2:ann"), {"ann": number(last)})
