"""A worker may be killed at any point of the whole chain: another one goes on, and it ends as if nobody had been killed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from tests.worker.day import AFTER, Straight, ends_well, goes_on
from vip_rules.testing.databases import Databases, Files

CHUNKS: Final = 4
"""Into so many tests the points are dealt out, for several processes to share them."""

EVERY: Final = 1 if os.environ.get("VIP_RULES_HYPOTHESIS") == "thorough" else 5
"""Of so many points one is tried; all of them in the thorough profile. Those of an apply are all tried in tests/apply."""

FEWER: Final = 3
"""Of these one in so many is tried on PostgreSQL, where a process takes longer to begin."""


@pytest.mark.slow
def test_the_day_is_worth_dying_on(straight: Straight) -> None:
    kinds = {key.split(":")[0] for key in (*straight.ending["seen"], *straight.happened)}
    assert kinds >= {"customer", "discount", "entitlements", "promotion", "birthday"}
    assert set(straight.happened.values()) == {1}
    assert straight.ending["dirty"] == []
    assert [state for _, state in straight.ending["inbox"]] == [*["done"] * 2, "quarantined", *["done"] * 3]
    assert {(name, outcome) for name, outcome, _ in straight.ending["jobs"]} == {
        (name, "done") for name in ("reconcile", "daily", "nightly", "repair")
    }
    assert straight.points > 150


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_worker_killed_at_any_point_doubles_and_loses_nothing(
    chunk: int, straight: Straight, databases: Databases, tmp_path: Path
) -> None:
    points = range(1, straight.points + 1)[::EVERY]
    if not isinstance(databases, Files):
        points = points[::FEWER]
    states: set[str] = set()
    for deadly in points[chunk::CHUNKS]:
        world = straight.before.copy(tmp_path / str(deadly))
        assert world.live(deadly).killed
        if (state := world.state()) in states:
            continue
        states.add(state)
        with world.opened(AFTER) as shop:
            goes_on(shop)
            ends_well(shop, straight, deadly)
