"""The typed program that a document becomes."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.program.example import CATALOGUE, PROGRAM, SPEND, changed, spend
from vip_rules.conditions import All, AnyOf, Comparison, Named, Not, Test
from vip_rules.localdays import day_date, day_number
from vip_rules.metrics.figure import Figure, Where
from vip_rules.model import Currency, SpendBasis
from vip_rules.program.duration import Duration, InvalidDuration
from vip_rules.program.economics import Economics
from vip_rules.program.guardrails import CreditBudget, Guardrails, MessageLimit
from vip_rules.program.load import load_program, read_program
from vip_rules.program.messages import Message
from vip_rules.program.program import Program
from vip_rules.program.status import CycleGrace, SoftLanding, Status, Term
from vip_rules.windows import Window

YEAR = Window.of("12 months")
METRICS = CATALOGUE.metrics
BARE = {key: PROGRAM[key] for key in ("format", "program", "currency", "timezone")} | {
    "tiers": [{"id": "vip", "name": "VIP", "qualify": SPEND}]
}


def read(document: object) -> Program:
    return read_program(document, "vip.json", CATALOGUE)


def test_the_program_of_the_design(tmp_path: Path) -> None:
    path = tmp_path / "vip.json"
    path.write_text(json.dumps(PROGRAM, indent=2), "utf-8")
    program = load_program(path, CATALOGUE)

    assert (program.id, program.currency, program.timezone) == (
        "atelier-vip",
        Currency("USD", 2),
        ZoneInfo("America/New_York"),
    )
    assert program.spend == SpendBasis(includes_tax=False, includes_shipping=False)
    loyal = All(
        (
            Comparison(
                Figure(METRICS["orders"], YEAR), (Test("at_least", 12),), "/conditions/loyal regular/all/0"
            ),
            Comparison(
                Figure(METRICS["days_since_last_order"]),
                (Test("at_most", 60),),
                "/conditions/loyal regular/all/1",
            ),
        ),
        "/conditions/loyal regular",
    )
    assert program.conditions == {"loyal regular": loyal}
    silver, gold = program.tiers
    assert (silver.id, silver.name, silver.keep) == ("silver", "Silver VIP", None)
    yearly = Figure(METRICS["spend"], YEAR)
    assert silver.qualify == AnyOf(
        (
            Comparison(yearly, (Test("at_least", 2000_00),), "/tiers/0/qualify/any/0"),
            Named("loyal regular", loyal, "/tiers/0/qualify/any/1"),
        ),
        "/tiers/0/qualify",
    )
    assert gold.qualify == Comparison(yearly, (Test("at_least", 5000_00),), "/tiers/1/qualify")
    assert gold.keep == Comparison(yearly, (Test("at_least", 4500_00),), "/tiers/1/keep")
    assert [benefit.sentence(program.currency) for benefit in gold.benefits] == [
        "15 % discount",
        "free expedited shipping",
        "48 hours of early access",
        "50.00 USD store credit on the birthday",
        "exclusive products",
        "priority support",
    ]
    assert [benefit.pointer for benefit in gold.benefits][-1] == "/tiers/1/benefits/5"
    assert program.status == Status(
        Term("rolling"),
        Duration(3, "month"),
        "one tier",
        SoftLanding(Duration(30, "day"), ("free_shipping",)),
        (Duration(60, "day"), Duration(30, "day")),
    )
    (segment,) = program.segments
    shopper = Figure(METRICS["discounted_share"], YEAR)
    assert (segment.id, segment.when) == (
        "sale-shopper",
        Comparison(shopper, (Test("at_least", 60_00),), "/segments/0/when"),
    )
    assert program.messages == (Message("near_next_tier", "almost-there", 200_00),)
    assert program.economics == Economics(40_00, {"free_shipping.expedited": 10_00, "support": 25_00})
    assert program.guardrails == Guardrails((10_00, 20_00), 5_00, 50)
    assert program.file == str(path)
    assert [place for place, _ in program.rules()] == [
        "/tiers/0/qualify",
        "/tiers/1/qualify",
        "/tiers/1/keep",
    ]
    assert [figure.key for figure in program.figures()] == [
        "spend[12 months]",
        "orders[12 months]",
        "days_since_last_order",
    ]


def test_defaults() -> None:
    program = read(BARE)
    assert program.spend == SpendBasis(includes_tax=False, includes_shipping=False)
    assert (program.conditions, program.segments, program.messages, program.economics) == ({}, (), (), None)
    assert (program.tiers[0].benefits, program.tiers[0].was, program.tiers[0].keep) == ((), (), None)
    assert program.status == Status(
        Term("rolling"), Duration(3, "month"), "one tier", None, (Duration(60, "day"), Duration(30, "day"))
    )
    assert program.guardrails == Guardrails((10_00, 25_00), 5_00, 50, max_credit=None, max_messages=None)
    # What a section leaves out keeps its default.
    assert read({**BARE, "status": {"demotion": "to qualified"}}).status.grace == Duration(3, "month")


def test_guardrails() -> None:
    written = {
        "max_credit": {"amount": Decimal("19.99"), "per": "month"},
        "max_messages": {"count": 2, "days": 7},
    }
    assert read({**BARE, "guardrails": written}).guardrails == Guardrails(
        max_credit=CreditBudget(19_99, "month"), max_messages=MessageLimit(2, 7)
    )


def test_statuses() -> None:
    def status(**keys: object) -> Status:
        return read({**BARE, "status": keys}).status

    assert status(grace="none").grace is None
    assert status(grace={"cycles": 2, "at_least": "30 days"}).grace == CycleGrace(2, Duration(30, "day"))
    assert status(term="6 months").term == Term("months", 6)
    assert status(term="calendar year").term == Term("calendar year")
    assert status(warn_before=[]).warn_before == ()
    assert status(warn_before=["2 weeks", "2 months"]).warn_before == (
        Duration(2, "month"),
        Duration(2, "week"),
    )


@pytest.mark.parametrize(
    ("condition", "figure", "tests"),
    [
        (spend(at_least=Decimal("19.99")), "spend", (Test("at_least", 1999),)),
        (
            spend(window="90 days", more_than=1, at_most=2),
            "spend[90 days]",
            (Test("more_than", 100), Test("at_most", 200)),
        ),
        (spend(window="lifetime", equals=0), "spend", (Test("equals", 0),)),
        (
            spend(where={"category": ["shoes", "bags", "bags"], "channel": "pos"}, at_least=1),
            "spend[category=bags|shoes, channel=pos]",
            (Test("at_least", 100),),
        ),
        (
            {"metric": "refunded_share", "less_than": Decimal("12.5")},
            "refunded_share",
            (Test("less_than", 12_50),),
        ),
        (
            {"metric": "order_value_trend", "window": "1 years", "at_least": 150},
            "order_value_trend[1 year]",
            (Test("at_least", 150_00),),
        ),
        ({"metric": "rfm", "window": "12 months", "at_least": 12}, "rfm[12 months]", (Test("at_least", 12),)),
        ({"metric": "tag", "none_of": ["press", "staff"]}, "tag", (Test("none_of", ("press", "staff")),)),
        ({"metric": "highest_tier", "is": "vip"}, "highest_tier", (Test("is", "vip"),)),
        (
            {"metric": "days_between_orders", "is_known": False},
            "days_between_orders",
            (Test("is_known", False),),
        ),
    ],
)
def test_comparisons(condition: object, figure: str, tests: tuple[Test, ...]) -> None:
    document = {**BARE, "segments": [{"id": "some", "when": {"not": condition}}]}
    when = read(document).segments[0].when
    assert isinstance(when, Not)
    assert isinstance(when.condition, Comparison)
    assert (when.condition.figure.key, when.condition.tests) == (figure, tests)
    assert when.condition.pointer == "/segments/0/when/not"


def test_filters_of_one_meaning_are_one_figure() -> None:
    document = {
        **BARE,
        "tiers": [
            {
                "id": "vip",
                "name": "VIP",
                "qualify": {
                    "all": [
                        spend(where={"channel": "pos", "brand": ["b", "a"]}, at_least=1),
                        spend(where={"brand": ["a", "b"], "channel": ["pos"]}, at_most=9),
                    ]
                },
            }
        ],
    }
    (figure,) = read(document).figures()
    assert figure.where == Where((("brand", ("a", "b")), ("channel", ("pos",))))


def test_conditions_may_be_written_in_any_order() -> None:
    conditions = {
        "a": {"any": [{"condition": "b"}, {"condition": "c"}]},
        "b": {"not": {"condition": "c"}},
        "c": SPEND,
    }
    program = read({**BARE, "conditions": conditions, "segments": [{"id": "s", "when": {"condition": "a"}}]})
    assert list(program.conditions) == list(conditions)
    inner = program.conditions["c"]
    assert program.conditions["b"] == Not(Named("c", inner, "/conditions/b/not"), "/conditions/b")


def test_the_version_is_of_what_is_said() -> None:
    version = read(PROGRAM).version
    assert version == "sha256:6443e4d6f60a"
    backwards = dict(reversed(PROGRAM.items()))
    assert read({**backwards, "$schema": "elsewhere.json"}).version == version
    assert read(changed(("/tiers/0/benefits/0/percent", Decimal("10.00")))).version == version
    assert read(changed(("/tiers/0/benefits/0/percent", Decimal("10.50")))).version != version
    assert read(changed(("/tiers/0/name", "Silver"))).version != version


def test_durations() -> None:
    def after(text: str, *start: int) -> date:
        return day_date(Duration.of(text).after(day_number(date(*start))))

    assert after("3 months", 2025, 11, 30) == date(2026, 2, 28)
    assert after("1 year", 2024, 2, 29) == date(2025, 2, 28)
    assert after("2 weeks", 2026, 12, 25) == date(2027, 1, 8)
    assert [str(Duration.of(text)) for text in ("1 days", "3 month", "10 years")] == [
        "1 day",
        "3 months",
        "10 years",
    ]
    assert Duration.of("2 months").days < Duration.of("61 days").days
    for text in ("0 days", "calendar year", "three months", "3 months "):
        with pytest.raises(InvalidDuration):
            Duration.of(text)


def test_an_installed_catalogue_is_the_default() -> None:
    assert read_program(PROGRAM).tiers[0].id == "silver"


def test_names_are_taken_as_they_are() -> None:
    name = '=HYPERLINK("x") & <b>Größe</b>'
    assert read(changed(("/tiers/0/name", name))).tiers[0].name == name
