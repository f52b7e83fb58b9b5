"""What customers carry and tiers grant, as plain data, in every status of a standing."""

from __future__ import annotations

import json
from typing import Any

from tests.effects.members import effects, program, shop_with
from tests.recalculation.shop import number, spend, tier
from vip_rules.adapter import KINDS
from vip_rules.canonical import canonical
from vip_rules.effects.grants import NO_CART_REMINDERS, tier_effects
from vip_rules.standing import Pin


def test_what_the_store_grants_to_each_tier() -> None:
    found = {each.key: dict(each.payload) for each in tier_effects(program(), {})}

    assert found == {
        "discount:silver": {
            "tier": "silver",
            "tags": ["vip-silver"],
            "percent": "7.5",
            "combines_with": [],
            "title": "Silver: 7.5 % discount",
        },
        "free_shipping:silver": {
            "tier": "silver",
            "tags": ["vip-silver", "vip-silver-free_shipping"],
            "service": "standard",
            "title": "Silver: free standard shipping",
        },
        "discount:gold": {
            "tier": "gold",
            "tags": ["vip-gold"],
            "percent": "15",
            "combines_with": ["shipping"],
            "title": "Gold: 15 % discount",
        },
        "free_shipping:gold": {
            "tier": "gold",
            "tags": ["vip-gold", "vip-gold-free_shipping"],
            "service": "expedited",
            "title": "Gold: free expedited shipping",
        },
    }


def test_a_member_carries_the_tag_and_the_fields_of_the_tier() -> None:
    shop = shop_with(("ann", "2026-01-03", 420))

    found = effects(shop, "2026-01-11")

    assert list(found) == ["customer:ann"]
    assert found["customer:ann"].payload == {
        "tags": ["vip-no-cart-reminders", "vip-silver"],
        "fields": {
            "tier": "silver",
            "tier_name": "Silver",
            "status": "member",
            "since": "2026-01-10",
            "secured_until": None,
            "grace_until": None,
            "benefits": [
                "7.5 % discount",
                "free standard shipping",
                "25.00 EUR store credit on the birthday",
            ],
            "next_tier": "gold",
            "next_tier_name": "Gold",
            "progress": [
                {
                    "metric": "spend[12 months]",
                    "needed": "spend in the last 12 months: at least 500.00 EUR",
                    "missing": "80.00 EUR more",
                    "by": "2027-01-02",
                }
            ],
        },
    }


def test_what_people_deliver_is_listed_with_a_plugins_own_benefit() -> None:
    shop = shop_with(("ann", "2026-01-03", 500))

    found = effects(shop, "2026-01-11")

    assert found["entitlements:ann"].payload == {
        "tier": "gold",
        "entitlements": [
            {"type": "early_access", "hours": 48, "text": "48 hours of early access"},
            {"type": "lounge", "shop": "Vienna", "worth": "40.00", "text": "the lounge in Vienna"},
        ],
    }
    assert found["customer:ann"].payload["fields"]["next_tier"] is None
    assert found["customer:ann"].payload["fields"]["progress"] == []


def test_those_without_a_tier_have_nothing() -> None:
    shop = shop_with(("ann", "2026-01-03", 99), ("bob", "2025-01-20", 100))

    assert list(effects(shop, "2026-01-11")) == ["customer:bob"]
    assert effects(shop, "2026-03-10") == {}


def test_who_lands_on_no_tier_keeps_what_the_landing_keeps() -> None:
    shop = shop_with(("bob", "2025-01-20", 100))

    found = effects(shop, "2026-01-30")

    assert list(found) == ["customer:bob"]
    carried = found["customer:bob"].payload
    assert carried["tags"] == ["vip-silver-free_shipping"]
    assert (carried["fields"]["tier"], carried["fields"]["status"]) == (None, "landing")
    assert carried["fields"]["benefits"] == ["free standard shipping"]
    assert (carried["fields"]["next_tier"], len(carried["fields"]["progress"])) == ("silver", 1)


def test_every_effect_is_of_a_kind_that_adapters_know_and_plain_data() -> None:
    shop = shop_with(("ann", "2026-01-03", 500))

    for effect in (*tier_effects(shop.program, {}), *effects(shop, "2026-01-11").values()):
        assert effect.kind in KINDS
        assert json.loads(canonical(effect.payload)) == effect.payload
        assert effect.reason


def test_a_soft_landing_keeps_the_named_benefits_of_the_former_tier() -> None:
    shop = shop_with(("ann", "2025-02-01", 400), ("ann", "2025-06-01", 100))

    landing = effects(shop, "2026-02-10")

    carried = landing["customer:ann"].payload
    assert carried["tags"] == ["vip-gold-free_shipping", "vip-no-cart-reminders", "vip-silver"]
    assert carried["fields"]["status"] == "landing"
    assert carried["fields"]["benefits"] == [
        "7.5 % discount",
        "25.00 EUR store credit on the birthday",
        "free expedited shipping",
        "48 hours of early access",
    ]
    assert [each["type"] for each in landing["entitlements:ann"].payload["entitlements"]] == ["early_access"]
    granted = {tag for each in tier_effects(shop.program, {}) for tag in each.payload["tags"]}
    assert set(carried["tags"]) - {NO_CART_REMINDERS} <= granted

    after = effects(shop, "2026-03-20")
    assert after["customer:ann"].payload["tags"] == ["vip-no-cart-reminders", "vip-silver"]
    assert "entitlements:ann" not in after


def test_a_pin_counts_with_all_that_its_tier_has() -> None:
    shop = shop_with(("ann", "2026-01-03", 420), ("bob", "2026-01-03", 500))
    shop.pin("ann", Pin("gold", number("2026-02-01"), "a complaint", "eve"))
    shop.pin("bob", Pin(None, None, "resells", "eve"))

    found = effects(shop, "2026-01-20")

    assert set(found) == {"customer:ann", "entitlements:ann"}
    carried = found["customer:ann"].payload
    assert carried["tags"] == ["vip-gold", "vip-no-cart-reminders"]
    assert (carried["fields"]["tier"], carried["fields"]["status"]) == ("gold", "pinned")
    assert carried["fields"]["next_tier"] is None
    assert effects(shop, "2026-02-02")["customer:ann"].payload["tags"] == [
        "vip-no-cart-reminders",
        "vip-silver",
    ]


def test_progress_leads_to_the_tier_above_the_one_that_counts() -> None:
    shop = shop_with(("ann", "2026-01-03", 420))
    shop.pin("ann", Pin("silver", None, "…", "eve"))
    shop.order("ann", "2026-01-12", 100)
    assert shop.evaluate("2026-01-12").decisions["ann"].standing.tier == "gold"

    (carried,) = effects(shop, "2026-01-13").values()

    assert carried.payload["fields"]["next_tier"] == "gold"
    assert carried.payload["fields"]["progress"] == []


def test_nothing_in_the_fields_changes_merely_because_a_day_has_passed() -> None:
    waiting = {"metric": "days_since_last_order", "at_most": 3}
    rules: dict[str, Any] = {
        "tiers": [
            tier("silver", spend(100)),
            tier("gold", {"all": [spend(500), waiting, {"metric": "member_days", "at_least": 9000}]}),
        ],
        "status": {"grace": "1 week", "warn_before": []},
    }
    shop = shop_with(("ann", "2026-01-03", 420), **rules)

    first = effects(shop, "2026-01-20")["customer:ann"].payload

    assert len(first["fields"]["progress"]) == 3
    assert effects(shop, "2026-01-21")["customer:ann"].payload == first
