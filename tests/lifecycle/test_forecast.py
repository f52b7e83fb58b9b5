"""What lies ahead without further orders, and which notices are due of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.lifecycle.lives import number, pin, program, read_facts
from vip_rules.lifecycle import Ahead, Facts, advance, look_ahead, notices_due, with_notices
from vip_rules.localdays import day_date
from vip_rules.program.program import Program
from vip_rules.standing import Notice, Standing

TODAY = number("2026-06-01")
HORIZON = number("2026-12-31")
GOLD = Standing(tier="gold", since=number("2026-01-10"), highest_tier="gold")


def falls(standing: Standing, *facts: tuple[str, str], rules: Program | None = None, **status: Any) -> str:
    """When the tier that counts goes down, and from what to what."""
    told: list[Facts] = [read_facts(number(day), known) for day, known in facts]
    ahead = look_ahead(rules or program(status), standing, told, today=TODAY, horizon=HORIZON)
    return "never" if ahead is None else f"{day_date(ahead.day)}: {ahead.before} to {ahead.after or 'none'}"


SHORT_FROM_JULY = (("2026-06-01", "gold"), ("2026-07-01", "silver"))


def test_the_demotion_after_grace_lies_ahead() -> None:
    assert falls(GOLD, *SHORT_FROM_JULY, grace="2 months") == "2026-09-02: gold to silver"
    in_grace = replace(GOLD, grace_until=number("2026-08-31"))
    assert falls(in_grace, ("2026-06-01", "silver")) == "2026-09-01: gold to silver"


def test_who_keeps_the_tier_has_nothing_ahead() -> None:
    assert falls(GOLD, ("2026-06-01", "gold")) == "never"
    assert falls(GOLD, ("2026-06-01", "gold"), ("2026-07-01", "silver, keeps gold")) == "never"
    assert falls(GOLD, *SHORT_FROM_JULY, ("2026-08-01", "gold"), grace="2 months") == "never"


def test_what_lies_beyond_the_horizon_isnt_told() -> None:
    assert falls(GOLD, *SHORT_FROM_JULY, grace="6 months") == "never"


def test_the_day_ahead_waits_for_a_notice_given_today() -> None:
    over = replace(GOLD, grace_until=number("2026-05-31"))
    assert falls(over, ("2026-06-01", "silver")) == "2026-07-01: gold to silver"
    assert falls(over, ("2026-06-01", "silver"), warn_before=["2 weeks"]) == "2026-06-15: gold to silver"
    assert falls(over, ("2026-06-01", "silver"), warn_before=[]) == "2026-06-02: gold to silver"


def test_the_day_ahead_counts_from_the_first_notice() -> None:
    told = replace(
        GOLD, grace_until=number("2026-05-31"), notices=(Notice("60 days", TODAY - 20, TODAY + 10),)
    )
    assert falls(told, ("2026-06-01", "silver")) == "2026-06-11: gold to silver"


def test_the_end_of_a_pin_lies_ahead_and_waits_for_nothing() -> None:
    pinned = Standing(tier="silver", pin=pin("gold", "2026-06-02"))
    assert falls(pinned, ("2026-06-01", "silver")) == "2026-06-03: gold to silver"


def test_the_end_of_a_pin_leads_to_what_has_become_beneath() -> None:
    pinned = Standing(tier="silver", pin=pin("gold", "2026-10-31"))
    assert falls(pinned, ("2026-06-01", "none"), grace="1 month") == "2026-11-01: gold to none"
    assert falls(pinned, ("2026-06-01", "gold")) == "never"


def test_a_pin_without_end_hides_what_becomes_beneath() -> None:
    assert falls(GOLD.pinned(pin("gold")), ("2026-06-01", "none"), grace="1 month") == "never"
    assert falls(GOLD.pinned(pin("silver", floor=True)), ("2026-06-01", "none"), grace="1 month") == (
        "2026-07-03: gold to silver"
    )


def test_nobody_without_a_tier_falls() -> None:
    assert falls(Standing(), ("2026-06-01", "none")) == "never"


def due(standing: Standing, ahead: str | None, *warn_before: str) -> list[str]:
    rules = program({"warn_before": list(warn_before)})
    fall = ahead and Ahead(number(ahead), "gold", "silver")
    return [notice.before for notice in notices_due(rules, standing, fall or None, TODAY)]


@pytest.mark.parametrize(
    ("ahead", "notices"),
    [
        ("2026-08-01", []),
        ("2026-07-31", ["60 days"]),
        ("2026-07-02", ["60 days"]),
        ("2026-07-01", ["60 days", "30 days"]),
        ("2026-06-02", ["60 days", "30 days"]),
        (None, []),
    ],
)
def test_a_notice_is_due_that_long_before_or_as_soon_as_it_is_known(
    ahead: str | None, notices: list[str]
) -> None:
    assert due(GOLD, ahead, "30 days", "60 days") == notices


def test_months_are_those_of_the_calendar() -> None:
    assert due(GOLD, "2026-07-01", "1 month") == ["1 month"]
    assert due(GOLD, "2026-07-02", "1 month") == []


def test_a_notice_is_given_once() -> None:
    told = with_notices(GOLD, [Notice("60 days", TODAY - 30, TODAY + 30)])
    assert due(told, "2026-07-01", "60 days", "30 days") == ["30 days"]
    assert with_notices(told, ()) is told


def test_a_notice_says_when_it_was_given_and_what_it_announced() -> None:
    ahead = Ahead(TODAY + 40, "gold", "silver")
    (notice,) = notices_due(program({}), GOLD, ahead, TODAY)
    assert notice == Notice("60 days", TODAY, TODAY + 40)


def test_somebody_who_does_nothing_is_warned_twice_and_falls_on_the_day() -> None:
    """A whole year of days, each evaluated: what is due is given."""
    rules = program({"grace": "3 months"})
    standing, happened = GOLD, []
    facts = [
        read_facts(number(day), known) for day, known in (("2026-06-01", "gold"), ("2026-07-01", "silver"))
    ]
    for day in range(TODAY, number("2027-05-31")):
        life = advance(rules, standing, [f for f in facts if f.day <= day], after=day - 1, until=day)
        happened += [f"{day_date(day)} {each.kind}" for each in life.transitions]
        ahead = look_ahead(rules, life.standing, facts, today=day, horizon=day + 60)
        given = notices_due(rules, life.standing, ahead, day)
        happened += [f"{day_date(day)} notice of {day_date(each.ahead)}" for each in given]
        standing = with_notices(life.standing, given)
    assert happened == [
        "2026-07-01 grace",
        "2026-08-03 notice of 2026-10-02",
        "2026-09-02 notice of 2026-10-02",
        "2026-10-02 demotion",
    ]
