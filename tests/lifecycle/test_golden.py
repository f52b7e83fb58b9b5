"""Every sentence of the design about the life of a standing has a life that shows it, for the replay and its specification."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from tests.lifecycle import specification
from tests.lifecycle.golden import LIVES
from tests.lifecycle.lives import Day, Golden, number, program, said
from vip_rules.lifecycle import Facts, advance
from vip_rules.lifecycle.table import TABLE, met, state_of
from vip_rules.program.program import Program
from vip_rules.standing import FOREVER, Notice, Standing, rank

Replay = Callable[[Program, Standing, Facts, int, int, Mapping[int, int]], tuple[Standing, list[str]]]


def replayed(
    rules: Program, opening: Standing, known: Facts, after: int, until: int, held_on: Mapping[int, int]
) -> tuple[Standing, list[str]]:
    life = advance(rules, opening, [known], after=after, until=until, held_on=held_on)
    return life.standing, [transition.kind for transition in life.transitions]


def specified(
    rules: Program, opening: Standing, known: Facts, after: int, until: int, held_on: Mapping[int, int]
) -> tuple[Standing, list[str]]:
    closings, happened = specification.replay(rules, opening, [known], after, until, held_on)
    return (closings[-1][1] if closings else opening), [kind for _, kind in happened]


@pytest.mark.parametrize("replay", [replayed, specified])
@pytest.mark.parametrize("golden", LIVES, ids=lambda golden: golden.rule)
def test_lives(golden: Golden, replay: Replay) -> None:
    rules, standing = program(golden.status), golden.opening
    known, after = golden.days[0].facts, golden.days[0].day - 1
    for at in golden.days:
        # The days between have the facts of the day before in the list.
        standing, between = replay(rules, standing, known, after, at.day - 1, {})
        standing, happened = replay(rules, standing, at.facts, at.day - 1, at.day, at.held_on)
        assert said(standing, at.day, between + happened, at.expected) == at.expected, f"at the close of {at}"
        standing, known, after = after_day(standing, at), at.facts, at.day


def after_day(standing: Standing, at: Day) -> Standing:
    """What people did on a day after its evaluation: notices and pins."""
    if at.pinned:
        standing = standing.pinned(at.pinned)
    if at.told:
        before, _, ahead = at.told.partition(" before ")
        notice = Notice(before, at.day, number(ahead) if ahead else FOREVER)
        standing = replace(standing, notices=(*standing.notices, notice))
    return standing


def test_every_rule_is_shown_once() -> None:
    rules = [golden.rule for golden in LIVES]
    assert len(rules) == len(set(rules))


def test_every_place_of_the_table_is_reached() -> None:
    reached = {place for golden in LIVES for place in places(golden)}
    assert reached == {(state, how) for state, row in TABLE.items() for how in row}


def places(golden: Golden) -> Iterator[tuple[str, str]]:
    """Where in the table the days of a life are, one day after the other."""
    rules, standing = program(golden.status), golden.opening
    for at, following in zip(golden.days, (*golden.days[1:], golden.days[-1]), strict=True):
        for n in range(at.day, max(following.day, at.day + 1)):
            held_on = at.held_on if n == at.day else {}
            state = state_of(standing, n, graced=rules.status.grace is not None)
            yield state, met(rank(rules.tiers, standing.tier), at.facts)
            standing = advance(rules, standing, [at.facts], after=n - 1, until=n, held_on=held_on).standing
        standing = after_day(standing, at)
