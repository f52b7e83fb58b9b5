"""Cases: what authors write, how it is checked, and what they are told when a case comes out otherwise."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from vip_rules.cases import CaseResult, run_cases
from vip_rules.cli.main import main
from vip_rules.errors import InvalidDocument
from vip_rules.plugins import load_catalogue
from vip_rules.program.cases import STATUSES
from vip_rules.standing import Status

CATALOGUE = load_catalogue()

SPEND = {"metric": "spend", "window": "12 months", "at_least": 100}
PROGRAM: dict[str, Any] = {
    "format": 1,
    "program": "shop",
    "currency": "USD",
    "timezone": "America/New_York",
    "tiers": [
        {
            "id": "silver",
            "name": "Silver",
            "qualify": SPEND,
            "benefits": [
                {"type": "discount", "percent": 10},
                {"type": "event", "kind": "virtual"},
                {"type": "event", "kind": "regional"},
            ],
        },
        {
            "id": "gold",
            "name": "Gold",
            "was": ["golden"],
            "qualify": {"metric": "spend", "window": "12 months", "at_least": 500},
        },
    ],
}
ORDER = {"placed_at": "2026-03-02", "total": 200}


def case(**more: Any) -> dict[str, Any]:
    return {"description": "…", "as_of": "2026-11-20", "orders": [ORDER], "expect": {"tier": "silver"}} | more


def asking(qualify: dict[str, Any]) -> dict[str, Any]:
    """A program with one tier."""
    return PROGRAM | {"tiers": [{"id": "vip", "name": "VIP", "qualify": qualify}]}


def run(folder: Path, *cases: Any, program: dict[str, Any] = PROGRAM) -> list[CaseResult]:
    (folder / "shop.json").write_text(json.dumps(program), "utf-8")
    (folder / "shop.cases.json").write_text(json.dumps(cases), "utf-8")
    return run_cases(folder / "shop.json", CATALOGUE)


def differences(folder: Path, given: dict[str, Any], program: dict[str, Any] = PROGRAM) -> list[str]:
    (result,) = run(folder, given, program=program)
    assert result.passed is not bool(result.differences)
    return list(result.differences)


def problems(folder: Path, *cases: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDocument) as refused:
        run(folder, *cases)
    assert {problem.file for problem in refused.value.problems} == {str(folder / "shop.cases.json")}
    return [(problem.pointer, problem.message) for problem in refused.value.problems]


def test_everything_that_can_be_expected(tmp_path: Path) -> None:
    expect: dict[str, Any] = {
        "tier": "silver",
        "qualified_tier": "silver",
        "status": "member",
        "benefits": ["discount", "event"],
        "reason": "spend in the last 12 months: 200.00 USD (at least 100.00 USD)",
        "next_tier": "gold",
        "progress": "300.00 USD more",
        "metrics": {"spend[12 months]": "200.00"},
    }
    assert differences(tmp_path, case(expect=expect)) == []


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ({"tier": None}, 'the tier is "silver", expected none'),
        ({"tier": "gold"}, 'the tier is "silver", expected "gold"'),
        ({"qualified_tier": "gold"}, 'the tier they qualify for is "silver", expected "gold"'),
        ({"status": "none"}, 'the status is "member", expected "none"'),
        ({"next_tier": None}, 'the next tier is "gold", expected none'),
        (
            {"benefits": ["discount", "event.virtual"]},
            'the benefits have "event.regional", which isn\'t expected',
        ),
        ({"benefits": ["discount", "event", "gift.annual"]}, 'the benefits lack "gift.annual"'),
        ({"reason": "orders"}, 'no line of the explanation has "orders"'),
        ({"metrics": {"spend[12 months]": "200.01"}}, "spend[12 months] is 200.00, expected 200.01"),
        ({"metrics": {"spend[12 months]": None}}, "spend[12 months] is 200.00, expected unknown"),
    ],
)
def test_each_difference_is_a_sentence(expect: dict[str, Any], difference: str, tmp_path: Path) -> None:
    assert differences(tmp_path, case(expect=expect)) == [difference]


def test_differing_progress_says_what_is_missing(tmp_path: Path) -> None:
    (difference,) = differences(tmp_path, case(expect={"progress": "one order more"}))
    assert "300.00 USD more, by 1 March 2027" in difference
    assert difference.startswith(
        'what is missing to the next tier is "spend in the last 12 months: at least 500.00 USD'
    )
    assert difference.endswith('expected "one order more" in it')


def test_at_the_top_nothing_is_missing(tmp_path: Path) -> None:
    top = case(
        orders=[{"placed_at": "2026-03-02", "total": 500}], expect={"next_tier": None, "progress": "more"}
    )
    assert differences(tmp_path, top) == [
        'what is missing to the next tier is "nothing", expected "more" in it',
    ]


def test_the_explanation_comes_with_a_result(tmp_path: Path) -> None:
    (result,) = run(tmp_path, case(description="two hundred", expect={"tier": "gold"}))
    assert result.description == "two hundred"
    assert result.explanation[0] == "Customer c1 as of 20 November 2026: Silver (silver)"
    assert "To reach Gold:" in result.explanation


@pytest.mark.parametrize("expected", ["200.00", "200", "200.000", 200])
def test_figures_are_compared_as_numbers(expected: str | int, tmp_path: Path) -> None:
    assert differences(tmp_path, case(expect={"metrics": {"spend[12 months]": expected}})) == []


def test_unknown_figures_can_be_expected(tmp_path: Path) -> None:
    cycle = asking({"metric": "days_between_orders", "at_most": 30})
    expect = {"tier": None, "metrics": {"days_between_orders": None}}
    assert differences(tmp_path, case(expect=expect), cycle) == []
    unlike = differences(tmp_path, case(expect={"metrics": {"days_between_orders": 5}}), cycle)
    assert unlike == ["days_between_orders is unknown, expected 5"]


def test_benefits_of_nobody_are_none(tmp_path: Path) -> None:
    assert differences(tmp_path, case(orders=[], expect={"tier": None, "benefits": []})) == []


# What a case gives


def test_days_are_those_of_the_programs_zone(tmp_path: Path) -> None:
    late = [{"placed_at": "2026-11-21T04:59:00Z", "total": 200}]
    assert differences(tmp_path, case(orders=late)) == []
    later = [{"placed_at": "2026-11-21T05:00:00Z", "total": 200}]
    assert differences(tmp_path, case(orders=later, expect={"tier": None})) == []


def test_customers_are_created_with_their_first_order_unless_said(tmp_path: Path) -> None:
    program = asking({"metric": "member_days", "at_least": 1})
    expect = {"metrics": {"member_days": 263}}
    assert differences(tmp_path, case(expect=expect), program) == []
    created = case(customer={"created_at": "2026-11-10"}, expect={"metrics": {"member_days": 10}})
    assert differences(tmp_path, created, program) == []
    joined = case(
        customer={"created_at": "2026-11-10", "joined_at": "2026-11-15"},
        expect={"metrics": {"member_days": 5}},
    )
    assert differences(tmp_path, joined, program) == []
    assert differences(tmp_path, case(orders=[], expect={"metrics": {"member_days": 0}}), program) == []


def test_tags_channels_lines_and_events_are_given(tmp_path: Path) -> None:
    program = asking(
        {
            "all": [
                {"metric": "tag", "is": "press"},
                {"metric": "channel", "is": "pos"},
                {"metric": "spend", "where": {"category": "shoes"}, "at_least": 60},
                {"metric": "units", "at_least": 3},
                {"metric": "events", "where": {"type": "review"}, "at_least": 1},
                {"metric": "discounted_share", "at_most": 10},
            ]
        }
    )
    lines = [
        {
            "category": "shoes",
            "sku": "S",
            "brand": "B",
            "product": "P",
            "amount": 80,
            "refunded": 20,
            "quantity": 2,
        },
        {"category": "bags", "amount": 100},
    ]
    order = {
        "placed_at": "2026-03-02",
        "total": 180,
        "refunded": 20,
        "channel": "pos",
        "discount": 20,
        "lines": lines,
    }
    figures = {
        "tag": "press, vip",
        "channel": "pos",
        "spend[category=shoes]": "60.00",
        "events[type=review]": 1,
        "discounted_share": "10.00",
    }
    given = case(
        customer={"tags": ["vip", "press"]},
        orders=[order],
        events=[{"type": "review", "at": "2026-04-01"}, {"type": "visit", "at": "2026-04-02"}],
        expect={"metrics": figures},
    )
    assert differences(tmp_path, given, program) == []


def test_an_order_without_a_discount_had_none(tmp_path: Path) -> None:
    program = asking({"metric": "discounted_share", "at_most": 10})
    assert differences(tmp_path, case(expect={"metrics": {"discounted_share": "0.00"}}), program) == []


@pytest.mark.parametrize(
    ("standing", "current", "highest"),
    [
        ({"tier": "silver", "highest_tier": "gold"}, "silver", "gold"),
        ({"tier": "silver"}, "silver", "silver"),
        ({"tier": "golden"}, "gold", "gold"),
        ({"tier": None, "highest_tier": "gold"}, "", "gold"),
        ({"tier": None}, "", ""),
        ({}, None, None),
    ],
)
def test_the_standing_before(
    standing: dict[str, Any], current: str | None, highest: str | None, tmp_path: Path
) -> None:
    held = {
        "any": [{"metric": "current_tier", "is": "gold"}, {"metric": "highest_tier", "is": "gold"}, SPEND]
    }
    program = PROGRAM | {"tiers": [PROGRAM["tiers"][0], PROGRAM["tiers"][1] | {"qualify": held}]}
    expect = {"metrics": {"current_tier": current, "highest_tier": highest}}
    assert differences(tmp_path, case(standing=standing, expect=expect), program) == []


# What becomes of a standing

SHORT: dict[str, Any] = {"tier": "gold", "since": "2025-11-01"}
"""A standing that the case's orders are short of: they make silver."""


def living(status: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The program with a section `status`; grace of 30 days and no warnings."""
    return PROGRAM | {"status": {"grace": "30 days", "warn_before": []} | (status or {})} | more


def test_short_starts_grace(tmp_path: Path) -> None:
    expect: dict[str, Any] = {
        "tier": "gold",
        "qualified_tier": "silver",
        "status": "grace",
        "since": "2025-11-01",
        "grace_until": "2026-12-20",
        "secured_until": None,
        "next_tier": None,
        "benefits": [],
        "reason": "20 November 2026: grace (no longer qualifies for Gold; grace until 20 December 2026)",
    }
    assert differences(tmp_path, case(standing=SHORT, expect=expect), living()) == []


def test_grace_that_is_over_ends_in_a_demotion(tmp_path: Path) -> None:
    before = SHORT | {"grace_until": "2026-11-19"}
    landing = {"soft_landing": {"for": "10 days", "keep": ["event"]}}
    expect: dict[str, Any] = {
        "tier": "silver",
        "status": "landing",
        "since": "2026-11-20",
        "highest_tier": "gold",
        "grace_until": None,
        "landing_until": "2026-11-30",
        "landing_from": "gold",
        "next_tier": "gold",
        "progress": "300.00 USD more",
    }
    assert differences(tmp_path, case(standing=before, expect=expect), living(landing)) == []


def test_a_demotion_waits_for_the_notice_that_the_case_gives(tmp_path: Path) -> None:
    program = living({"warn_before": ["10 days"]})
    before = SHORT | {"grace_until": "2026-11-01"}
    waits = case(standing=before, expect={"tier": "gold", "status": "member"})
    assert differences(tmp_path, waits, program) == []
    told = before | {"notices": [{"before": "10 days", "on": "2026-11-10"}]}
    assert differences(tmp_path, case(standing=told, expect={"tier": "silver"}), program) == []
    late = before | {"notices": [{"before": "10 days", "on": "2026-11-11", "ahead": "2026-11-21"}]}
    assert differences(tmp_path, case(standing=late, expect={"tier": "gold"}), program) == []


def test_benefits_are_those_of_the_landing(tmp_path: Path) -> None:
    shipping = [{"type": "free_shipping", "service": "expedited"}]
    landing = {"soft_landing": {"for": "10 days", "keep": ["free_shipping"]}}
    tiers = [PROGRAM["tiers"][0], PROGRAM["tiers"][1] | {"benefits": shipping}]
    before = {"tier": "silver", "landing_until": "2026-11-20", "landing_from": "gold"}
    expect: dict[str, Any] = {
        "status": "landing",
        "benefits": ["discount", "event", "free_shipping.expedited"],
    }
    program = living(landing, tiers=tiers)
    assert differences(tmp_path, case(standing=before, expect=expect), program) == []
    over = before | {"landing_until": "2026-11-19"}
    expect = {"status": "member", "benefits": ["discount", "event"], "landing_until": None}
    assert differences(tmp_path, case(standing=over, expect=expect), program) == []


def test_the_tier_that_counts_is_the_pins(tmp_path: Path) -> None:
    pinned = {"tier": "silver", "pin": {"tier": "gold", "until": "2026-11-20"}}
    expect = {"tier": "gold", "status": "pinned", "highest_tier": "silver", "next_tier": None}
    assert differences(tmp_path, case(standing=pinned, expect=expect), living()) == []
    over = {"tier": "silver", "pin": {"tier": "gold", "until": "2026-11-19"}}
    assert differences(tmp_path, case(standing=over, expect={"tier": "silver"}), living()) == []
    lower = {"tier": "silver", "pin": {"tier": None, "floor": True}}
    assert differences(tmp_path, case(standing=lower, expect={"tier": "silver"}), living()) == []


def test_an_undeserved_promotion_is_taken_back(tmp_path: Path) -> None:
    before = {"tier": "gold", "since": "2026-04-02", "promoted_from": "silver", "secured_until": "2027-04-02"}
    sent_back = [ORDER, {"placed_at": "2026-04-02", "total": 400, "refunded": 400}]
    expect = {"tier": "silver", "status": "member", "highest_tier": "silver", "reason": "revocation"}
    program = living({"term": "12 months"})
    taken = case(standing=before, orders=sent_back, expect=expect | {"status": "secured"})
    assert differences(tmp_path, taken, program) == []
    kept = case(
        standing=before, orders=[ORDER, {"placed_at": "2026-04-02", "total": 400}], expect={"tier": "gold"}
    )
    assert differences(tmp_path, kept, program) == []


def test_the_days_since_the_last_evaluation_are_replayed(tmp_path: Path) -> None:
    orders = [{"placed_at": "2025-11-15", "total": 500}]
    given = case(
        orders=orders,
        standing={"tier": "gold"},
        evaluated="2026-11-10",
        expect={"tier": "gold", "status": "grace", "grace_until": "2026-12-15"},
    )
    assert differences(tmp_path, given, living()) == []


def test_replayed_days_know_the_tier_held_by_then(tmp_path: Path) -> None:
    once_gold = {"any": [{"metric": "highest_tier", "is": "gold"}, SPEND]}
    spent = {"metric": "spend", "window": "7 days", "at_least": 500}
    tiers = [PROGRAM["tiers"][0] | {"qualify": once_gold}, PROGRAM["tiers"][1] | {"qualify": spent}]
    given = case(
        orders=[{"placed_at": "2025-11-05", "total": 500}],
        standing={"tier": None},
        evaluated="2025-11-04",
        as_of="2026-01-20",
        expect={"tier": "silver", "metrics": {"highest_tier": "gold"}},
    )
    assert differences(tmp_path, given, living({"grace": "none"}, tiers=tiers)) == []


def test_a_promotion_is_told_with_its_reason(tmp_path: Path) -> None:
    (result,) = run(tmp_path, case(standing={"tier": None}), program=living())
    assert result.passed
    assert result.explanation[-2:] == (
        "What happened:",
        "  - 20 November 2026: promotion (qualifies for Silver)",
    )


def test_every_status_can_be_expected() -> None:
    assert get_args(Status) == STATUSES


def test_scores_rank_among_the_others(tmp_path: Path) -> None:
    program = asking({"metric": "spend_percentile", "at_least": 80})
    others = [
        {"times": 8, "orders": [{"placed_at": "2026-03-02", "total": 199}]},
        {"customer": {"customer_id": "rival"}, "orders": [{"placed_at": "2026-03-02", "total": 200}]},
        {"customer": {"customer_id": "idle"}, "orders": []},
    ]
    expect = {"tier": "vip", "metrics": {"spend_percentile": "80.00"}}
    assert differences(tmp_path, case(others=others, expect=expect), program) == []
    alone = case(expect={"tier": None, "metrics": {"spend_percentile": "0.00"}})
    assert differences(tmp_path, alone, program) == []


def test_what_others_did_is_not_the_customers(tmp_path: Path) -> None:
    others = [{"times": 3, "orders": [{"placed_at": "2026-03-02", "total": 9000}]}]
    assert (
        differences(tmp_path, case(others=others, expect={"metrics": {"spend[12 months]": "200.00"}})) == []
    )


# What is refused


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    orders = [
        {"placed_at": "2026-02-30", "total": 19.999, "currency": "EUR"},
        {"placed_at": "2026-03-02", "total": 50, "tax": 40, "shipping": 20},
        {"placed_at": "2026-03-02", "total": 50, "refunded": 60},
        {"placed_at": "2026-03-02", "totl": 50},
    ]
    assert problems(
        tmp_path,
        case(orders=orders, expect={"tier": "slver", "benefits": ["discout"]}),
        {"as_of": "2026-11-20", "expect": {"metrics": {"spend[12 month]": "1", "spend[12 months]": "many"}}},
    ) == [
        ("/0/orders/0/placed_at", "'2026-02-30' doesn't exist in the calendar or on the clock"),
        ("/0/orders/0/total", "19.999 has more decimals than USD has (2); write 19.99 or 20.00"),
        ("/0/orders/0/currency", 'found "EUR"; orders of a case are in the program\'s currency, USD'),
        ("/0/orders/1", "tax 40 and shipping 20 make more than the total 50, which includes them"),
        ("/0/orders/2/refunded", "refunded 60 is more than the total 50"),
        ("/0/orders/3/totl", 'unknown key "totl"; did you mean "total"?'),
        ("/0/expect/tier", 'there is no tier "slver"; did you mean "silver"?'),
        ("/0/expect/benefits/0", 'unknown benefit "discout"; did you mean "discount"?'),
        (
            "/1",
            '"description" is missing; add it, such as "description": "two thousand in a year make silver"',
        ),
        (
            "/1/expect/metrics/spend[12 month]",
            'the program has no figure "spend[12 month]"; did you mean "spend[12 months]"?',
        ),
        (
            "/1/expect/metrics/spend[12 months]",
            'found the text "many", expected a number such as "2000.00", or null for unknown',
        ),
    ]


@pytest.mark.parametrize(
    ("more", "pointer", "message"),
    [
        (
            {"standing": {"tier": "gld"}},
            "/0/standing/tier",
            'there is no tier "gld"; did you mean "gold"?',
        ),
        (
            {"standing": {"tier": "gold", "grace_untl": "2027-03-31"}},
            "/0/standing/grace_untl",
            'unknown key "grace_untl"; did you mean "grace_until"?',
        ),
        (
            {"expect": {"status": "grace"}},
            "/0/expect/status",
            'is of a standing; add the "standing" before',
        ),
        (
            {"expect": {"status": "graze"}},
            "/0/expect/status",
            'unknown status "graze"; did you mean "grace"?',
        ),
        (
            {"expect": {"grace_until": "2027-03-31"}},
            "/0/expect/grace_until",
            'is of a standing; add the "standing" before',
        ),
        (
            {"evaluated": "2026-11-19"},
            "/0/evaluated",
            'says when a standing was so; add the "standing"',
        ),
        (
            {"standing": {"tier": "gold"}, "evaluated": "2026-11-20"},
            "/0/evaluated",
            'found "2026-11-20", expected a day before "as_of", at most 400 days before it',
        ),
        (
            {"standing": {"tier": "gold"}, "evaluated": "2025-01-01"},
            "/0/evaluated",
            'found "2025-01-01", expected a day before "as_of", at most 400 days before it',
        ),
        (
            {"standing": {"tier": "gold", "grace_until": "2026-02-30"}},
            "/0/standing/grace_until",
            "'2026-02-30' doesn't exist in the calendar or on the clock",
        ),
        (
            {"standing": {"tier": "gold", "pin": {"tier": "platinum"}}},
            "/0/standing/pin/tier",
            'there is no tier "platinum"; expected "silver" or "gold"',
        ),
        (
            {"standing": {"tier": "gold", "notices": [{"before": "1000 years", "on": "2026-11-01"}]}},
            "/0/standing/notices/0/before",
            '"1000 years" is longer than 100 years; write a shorter time',
        ),
        (
            {"standing": {"tier": "gold", "promoted_from": None}},
            "/0/standing/promoted_from",
            'needs "tier" and "since": the promotion that it is about',
        ),
        (
            {"expect": {"tier": "none"}},
            "/0/expect/tier",
            'there is no tier "none"; for none write null, without quotation marks',
        ),
        (
            {"expect": {"benefits": ["10%"]}},
            "/0/expect/benefits/0",
            'unknown benefit "10%"; expected a type of benefit, such as "discount"',
        ),
        (
            {"expect": {"metrics": {"spend[12 months]": 200.5}}},
            "/0/expect/metrics/spend[12 months]",
            'found 200.5, expected a text or a whole number or null; write "200.5"',
        ),
        (
            {"orders": ORDER},
            "/0/orders",
            'found an object with "placed_at", "total", expected a list; write [ ] around it',
        ),
        (
            {"expect": {"next_tier": "golden"}},
            "/0/expect/next_tier",
            'there is no tier "golden"; it is "gold" now',
        ),
        (
            {"customer": {"birthday": "1990-02-30"}},
            "/0/customer/birthday",
            "'1990-02-30' doesn't exist in the calendar or on the clock",
        ),
        (
            {"events": [{"type": "review", "at": "2026-04-01T25:00"}]},
            "/0/events/0/at",
            "'2026-04-01T25:00' doesn't exist in the calendar or on the clock",
        ),
        (
            {"orders": [ORDER | {"lines": [{"amount": 10, "refunded": 11}]}]},
            "/0/orders/0/lines/0/refunded",
            "refunded 11 is more than the amount 10",
        ),
        (
            {"orders": [ORDER | {"order_id": "o"}, ORDER | {"order_id": "o"}]},
            "/0",
            '2 orders of the case have the id "o"; each needs its own',
        ),
        (
            {"others": [{"customer": {"customer_id": "c1"}, "orders": []}]},
            "/0",
            '2 customers of the case have the id "c1"; each needs its own',
        ),
        (
            {"others": [{"times": 10_000, "orders": [ORDER] * 10}]},
            "/0/others",
            "comes to 110,000 customers, orders and events; at most 100,000 are read",
        ),
    ],
)
def test_what_a_case_cannot_say(more: dict[str, Any], pointer: str, message: str, tmp_path: Path) -> None:
    assert problems(tmp_path, case(**more)) == [(pointer, message)]


def test_a_negative_amount_is_refused(tmp_path: Path) -> None:
    ((pointer, message),) = problems(tmp_path, case(orders=[ORDER | {"lines": [{"amount": -1}]}]))
    assert pointer == "/0/orders/0/lines/0/amount"
    assert message.startswith("found -1, expected a number")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(PROGRAM), "utf-8")
    with pytest.raises(InvalidDocument) as refused:
        run_cases(tmp_path / "shop.json", CATALOGUE)
    (problem,) = refused.value.problems
    assert str(problem) == (
        f"{tmp_path / 'shop.cases.json'}: there is no such file; the cases of shop.json are looked for there"
    )


def test_a_file_without_cases_is_refused(tmp_path: Path) -> None:
    ((pointer, message),) = problems(tmp_path)
    assert pointer == ""
    assert message.startswith("the list is empty; expected at least one")


@pytest.mark.parametrize("text", ['{"description": "one"}', "[1]"])
def test_a_file_of_something_else_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(PROGRAM), "utf-8")
    (tmp_path / "shop.cases.json").write_text(text, "utf-8")
    with pytest.raises(InvalidDocument, match=r"found .*, expected "):
        run_cases(tmp_path / "shop.json", CATALOGUE)


def test_cases_are_no_program(tmp_path: Path) -> None:
    run(tmp_path, case())
    with pytest.raises(InvalidDocument, match=r"is a file of cases; name its program, shop\.json, instead"):
        run_cases(tmp_path / "shop.cases.json", CATALOGUE)


def test_a_program_that_is_invalid_comes_first(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument, match=r"shop\.json#/currency: "):
        run(tmp_path, {"nonsense": True}, program=PROGRAM | {"currency": "ABC"})


def test_cases_are_read_as_safely_as_programs(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(json.dumps(PROGRAM), "utf-8")
    (tmp_path / "shop.cases.json").write_text("[" * 100_000, "utf-8")
    with pytest.raises(InvalidDocument, match="nested more than"):
        run_cases(tmp_path / "shop.json", CATALOGUE)


# vip-rules validate


def validate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as done:
        main(["validate", *map(str, arguments)])
    return int(done.value.code or 0), capsys.readouterr().out


def test_validating_a_program_checks_its_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, case(), case())
    code, out = validate(capsys, tmp_path / "shop.json")
    assert code == 0
    assert out.splitlines()[-1] == f"{tmp_path / 'shop.cases.json'}: valid (2 cases)"
    problems(tmp_path, case(expect={"tier": "slver"}))
    code, out = validate(capsys, tmp_path / "shop.json")
    assert code == 1
    assert f"{tmp_path / 'shop.json'}: valid (2 tiers" in out
    assert out.splitlines()[-2:] == [
        f"{tmp_path / 'shop.cases.json'}: 1 problem",
        '  error: /0/expect/tier: there is no tier "slver"; did you mean "silver"?',
    ]
    code, out = validate(capsys, "--json", tmp_path / "shop.json")
    assert code == 1
    assert [(file["file"], file["valid"]) for file in json.loads(out)] == [
        (str(tmp_path / "shop.json"), True),
        (str(tmp_path / "shop.cases.json"), False),
    ]


def test_cases_of_an_invalid_program_are_not_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problems(tmp_path, {"nonsense": True})
    (tmp_path / "shop.json").write_text(json.dumps(PROGRAM | {"currency": "ABC"}), "utf-8")
    code, out = validate(capsys, tmp_path / "shop.json")
    assert code == 1
    assert "shop.cases.json" not in out


def test_validating_cases_alone_names_their_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, case())
    code, out = validate(capsys, tmp_path / "shop.cases.json")
    assert code == 1
    assert out.splitlines() == [
        f"{tmp_path / 'shop.cases.json'}: 1 problem",
        "  error: is a file of cases; name its program, shop.json, instead",
    ]
