"""Facts say which tiers customers qualify for and keep, and about which nothing can be said for sure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from vip_rules.evaluate import evaluate, evaluate_days
from vip_rules.facts import facts_of, path_dependent
from vip_rules.history import History
from vip_rules.localdays import day_number
from vip_rules.model import Customer, Order
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.records import records_of

TODAY = day_number(date(2026, 11, 20))

Rule = Mapping[str, Any]

ORDERED: Rule = {"metric": "orders", "window": "30 days", "at_least": 1}
SPENT: Rule = {"metric": "spend", "window": "12 months", "at_least": 100}
SEEN: Rule = {"metric": "days_since_last_order", "at_most": 400}
MEMBER: Rule = {"metric": "member_days", "at_least": 1}


def program(*tiers: Rule | tuple[Rule, Rule], **status: Any) -> Program:
    """A program with a tier for each rule, or for `qualify` and `keep`."""
    rungs = []
    for n, tier in enumerate(tiers):
        qualify, keep = tier if isinstance(tier, tuple) else (tier, None)
        rungs.append({"id": f"t{n}", "name": f"T{n}", "qualify": qualify, "benefits": []})
        if keep is not None:
            rungs[-1]["keep"] = keep
    document = {
        "format": 1,
        "program": "facts",
        "currency": "EUR",
        "timezone": "UTC",
        "tiers": rungs,
        "status": status,
    }
    return read_program(document, "facts.json", load_catalogue())


def spending(*purchases: tuple[int, int], joined: int = TODAY - 700) -> History:
    """Ann, with purchases of amounts in major units, so many days ago."""
    orders = [
        Order(str(n), "ann", TODAY - ago, 100 * amount, channel="pos")
        for n, (ago, amount) in enumerate(purchases)
    ]
    return History.of([Customer("ann", joined)], orders)


def facts(program: Program, history: History, trusted_from: int | None = None) -> dict[str, Any]:
    """Ann's facts of today."""
    return facts_of(program, evaluate(program, history, TODAY).frame, trusted_from=trusted_from).row(
        0, named=True
    )


def test_each_tier_has_its_bit() -> None:
    rules = program(ORDERED, SPENT, (MEMBER, {"not": MEMBER}))
    assert facts(rules, spending((60, 120))) == {
        "customer_id": "ann",
        "day": TODAY,
        "qualifies": 0b110,
        "keeps": 0b010,
        "undecided": 0,
        "cycle": None,
    }


def test_what_is_unknown_doesnt_hold() -> None:
    found = facts(program(SEEN, {"not": SEEN}), spending())
    assert (found["qualifies"], found["keeps"], found["undecided"]) == (0, 0, 0)


def test_each_row_has_its_facts() -> None:
    pairs = pl.DataFrame({"customer_id": "ann", "day": [TODAY, TODAY + 29, TODAY + 30]})
    rules = program(ORDERED, SPENT)
    found = facts_of(rules, evaluate_days(rules, spending((0, 100)), pairs))
    assert found["day"].to_list() == [TODAY, TODAY + 29, TODAY + 30]
    assert found["qualifies"].to_list() == [0b11, 0b11, 0b10]


def test_fifty_tiers_fit() -> None:
    rules = [{"metric": "spend", "at_least": n} for n in range(1, 51)]
    assert facts(program(*rules), spending((0, 50)))["qualifies"] == 2**50 - 1


@pytest.mark.parametrize(
    ("window", "begins"),
    [
        ("30 days", TODAY - 29),
        ("12 months", day_number(date(2025, 11, 21))),
        ("calendar year", day_number(date(2026, 1, 1))),
        ("previous calendar year", day_number(date(2025, 1, 1))),
        ("membership year", day_number(date(2026, 3, 1))),
    ],
)
def test_a_window_is_trusted_if_it_begins_late_enough(window: str, begins: int) -> None:
    rules = program({"metric": "spend", "window": window, "at_least": 0})
    history = spending(joined=day_number(date(2024, 3, 1)))
    assert facts(rules, history, begins)["qualifies"] == 1
    untrusted = facts(rules, history, begins + 1)
    assert (untrusted["qualifies"], untrusted["undecided"]) == (0, 1)


def test_trust_is_by_the_day() -> None:
    rules = program({"metric": "spend", "window": "30 days", "at_least": 0})
    pairs = pl.DataFrame({"customer_id": "ann", "day": [TODAY - 1, TODAY]})
    found = facts_of(rules, evaluate_days(rules, spending(), pairs), trusted_from=TODAY - 29)
    assert found.select("qualifies", "undecided").rows() == [(0, 1), (1, 0)]


def test_a_lifetime_is_never_trusted_but_a_customers_own_figures_are() -> None:
    found = facts(program(SEEN, MEMBER), spending((1, 1)), trusted_from=TODAY - 10_000)
    assert (found["qualifies"], found["undecided"]) == (0b10, 0b01)


@pytest.mark.parametrize(
    ("rule", "qualifies", "undecided"),
    [
        ({"any": [ORDERED, SPENT]}, 1, 0),
        ({"all": [ORDERED, SPENT]}, 0, 1),
        ({"all": [{"not": ORDERED}, SPENT]}, 0, 0),
        ({"any": [{"not": ORDERED}, SPENT]}, 0, 1),
        ({"not": SPENT}, 0, 1),
        ({**SPENT, "at_least": 10_000}, 0, 1),
        ({"metric": "spend", "window": "12 months", "is_known": True}, 0, 1),
    ],
    ids=json.dumps,
)
def test_a_tier_is_undecided_if_the_untrusted_would_decide(
    rule: Rule, qualifies: int, undecided: int
) -> None:
    found = facts(program(rule), spending((3, 500)), trusted_from=TODAY - 60)
    assert (found["qualifies"], found["undecided"]) == (qualifies, undecided)


@pytest.mark.parametrize(
    ("qualify", "keep", "expected"),
    [
        (ORDERED, SPENT, (1, 0, 0)),
        ({"not": ORDERED}, SPENT, (0, 0, 1)),
        ({"not": ORDERED}, ORDERED, (0, 1, 0)),
        (SPENT, ORDERED, (0, 1, 1)),
    ],
)
def test_a_tier_is_undecided_by_qualify_or_keep_unless_one_qualifies(
    qualify: Rule, keep: Rule, expected: tuple[int, int, int]
) -> None:
    found = facts(program((qualify, keep)), spending((3, 500)), trusted_from=TODAY - 60)
    assert (found["qualifies"], found["keeps"], found["undecided"]) == expected


def test_the_cycle_is_of_the_whole_life_up_to_the_day() -> None:
    rules = program(ORDERED, grace={"cycles": 2, "at_least": "30 days"})
    history = spending((500, 1), (100, 1), (0, 1))
    pairs = pl.DataFrame({"customer_id": "ann", "day": [TODAY - 200, TODAY - 100, TODAY]})
    assert facts_of(rules, evaluate_days(rules, history, pairs))["cycle"].to_list() == [None, 400, 250]
    assert facts(rules, history)["cycle"] == 250
    assert facts(rules, history, trusted_from=TODAY - 600)["cycle"] is None
    assert facts(program(ORDERED), history)["cycle"] is None


def test_the_cycle_is_no_metric_of_the_output() -> None:
    rules = program(ORDERED, grace={"cycles": 2, "at_least": "30 days"})
    record = json.loads(records_of(evaluate(rules, spending((0, 1)), TODAY)).lines().collect().item())
    assert record["metrics"] == {"orders[30 days]": 1}


@pytest.mark.parametrize("metric", ["current_tier", "highest_tier"])
def test_rules_that_ask_for_the_standing_depend_on_earlier_days(metric: str) -> None:
    assert path_dependent(program(ORDERED, (SPENT, {"not": {"metric": metric, "is": "t0"}})))
    assert not path_dependent(program(ORDERED, SPENT))


def test_no_tier_is_known_where_standings_are_kept() -> None:
    current = {"metric": "current_tier"}
    rules = program(*({**current, **test} for test in ({"is_known": True}, {"is_not": "t1"}, {"is": "t1"})))
    for held, qualifies, shown, told in (("", 0b011, "none", ""), (None, 0, "unknown", None)):
        history = History.of([Customer("ann", 0, current_tier=held)])
        qualifications = evaluate(rules, history, TODAY)
        assert facts_of(rules, qualifications.frame)["qualifies"].to_list() == [qualifies]
        figure = rules.figures()[0]
        assert figure.shown(qualifications.frame[figure.key][0], rules.currency) == shown
        record = json.loads(records_of(qualifications).lines().collect().item())
        assert record["metrics"] == {"current_tier": told}
