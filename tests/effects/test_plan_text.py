"""A plan is readable at ten changes and at a hundred thousand, and comes out of its file as it went in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from vip_rules.cli.changes import plan_lines
from vip_rules.localdays import day_date, day_number
from vip_rules.plan import Change, Gap, Limit, Plan, PlanRefused, Sign, read_plan, write_plan

DAY = day_number(date(2026, 11, 20))


def change(n: int, what: str, sign: Sign = "~", kind: str = "standing") -> Change:
    return Change(
        sign=sign,
        kind=kind,
        key=f"{kind}:{n:06}",
        what=what,
        reason=f"spend in the last 12 months: {n:,}.00 EUR",
        seen="0" * 16,
        content={"after": {"tier": "gold"}, "transitions": []},
        customer_id=f"{n:06}",
        evidence='{"figures":{"spend":"1.00"}}' if kind == "standing" else "",
    )


def plan_of(*changes: Change, **more: object) -> Plan:
    given: dict[str, object] = {
        "shop": "atelier",
        "program": "vip",
        "version": "abc",
        "as_of": DAY,
        "explicit": False,
        "changes": changes,
        "customers": 200_000,
        "mirror": 7,
        "ledger": 3,
        **more,
    }
    return Plan(**given)  # type: ignore[arg-type]


def ten() -> Iterator[Change]:
    yield from (change(n, "promotion to Gold") for n in range(3))
    yield change(3, "demotion to Silver")
    yield from (change(n, "tags and fields of Gold", kind="customer") for n in range(6))


def many(count: int) -> Plan:
    kinds = (
        ("promotion to Gold", "standing"),
        ("grace of Gold begins", "standing"),
        ("tags of Gold", "customer"),
    )
    return plan_of(*(change(n, *kinds[n % 3][:1], kind=kinds[n % 3][1]) for n in range(count)))


def test_few_changes_are_all_shown_with_their_reasons() -> None:
    plan = plan_of(*ten(), notes=("Something is to be said.",), waiting=2)

    lines = list(plan_lines(plan))

    assert lines[0] == f"Plan {plan.hash[:8]} for 20 November 2026: vip (abc), 200,000 customers evaluated"
    assert lines[1:9] == [
        "  Something is to be said.",
        "",
        "Standings",
        "  ~ 3 promotion to Gold",
        "      000000: spend in the last 12 months: 0.00 EUR",
        "      000001: spend in the last 12 months: 1.00 EUR",
        "      000002: spend in the last 12 months: 2.00 EUR",
        "  ~ demotion to Silver",
    ]
    assert sum("spend in" in line for line in lines) == 10
    assert lines[-2:] == [
        "0 to add, 10 to change, 0 to remove.",
        "2 effects of earlier plans still to be carried out: apply goes on with them.",
    ]


@pytest.mark.slow
def test_a_hundred_thousand_changes_are_counted_with_some_examples() -> None:
    lines = list(plan_lines(many(100_000)))

    assert len(lines) < 30
    assert "  ~ 33,334 promotion to Gold" in lines
    assert lines.count("      … and 33,331 more") == 1
    assert lines[-1] == "0 to add, 100,000 to change, 0 to remove."
    assert max(map(len, lines)) < 120


def test_what_goes_beyond_limits_or_is_not_carried_out_is_said() -> None:
    plan = plan_of(
        change(1, "demotion to Silver"),
        limits=(Limit(name="max_demotions", says="too many"),),
        gaps=(Gap(kind="message", changes=2, says="nothing carries it out here"),),
    )

    assert list(plan_lines(plan))[-2:] == [
        "message, 2 changes: nothing carries it out here",
        f"! too many: apply asks for --confirm {plan.hash[:8]}",
    ]


def test_nothing_to_do_is_said() -> None:
    assert list(plan_lines(plan_of()))[-1] == "Nothing to do: everything is as it should be."


@pytest.mark.parametrize("count", [0, 1, 10, 2_000])
def test_a_plan_comes_out_of_its_file_as_it_went_in(tmp_path: Path, count: int) -> None:
    plan = many(count)
    file = tmp_path / "plan.json"

    write_plan(plan, file)

    assert read_plan(file) == plan
    assert read_plan(file).hash == plan.hash
    record = json.loads(file.read_text("utf-8"))
    assert record == json.loads(json.dumps(plan.record()))
    assert (len(record["changes"]), record["summary"]["change"]) == (count, count)


def test_a_plan_with_everything_comes_out_too(tmp_path: Path) -> None:
    plan = plan_of(
        *ten(),
        explicit=True,
        enrolment=True,
        on_change="now",
        evaluated=("000001", "ünïcode\n"),
        cut_points='{"cuts":{},"day":20777}',
        limits=(Limit(name="max_credit", says="too much"),),
        gaps=(Gap(kind="message", changes=2, says="…"),),
        notes=("a", "b"),
        waiting=3,
    )
    write_plan(plan, tmp_path / "plan.json")

    assert read_plan(tmp_path / "plan.json") == plan
    assert str(day_date(plan.as_of)) == json.loads((tmp_path / "plan.json").read_text())["as_of"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"shop": "atelier"', '"shop": "another"'),
        ('"as_of": "2026-11-20"', '"as_of": "2026-11-21"'),
        ('"explicit": false', '"explicit": true'),
        ('"tier": "gold"', '"tier": "none"'),
        ('"spend": "1.00"', '"spend": "9.00"'),
        ('"seen": "0', '"seen": "1'),
        ('"customer_id": "000001"', '"customer_id": "000009"'),
        ('"mirror": 7', '"mirror": 8'),
        ('"waiting": 0', '"waiting": 5'),
        ('"customers": 200000', '"customers": 2'),
    ],
)
def test_a_file_that_was_changed_is_refused(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "plan.json"
    write_plan(plan_of(*ten()), file)
    written = file.read_text("utf-8")
    assert old in written
    file.write_text(written.replace(old, new, 1), "utf-8")

    with pytest.raises(PlanRefused, match="was changed since it was made"):
        read_plan(file)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", '{"hash": 1}', "[" * 100_000, '{"evaluated": 1}']
)
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content, "utf-8")

    with pytest.raises(PlanRefused, match="is no plan of this version"):
        read_plan(file)


def test_an_edited_summary_is_not_believed(tmp_path: Path) -> None:
    """The counts are made of the changes: a file can't say other ones."""
    file = tmp_path / "plan.json"
    write_plan(plan_of(*ten()), file)
    file.write_text(file.read_text("utf-8").replace('"change": 10', '"change": 1', 1), "utf-8")

    assert read_plan(file).summary()["change"] == 10
