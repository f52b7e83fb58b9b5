"""What an author sees while typing a program: VS Code's own JSON language service, under our schema."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from vip_rules.plugins import load_catalogue
from vip_rules.program.schema import program_schema

FOLDER = Path(__file__).parent
CURSOR = "‸"

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true"
    and not (shutil.which("node") and (FOLDER / "node_modules/vscode-json-languageservice").is_dir()),
    reason="needs Node.js and the packages of tests/editor, which make test installs where npm can",
)

PROGRAM = """{
  "$schema": "./program.schema.json",
  "format": 1,
  "program": "atelier-vip",
  "currency": "USD",
  "timezone": "America/New_York",
  "spend": {"includes_tax": false, "includes_shipping": false},
  "conditions": {
    "loyal regular": {"all": [
      {"metric": "orders", "window": "12 months", "at_least": 12},
      {"metric": "days_since_last_order", "at_most": 60}]}
  },
  "tiers": [
    {"id": "silver", "name": "Silver VIP",
     "qualify": {"any": [
        {"metric": "spend", "window": "12 months", "at_least": 2000},
        {"condition": "loyal regular"}]},
     "benefits": [
        {"type": "discount", "percent": 10},
        {"type": "free_shipping", "service": "standard"},
        {"type": "early_access", "hours": 24},
        {"type": "store_credit", "amount": 25, "on": "birthday"}]},
    {"id": "gold", "name": "Gold VIP",
     "qualify": {"metric": "spend", "window": "12 months", "at_least": 5000},
     "keep": {"metric": "spend", "window": "12 months", "at_least": 4500},
     "benefits": [{"type": "discount", "percent": 15}]}
  ],
  "status": {"term": "rolling", "grace": "3 months", "demotion": "one tier",
             "soft_landing": {"for": "30 days", "keep": ["free_shipping"]},
             "warn_before": ["60 days", "30 days"]},
  "segments": [
    {"id": "sale-shopper", "when": {"metric": "discounted_share", "window": "12 months", "at_least": 60}}],
  "messages": [{"on": "near_next_tier", "within": 200, "template": "almost-there"}],
  "economics": {"gross_margin": 40, "costs": {"free_shipping.expedited": 10, "support": 25}},
  "guardrails": {"vip_share": [10, 20], "max_demotions": {"percent": 5, "count": 50}}
}"""

GOLD = '{"metric": "spend", "window": "12 months", "at_least": 5000}'


@dataclass(frozen=True)
class View:
    """An editor with the cursor at a place: what it reports of the document, proposes there and shows on hovering."""

    diagnostics: list[str]
    completions: dict[str, str]
    hover: str


def view(text: str) -> View:
    """The editor's view of a document, with the cursor where CURSOR stands in it."""
    document = {"text": text.replace(CURSOR, ""), "offset": max(text.find(CURSOR), 0)}
    answer = subprocess.run(
        ["node", FOLDER / "service.mjs"],
        input=json.dumps(document | {"schema": program_schema()}),
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return View(**json.loads(answer.stdout))


def gold(condition: str) -> str:
    """The program with another condition for gold, which may be unfinished."""
    assert GOLD in PROGRAM
    return PROGRAM.replace(GOLD, condition)


def test_a_right_program_has_no_diagnostics() -> None:
    assert view(PROGRAM).diagnostics == []


def test_cents_are_money() -> None:
    assert view(gold('{"metric": "spend", "at_least": 19.99}')).diagnostics == []


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ('"tiers": [', '"teirs": [], "tiers": [', "teirs"),
        ('"keep": {"metric"', '"kep": {"metric"', "kep"),
        ('"at_least": 5000', '"at_leest": 5000', "at_leest"),
        ('"any": [', '"anny": [', "anny"),
        ('"percent": 10}', '"percent": 10, "persent": 10}', "persent"),
        ('"demotion": "one tier"', '"demotion": "two tiers"', "one tier"),
        ('"metric": "discounted_share"', '"metric": "discount_share"', "discounted_share"),
        ('"window": "12 months", "at_least": 60', '"window": "12 mnths", "at_least": 60', "calendar year"),
        ('"percent": 10}', '"percent": "10"}', "number"),
    ],
)
def test_a_slip_gives_one_diagnostic_that_names_it(right: str, wrong: str, named: str) -> None:
    assert right in PROGRAM
    [diagnostic] = view(PROGRAM.replace(right, wrong, 1)).diagnostics
    assert named in diagnostic


def test_every_metric_is_proposed_with_its_description() -> None:
    proposed = view(gold(f'{{"metric": {CURSOR}}}')).completions
    metrics = load_catalogue().metrics.values()
    assert proposed == {json.dumps(metric.name): metric.description for metric in metrics}


def test_a_condition_begins_as_a_comparison_or_a_group() -> None:
    assert view(gold(f"{{{CURSOR}}}")).completions.keys() == {"metric", "all", "any", "not", "condition"}


def test_a_number_is_compared_as_numbers_are() -> None:
    proposed = view(gold(f'{{"any": [{{"metric": "spend", {CURSOR}}}]}}')).completions
    assert proposed.keys() >= {"window", "where", "at_least", "more_than", "at_most", "less_than", "equals"}
    assert not proposed.keys() & {"is", "is_not", "one_of", "none_of", "all", "any"}
    assert all(proposed.values()), "every key has a description"


def test_a_text_is_compared_as_texts_are() -> None:
    proposed = view(gold(f'{{"metric": "tag", {CURSOR}}}')).completions
    assert proposed.keys() >= {"is", "is_not", "one_of", "none_of"}
    assert not proposed.keys() & {"window", "at_least", "equals"}


def test_windows_are_proposed() -> None:
    proposed = view(gold(f'{{"metric": "spend", "window": "{CURSOR}", "at_least": 1}}')).completions
    assert proposed.keys() >= {'"12 months"', '"calendar year"', '"membership year"', '"lifetime"'}


def test_every_benefit_is_proposed_with_its_description() -> None:
    proposed = view(
        PROGRAM.replace('{"type": "discount", "percent": 15}', f'{{"type": {CURSOR}}}')
    ).completions
    benefits = load_catalogue().benefits.values()
    assert proposed == {json.dumps(benefit.name): benefit.description for benefit in benefits}


def test_a_benefit_has_its_own_keys() -> None:
    proposed = view(PROGRAM.replace('"percent": 15', CURSOR)).completions
    assert proposed.keys() == {"percent", "combines_with"}


def test_hovering_over_a_metric_explains_it() -> None:
    metric = load_catalogue().metrics["days_since_last_order"]
    shown = view(PROGRAM.replace("days_since", f"days{CURSOR}_since")).hover.replace("\\", "")
    assert shown == f"{metric.title}\n\n{metric.description}"
