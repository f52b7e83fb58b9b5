"""The replay does what the specification says, and what the design promises of every life, on generated ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from tests.lifecycle import specification
from tests.lifecycle.lives import LADDER, number, program
from vip_rules.lifecycle import Facts, Life, advance, look_ahead, notices_due, with_notices
from vip_rules.program.program import Program
from vip_rules.standing import Notice, Pin, Standing, rank

BEGIN: Final = number("2026-11-20")
LONGEST: Final = 120
"""Days of a life: long enough for two terms of a month with their grace, and a turn of the year."""

TIERS: Final = (None, *LADDER)
MASKS: Final = st.sampled_from((0, 0b001, 0b011, 0b111)) | st.integers(0, 7)
DURATIONS: Final = st.sampled_from(("1 day", "5 days", "2 weeks", "1 month"))


@dataclass(frozen=True)
class Story:
    """A life to be replayed: facts by day, and what people do at the close of some days."""

    program: Program
    opening: Standing
    facts: tuple[Facts, ...]
    days: int
    held_on: Mapping[int, int] = field(default_factory=dict)
    told: frozenset[int] = frozenset()
    """Days at whose close a notice is given, of which nobody knows whether it is due."""

    @property
    def until(self) -> int:
        return BEGIN + self.days


@st.composite
def statuses(draw: st.DrawFn) -> dict[str, Any]:
    by_cycle = st.fixed_dictionaries({"cycles": st.integers(1, 3), "at_least": DURATIONS})
    landing = st.fixed_dictionaries({"for": DURATIONS, "keep": st.just(["free_shipping"])})
    status = {
        "term": draw(st.sampled_from(("rolling", "1 month", "2 months", "calendar year", "lifetime"))),
        "grace": draw(st.just("none") | DURATIONS | by_cycle),
        "demotion": draw(st.sampled_from(("one tier", "to qualified"))),
        "warn_before": draw(st.just([]) | st.lists(DURATIONS, max_size=2, unique=True)),
    }
    return status | ({"soft_landing": draw(landing)} if draw(st.booleans()) else {})


@st.composite
def known(draw: st.DrawFn, day: int) -> Facts:
    qualifies, undecided = draw(MASKS), draw(st.sampled_from((0, 0, 0, 0b001, 0b010, 0b111)))
    qualifies &= ~undecided
    keeps = qualifies | draw(st.sampled_from((0, 0, 0b010, 0b111)))
    return Facts(day, qualifies, keeps, undecided, draw(st.none() | st.integers(1, 20)))


@st.composite
def openings(draw: st.DrawFn, rules: Program) -> Standing:
    """Standings as earlier lives may have left them: a life of its own, and at times a mark, notices or a pin."""
    days = sorted(draw(st.sets(st.integers(-60, -1), min_size=1, max_size=4)))
    facts = tuple(draw(known(BEGIN + day)) for day in days)
    life = advance(rules, Standing(), facts, after=BEGIN + days[0] - 1, until=BEGIN)
    standing = life.standing
    if standing.tier is not None and draw(st.integers(0, 4)) == 0:
        standing = replace(standing, grandfathered=True, grace_until=None)
    told = draw(st.lists(st.tuples(st.integers(-40, 0), st.integers(1, 40)), max_size=2))
    notices = tuple(Notice("60 days", BEGIN + on, BEGIN + ahead) for on, ahead in told)
    standing = replace(standing, notices=notices)
    if draw(st.integers(0, 2)) == 0:
        until = draw(st.none() | st.integers(BEGIN, BEGIN + LONGEST))
        standing = standing.pinned(Pin(draw(st.sampled_from(TIERS)), until, "…", "ann", draw(st.booleans())))
    return standing


@st.composite
def stories(draw: st.DrawFn) -> Story:
    rules = program(draw(statuses()))
    opening = draw(openings(rules))
    length = draw(st.integers(1, LONGEST))
    days = {1} | draw(st.sets(st.integers(1, length), max_size=8))
    held_on = {each.on: draw(MASKS) for each in opening.promotions if draw(st.booleans())}
    told = draw(st.frozensets(st.integers(BEGIN + 1, BEGIN + length), max_size=3))
    facts = tuple(draw(known(BEGIN + day)) for day in sorted(days))
    return Story(rules, opening, facts, length, held_on, told)


@given(stories())
def test_the_replay_is_as_specified(story: Story) -> None:
    life = advance(
        story.program,
        story.opening,
        story.facts,
        after=BEGIN,
        until=story.until,
        held_on=story.held_on,
    )
    closings, happened = specification.replay(
        story.program, story.opening, story.facts, BEGIN, story.until, story.held_on
    )
    assert [(each.day, each.kind) for each in life.transitions] == happened
    assert [(day, life.on(day, story.opening)) for day, _ in closings] == closings
    assert life.standing == closings[-1][1]


@given(stories())
def test_notices_on_the_way_are_as_specified(story: Story) -> None:
    told = slow = story.opening
    for day in range(BEGIN + 1, story.until + 1):
        facts = at(story.facts, day)
        told = advance(story.program, told, [facts], after=day - 1, until=day, held_on=story.held_on).standing
        slow = specification.replay(story.program, slow, [facts], day - 1, day, story.held_on)[0][0][1]
        assert told == slow
        if day in story.told:
            told = slow = with_notices(told, [Notice("5 days", day, day + 9)])


@given(stories())
def test_a_replay_in_one_go_is_one_day_by_day(story: Story) -> None:
    whole = advance(
        story.program, story.opening, story.facts, after=BEGIN, until=story.until, held_on=story.held_on
    )
    lives = [life for _, _, life in each_day(story)]
    assert whole == Life(
        lives[-1].standing,
        tuple(each for life in lives for each in life.transitions),
        tuple(each for life in lives for each in life.moments),
    )


@given(stories())
def test_dates_become_later_and_never_earlier(story: Story) -> None:
    for _, before, life in each_day(story):
        after, kinds = life.standing, {each.kind for each in life.transitions}
        if kinds & {"promotion", "demotion", "revocation"}:
            continue
        assert (after.tier, after.since) == (before.tier, before.since)
        assert (after.secured_until or 0) >= (before.secured_until or 0)
        if before.grace_until is not None and after.grace_until is not None:
            assert after.grace_until >= before.grace_until
        if after.landing_until is not None:
            assert after.landing_until == before.landing_until


@given(stories())
def test_the_highest_tier_falls_by_revocation_alone(story: Story) -> None:
    tiers = story.program.tiers
    for _, before, life in each_day(story):
        if "revocation" not in {each.kind for each in life.transitions}:
            assert rank(tiers, life.standing.highest_tier) >= rank(tiers, before.highest_tier)
        assert rank(tiers, life.standing.highest_tier) >= rank(tiers, life.standing.tier)


@given(stories())
def test_what_stands_still_moves_upward_alone(story: Story) -> None:
    tiers = story.program.tiers
    for day, before, life in each_day(story):
        place = rank(tiers, before.tier)
        undecided = place >= 0 and at(story.facts, day).undecided >> place & 1
        if before.grandfathered or undecided:
            assert rank(tiers, life.standing.tier) >= place
            assert life.standing.grace_until in (None, before.grace_until)


@given(stories())
def test_no_fall_comes_unannounced(story: Story) -> None:
    """Who is told what is due, when it is, falls on the day that was announced, or later; nothing is told twice."""
    tiers, warnings = story.program.tiers, story.program.status.warn_before
    standing = story.opening
    given_so_far: list[Notice] = []
    for day in range(BEGIN + 1, story.until + 1):
        before = standing.effective(tiers, day - 1)
        pin = standing.pin
        life = advance(
            story.program,
            standing,
            [at(story.facts, day)],
            after=day - 1,
            until=day,
            held_on=story.held_on,
        )
        kinds = {each.kind for each in life.transitions}
        fell = rank(tiers, life.standing.effective(tiers, day)) < rank(tiers, before)
        if fell and warnings and not kinds & {"revocation", "pin ended"}:
            assert min(each.on for each in standing.notices) <= day
            assert warnings[-1].after(min(each.on for each in standing.notices)) <= day
        if fell:
            assert "demotion" in kinds or "revocation" in kinds or (pin is not None and pin.until == day - 1)
            assert life.standing.notices == ()
        standing = life.standing
        horizon = max((each.after(day) for each in warnings), default=day)
        ahead = look_ahead(
            story.program, standing, upcoming(story.facts, day), today=day, horizon=min(horizon, story.until)
        )
        due = notices_due(story.program, standing, ahead, day)
        assert not {each.before for each in due} & {each.before for each in standing.notices}
        standing = with_notices(standing, due)
        given_so_far += due


@given(stories())
def test_what_lies_ahead_comes(story: Story) -> None:
    """Given notice today, the tier that counts goes down on the day ahead, and on none before."""
    ahead = look_ahead(story.program, story.opening, story.facts, today=BEGIN, horizon=story.until)
    told = with_notices(story.opening, [Notice("…", BEGIN, story.until + 1)])
    life = advance(story.program, told, story.facts, after=BEGIN, until=story.until)
    tiers, falls = story.program.tiers, []
    effective = told.effective(tiers, BEGIN)
    for day in range(BEGIN + 1, story.until + 1):
        now = life.on(day, told).effective(tiers, day)
        if rank(tiers, now) < rank(tiers, effective):
            falls.append((day, effective, now))
        effective = now
    requalified = {each.day for each in life.transitions if each.kind in ("requalification", "promotion")}
    if ahead is None:
        assert not falls
    elif not any(day < ahead.day for day in requalified):
        assert falls[0] == (ahead.day, ahead.before, ahead.after)


def each_day(story: Story) -> list[tuple[int, Standing, Life]]:
    """Each day with its opening, and its life."""
    standing, found = story.opening, []
    for day in range(BEGIN + 1, story.until + 1):
        life = advance(
            story.program,
            standing,
            [at(story.facts, day)],
            after=day - 1,
            until=day,
            held_on=story.held_on,
        )
        found.append((day, standing, life))
        standing = life.standing
    return found


def at(facts: Sequence[Facts], day: int) -> Facts:
    return [each for each in facts if each.day <= day][-1]


def upcoming(facts: Sequence[Facts], day: int) -> list[Facts]:
    """The facts from the day after one."""
    return [at(facts, day), *(each for each in facts if each.day > day)]
