"""Running cases: whether the program decides as its author expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from vip_rules.benefits.definition import Benefit
from vip_rules.cases.case import Case
from vip_rules.cases.living import live
from vip_rules.cases.reading import ENDING, read_cases, refuse_cases
from vip_rules.explanation import Explanation, explain
from vip_rules.lifecycle import Transition
from vip_rules.localdays import day_date
from vip_rules.plugins import Catalogue
from vip_rules.program.load import load_program
from vip_rules.program.program import Program
from vip_rules.program.wording import quoted, written
from vip_rules.standing import Standing
from vip_rules.tiers import next_tier
from vip_rules.wording import day_in_words


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
    came = _Came.of(program, case)
    lines = tuple(came.lines())
    return CaseResult(case.description, tuple(_differences(case.expect, came, lines)), lines)


@dataclass(frozen=True, slots=True)
class _Came:
    """What came of a case: the explanation with the tier that counts, and the standing."""

    explanation: Explanation
    standing: Standing
    qualified_tier: str | None
    transitions: tuple[Transition, ...]

    @classmethod
    def of(cls, program: Program, case: Case) -> _Came:
        lived = live(program, case)
        why = explain(lived.qualifications, case.person.customer.id)
        qualified = why.row["tier"]
        standing = lived.standing or Standing(tier=qualified)
        tier = standing.effective(program.tiers, case.as_of)
        above = next_tier(program.tiers, tier)
        row = why.row | {"tier": tier, "next_tier": above and above.id}
        return cls(replace(why, row=row), standing, qualified, lived.transitions)

    @property
    def day(self) -> int:
        return self.explanation.qualifications.as_of

    @property
    def status(self) -> str:
        return self.standing.status(self.day)

    @property
    def benefits(self) -> tuple[Benefit, ...]:
        return self.standing.benefits(self.explanation.qualifications.program, self.day)

    def lines(self) -> Iterator[str]:
        """The explanation, and what happened to the standing."""
        yield from self.explanation.lines()
        if self.transitions:
            yield ""
            yield "What happened:"
        for each in self.transitions:
            yield f"  - {day_in_words(day_date(each.day))}: {each.kind} ({each.reason})"


def _differences(expect: Mapping[str, Any], came: _Came, lines: tuple[str, ...]) -> Iterator[str]:
    standing, row = came.standing, came.explanation.row
    simple = {
        "tier": ("tier", row["tier"]),
        "qualified_tier": ("tier they qualify for", came.qualified_tier),
        "status": ("status", came.status),
        "next_tier": ("next tier", row["next_tier"]),
        "highest_tier": ("highest tier", standing.highest_tier),
        "landing_from": ("tier before the landing", standing.landing_from),
        "since": ("day since which they have it", _iso(standing.since)),
        "secured_until": ("last day of the term", _iso(standing.secured_until)),
        "grace_until": ("last day of grace", _iso(standing.grace_until)),
        "landing_until": ("last day of the landing", _iso(standing.landing_until)),
    }
    for key, (name, value) in simple.items():
        if key in expect and expect[key] != value:
            yield f"the {name} is {_named(value)}, expected {_named(expect[key])}"
    if "benefits" in expect:
        yield from _benefits(expect["benefits"], came.benefits)
    if "reason" in expect and not any(expect["reason"] in line for line in lines):
        yield f"no line of the explanation has {written(expect['reason'])}"
    if "progress" in expect:
        missing = came.explanation.missing()
        if not any(expect["progress"] in sentence for sentence in missing):
            said = "; ".join(missing) or "nothing"
            yield f"what is missing to the next tier is {written(said)}, expected {written(expect['progress'])} in it"
    if "metrics" in expect:
        yield from _metrics(expect["metrics"], came.explanation)


def _benefits(names: list[str], benefits: tuple[Benefit, ...]) -> Iterator[str]:
    """Each name must be the type or kind of a benefit, and each benefit must be named."""
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


def _iso(day: int | None) -> str | None:
    return None if day is None else str(day_date(day))


def _known(value: str | int | None) -> str:
    return "unknown" if value is None else str(value) or "none"
