"""Advice: what is valid, and yet probably not meant."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from tests.program.example import CATALOGUE, PROGRAM, SPEND, advice, changed, spend
from vip_rules.conditions import Comparison, Test
from vip_rules.metrics.figure import Figure
from vip_rules.program.implication import interval

PERKS = [{"type": "discount", "percent": 10}, {"type": "pre_order"}]


def ladder(*conditions: Any, **keys: Any) -> dict[str, Any]:
    """A program of tiers that have nothing to be advised on but their conditions."""
    tiers = [
        {
            "id": f"t{n}",
            "name": f"Tier {n}",
            "qualify": condition,
            "benefits": [{"type": "discount", "percent": n + 1}, {"type": "early_access", "hours": n + 1}],
        }
        for n, condition in enumerate(conditions)
    ]
    rest = {key: PROGRAM[key] for key in ("format", "program", "currency", "timezone")}
    return {**rest, "tiers": tiers, **keys}


def test_the_program_of_the_design_needs_no_advice() -> None:
    assert advice(PROGRAM) == {}


def test_names() -> None:
    assert advice(changed(("/tiers/1/name", "silver vip"))) == {
        "/tiers/1/name": "another tier, /tiers/0, has this name too"
    }


def test_conditions_that_nothing_uses() -> None:
    conditions = {"a/b": {"condition": "c"}, "c": SPEND}
    assert advice(ladder(SPEND, conditions=conditions)) == {
        "/conditions/a~1b": 'no tier and no segment uses the condition "a/b"',
        "/conditions/c": 'no tier and no segment uses the condition "c"',
    }
    assert advice(ladder({"condition": "a/b"}, conditions=conditions)) == {}
    assert (
        advice(ladder(SPEND, conditions=conditions, segments=[{"id": "s", "when": {"condition": "a/b"}}]))
        == {}
    )


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (spend(at_least=0), "always holds"),
        ({"metric": "active_months", "at_least": 0}, "always holds"),
        (
            {"metric": "average_order_value", "at_least": 0},
            "always holds, unless average_order_value is unknown",
        ),
        ({"metric": "rfm", "at_least": 3}, "always holds, unless rfm is unknown"),
        ({"metric": "rfm", "at_least": 3, "at_most": 15}, "always holds, unless rfm is unknown"),
        ({"metric": "spend_percentile", "at_most": 100}, "always holds, unless spend_percentile is unknown"),
        (spend(less_than=0), "never holds: no spend is like that"),
        ({"metric": "rfm", "more_than": 15}, "never holds: no rfm is like that"),
    ],
)
def test_comparisons_that_say_nothing(condition: Any, message: str) -> None:
    document = ladder(
        SPEND,
        conditions={"a": {"not": condition}},
        segments=[{"id": "s", "when": {"any": [condition, {"condition": "a"}]}}],
    )
    assert advice(document) == {"/conditions/a/not": message, "/segments/0/when/any/0": message}


def test_comparisons_that_say_something() -> None:
    for condition in (
        spend(more_than=0),
        spend(at_most=0),
        {"metric": "rfm", "at_most": 3},
        {"metric": "orders", "equals": 0},
    ):
        assert advice(ladder(condition)) == {}


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        (
            {"any": [SPEND, spend(at_least=9)]},
            {"any": [spend(at_least=8), SPEND, {"metric": "orders", "at_least": 2}]},
        ),
        ({"all": [SPEND, spend(at_least=9)]}, spend(at_least=9)),
        (spend(at_least=9), {"any": [SPEND, spend(at_least=9)]}),
        ({"all": [SPEND, spend(at_least=9)]}, {"all": [spend(at_least=9), SPEND]}),
        ({"condition": "both"}, {"any": [{"condition": "both"}, {"metric": "tag", "is": "friend"}]}),
    ],
)
def test_tiers_that_nobody_seems_to_be_in(lower: Any, higher: Any) -> None:
    both = {"both": {"all": [SPEND, spend(at_least=9)]}}
    document = ladder(lower, higher, conditions=both, segments=[{"id": "s", "when": {"condition": "both"}}])
    assert advice(document) == {
        "/tiers/0/qualify": "nobody can be in this tier: whoever qualifies for it qualifies for the higher one, /tiers/1, too"
    }


def test_tiers_that_somebody_may_be_in() -> None:
    either = {"any": [SPEND, {"metric": "orders", "at_least": 5}]}
    both = {"all": [SPEND, {"metric": "orders", "at_least": 5}]}
    assert advice(ladder(either, both)) == {}
    assert advice(ladder(either, SPEND)) == {}
    assert advice(ladder({"not": SPEND}, {"not": spend(window="12 months", at_least=9000)})) == {}


def test_comparing_large_conditions_ends() -> None:
    large: Any = SPEND
    for n in range(6):
        large = {"all": [{"any": [large, spend(at_least=n + 5)]}, {"any": [spend(at_least=n + 6), large]}]}
    assert advice(ladder(large, {"all": [large, spend(at_least=9000)]})) == {}


def test_keep() -> None:
    def keeping(amount: int, term: str = "rolling") -> dict[str, str]:
        document = changed(("/tiers/1/keep/at_least", amount), ("/status/term", term))
        return advice(document)

    assert keeping(4500) == {}
    assert keeping(5000) == {"/tiers/1/keep": "says the same as qualify; leave it out"}
    assert keeping(6000) == {
        "/tiers/1/keep": "is harder than qualify, and so without effect: whoever qualifies keeps the tier"
    }
    assert keeping(4500, "lifetime") == {
        "/tiers/1/keep": "has no effect: with the term lifetime a tier is kept for ever"
    }


def test_benefits() -> None:
    few = changed(
        ("/tiers/0/benefits", PERKS[:1]),
        ("/tiers/1/benefits", [*PERKS[:1], {"type": "free_shipping", "service": "standard"}]),
    )
    del few["economics"]
    assert advice(few) == {
        "/tiers/0": 'the tier "silver" has one benefit; two or three make it worth reaching',
        "/tiers/1": 'the tier "gold" adds one benefit to those of the tier below; two or three make it worth reaching',
    }
    none = ladder(SPEND)
    none["tiers"][0]["benefits"] = []
    assert advice(none) == {"/tiers/0": 'the tier "t0" has no benefit; two or three make it worth reaching'}


def test_the_number_of_tiers() -> None:
    steps = [spend(at_least=amount) for amount in range(1, 8)]
    assert advice(ladder(*steps)) == {"/tiers": "7 tiers are hard to keep apart; up to 6 are usual"}
    assert advice(ladder(*steps[:6])) == {}


def test_a_term_of_calendar_years() -> None:
    document = ladder(
        spend(window="calendar year", at_least=1),
        {"any": [SPEND, {"metric": "member_days", "at_least": 90}]},
        status={"term": "calendar year"},
    )
    assert advice(document) == {
        "/tiers/1/qualify/any/0": 'the term is a calendar year, and the window "12 months" isn\'t one of the calendar; '
        '"calendar year", "previous calendar year" or "calendar quarter" go with it'
    }


def test_warnings_and_grace() -> None:
    def of(**status: Any) -> dict[str, str]:
        return advice(ladder(SPEND, status=status))

    assert of(grace="1 month", warn_before=["60 days", "30 days"]) == {}
    assert of(grace={"cycles": 2, "at_least": "10 days"}, warn_before=["60 days"]) == {}
    assert of(grace="none", warn_before=[]) == {}
    assert of(grace="3 weeks", warn_before=["60 days", "30 days"]) == {
        "/status": "a demotion waits for the warning 30 days before it, so that the grace of 3 weeks comes to 30 days"
    }
    assert of(grace="none") == {
        "/status": "a demotion waits for the warning 30 days before it, so that no grace comes to 30 days"
    }


def test_messages() -> None:
    near = {"on": "near_next_tier", "within": 200, "template": "x"}
    warning = {"on": "demotion_warning", "template": "y"}
    document = ladder(
        {"metric": "orders", "at_least": 5}, messages=[near, warning], status={"warn_before": []}
    )
    assert advice(document) == {
        "/messages/0": "is never sent: no tier is reached by spend, and so nobody is near one by an amount",
        "/messages/1": "is never sent: the status has no warn_before",
    }
    assert advice(ladder(SPEND, messages=[near, warning])) == {}


def test_costs() -> None:
    costs = {"support": 25, "early_access": 1, "free_shipping.standard": 4}
    assert advice(ladder(SPEND, economics={"gross_margin": 40, "costs": costs})) == {
        "/economics/costs/support": 'no tier has the benefit "support"',
        "/economics/costs/free_shipping.standard": 'no tier has the benefit "free_shipping.standard"',
    }


@pytest.mark.parametrize(
    ("written", "hundreds"),
    [(Decimal("0.8"), 80), (Decimal("0.15"), 15), (Decimal("0.05"), 5), (Decimal("0.99"), 99)],
)
def test_percentages_that_are_written_as_parts_of_one(written: Decimal, hundreds: int) -> None:
    advised = f"{written} is less than 1 %; percentages are written from 0 to 100. Did you mean {hundreds}?"
    places = (
        "/segments/0/when/at_least",
        "/tiers/1/benefits/0/percent",
        "/economics/gross_margin",
        "/guardrails/max_demotions/percent",
    )
    assert advice(changed(*((place, written) for place in places))) == dict.fromkeys(
        ("/tiers/1/benefits/0/percent", *places[:1], *places[2:]), advised
    )
    assert advice(changed(("/guardrails/vip_share", [0, written]))) == {"/guardrails/vip_share/1": advised}


def test_percentages_that_are_small() -> None:
    for share in ({"at_most": 0}, {"less_than": 1}, {"at_least": Decimal("1.5")}):
        assert advice(ladder({"metric": "refunded_share", **share})) == {}


def test_time_zones_without_summer() -> None:
    assert advice(changed(("/timezone", "EST"))) == {
        "/timezone": '"EST" has no summer time; if your clocks change, name the place, such as "America/New_York"'
    }
    assert advice(changed(("/timezone", "UTC"))) == {}


def test_several_bounds_of_one_side_are_taken_together() -> None:
    figure = Figure.of(CATALOGUE.metrics["orders"])
    tests = [Test("at_least", 5), Test("more_than", 2), Test("at_most", 9), Test("less_than", 20)]
    for several in permutations(tests):
        assert interval(Comparison(figure, several)) == (5, 9)
    assert interval(Comparison(figure, (Test("equals", 3), Test("at_least", 1)))) == (3, 3)
    assert interval(Comparison(figure, (Test("is_known", True),))) == (None, None)
