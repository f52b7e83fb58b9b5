"""Several workers of one shop at once: nothing is done twice, and nothing is left undone."""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import closing
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.apply.atelier import Atelier
from tests.worker.day import AFTER, Straight, World, ends_well, goes_on
from tests.worker.dying import BATCH, paused, work

PEERS: Final = 3
THOROUGH: Final = os.environ.get("VIP_RULES_HYPOTHESIS") == "thorough"

PAUSES: Final = 3
"""So many of the moments of a day are tried at which a worker stands still."""

_spawning = multiprocessing.get_context("spawn")


def begins(at: int, where: tuple[Any, ...]) -> SpawnProcess:
    """A worker at work in a process of its own."""
    process = _spawning.Process(target=paused, args=(at, *where))
    process.start()
    return process


@pytest.mark.slow
def test_workers_at_once_do_everything_once(straight: Straight, tmp_path: Path) -> None:
    world = straight.before.copy(tmp_path / "world")
    with world.served() as where:
        peers = [begins(0, where) for _ in range(PEERS)]
        for peer in peers:
            peer.join()
    assert [peer.exitcode for peer in peers] == [0] * PEERS
    finishes(world, straight)


FATES: Final = [
    (moment, fate)
    for moment in range(1, PAUSES + 1)
    for fate in (signal.SIGCONT, signal.SIGKILL)
    if THOROUGH or (moment % 2 == 0) == (fate is signal.SIGKILL)
]
"""When the first worker stands still, and what becomes of it; all in the thorough profile."""


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "fate"), FATES)
def test_while_a_worker_stands_still_another_one_does_what_it_can(
    moment: int, fate: signal.Signals, straight: Straight, tmp_path: Path
) -> None:
    """The first goes on when what it had leased was taken by the other long ago, or is killed."""
    world = straight.before.copy(tmp_path / "world")
    with world.served() as where:
        first = begins(straight.calls * moment // (PAUSES + 1), where)
        assert first.pid is not None
        _, status = os.waitpid(first.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        _, url, folder, _ = where
        with closing(Atelier(folder, store=world.store, batch=BATCH, now=AFTER, url=url)) as shop:
            work(shop)
        os.kill(first.pid, fate)
        first.join()
    assert first.exitcode in (0, -signal.SIGKILL)
    finishes(world, straight)


def finishes(world: World, straight: Straight) -> None:
    """Another worker finds little to do, and it ends as if one had done all."""
    with world.opened(AFTER) as shop:
        goes_on(shop)
        ends_well(shop, straight, 0)
