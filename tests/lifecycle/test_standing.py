"""A standing as it is shown, counted and stored."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lifecycle.lives import LADDER, WITHOUT_STATUS, number, pin, program
from vip_rules.localdays import day_date
from vip_rules.standing import FOREVER, Notice, Pin, Promotion, Standing, rank

TODAY = number("2026-11-20")
LANDING = program({"soft_landing": {"for": "30 days", "keep": ["free_shipping"]}})
EVERYTHING = Standing(
    tier="gold",
    since=number("2026-01-10"),
    secured_until=FOREVER,
    grace_until=TODAY,
    landing_until=TODAY,
    landing_from="platinum",
    highest_tier="platinum",
    pin=pin("gold", "2026-12-31", floor=True),
    promotions=(
        Promotion("silver", TODAY - 90, "a"),
        Promotion("gold", TODAY - 9, "b", "silver", TODAY - 90, "platinum", TODAY),
    ),
    notices=(Notice("60 days", TODAY - 1, TODAY + 59),),
    grandfathered=True,
)

TIERS = st.sampled_from((None, *LADDER))
DAYS = st.none() | st.integers(0, FOREVER)
PINS = st.builds(Pin, TIERS, DAYS, st.text(), st.text(), st.booleans())
PROMOTIONS = st.builds(
    Promotion, st.sampled_from(LADDER), st.integers(0, FOREVER), st.text(), TIERS, DAYS, TIERS, DAYS
)
NOTICES = st.builds(Notice, st.text(), st.integers(0, FOREVER), st.integers(0, FOREVER))
STANDINGS = st.builds(
    Standing,
    tier=TIERS,
    since=DAYS,
    secured_until=DAYS,
    grace_until=DAYS,
    landing_until=DAYS,
    landing_from=TIERS,
    highest_tier=TIERS,
    pin=st.none() | PINS,
    promotions=st.lists(PROMOTIONS, max_size=3).map(tuple),
    notices=st.lists(NOTICES, max_size=3).map(tuple),
    grandfathered=st.booleans(),
)


def test_for_ever_is_the_last_day_of_the_calendar() -> None:
    assert str(day_date(FOREVER)) == "9999-12-31"


@pytest.mark.parametrize(
    ("without", "status"),
    [
        ((), "pinned"),
        (("pin",), "grace"),
        (("pin", "grace_until"), "landing"),
        (("pin", "grace_until", "landing_until"), "secured"),
        (("pin", "grace_until", "landing_until", "secured_until"), "member"),
        (("pin", "grace_until", "landing_until", "secured_until", "tier"), "none"),
    ],
)
def test_the_first_status_that_applies_is_shown(without: tuple[str, ...], status: str) -> None:
    nothing: dict[str, Any] = dict.fromkeys(without)
    assert replace(EVERYTHING, **nothing).status(TODAY) == status


@pytest.mark.parametrize(
    ("bound", "status"),
    [("grace_until", "grace"), ("landing_until", "landing"), ("secured_until", "secured")],
)
def test_bounds_are_inclusive(bound: str, status: str) -> None:
    bounds: dict[str, Any] = {bound: TODAY}
    standing = Standing(tier="gold", **bounds)
    assert [standing.status(day) for day in (TODAY, TODAY + 1)] == [status, "member"]


def test_a_pin_counts_through_its_last_day() -> None:
    standing = Standing(tier="silver", pin=Pin("gold", TODAY, "", ""))
    tiers = WITHOUT_STATUS.tiers
    assert [standing.effective(tiers, day) for day in (TODAY, TODAY + 1)] == ["gold", "silver"]
    assert [standing.status(day) for day in (TODAY, TODAY + 1)] == ["pinned", "member"]


@pytest.mark.parametrize(
    ("tier", "pinned", "floor", "counts"),
    [
        ("silver", "gold", False, "gold"),
        ("platinum", "gold", False, "gold"),
        ("platinum", None, False, None),
        ("silver", "gold", True, "gold"),
        ("platinum", "gold", True, "platinum"),
        (None, "gold", True, "gold"),
    ],
)
def test_the_tier_that_counts(tier: str | None, pinned: str | None, floor: bool, counts: str | None) -> None:
    standing = Standing(tier=tier, pin=pin(pinned, floor=floor))
    assert standing.effective(WITHOUT_STATUS.tiers, TODAY) == counts


def benefits(standing: Standing, day: int = TODAY) -> list[str]:
    return [benefit.sentence(LANDING.currency) for benefit in standing.benefits(LANDING, day)]


def test_benefits_are_those_of_the_tier_that_counts() -> None:
    assert benefits(Standing()) == []
    assert benefits(Standing(tier="silver")) == ["10 % discount", "free standard shipping"]
    assert benefits(Standing(tier="silver", pin=pin("gold"))) == ["15 % discount", "free expedited shipping"]


def test_a_landing_keeps_benefits_of_the_tier_before_in_place_of_those_of_its_type() -> None:
    landed = Standing(tier="silver", landing_until=TODAY, landing_from="gold")
    assert benefits(landed) == ["10 % discount", "free expedited shipping"]
    assert benefits(landed, TODAY + 1) == ["10 % discount", "free standard shipping"]


def test_a_landing_can_be_on_no_tier() -> None:
    assert benefits(Standing(landing_until=TODAY, landing_from="gold")) == ["free expedited shipping"]


def test_a_landing_from_a_tier_without_the_benefit_changes_nothing() -> None:
    landed = Standing(tier="silver", landing_until=TODAY, landing_from="platinum")
    assert benefits(landed) == ["10 % discount", "free standard shipping"]


@pytest.mark.parametrize(
    ("pinned", "floor", "has"),
    [
        ("platinum", False, ["20 % discount", "pre-order"]),
        ("silver", True, ["10 % discount", "free expedited shipping"]),
    ],
)
def test_a_pin_that_counts_has_no_landing(pinned: str, floor: bool, has: list[str]) -> None:
    landed = Standing(tier="silver", landing_until=TODAY, landing_from="gold", pin=pin(pinned, floor=floor))
    assert [said.partition(" of ")[0].replace("pre-orders", "pre-order") for said in benefits(landed)] == has


def test_another_pin_voids_what_was_announced() -> None:
    assert EVERYTHING.pinned(None) == replace(EVERYTHING, pin=None, notices=())
    assert EVERYTHING.pinned(pin("silver")).pin == pin("silver")


def test_renamed_tiers_are_renamed_everywhere() -> None:
    renamed = EVERYTHING.renamed({"gold": "aurum", "silver": "argentum"})
    text = json.dumps(renamed.record())
    assert "gold" not in text
    assert "silver" not in text
    assert text.count("aurum") == 3
    assert renamed.renamed({"aurum": "gold", "argentum": "silver"}) == EVERYTHING


@given(STANDINGS)
def test_records_make_the_same_standing_again(standing: Standing) -> None:
    assert Standing.of(json.loads(json.dumps(standing.record()))) == standing


def test_records_have_days_as_dates() -> None:
    record = EVERYTHING.record()
    assert list(record) == [field.name for field in fields(Standing)]
    assert (record["since"], record["secured_until"]) == ("2026-01-10", "9999-12-31")
    assert record["pin"]["until"] == "2026-12-31"
    assert record["promotions"][1]["before_since"] == str(day_date(TODAY - 90))
    assert record["notices"] == [
        {"before": "60 days", "on": "2026-11-19", "ahead": str(day_date(TODAY + 59))},
    ]


def test_what_a_record_leaves_out_is_nothing() -> None:
    assert Standing.of({}) == Standing()
    assert Standing.of({"tier": "gold", "pin": None}) == Standing(tier="gold")


def test_a_tier_that_is_gone_ranks_as_none() -> None:
    assert [rank(WITHOUT_STATUS.tiers, tier) for tier in ("silver", "platinum", None, "bronze")] == [
        0,
        2,
        -1,
        -1,
    ]
