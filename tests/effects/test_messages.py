"""What customers are told, once each, and in which words."""

from __future__ import annotations

from tests.effects.members import messages, shop_with
from tests.recalculation.shop import number
from vip_rules.standing import Pin

TOLD = [{"on": "welcome", "template": "hello"}, {"on": "promotion", "template": "risen"}]
WARNED = {"grace": "3 months", "warn_before": ["60 days", "30 days"]}
ANN = {"ann": {"email": "ann@example.org", "language": "de"}}


def test_a_promotion_is_told_where_the_program_has_a_template() -> None:
    shop = shop_with(("ann", "2026-01-03", 100), messages=TOLD)
    shop.order("ann", "2026-01-11", 400)

    (told,) = messages(shop, "2026-01-12", ANN)

    assert (told.key, told.kind) == ("promotion:gold:2026-01-11:ann", "message")
    assert (told.due, told.reason) == (number("2026-01-11"), "You are Gold now.")
    assert told.payload == {
        "occasion": "promotion",
        "template": "risen",
        "day": "2026-01-11",
        "tier": "gold",
        "text": "You are Gold now.",
        "data": {
            "tier_name": "Gold",
            "former_name": "Silver",
            "currency": "EUR",
            "benefits": [
                {"type": "discount", "percent": "15", "combines_with": ["shipping"]},
                {"type": "free_shipping", "service": "expedited"},
                {"type": "early_access", "hours": 48},
                {"type": "lounge", "shop": "Vienna", "worth": "40.00"},
            ],
        },
        "email": "ann@example.org",
        "language": "de",
    }


def test_the_first_tier_is_a_welcome() -> None:
    shop = shop_with(("ann", "2026-01-03", 10), messages=TOLD)
    shop.order("ann", "2026-01-11", 400)

    (told,) = messages(shop, "2026-01-12")

    assert told.payload["template"] == "hello"
    assert (told.payload["data"]["tier_name"], told.payload["data"]["former_name"]) == ("Silver", None)


def test_an_enrolment_is_told_only_to_be_welcomed() -> None:
    shop = shop_with(("ann", "2026-01-03", 100), messages=TOLD)

    assert messages(shop, "2026-01-10") == []
    (told,) = messages(shop, "2026-01-10", welcome=True)
    assert told.payload["template"] == "hello"


def test_without_templates_only_what_takes_something_away_is_told() -> None:
    shop = shop_with(("ann", "2026-01-03", 100), ("bob", "2025-01-20", 100))
    shop.order("ann", "2026-01-11", 400)

    (told,) = messages(shop, "2026-01-30")

    assert (told.customer_id, told.payload["occasion"]) == ("bob", "demotion")
    assert (told.payload["text"], told.payload["tier"]) == ("You are no longer Silver.", None)
    assert told.payload["data"] == {"former_name": "Silver", "tier_name": None}


def test_a_warning_says_until_when_and_what_would_keep_the_tier() -> None:
    shop = shop_with(("ann", "2026-01-03", 600), status=WARNED)
    shop.evaluate("2027-02-02")

    (told,) = messages(shop, "2027-02-03")

    assert told.payload["text"] == (
        "You are Gold until 3 April 2027. To keep it, by then: spend in the last 12 months: 500.00 EUR more."
    )
    assert told.payload["data"] == {
        "tier_name": "Gold",
        "until": "2027-04-03",
        "then": "silver",
        "then_name": "Silver",
        "currency": "EUR",
        "keep": [
            {
                "metric": "spend[12 months]",
                "figure": "0.00",
                "at_least": "500.00",
                "gap": "500.00",
                "by": "2027-04-03",
                "unit": "money",
            }
        ],
    }


def test_on_the_same_day_it_is_the_same_warning_though_less_is_missing() -> None:
    shop = shop_with(("ann", "2026-01-03", 600), status=WARNED)
    shop.evaluate("2027-02-02")

    (first,) = messages(shop, "2027-02-03")
    shop.order("ann", "2027-02-03", 100)
    (again,) = messages(shop, "2027-02-03")

    assert first.key == again.key == "demotion_warning:gold:2027-04-04:60 days:ann"
    assert [each.payload["data"]["keep"][0]["gap"] for each in (first, again)] == ["500.00", "400.00"]


def test_each_notice_is_a_warning_of_its_own() -> None:
    shop = shop_with(("ann", "2026-01-03", 600), status=WARNED)
    shop.evaluate("2027-02-02")
    told = [each.key for day in ("2027-02-03", "2027-02-04", "2027-03-05") for each in messages(shop, day)]

    assert told == [
        "demotion_warning:gold:2027-04-04:60 days:ann",
        "demotion_warning:gold:2027-04-04:30 days:ann",
    ]


def test_the_end_of_a_pin_asks_for_nothing() -> None:
    shop = shop_with(("ann", "2026-01-03", 100), status=WARNED)
    shop.pin("ann", Pin("gold", number("2026-03-01"), "a complaint", "eve"))

    (told,) = messages(shop, "2026-01-11")

    assert told.payload["text"] == "You are Gold until 1 March 2026."
    assert (told.payload["data"]["then"], told.payload["data"]["keep"]) == ("silver", [])
