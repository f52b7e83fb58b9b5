"""How standings begin, and what a changed program makes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.lifecycle.lives import document, number, pin, program, read_facts
from vip_rules.lifecycle import Life, advance, enrol, rebase
from vip_rules.lifecycle.origin import rule_of
from vip_rules.localdays import day_date
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.standing import Notice, Promotion, Standing

D = number("2026-11-20")
YEARLY = program({"term": "12 months", "warn_before": []})
GOLD = Standing(
    tier="gold",
    since=number("2025-01-01"),
    secured_until=number("2026-01-01"),
    grace_until=number("2026-12-01"),
    landing_until=number("2026-12-05"),
    landing_from="platinum",
    highest_tier="platinum",
    notices=(Notice("30 days", D - 1, D + 29),),
)


def kinds(life: Life) -> list[tuple[str, str | None, str | None]]:
    return [(each.kind, each.before, each.after) for each in life.transitions]


def test_everybody_is_enrolled_at_the_tier_that_they_qualify_for() -> None:
    life = enrol(YEARLY, read_facts(D, "gold"))
    reached = Promotion("gold", D, rule_of(YEARLY, YEARLY.tiers[1]))
    enrolled = Standing(
        tier="gold", since=D, secured_until=number("2027-11-20"), highest_tier="gold", promotions=(reached,)
    )
    assert life.standing == enrolled
    assert kinds(life) == [("enrolment", None, "gold")]
    assert life.moments == ((D, enrolled),)


def test_who_qualifies_for_no_tier_is_enrolled_at_none() -> None:
    assert enrol(YEARLY, read_facts(D, "none, undecided gold")) == Life(Standing())


def test_an_enrolment_can_be_taken_back() -> None:
    standing = enrol(YEARLY, read_facts(D, "gold")).standing
    later = advance(YEARLY, standing, [read_facts(D + 1, "none")], after=D, until=D + 1, held_on={D: 0})
    assert kinds(later) == [("revocation", "gold", None)]
    assert later.standing == Standing()


@pytest.mark.parametrize(
    ("facts", "tier", "happened", "since"),
    [
        ("platinum", "platinum", [("promotion", "gold", "platinum")], "2026-11-20"),
        ("gold", "gold", [], "2025-01-01"),
        ("none, keeps gold", "gold", [], "2025-01-01"),
        ("silver", "silver", [("demotion", "gold", "silver")], "2026-11-20"),
        ("none, undecided silver", "silver", [("demotion", "gold", "silver")], "2026-11-20"),
    ],
)
def test_now_is_at_once(facts: str, tier: str, happened: list[tuple[str, str, str]], since: str) -> None:
    life = rebase(YEARLY, GOLD, read_facts(D, facts), "now")
    standing = life.standing
    assert (standing.tier, standing.since and str(day_date(standing.since))) == (tier, since)
    assert kinds(life) == happened
    assert standing.secured_until == number("2027-11-20")
    assert (standing.grace_until, standing.landing_until, standing.landing_from) == (None, None, None)
    assert (standing.notices, standing.highest_tier) == ((), "platinum")
    assert life.moments == ((D, standing),)


def test_now_can_be_no_tier() -> None:
    standing = rebase(YEARLY, GOLD, read_facts(D, "none"), "now").standing
    assert standing == Standing(highest_tier="platinum")


def test_now_decides_nothing_by_untrusted_windows() -> None:
    assert rebase(YEARLY, GOLD, read_facts(D, "silver, undecided gold"), "now").standing == GOLD


def test_now_ends_what_was_kept_from_an_earlier_program() -> None:
    kept = replace(GOLD, grandfathered=True)
    assert rebase(YEARLY, kept, read_facts(D, "silver"), "now").standing.grandfathered is False


def test_now_leaves_a_pin() -> None:
    pinned = GOLD.pinned(pin("gold"))
    assert rebase(YEARLY, pinned, read_facts(D, "none"), "now").standing.pin == pin("gold")


def test_next_check_moves_nobody_by_itself() -> None:
    assert rebase(YEARLY, GOLD, read_facts(D, "none"), "next-check") == Life(GOLD)


def test_keep_existing_keeps_who_is_short_without_grace() -> None:
    life = rebase(YEARLY, GOLD, read_facts(D, "silver"), "keep-existing")
    assert life.standing == replace(GOLD, grandfathered=True, grace_until=None, notices=())
    assert kinds(life) == []
    years = advance(YEARLY, life.standing, [read_facts(D, "silver")], after=D - 1, until=D + 1000)
    assert (years.standing.tier, years.standing.grandfathered) == ("gold", True)


@pytest.mark.parametrize("facts", ["platinum", "gold", "none, keeps gold", "silver, undecided gold"])
def test_keep_existing_marks_nobody_else(facts: str) -> None:
    assert rebase(YEARLY, GOLD, read_facts(D, facts), "keep-existing") == Life(GOLD)


def test_a_changed_rule_never_takes_back_what_an_older_one_gave() -> None:
    harder = document()
    harder["tiers"][1]["qualify"] = {"metric": "spend", "window": "12 months", "at_least": 2500}
    changed = read_program(harder, "life.json", load_catalogue())
    standing = enrol(YEARLY, read_facts(D, "gold")).standing
    for rules, happened in ((YEARLY, ["revocation", "promotion"]), (changed, [])):
        life = advance(
            rules, standing, [read_facts(D + 1, "silver")], after=D, until=D + 1, held_on={D: 0b001}
        )
        assert [each.kind for each in life.transitions] == happened


def test_what_is_left_of_a_higher_tier_is_not_judged_by_a_changed_program() -> None:
    demoted = replace(
        GOLD,
        promotions=(
            Promotion("silver", D - 900, "a"),
            Promotion("platinum", D - 800, rule_of(YEARLY, YEARLY.tiers[2]), "silver"),
        ),
    )
    assert rebase(YEARLY, demoted, read_facts(D, "none"), "next-check").standing.promotions == (
        Promotion("silver", D - 900, "a"),
    )


def test_a_rule_is_its_condition_and_the_basis_of_spend() -> None:
    spend = {"metric": "spend", "window": "12 months", "at_least": 1000}
    few = {"metric": "orders", "at_most": 3}

    def rule(qualify: object, **more: object) -> str:
        tiers = [{"id": "vip", "name": "VIP", "qualify": qualify}]
        rules = read_program(document(**more) | {"tiers": tiers}, "rule.json", load_catalogue())
        return rule_of(rules, rules.tiers[0])

    named = rule({"all": [{"condition": "big"}, few]}, conditions={"big": spend})
    assert named == rule({"all": [spend, few]})
    different = [
        named,
        rule({"any": [spend, few]}),
        rule({"all": [spend, {"not": few}]}),
        rule(spend),
        rule(spend | {"at_least": 1001}),
        rule(spend | {"window": "6 months"}),
        rule(spend | {"where": {"channel": "pos"}}),
        rule(spend, spend={"includes_tax": True}),
    ]
    assert len(set(different)) == len(different)
