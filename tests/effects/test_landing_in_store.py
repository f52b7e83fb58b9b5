"""What a member carries through all of a demotion, as the store sees it, from a tier to none."""

from __future__ import annotations

from tests.apply.atelier import DOCUMENT, Atelier, customer, order, program
from tests.apply.conftest import Opened

LANDING = {
    "grace": "none",
    "demotion": "to qualified",
    "warn_before": [],
    "soft_landing": {"for": "30 days", "keep": ["free_shipping", "early_access"]},
}


def carried(shop: Atelier) -> tuple[list[str], str | None]:
    tags = [tag for tag in shop.store.customer("ann").tags if tag.startswith("vip-")]
    return tags, shop.store.fields("ann").get("vip-rules.status")


def test_who_falls_to_no_tier_lands_softly_and_then_carries_nothing(opened: Opened) -> None:
    shop = opened(program=program(status=LANDING))
    assert DOCUMENT["tiers"][1]["id"] == "gold"
    shop.store.put_customer(customer("ann"))
    shop.store.put_order(order("ann", 600, "2025-11-23"))
    shop.sync()
    shop.apply()
    assert carried(shop) == (["vip-gold", "vip-no-cart-reminders"], "member")

    shop.clock.advance(days=3)
    shop.apply()
    assert carried(shop) == (["vip-gold-free_shipping"], "landing")
    (listed,) = shop.store.held("entitlements")
    assert [each["type"] for each in listed.payload["entitlements"]] == ["early_access"]
    assert shop.plan().changes == ()

    shop.clock.advance(days=31)
    shop.apply()
    assert carried(shop) == ([], None)
    assert shop.store.held("entitlements") == []
    assert shop.plan().changes == ()
