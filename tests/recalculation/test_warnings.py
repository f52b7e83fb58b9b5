"""Nobody loses a tier without notice: when it is given, what it says would keep the tier, and when it is void."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recalculation.generated import ENROLLED, shops
from tests.recalculation.shop import Shop, days, happened, number, program, spend, text, tier
from vip_rules.model import Currency
from vip_rules.recalculation import Decision
from vip_rules.standing import Pin

EUR = Currency.of("EUR")
WARNED = {"grace": "3 months", "warn_before": ["60 days", "30 days"]}


def fallen() -> Shop:
    """Ann's order leaves the window on 2027-01-01, and her grace ends on 2027-04-01."""
    shop = Shop(program(status=WARNED))
    shop.order("ann", "2026-01-01", 600)
    shop.evaluate("2026-12-01")
    return shop


def notices(decision: Decision) -> list[tuple[str, str | None, str | None]]:
    return [(notice.before, text(notice.on), text(notice.ahead)) for notice in decision.notices]


def test_each_notice_is_given_once_on_its_day_and_the_demotion_follows() -> None:
    shop, told, seen = fallen(), list[tuple[str, str | None, str | None]](), list[str]()
    for day in (
        *days("2026-12-31", "2027-01-01"),
        *days("2027-01-31", "2027-02-02"),
        *days("2027-03-02", "2027-03-04"),
        *days("2027-04-01", "2027-04-02"),
    ):
        decision = shop.evaluate(day).decisions["ann"]
        told += notices(decision)
        seen += happened(decision)

    assert told == [("60 days", "2027-02-01", "2027-04-02"), ("30 days", "2027-03-03", "2027-04-02")]
    assert seen == [
        "2027-01-01 grace gold",
        "2027-04-02 demotion silver",
        "2027-04-02 grace silver",
    ]


def test_a_notice_is_recorded_and_its_day_counts_when_evaluated_again() -> None:
    shop = fallen()
    shop.evaluate("2027-01-31")
    for _ in range(2):
        assert notices(shop.evaluate("2027-02-01").decisions["ann"]) == [
            ("60 days", "2027-02-01", "2027-04-02")
        ]
        assert [notice.before for notice in shop.standing("ann").notices] == ["60 days"]


def test_what_is_known_late_is_said_late_and_the_demotion_waits() -> None:
    """Nobody evaluated for months: both notices are due at once, and the shortest has to pass."""
    shop = fallen()

    late = shop.evaluate("2027-05-01").decisions["ann"]

    assert notices(late) == [("60 days", "2027-05-01", "2027-05-31"), ("30 days", "2027-05-01", "2027-05-31")]
    assert shop.evaluate("2027-05-30").decisions["ann"].standing.tier == "gold"
    assert shop.evaluate("2027-05-31").decisions["ann"].standing.tier == "silver"


def test_with_monthly_evaluations_nobody_falls_without_notice() -> None:
    shop = fallen()
    on = {}
    for day in ("2027-01-15", "2027-02-15", "2027-03-15", "2027-04-15", "2027-05-15", "2027-06-15"):
        decision = shop.evaluate(day).decisions["ann"]
        on[day] = [before for before, *_ in notices(decision)], happened(decision)

    assert on["2027-02-15"] == (["60 days"], [])
    assert on["2027-03-15"] == (["30 days"], [])
    assert on["2027-04-15"][1][0] == "2027-04-02 demotion silver"


def test_requalifying_voids_notices_and_later_ones_are_given_anew() -> None:
    shop = fallen()
    shop.evaluate("2027-02-01")
    shop.order("ann", "2027-02-10", 500)

    decision = shop.evaluate("2027-02-10").decisions["ann"]

    assert happened(decision) == ["2027-02-10 requalification gold"]
    assert (decision.standing.notices, decision.ahead) == ((), None)
    shop.evaluate("2028-03-11")
    assert notices(shop.look(number("2028-03-12")).decisions["ann"]) == [
        ("60 days", "2028-03-12", "2028-05-11")
    ]


@pytest.mark.parametrize(("short", "kept"), [(1, False), (0, True)])
@pytest.mark.parametrize(
    ("window", "notice", "gap"),
    [
        ("12 months", "2027-04-12", 39_000),
        ("calendar year", "2027-02-01", 45_000),
        ("1 year", "2027-04-12", 39_000),
    ],
)
def test_what_would_keep_the_tier_keeps_it_if_it_comes_by_then(
    window: str, notice: str, gap: int, short: int, kept: bool
) -> None:
    """The order that is asked for, on the last day that is named, is enough; one cent less is not."""
    shop = Shop(program(tier("gold", spend(500, window), spend(450, window)), status=WARNED))
    shop.order("ann", "2026-03-10", 500)
    shop.order("ann", "2026-11-01", 60)
    shop.evaluate("2026-12-20")
    shop.evaluate(number(notice) - 1)

    decision = shop.evaluate(notice).decisions["ann"]

    assert [before for before, *_ in notices(decision)] == ["60 days"]
    assert decision.ahead is not None
    assert [lack.gap for lack in decision.keep] == [gap]
    paid = shop.order("ann", decision.ahead.day - 1, 0)
    shop.orders[paid] = replace(shop.orders[paid], total=gap - short)
    after = shop.evaluate(decision.ahead.day).decisions["ann"]
    assert (after.standing.tier == "gold") is kept


def test_the_amount_is_that_of_the_last_day_and_not_of_today() -> None:
    """Some of what counts today leaves the window before the grace is over."""
    rules = program(tier("gold", spend(500)), status=WARNED)
    shop = Shop(rules)
    for day, amount in (("2026-01-01", 300), ("2026-02-20", 150), ("2026-06-01", 100)):
        shop.order("ann", day, amount)
    shop.evaluate("2026-12-01")

    decision = shop.evaluate("2027-02-01").decisions["ann"]

    (lack,) = decision.keep
    assert lack.gap_in_words(EUR) == "400.00 EUR more"


def test_the_end_of_a_pin_is_announced_and_waits_for_nobody() -> None:
    shop = Shop(program(status=WARNED))
    shop.order("ann", "2026-11-01", 100)
    shop.evaluate("2026-12-01")
    shop.pin("ann", Pin("gold", number("2027-02-10"), "a complaint", "bob"))
    told = []
    for day in (
        *days("2026-12-11", "2026-12-14"),
        *days("2027-01-11", "2027-01-13"),
        *days("2027-02-10", "2027-02-11"),
    ):
        told += notices(decision := shop.evaluate(day).decisions["ann"])

    assert told == [("60 days", "2026-12-13", "2027-02-11"), ("30 days", "2027-01-12", "2027-02-11")]
    assert happened(decision) == ["2027-02-11 pin ended silver"]
    assert decision.keep == ()


def test_beneath_a_pin_that_stays_nobody_is_warned() -> None:
    shop = fallen()
    shop.pin("ann", Pin("gold", None, "a friend", "bob"))

    told = [
        notices(shop.evaluate(day).decisions["ann"]) for day in (number("2027-02-01"), number("2027-04-02"))
    ]

    assert told == [[], []]
    assert shop.standing("ann").tier == "silver"


def test_without_warnings_the_demotion_comes_with_the_end_of_grace() -> None:
    shop = Shop(program(status={"grace": "1 week", "warn_before": []}))
    shop.order("ann", "2026-01-01", 600)
    shop.evaluate("2026-12-01")

    decision = shop.evaluate("2027-01-09").decisions["ann"]

    assert happened(decision)[:2] == ["2027-01-01 grace gold", "2027-01-09 demotion silver"]
    assert decision.notices == ()


@settings(max_examples=settings().max_examples // 6)
@given(shops(warned=True), st.integers(1, 20))
def test_nobody_is_looked_over_who_may_fall(shop: Shop, later: int) -> None:
    """Who can't fall by their dates isn't looked at; looking at everybody finds nothing more."""
    shop.evaluate(ENROLLED + later)
    found = shop.look(ENROLLED + later + 1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("vip_rules.recalculation._Recalculation._may_fall", lambda *_: True)
        among_all = shop.look(ENROLLED + later + 1)

    assert {name: each.ahead for name, each in found.decisions.items()} == {
        name: each.ahead for name, each in among_all.decisions.items()
    }
    assert {name: each.standing for name, each in found.decisions.items()} == {
        name: each.standing for name, each in among_all.decisions.items()
    }


@pytest.mark.slow
@settings(max_examples=settings().max_examples // 5)
@given(shops(warned=True))
def test_nobody_falls_without_the_shortest_notice(shop: Shop) -> None:
    shortest = shop.program.status.warn_before[-1]
    for day in range(ENROLLED + 1, ENROLLED + 31):
        given = {name: [notice.on for notice in each.standing.notices] for name, each in shop.stored.items()}
        for name, decision in shop.evaluate(day).decisions.items():
            if "demotion" in [each.kind for each in decision.transitions]:
                assert shortest.after(min(given[name])) <= day
