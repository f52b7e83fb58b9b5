"""Who is near the next tier, or halfway to it, and what they are told of the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.effects.members import unasked
from tests.recalculation.shop import Shop, number, program, spend, tier
from vip_rules.model import Customer
from vip_rules.standing import Pin

TOLD = [
    {"on": "near_next_tier", "within": 50, "template": "almost-there"},
    {"on": "halfway_to_next_tier", "template": "halfway"},
]
ORDERS: Mapping[str, Any] = {"metric": "orders", "window": "12 months", "at_least": 4}


def shop_of(
    *orders: tuple[str, str, int], tiers: Any = (), enrolled: str = "2026-01-10", **more: Any
) -> Shop:
    """A shop whose customers ordered on some days for some money; silver from 100 and gold from 500 in 12 months."""
    shop = Shop(program(*tiers, **{"messages": TOLD, **more}))
    for customer, day, paid in orders:
        shop.order(customer, day, paid)
    shop.evaluate(enrolled)
    return shop


def keys(shop: Shop, day: str, *people: str) -> list[str]:
    return [effect.key for effect in unasked(shop, day, *people)]


def test_who_lacks_little_spend_is_told_how_much_and_how_long_theirs_counts() -> None:
    shop = shop_of(("ann", "2026-01-03", 457))

    (told,) = unasked(shop, "2026-01-11")

    assert (told.key, told.kind, told.due) == (
        "near_next_tier:gold:2026:ann",
        "message",
        number("2026-01-11"),
    )
    assert told.payload == {
        "occasion": "near_next_tier",
        "template": "almost-there",
        "day": "2026-01-11",
        "tier": "silver",
        "text": "You are near Gold: spend in the last 12 months: 43.00 EUR more, by 2 January 2027.",
        "data": {
            "tier_name": "Silver",
            "next": "gold",
            "next_name": "Gold",
            "currency": "EUR",
            "missing": [
                {
                    "metric": "spend[12 months]",
                    "figure": "457.00",
                    "at_least": "500.00",
                    "gap": "43.00",
                    "by": "2027-01-02",
                    "unit": "money",
                }
            ],
            "amount": "43.00",
            "through": "2027-01-02",
        },
    }
    assert told.reason == told.payload["text"]


@pytest.mark.parametrize(
    ("paid", "told"),
    [
        (49, []),
        (50, ["near_next_tier:silver:2026:ann"]),
        (99, ["near_next_tier:silver:2026:ann"]),
        (249, []),
        (250, ["halfway_to_next_tier:gold:2026:ann"]),
        (449, ["halfway_to_next_tier:gold:2026:ann"]),
        (450, ["near_next_tier:gold:2026:ann"]),
        (500, []),
    ],
)
def test_near_is_within_the_amount_and_goes_before_halfway(paid: int, told: list[str]) -> None:
    assert keys(shop_of(("ann", "2026-01-03", paid)), "2026-01-11") == told


def test_what_was_spent_for_ever_counts_for_ever() -> None:
    shop = shop_of(("ann", "2026-01-03", 80), tiers=[tier("silver", spend(100, "lifetime"))])

    (told,) = unasked(shop, "2026-01-11")

    assert told.payload["text"] == "You are near Silver: spend so far: 20.00 EUR more."
    assert (told.payload["data"]["through"], told.payload["data"]["tier_name"]) == (None, None)


def test_who_lacks_something_beside_spend_is_not_near() -> None:
    both = tier("silver", {"all": [spend(100), ORDERS]})
    shop = shop_of(*[("ann", f"2026-01-0{n}", 30) for n in (1, 2, 3)], tiers=[both])
    shop.order("bob", "2026-01-03", 90)

    (told,) = unasked(shop, "2026-01-11")

    assert told.key == "halfway_to_next_tier:silver:2026:ann"
    assert [(each["gap"], each["unit"]) for each in told.payload["data"]["missing"]] == [
        ("10.00", "money"),
        ("1", "count"),
    ]
    shop.order("ann", "2026-01-12", 1)
    assert keys(shop, "2026-01-12") == ["near_next_tier:silver:2026:ann"]


def test_the_cheapest_path_decides_though_another_leads_over_spend() -> None:
    either = tier("silver", {"any": [spend(1000), {**ORDERS, "at_least": 2}]})
    shop = shop_of(("ann", "2026-01-03", 960), ("bob", "2026-01-03", 400), tiers=[either])

    assert keys(shop, "2026-01-11") == [
        "near_next_tier:silver:2026:ann",
        "halfway_to_next_tier:silver:2026:bob",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        {"metric": "member_days", "at_least": 3000},
        {"metric": "days_since_last_order", "at_most": 5},
        {"metric": "average_order_value", "window": "12 months", "at_least": 150},
        {"metric": "spend_percentile", "window": "12 months", "at_least": 60},
        {"metric": "spend", "window": "12 months", "at_most": 60},
        {"metric": "tag", "is": "friend"},
    ],
)
def test_only_sums_and_counts_have_a_half(rule: Mapping[str, Any]) -> None:
    orders = [("ann", "2026-01-03", 80), ("bob", "2026-01-03", 90), ("cleo", "2026-01-03", 70)]
    shop = shop_of(*orders, tiers=[tier("silver", rule)])

    assert [key for key in keys(shop, "2026-01-11") if "ann" in key] == []


def test_half_of_one_thing_is_not_halfway_to_two() -> None:
    both = tier("silver", {"all": [spend(400), ORDERS]})
    shop = shop_of(("ann", "2026-01-03", 300), tiers=[both])

    assert keys(shop, "2026-01-11") == []


def test_nothing_is_halfway_to_more_than_nothing() -> None:
    rule = {"metric": "orders", "window": "12 months", "more_than": 0}
    shop = shop_of(("ann", "2024-01-03", 300), tiers=[tier("silver", rule)])

    assert keys(shop, "2026-01-11") == []


def test_a_pin_leads_nowhere_unless_it_is_a_floor() -> None:
    shop = shop_of(("ann", "2026-01-03", 120), ("bob", "2026-01-03", 480))
    shop.pin("ann", Pin("gold", None, "a friend", "eve"))
    shop.pin("bob", Pin("silver", None, "a friend", "eve"))
    assert keys(shop, "2026-01-11") == []

    shop.pin("ann", Pin("gold", None, "a friend", "eve", floor=True))
    shop.pin("bob", Pin("silver", None, "a friend", "eve", floor=True))
    assert keys(shop, "2026-01-12") == ["near_next_tier:gold:2026:bob"]


def test_the_next_tier_is_above_a_pinned_floor() -> None:
    ladder = [tier("silver", spend(100)), tier("gold", spend(500)), tier("platinum", spend(1000))]
    shop = shop_of(("ann", "2026-01-03", 480), tiers=ladder)
    shop.pin("ann", Pin("gold", None, "a friend", "eve", floor=True))

    assert keys(shop, "2026-01-11") == []
    shop.order("ann", "2026-01-12", 485)
    assert keys(shop, "2026-01-12") == ["near_next_tier:platinum:2026:ann"]


def test_who_is_in_grace_hears_nothing_of_the_half() -> None:
    ladder = [tier("silver", spend(100)), tier("gold", spend(150))]
    orders = [("ann", "2025-02-01", 40), ("ann", "2025-06-01", 80)]
    shop = shop_of(*orders, tiers=ladder, status={"grace": "6 months", "warn_before": []})
    told = shop_of(*orders, tiers=ladder, status={"term": "lifetime", "warn_before": []})
    for each in (shop, told):
        each.evaluate("2026-01-31")

    # 80 is more than half of gold's 150, but less than silver's 100.
    assert keys(shop, "2026-02-01") == []
    assert keys(told, "2026-02-01") == ["halfway_to_next_tier:gold:2026:ann"]


def test_a_grandfathered_standing_climbs_like_any_other() -> None:
    shop = shop_of(("ann", "2026-01-03", 320))
    harder = program(tier("silver", spend(350)), tier("gold", spend(600)), messages=TOLD)
    shop.change(harder, "2026-01-11", "keep-existing")

    assert shop.evaluate("2026-01-11").decisions["ann"].standing.grandfathered
    assert keys(shop, "2026-01-12") == ["halfway_to_next_tier:gold:2026:ann"]


def test_nothing_is_told_that_rests_on_a_window_before_the_trusted_days() -> None:
    shop = shop_of(("ann", "2026-01-03", 80))
    shop.trusted_from = number("2025-06-01")
    assert keys(shop, "2026-01-11") == []

    # From then on the window of 12 months begins no earlier.
    assert keys(shop, "2026-05-30") == []
    assert keys(shop, "2026-06-01") == ["near_next_tier:silver:2026:ann"]


def test_a_doubt_about_one_comparison_is_one_about_the_tier() -> None:
    either = tier("silver", {"any": [spend(100, "30 days"), spend(5000, "lifetime")]})
    shop = shop_of(("ann", "2026-01-03", 80), tiers=[either])
    assert keys(shop, "2026-01-11") == ["near_next_tier:silver:2026:ann"]

    shop.trusted_from = number("2025-12-01")
    assert keys(shop, "2026-01-11") == []


def test_windows_of_ones_own_are_trusted_one_by_one() -> None:
    shop = shop_of(tiers=[tier("silver", spend(100, "membership year"))])
    for name, joined in (("ann", "2025-01-08"), ("bob", "2025-01-03")):
        shop.customers[name] = Customer(name, number(joined))
        shop.order(name, "2026-01-09", 80)
    shop.trusted_from = number("2026-01-05")

    assert keys(shop, "2026-01-11") == ["near_next_tier:silver:2026:ann"]


def test_everybody_or_some_it_is_the_same_on_the_same_day() -> None:
    orders = [("ann", "2026-01-03", 457), ("bob", "2026-01-03", 60), ("cleo", "2026-01-04", 300)]
    shop = shop_of(*orders)
    whole = unasked(shop.copy(), "2026-01-11")

    assert len(whole) == 3
    for effect in whole:
        assert effect.customer_id is not None
        assert unasked(shop.copy(), "2026-01-11", effect.customer_id) == [effect]


def test_the_year_is_in_the_key() -> None:
    shop = shop_of(("ann", "2026-06-03", 80), enrolled="2026-12-30")

    assert keys(shop, "2026-12-31") == ["near_next_tier:silver:2026:ann"]
    assert keys(shop, "2027-01-01") == ["near_next_tier:silver:2027:ann"]


def test_without_a_message_of_the_program_nobody_is_told() -> None:
    orders = [("ann", "2026-01-03", 457), ("bob", "2026-01-03", 300)]

    assert keys(shop_of(*orders, messages=[]), "2026-01-11") == []
    assert keys(shop_of(*orders, messages=TOLD[:1]), "2026-01-11") == ["near_next_tier:gold:2026:ann"]
    assert keys(shop_of(*orders, messages=TOLD[1:]), "2026-01-11") == [
        "halfway_to_next_tier:gold:2026:ann",
        "halfway_to_next_tier:gold:2026:bob",
    ]
