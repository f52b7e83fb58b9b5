"""The example programs: valid without advice, decided as their cases expect, and what they promise to be."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from vip_rules.cases import run_cases
from vip_rules.cli.main import main
from vip_rules.plugins import load_catalogue
from vip_rules.program.lint import lint
from vip_rules.program.load import load_program

RULES = Path(__file__).parents[1] / "rules"
CATALOGUE = load_catalogue()
NAMES = sorted(path.name.removesuffix(".cases.json") for path in RULES.glob("*.cases.json"))


def test_every_program_has_cases() -> None:
    programs = {path.stem for path in RULES.glob("*.json") if path.stem.count(".") == 0}
    assert (
        programs
        == set(NAMES)
        == {"blended", "relationship", "rfm", "single-tier", "three-tier", "top-percent"}
    )


@pytest.mark.parametrize("name", NAMES)
def test_programs_are_exemplary(name: str) -> None:
    file = RULES / f"{name}.json"
    program = load_program(file, CATALOGUE)
    assert lint(program) == []
    assert program.id == name
    text = file.read_text("utf-8")
    assert json.loads(text)["$schema"] == "./program.schema.json"
    assert all(len(line) <= 120 and line.count('"metric"') <= 1 for line in text.splitlines())
    assert f"[{name}.json]({name}.json)" in (RULES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_cases_come_out_as_expected(name: str) -> None:
    results = run_cases(RULES / f"{name}.json", CATALOGUE)
    assert [(result.description, result.differences) for result in results if not result.passed] == []
    assert 5 <= len(results) <= 12


@pytest.mark.parametrize("name", NAMES)
def test_programs_run_over_the_example_store(name: str, tmp_path: Path) -> None:
    store, out = RULES / "store", tmp_path / "standings.jsonl"
    files = [f"--{file}={store / file}.csv" for file in ("customers", "orders", "events")]
    main_exits(["evaluate", str(RULES / f"{name}.json"), *files, "--as-of=2026-11-20", f"--out={out}"])
    standings = {
        line["customer_id"]: line["tier"] for line in map(json.loads, out.read_text("utf-8").splitlines())
    }
    assert len(standings) == 9
    assert standings["grace"] is None
    assert any(standings.values())


@pytest.mark.parametrize(
    ("file", "arguments"), [("program.schema.json", ["schema"]), ("cases.schema.json", ["schema", "--cases"])]
)
def test_schemas_are_current(file: str, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    main_exits(arguments)
    current = capsys.readouterr().out
    assert (RULES / file).read_text("utf-8") == current, f"run vip-rules {' '.join(arguments)} > rules/{file}"


@pytest.mark.parametrize("name", NAMES)
def test_editors_find_nothing_wrong(name: str) -> None:
    for file, schema in (
        (f"{name}.json", "program.schema.json"),
        (f"{name}.cases.json", "cases.schema.json"),
    ):
        validator = Draft202012Validator(json.loads((RULES / schema).read_text("utf-8")))
        assert not list(validator.iter_errors(json.loads((RULES / file).read_text("utf-8"))))


def test_three_tiers_carry_what_the_table_promises() -> None:
    program = load_program(RULES / "three-tier.json", CATALOGUE)
    carried = {
        tier.name: [benefit.sentence(program.currency) for benefit in tier.benefits] for tier in program.tiers
    }
    assert carried == {
        "Silver VIP": [
            "10 % discount (combines with shipping discounts)",
            "free standard shipping",
            "24 hours of early access",
            "25.00 USD store credit on the birthday",
            "invitations to virtual events",
        ],
        "Gold VIP": [
            "15 % discount (combines with shipping discounts)",
            "free expedited shipping",
            "48 hours of early access",
            "exclusive products",
            "50.00 USD store credit on the birthday",
            "priority support",
            "invitations to virtual events",
            "invitations to regional events",
        ],
        "Platinum VIP": [
            "20 % discount (combines with shipping discounts)",
            "free next-day shipping",
            "72 hours of early access",
            "exclusive products",
            "pre-order",
            "100.00 USD store credit on the birthday",
            "a personal representative",
            "a luxury item as an annual gift",
            "invitations to virtual events",
            "invitations to regional events",
            "invitations to private events",
        ],
    }


def main_exits(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(arguments)
    assert not done.value.code
