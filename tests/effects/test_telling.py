"""What customers are told unasked, as plans have it: once for each key, as long as it is so, and not too often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from tests.apply.atelier import Atelier, customer, order, program
from tests.apply.conftest import Opened
from vip_rules.database.tables import outbox
from vip_rules.localdays import day_date
from vip_rules.plan import Change, Plan
from vip_rules.store import Shop
from vip_rules.testing import Fault
from vip_rules.testing.adapter import CAPABILITIES

UNASKED: Final[list[dict[str, Any]]] = [
    {"on": "near_next_tier", "within": 50, "template": "almost-there"},
    {"on": "halfway_to_next_tier", "template": "halfway"},
    {"on": "quarterly_reminder", "template": "quarter"},
]
TOLD: Final = [*UNASKED, {"on": "promotion", "template": "risen"}]

Begun = Callable[..., Atelier]


@pytest.fixture
def begun(opened: Opened) -> Begun:
    """Begins a shop, silver from 200 and gold from 500, with ann (gold), bob (silver) and cat (60), enrolled a day ago.

    `limit` are the count and days of its `max_messages`.
    """

    def begin(limit: tuple[int, int] | None = None, **more: Any) -> Atelier:
        rails: dict[str, Any] = {"max_demotions": {"percent": 100, "count": 1000}}
        if limit:
            rails["max_messages"] = {"count": limit[0], "days": limit[1]}
        shop = opened(program=program(messages=TOLD, guardrails=rails), **more)
        shop.store.put_customer(
            customer("ann"), customer("bob"), customer("cat", email="cat@example.org", language="de")
        )
        shop.store.put_order(order("ann", 600, key="a"), order("bob", 210, key="b"), order("cat", 60))
        shop.sync()
        shop.apply()
        shop.clock.advance(days=1)
        return shop

    return begin


def told(plan: Plan) -> list[str]:
    """The keys of a plan's messages."""
    return [change.key for change in messages(plan)]


def messages(plan: Plan) -> list[Change]:
    return [change for change in plan.changes if change.kind == "message"]


def told_to(shop: Atelier) -> list[str]:
    """The keys of all messages that were ever planned."""
    return [key for kind, key in shop.rows(outbox, "kind", "key") if kind == "message"]


def buys(shop: Atelier, who: str, spent: int, day: str = "2026-11-20", key: str | None = None) -> None:
    shop.store.put_order(order(who, spent, day, key))
    shop.sync()


def lives(shop: Atelier, days: int = 1) -> list[str]:
    """What is told when plans are made and applied on so many days, from the present one on."""
    found: list[str] = []
    for _ in range(days):
        plan = shop.plan()
        found += [f"{day_date(plan.as_of)} {key}" for key in told(plan)]
        shop.apply(plan)
        assert told(shop.plan()) == []
        shop.clock.advance(days=1)
    return found


def test_who_has_no_tier_yet_is_told_at_their_address_once(begun: Begun) -> None:
    shop = begun()
    buys(shop, "cat", 100)

    plan = shop.plan()

    (change,) = messages(plan)
    assert (change.sign, change.key) == ("+", "near_next_tier:silver:2026:cat")
    assert (change.what, change.customer_id) == ("message almost-there", "cat")
    assert (
        change.reason
        == "You are near Silver VIP: spend in the last 12 months: 40.00 USD more, by 31 October 2027."
    )
    says = change.content["payload"]
    assert (says["email"], says["language"], says["tier"]) == ("cat@example.org", "de", None)
    shop.apply(plan)
    assert [each.key for each in shop.store.held("message")] == [change.key]
    assert lives(shop, 3) == []


def test_some_are_planned_as_everybody_is(begun: Begun) -> None:
    shop = begun()
    buys(shop, "cat", 100)
    buys(shop, "bob", 60)
    whole = {change.customer_id: change.record() for change in messages(shop.plan())}

    assert set(whole) == {"bob", "cat"}
    for who, record in whole.items():
        assert [change.record() for change in messages(shop.plan(customers={who}))] == [record]
    assert shop.plan().hash == shop.plan().hash


def test_an_enrolment_is_silent_unless_members_are_welcomed(opened: Opened) -> None:
    shop = opened(program=program(messages=TOLD))
    shop.store.put_customer(customer("cat"), customer("dan"))
    shop.store.put_order(order("cat", 170), order("dan", 260))
    shop.sync()

    assert told(shop.plan()) == []
    assert told(shop.plan(welcome=True)) == [
        "promotion:silver:2026-11-20:dan",
        "near_next_tier:silver:2026:cat",
        "halfway_to_next_tier:gold:2026:dan",
    ]


def test_halfway_is_not_told_after_near_though_it_is_so_again(begun: Begun) -> None:
    shop = begun()
    buys(shop, "cat", 100, key="gone")
    assert lives(shop) == ["2026-11-21 near_next_tier:silver:2026:cat"]
    shop.store.refund("gone")
    buys(shop, "cat", 50)

    assert lives(shop) == []
    shop.clock.advance(days=39)
    assert "2027-01-01 halfway_to_next_tier:silver:2027:cat" in lives(shop)


def test_halfway_comes_before_near(begun: Begun) -> None:
    shop = begun()
    buys(shop, "cat", 50)
    assert lives(shop) == ["2026-11-21 halfway_to_next_tier:silver:2026:cat"]
    buys(shop, "cat", 50)
    assert lives(shop, 2) == ["2026-11-22 near_next_tier:silver:2026:cat"]


def test_members_are_reminded_when_a_quarter_begins_or_as_soon_as_somebody_plans(begun: Begun) -> None:
    punctual, late = begun(), begun()
    for shop in (punctual, late):
        shop.apply()
        shop.clock.advance(days=41)
    assert lives(punctual, 3) == [
        "2027-01-01 quarterly_reminder:2027-Q1:ann",
        "2027-01-01 quarterly_reminder:2027-Q1:bob",
    ]
    late.clock.advance(days=5)
    plan = late.plan()
    assert [change.content["due"] for change in messages(plan)] == ["2027-01-01"] * 2
    assert lives(late, 2) == [
        "2027-01-06 quarterly_reminder:2027-Q1:ann",
        "2027-01-06 quarterly_reminder:2027-Q1:bob",
    ]


def test_what_happens_is_always_told_and_the_rest_waits(begun: Begun) -> None:
    shop = begun(limit=(1, 7))
    buys(shop, "cat", 220)

    assert lives(shop, 10) == [
        "2026-11-21 promotion:silver:2026-11-21:cat",
        "2026-11-28 halfway_to_next_tier:gold:2026:cat",
    ]
    buys(shop, "cat", 300)
    assert lives(shop) == ["2026-12-01 promotion:gold:2026-12-01:cat"]


def test_without_a_limit_all_is_told_at_once(begun: Begun) -> None:
    shop = begun()
    buys(shop, "cat", 220)

    assert lives(shop, 10) == [
        "2026-11-21 promotion:silver:2026-11-21:cat",
        "2026-11-21 halfway_to_next_tier:gold:2026:cat",
    ]


def test_what_is_no_longer_so_is_not_told_later(begun: Begun) -> None:
    shop = begun(limit=(1, 7))
    buys(shop, "cat", 220, key="gone")
    lives(shop, 3)
    shop.store.refund("gone")
    shop.sync()

    assert lives(shop, 8) == []


def test_of_several_things_the_nearer_tier_is_told_first(begun: Begun) -> None:
    shop = begun(limit=(1, 7))
    shop.apply()
    buys(shop, "bob", 250)
    shop.clock.advance(days=41)

    assert lives(shop, 9) == [
        "2027-01-01 near_next_tier:gold:2027:bob",
        "2027-01-01 quarterly_reminder:2027-Q1:ann",
        "2027-01-08 quarterly_reminder:2027-Q1:bob",
    ]


def test_where_nothing_carries_messages_none_counts(begun: Begun) -> None:
    kinds = {kind: can for kind, can in CAPABILITIES.items() if kind != "message"}
    shop = begun(limit=(1, 7), capabilities=kinds)
    buys(shop, "cat", 220)

    assert lives(shop) == [
        "2026-11-21 promotion:silver:2026-11-21:cat",
        "2026-11-21 halfway_to_next_tier:gold:2026:cat",
    ]
    assert {shop.intents()[key] for key in told_to(shop)} == {"withdrawn"}


def test_what_the_channel_refused_was_not_told(begun: Begun) -> None:
    shop = begun(limit=(1, 7))
    buys(shop, "cat", 220)
    shop.faults.add(Fault.REFUSED, when=lambda call: "promotion" in str(call.intent), times=1)
    shop.apply()
    shop.clock.advance(days=1)

    assert lives(shop) == ["2026-11-22 halfway_to_next_tier:gold:2026:cat"]


def test_a_message_that_was_made_up_for_counts_from_the_day_on_which_it_was_planned(begun: Begun) -> None:
    shop = begun(limit=(1, 7))
    shop.apply()
    shop.clock.advance(days=50)
    assert lives(shop) == [
        "2027-01-10 quarterly_reminder:2027-Q1:ann",
        "2027-01-10 quarterly_reminder:2027-Q1:bob",
    ]
    buys(shop, "bob", 250)

    assert lives(shop, 7) == ["2027-01-17 near_next_tier:gold:2027:bob"]


def test_days_that_are_planned_long_after_count_as_they_were(begun: Begun) -> None:
    shop = begun(limit=(1, 7))
    buys(shop, "cat", 220)
    first = shop.today
    shop.clock.advance(days=200)

    found: list[str] = []
    for day in range(first, first + 8):
        plan = shop.plan(as_of=day, explicit=True)
        found += [f"{day_date(day)} {key}" for key in told(plan)]
        shop.apply(plan)

    assert found == [
        "2026-11-21 promotion:silver:2026-11-21:cat",
        "2026-11-28 halfway_to_next_tier:gold:2026:cat",
    ]


@pytest.mark.parametrize("since", [None, date(2026, 11, 10)])
def test_nothing_is_told_of_half_a_history(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, since: date | None
) -> None:
    shop = opened(program=program(messages=TOLD))
    monkeypatch.setattr(shop.store, "shop", lambda: Shop(currency="USD", trusted_from=since))
    shop.store.put_customer(customer("cat"))
    buys(shop, "cat", 160, "2026-11-15")
    shop.apply()
    shop.clock.advance(days=1)

    assert lives(shop) == ([] if since else ["2026-11-21 near_next_tier:silver:2026:cat"])


def test_days_are_those_of_the_program(opened: Opened) -> None:
    """Late in the evening in New York it is the next quarter in Greenwich."""
    shop = opened(program=program(messages=TOLD), now=datetime(2026, 12, 31, 2, tzinfo=UTC))
    shop.store.put_customer(customer("ann"))
    shop.store.put_order(order("ann", 600))
    shop.sync()
    shop.apply()
    shop.clock.advance(days=1)
    assert told(shop.plan()) == []
    shop.clock.advance(seconds=4 * 3600)

    assert told(shop.plan()) == ["quarterly_reminder:2027-Q1:ann"]
