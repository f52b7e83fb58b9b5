"""What stores hold for tiers: groups where they have groups, and grants of each customer's own where tiers can't be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.apply import atelier as shop
from tests.apply.atelier import Atelier, customer, order
from tests.effects.members import program
from tests.recalculation.shop import spend, tier
from vip_rules.effects.grants import tier_effects
from vip_rules.mirror.personal import wanted
from vip_rules.operations.erasure import erase
from vip_rules.testing import Fault
from vip_rules.testing.adapter import CAPABILITIES

COUPONS: Final = {
    **CAPABILITIES,
    "discount": replace(CAPABILITIES["discount"], each=True, needs=frozenset({"email"})),
    "free_shipping": replace(CAPABILITIES["free_shipping"], each=True, needs=frozenset({"email"})),
    "store_credit": replace(CAPABILITIES["store_credit"], needs=frozenset({"email"})),
}
"""A store of coupons: each customer has their own, for their address only."""

STATUS: Final = {
    "grace": "none",
    "demotion": "to qualified",
    "warn_before": [],
    "soft_landing": {"for": "30 days", "keep": ["free_shipping"]},
}


@pytest.fixture
def coupons(tmp_path: Path) -> Atelier:
    atelier = Atelier(tmp_path, capabilities=COUPONS)
    atelier.store.put_customer(customer("ann", email="ann@example.com"), customer("bob"))
    atelier.store.put_order(order("ann", 600, day="2025-12-01"), order("bob", 300))
    atelier.sync()
    return atelier


def granted(atelier: Atelier) -> Mapping[str, Mapping[str, Any]]:
    kinds = ("discount", "free_shipping")
    return {held.key: held.payload for kind in kinds for held in atelier.store.held(kind)}


def test_a_store_with_groups_has_one_for_each_tier() -> None:
    found = [each for each in tier_effects(program(), CAPABILITIES) if each.kind == "segment"]

    assert [(each.key, dict(each.payload)) for each in found] == [
        ("segment:silver", {"tier": "silver", "name": "Silver", "tag": "vip-silver"}),
        ("segment:gold", {"tier": "gold", "name": "Gold", "tag": "vip-gold"}),
    ]
    assert not [each for each in tier_effects(program(), {}) if each.kind == "segment"]


def test_grants_of_each_are_made_for_those_who_have_them(coupons: Atelier) -> None:
    coupons.apply()

    assert granted(coupons) == {
        "discount:gold:ann": {
            "tier": "gold",
            "email": "ann@example.com",
            "percent": "15",
            "combines_with": [],
            "title": "Gold VIP: 15 % discount",
        },
        "free_shipping:gold:ann": {
            "tier": "gold",
            "email": "ann@example.com",
            "service": "expedited",
            "title": "Gold VIP: free expedited shipping",
        },
        "discount:silver:bob": {
            "tier": "silver",
            "email": None,
            "percent": "10",
            "combines_with": [],
            "title": "Silver VIP: 10 % discount",
        },
    }
    assert not coupons.plan().changes


def test_a_new_address_changes_the_grant(coupons: Atelier) -> None:
    coupons.apply()
    later = coupons.clock() + timedelta(minutes=1)
    coupons.store.put_customer(customer("ann", email="ann@example.org", updated_at=later))
    coupons.sync()

    changes = {change.key: change.content["payload"]["email"] for change in coupons.plan().changes}

    assert changes == dict.fromkeys(["discount:gold:ann", "free_shipping:gold:ann"], "ann@example.org")


def test_a_promotion_takes_the_grant_of_the_lower_tier_away(coupons: Atelier) -> None:
    coupons.apply()
    coupons.store.put_order(order("bob", 400))
    coupons.sync()
    coupons.apply()

    assert {key for key in granted(coupons) if key.endswith("bob")} == {
        "discount:gold:bob",
        "free_shipping:gold:bob",
    }


def test_a_soft_landing_keeps_the_former_tiers_grant(tmp_path: Path) -> None:
    atelier = Atelier(tmp_path, capabilities=COUPONS, program=shop.program(status=STATUS))
    atelier.store.put_customer(customer("ann", email="ann@example.com"))
    atelier.store.put_order(order("ann", 600, day="2025-12-01"))
    atelier.sync()
    atelier.apply()
    atelier.clock.advance(days=20)
    atelier.apply()

    assert set(granted(atelier)) == {"free_shipping:gold:ann"}
    atelier.clock.advance(days=40)
    atelier.apply()
    assert granted(atelier) == {}


def test_a_deleted_customers_grants_are_taken_away(coupons: Atelier) -> None:
    coupons.apply()
    coupons.store.delete_customer("ann")
    coupons.sync()
    reasons = {change.key: change.reason for change in coupons.plan().changes if change.kind != "standing"}
    coupons.apply()

    gone = "the customer is no longer in the store"
    assert reasons == dict.fromkeys(["discount:gold:ann", "free_shipping:gold:ann"], gone)
    assert set(granted(coupons)) == {"discount:silver:bob"}
    assert not coupons.plan().changes


def test_a_redacted_customers_grants_are_taken_away(coupons: Atelier) -> None:
    coupons.apply(coupons.plan(welcome=True))
    erased = erase(coupons.database, coupons.shop, "ann", coupons.hand(), coupons.means)

    assert set(granted(coupons)) == {"discount:silver:bob"}
    assert coupons.store.customer("ann").tags == ()
    assert "promotion:gold:ann: what happened once can't be undone" in erased.left


def test_what_the_store_keeps_of_a_redacted_customer_is_told(coupons: Atelier) -> None:
    coupons.apply()
    coupons.faults.add(
        Fault.BUSY, when=lambda call: call.intent is not None and call.intent.kind == "discount"
    )
    erased = erase(coupons.database, coupons.shop, "ann", coupons.hand(), coupons.means)

    assert erased.left == ("discount:gold:ann: the store is busy",)


def test_a_credit_of_a_tier_that_was_lost_since_is_not_planned(coupons: Atelier) -> None:
    coupons.apply()
    coupons.store.put_customer(customer("dan", birthday=date(1980, 11, 22)))
    coupons.store.put_order(order("dan", 600, day="2026-11-20", key="dear"))
    coupons.sync()
    coupons.apply()
    coupons.clock.advance(days=5)
    coupons.store.refund("dear")
    coupons.sync()

    assert not [change for change in coupons.plan().changes if change.kind == "store_credit"]


def test_credits_carry_the_address_where_the_store_needs_it(coupons: Atelier) -> None:
    coupons.apply(coupons.plan(welcome=True))

    (credit,) = coupons.store.held("store_credit")
    assert (credit.key, credit.payload["email"]) == ("promotion:gold:ann", "ann@example.com")


def test_addresses_are_wanted_only_for_what_the_program_grants() -> None:
    assert wanted(program(), {}) == {"birthday"}
    assert wanted(program(), COUPONS) == {"birthday", "email"}
    nothing = program(status={}, tiers=[tier("silver", spend(100))])
    assert wanted(nothing, COUPONS) == frozenset()
