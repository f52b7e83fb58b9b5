"""What lies ahead of a standing without further orders, and the notices that are due of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vip_rules.lifecycle.life import Ahead, Facts
from vip_rules.lifecycle.replay import Replay
from vip_rules.program.program import Program
from vip_rules.standing import Notice, Standing, rank


def look_ahead(
    program: Program, standing: Standing, facts: Sequence[Facts], *, today: int, horizon: int
) -> Ahead | None:
    """The first day after `today`, up to and including `horizon`, on which the tier that counts goes down; None if none is.

    `standing` is that at the close of today, `facts` those of the days to come without further orders. Notice is taken to be
    given today at the latest. The end of a pin is looked for, too; it waits for no notice.
    """
    tiers, before = program.tiers, standing.effective(program.tiers, today)
    life = Replay(program, announced=today).of(standing, facts, today, horizon)
    for day, decided in life.moments:
        after = decided.effective(tiers, day)
        if before is not None and rank(tiers, after) < rank(tiers, before):
            return Ahead(day, before, after)
        before = after
    return None


def notices_due(program: Program, standing: Standing, ahead: Ahead | None, today: int) -> tuple[Notice, ...]:
    """The notices of what lies ahead that are due today and weren't given yet, from the longest to the shortest."""
    if ahead is None:
        return ()
    given = {notice.before for notice in standing.notices}
    return tuple(
        Notice(str(before), today, ahead.day)
        for before in program.status.warn_before
        if before.after(today) >= ahead.day and str(before) not in given
    )


def with_notices(standing: Standing, notices: Sequence[Notice]) -> Standing:
    """The standing on which notices were given."""
    return replace(standing, notices=(*standing.notices, *notices)) if notices else standing
