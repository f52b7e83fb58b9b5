"""What becomes of the customer of a case: the qualification on its day, and the standing that follows from the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from vip_rules.cases.case import Case
from vip_rules.evaluate import evaluate
from vip_rules.facts import facts_of
from vip_rules.lifecycle import Facts, Transition, advance
from vip_rules.program.program import Program
from vip_rules.qualification import Qualifications
from vip_rules.standing import Standing


@dataclass(frozen=True, slots=True)
class Lived:
    """The outcome of a case. `standing` is None where the case tells none before: it is about qualification alone."""

    qualifications: Qualifications
    standing: Standing | None = None
    transitions: tuple[Transition, ...] = ()


def live(program: Program, case: Case) -> Lived:
    """Replay a case from the close of the last evaluated day to that of its day, each day by its own figures."""
    standing, transitions = case.opening, list[Transition]()
    if standing is None:
        return Lived(evaluate(program, case.history(), case.as_of))
    for day in range(case.evaluated + 1, case.as_of + 1):
        found = evaluate(program, case.history(standing), day)
        life = advance(
            program,
            standing,
            [_facts(found, case)],
            after=day - 1,
            until=day,
            held_on=_held_on(program, case, standing),
        )
        standing = life.standing
        transitions += life.transitions
    return Lived(found, standing, tuple(transitions))


def _held_on(program: Program, case: Case, standing: Standing) -> Mapping[int, int]:
    """The tiers that the customer qualified for on the days of their promotions."""
    return {
        each.on: _facts(evaluate(program, case.history(standing), each.on), case).qualifies
        for each in standing.promotions
        if each.on <= case.evaluated
    }


def _facts(found: Qualifications, case: Case) -> Facts:
    told = facts_of(found.program, found.frame).filter(pl.col("customer_id") == case.person.customer.id)
    (row,) = told.iter_rows(named=True)
    return Facts(found.as_of, row["qualifies"], row["keeps"], row["undecided"], row["cycle"])
