"""Running cases: whether the program decides as its author expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from vip_rules.cases.case import Case
from vip_rules.cases.reading import ENDING, read_cases, refuse_cases
from vip_rules.evaluate import evaluate
from vip_rules.explanation import Explanation, explain
from vip_rules.plugins import Catalogue
from vip_rules.program.load import load_program
from vip_rules.program.program import Program
from vip_rules.program.wording import quoted, written


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How a case came out: each difference from what was expected in a sentence, and the explanation of what came."""

    description: str
    differences: tuple[str, ...]
    explanation: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all came out as expected."""
        return not self.differences


def run_cases(program_path: Path, catalogue: Catalogue) -> list[CaseResult]:
    """Run the cases that stand beside a program: those in NAME.cases.json beside NAME.json.

    Raises InvalidDocument with every problem of the program, or else of its cases; also if there is no file of cases.
    """
    refuse_cases(program_path)
    program = load_program(program_path, catalogue)
    cases = read_cases(program_path.with_suffix(ENDING), program, catalogue)
    return [_run(program, case) for case in cases]


def _run(program: Program, case: Case) -> CaseResult:
    explanation = explain(evaluate(program, case.history, case.as_of), case.person.customer.id)
    lines = tuple(explanation.lines())
    return CaseResult(case.description, tuple(_differences(case.expect, explanation, lines)), lines)


def _differences(expect: Mapping[str, Any], came: Explanation, lines: tuple[str, ...]) -> Iterator[str]:
    tier = came.tier.id if came.tier else None
    simple = {
        "tier": ("tier", tier),
        "qualified_tier": ("tier they qualify for", tier),
        "status": ("status", "member" if tier else "none"),
        "next_tier": ("next tier", came.row["next_tier"]),
    }
    for key, (name, value) in simple.items():
        if key in expect and expect[key] != value:
            yield f"the {name} is {_named(value)}, expected {_named(expect[key])}"
    if "benefits" in expect:
        yield from _benefits(expect["benefits"], came)
    if "reason" in expect and not any(expect["reason"] in line for line in lines):
        yield f"no line of the explanation has {written(expect['reason'])}"
    if "progress" in expect:
        missing = came.missing()
        if not any(expect["progress"] in sentence for sentence in missing):
            said = "; ".join(missing) or "nothing"
            yield f"what is missing to the next tier is {written(said)}, expected {written(expect['progress'])} in it"
    if "metrics" in expect:
        yield from _metrics(expect["metrics"], came)


def _benefits(names: list[str], came: Explanation) -> Iterator[str]:
    """Each name must be the type or kind of a benefit, and each benefit must be named."""
    benefits = came.tier.benefits if came.tier else ()
    for name in names:
        if not any(name in (benefit.type.name, benefit.variant) for benefit in benefits):
            yield f"the benefits lack {quoted(name)}"
    for benefit in benefits:
        if benefit.type.name not in names and benefit.variant not in names:
            yield f"the benefits have {quoted(benefit.variant)}, which isn't expected"


def _metrics(figures: Mapping[str, str | int | None], came: Explanation) -> Iterator[str]:
    currency = came.qualifications.program.currency
    known = {figure.key: figure for figure in came.qualifications.program.figures()}
    for key, wanted in figures.items():
        text = known[key].text(came.row[key], currency)
        same = text == wanted
        if text is not None and wanted is not None and not known[key].metric.unit.is_text:
            same = Decimal(text) == Decimal(wanted)
        if not same:
            yield f"{key} is {_known(text)}, expected {_known(wanted)}"


def _named(value: str | None) -> str:
    return "none" if value is None else quoted(value)


def _known(value: str | int | None) -> str:
    return "unknown" if value is None else str(value) or "none"
