"""What goes beyond the guardrails needs a confirmation of exactly that plan; a fetch that lacks something demotes nobody."""

from __future__ import annotations

from datetime import date

import pytest

from tests.apply.atelier import Atelier, customer, order, program
from tests.apply.conftest import Opened
from tests.database.opened import only_sqlite
from vip_rules.adapter import PlatformFailed
from vip_rules.operations.erasure import erase
from vip_rules.store import Shop
from vip_rules.storing import ConfirmationNeeded
from vip_rules.sync import FetchShrank
from vip_rules.testing import Fault

pytestmark = only_sqlite


def members(opened: Opened, count: int, percent: int, most: int, **more: object) -> Atelier:
    """A shop with so many members in silver, enrolled yesterday."""
    guardrails = {"max_demotions": {"percent": percent, "count": most}, **more}
    shop = opened(program=program(guardrails=guardrails))
    shop.store.put_customer(*(customer(f"m{n}") for n in range(count)))
    shop.store.put_order(*(order(f"m{n}", 300, key=f"o{n}") for n in range(count)))
    shop.sync()
    shop.apply()
    assert len(shop.tiers()) == count
    shop.clock.advance(days=1)
    return shop


def demote(shop: Atelier, *numbers: int) -> None:
    for n in numbers:
        shop.store.refund(f"o{n}")
    shop.sync()


@pytest.mark.parametrize(
    ("percent", "most", "demoted", "refused"),
    [
        (20, 2, 3, True),  # more than both
        (30, 2, 3, False),  # exactly so many percent
        (20, 3, 3, False),  # exactly so many customers
        (30, 3, 3, False),
        (20, 4, 3, False),  # more than one limit alone is not enough
        (31, 2, 3, False),
        (29, 2, 3, True),
        (0, 0, 1, True),
    ],
)
def test_more_demotions_than_both_limits_need_a_confirmation(
    opened: Opened, percent: int, most: int, demoted: int, refused: bool
) -> None:
    shop = members(opened, 10, percent, most)
    demote(shop, *range(demoted))
    plan = shop.plan()
    assert [limit.name for limit in plan.limits] == ["max_demotions"] * refused
    if not refused:
        assert shop.apply(plan).standings == demoted
        return
    before, done = shop.standings(), shop.store.done()
    share = rf"\({demoted}0.00 % of the 10 members at its start\)"
    said = rf"{demoted} demotions on 2026-11-21 {share} are more than .*--confirm {plan.hash[:8]}"
    with pytest.raises(ConfirmationNeeded, match=said):
        shop.apply(plan)
    assert (shop.standings(), shop.store.done()) == (before, done)


def test_demotions_are_added_up_over_all_applies_of_a_day_against_its_first_members(opened: Opened) -> None:
    shop = members(opened, 10, 20, 2)
    demote(shop, 0, 1)
    shop.apply()
    # Somebody new doesn't make room for more.
    shop.store.put_customer(customer("new"))
    shop.store.put_order(order("new", 300))
    demote(shop, 2)
    with pytest.raises(ConfirmationNeeded, match=r"3 demotions .*30.00 % of the 10 members at its start"):
        shop.apply()
    shop.clock.advance(days=1)
    assert shop.apply().standings == 2


def test_who_was_demoted_and_rose_again_on_the_same_day_counts_for_nothing(opened: Opened) -> None:
    shop = members(opened, 10, 0, 1)
    demote(shop, 0)
    shop.apply()
    shop.store.put_order(order("m0", 300))
    demote(shop, 1)
    assert shop.apply().standings == 2


@pytest.mark.parametrize(("length", "enough"), [(64, True), (12, True), (8, True), (7, False), (0, False)])
def test_a_confirmation_is_the_beginning_of_the_plans_hash(opened: Opened, length: int, enough: bool) -> None:
    shop = members(opened, 4, 0, 0)
    demote(shop, 0)
    plan = shop.plan()
    if enough:
        shop.apply(plan, confirm=plan.hash[:length])
        (entry,) = shop.remembered("confirmation")
        assert entry["says"]["plan"] == plan.hash
        assert "1 demotions" in entry["says"]["limits"][0]
    else:
        with pytest.raises(ConfirmationNeeded):
            shop.apply(plan, confirm=plan.hash[:length])


def test_a_confirmation_is_of_one_plan_alone(opened: Opened) -> None:
    shop = members(opened, 4, 0, 0)
    demote(shop, 0)
    confirmed = shop.plan().hash
    demote(shop, 1)
    with pytest.raises(ConfirmationNeeded, match="2 demotions"):
        shop.apply(confirm=confirmed)


# Credit


def celebrating(opened: Opened, amount: int, per: str, *birthdays: str) -> Atelier:
    """A shop whose members have their birthdays on some days; each gets 25.00 on it."""
    shop = opened(program=program(guardrails={"max_credit": {"amount": amount, "per": per}}))
    for n, day in enumerate(birthdays):
        shop.store.put_customer(customer(f"m{n}", birthday=date.fromisoformat(f"1980-{day}")))
        shop.store.put_order(order(f"m{n}", 300))
    shop.sync()
    shop.apply()
    shop.clock.advance(days=1)
    return shop


@pytest.mark.parametrize(("amount", "refused"), [(50, False), (49, True)])
def test_more_credit_than_a_days_budget_needs_a_confirmation(
    opened: Opened, amount: int, refused: bool
) -> None:
    shop = celebrating(opened, amount, "day", "11-21", "11-21", "11-22", "11-22")
    for _ in range(2):
        plan = shop.plan()
        assert [limit.name for limit in plan.limits] == ["max_credit"] * refused
        if refused:
            said = r"store credits of 50.00 USD in this day are more than max_credit allows: 49.00 USD"
            with pytest.raises(ConfirmationNeeded, match=said):
                shop.apply(plan)
        shop.apply(plan, confirm=plan.hash)
        shop.clock.advance(days=1)
    assert len(shop.store.held("store_credit")) == 4


def test_credit_is_added_up_over_a_month(opened: Opened) -> None:
    shop = celebrating(opened, 50, "month", "11-21", "11-22", "11-23", "12-01")
    shop.apply()
    shop.clock.advance(days=1)
    shop.apply()
    shop.clock.advance(days=1)
    with pytest.raises(ConfirmationNeeded, match=r"store credits of 75.00 USD in this month"):
        shop.apply()
    plan = shop.plan()
    shop.apply(plan, confirm=plan.hash[:8])
    shop.clock.advance(days=8)
    assert shop.plan().limits == ()


@pytest.mark.parametrize("per", ["day", "month"])
def test_credit_that_is_given_late_counts_when_it_is_given(opened: Opened, per: str) -> None:
    shop = celebrating(opened, 50, per, "11-21", "11-22", "11-23", "12-02")
    shop.clock.advance(days=10)
    plan = shop.plan()
    with pytest.raises(ConfirmationNeeded, match=r"store credits of 75.00 USD"):
        shop.apply(plan)
    shop.apply(plan, confirm=plan.hash)
    # On the same day, which is in another month than those credits were due.
    shop.store.put_customer(customer("m3", birthday=date(1980, 12, 1)))
    shop.sync()
    with pytest.raises(ConfirmationNeeded, match=r"store credits of 100.00 USD"):
        shop.apply()


def test_a_budget_goes_on_after_somebody_who_had_credit_was_erased(opened: Opened) -> None:
    shop = celebrating(opened, 25, "month", "11-21", "11-22")
    shop.apply()
    erase(shop.database, shop.shop, "m0", shop.hand(), shop.means)
    shop.clock.advance(days=1)
    assert shop.apply().delivered.counts["confirmed"] == 1


# What the store tells


@pytest.mark.parametrize("left", [0, 5, 17])
def test_a_full_fetch_that_shrank_demotes_nobody(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    shop = members(opened, 20, 100, 1000)
    before = shop.tiers()
    there = shop.store.changes
    monkeypatch.setattr(shop.store, "changes", lambda after, limit: there(after, limit)[:left])
    with pytest.raises(FetchShrank, match="nothing was removed"):
        shop.sync(full=True)
    assert shop.plan().changes == ()
    shop.apply()
    assert shop.tiers() == before


@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.CUT, Fault.ABORTED])
def test_a_fetch_that_breaks_off_demotes_nobody(opened: Opened, fault: Fault) -> None:
    shop = members(opened, 20, 100, 1000)
    before = shop.tiers()
    shop.faults.add(fault, "pages", times=1)
    with pytest.raises((FetchShrank, PlatformFailed)):
        shop.sync(full=True)
    assert shop.plan().changes == ()
    shop.sync(full=True)
    assert shop.plan().changes == ()
    assert shop.tiers() == before


def test_a_store_that_tells_only_of_the_latest_orders_decides_nothing_by_older_ones(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = opened()
    recent = Shop(currency="USD", trusted_from=date(2026, 11, 10))
    monkeypatch.setattr(shop.store, "shop", lambda: recent)
    shop.store.put_customer(customer("ann"))
    shop.store.put_order(order("ann", 600, day="2026-11-15"))
    shop.sync()
    plan = shop.plan()
    assert [change.what for change in plan.changes if change.kind == "standing"] == []
    assert any("the store tells no older orders" in note for note in plan.notes)


def test_orders_that_the_store_no_longer_tells_demote_nobody(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scope was lost: from one day on the store tells of the last weeks only."""
    shop = members(opened, 4, 100, 1000)
    recent = Shop(currency="USD", trusted_from=date(2026, 11, 10))
    monkeypatch.setattr(shop.store, "shop", lambda: recent)
    shop.store.delete_order("o0")
    report = shop.sync(full=True)
    assert report.written.gone_orders == 0
    assert [change.what for change in shop.plan().changes if change.kind == "standing"] == []
