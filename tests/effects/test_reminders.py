"""Members are reminded of their tier when a quarter begins."""

from __future__ import annotations

from typing import Any

from tests.effects.members import GOLD, SILVER, shop_with, unasked
from tests.recalculation.shop import Shop, number
from vip_rules.standing import Pin

TOLD = [{"on": "quarterly_reminder", "template": "quarter"}]
KEY = "quarterly_reminder:2026-Q2:ann"


def shop_of(*orders: tuple[str, str, int], **more: Any) -> Shop:
    return shop_with(*(orders or [("ann", "2026-01-03", 100)]), **{"messages": TOLD, **more})


def keys(shop: Shop, day: str) -> list[str]:
    return [effect.key for effect in unasked(shop, day)]


def test_a_reminder_is_due_on_the_first_day_with_what_the_tier_carries() -> None:
    shop = shop_of()
    assert keys(shop, "2026-03-31") == []

    (told,) = unasked(shop, "2026-04-01")

    assert (told.key, told.due) == (KEY, number("2026-04-01"))
    assert (told.payload["template"], told.payload["tier"]) == ("quarter", "silver")
    assert told.payload["text"] == (
        "You are Silver: 7.5 % discount; free standard shipping; 25.00 EUR store credit on the birthday."
    )
    assert told.payload["data"] == {
        "tier_name": "Silver",
        "quarter": "2026-Q2",
        "currency": "EUR",
        "benefits": [
            {"type": "discount", "percent": "7.5", "combines_with": []},
            {"type": "free_shipping", "service": "standard"},
            {"type": "store_credit", "amount": "25.00", "on": "birthday"},
        ],
    }
    assert (len(SILVER), len(GOLD)) == (3, 4)


def test_it_is_still_due_on_a_later_day_of_the_quarter() -> None:
    (told,) = unasked(shop_of(), "2026-06-30")

    assert (told.key, told.payload["day"]) == (KEY, "2026-04-01")


def test_who_reached_or_lost_a_tier_in_the_quarter_knows_it() -> None:
    shop = shop_of(("ann", "2026-01-03", 100), ("bob", "2025-04-10", 500), ("cleo", "2026-01-03", 600))
    shop.order("ann", "2026-04-01", 400)

    # Bob is in grace when the quarter begins, and Silver no more after it.
    assert keys(shop, "2026-04-01") == ["quarterly_reminder:2026-Q2:bob", "quarterly_reminder:2026-Q2:cleo"]
    assert keys(shop, "2026-04-30") == ["quarterly_reminder:2026-Q2:cleo"]
    assert keys(shop, "2026-07-01") == ["quarterly_reminder:2026-Q3:ann", "quarterly_reminder:2026-Q3:cleo"]


def test_who_was_enrolled_in_the_quarter_gets_none() -> None:
    assert keys(shop_of(), "2026-01-11") == []


def test_a_pinned_tier_is_reminded_of_when_the_quarter_begins_and_not_after_it() -> None:
    shop = shop_of(("ann", "2026-01-03", 10))
    shop.evaluate("2026-01-12", "ann")
    shop.pin("ann", Pin("gold", None, "a friend", "eve"))
    later = shop.copy()

    (told,) = unasked(shop, "2026-04-01")
    assert (told.key, told.payload["tier"], len(told.payload["data"]["benefits"])) == (KEY, "gold", 4)
    assert keys(shop, "2026-04-02") == []
    # Nobody was evaluated when it began.
    assert keys(later, "2026-04-03") == [KEY]


def test_without_the_message_nobody_is_reminded() -> None:
    assert keys(shop_of(messages=[]), "2026-04-01") == []
