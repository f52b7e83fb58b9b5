"""Cases: what authors write, how it is checked, and what they are told when a case comes out otherwise."""

import json
from pathlib import Path
from typing import Any

import pytest

from vip_rules.cases import CaseResult, run_cases
from vip_rules.cli.main import main
from vip_rules.errors import InvalidDocument
from vip_rules.plugins import load_catalogue

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
    expect = {
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
        ({"tier": None, "highest_tier": "gold"}, None, "gold"),
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
            {"standing": {"tier": "gold", "grace_until": "2027-03-31"}},
            "/0/standing/grace_until",
            'unknown key "grace_until"; expected "tier" or "highest_tier"',
        ),
        (
            {"expect": {"status": "grace"}},
            "/0/expect/status",
            'unknown status "grace"; expected "member" or "none"',
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
