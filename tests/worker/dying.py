"""A process that does all of a shop's work, and is killed at a chosen point of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any, Final, cast

from tests.apply.atelier import NAME, Atelier, program
from tests.apply.dying import Mortal
from tests.worker.bench import project_of, silent
from vip_rules import inbox
from vip_rules.inbox import Arrived
from vip_rules.testing import MemoryStore, Points, connect
from vip_rules.testing.webhooks import CHANGED, MemoryWebhooks
from vip_rules.worker.worker import Turn, jobs_of, stages_of

WEBHOOKS: Final = MemoryWebhooks(NAME, ["secret"])

BATCH: Final = 4
"""Effects that the store takes at a time."""

PASSED: Final = "passed"
"""A file that tells that a process has come to the point at which it stops."""


def deliver(shop: Atelier, *says: Mapping[str, Any] | bytes) -> None:
    """Put webhooks into a shop's inbox."""
    now = shop.means.now()
    with shop.database.appending() as connection:
        count = sum(inbox.counts(connection, shop.shop).values())
        arrived = [
            Arrived(
                shop=shop.shop,
                topic=CHANGED,
                delivery=str(number),
                body=WEBHOOKS.delivery(each).body,
                sent_at=None,
                received_at=now,
            )
            for number, each in enumerate(says, count)
        ]
        inbox.keep(connection, arrived)


def turn_of(shop: Atelier) -> Turn:
    """All the work of a shop: what webhooks bring, then what the clock brings."""
    project = project_of(shop, WEBHOOKS)
    return Turn(stages_of(project, silent()) | jobs_of(project, silent()), silent(), shop.means.now)


def work(shop: Atelier, turn: Turn | None = None) -> None:
    """Work until nothing is left to do for now."""
    at_work = turn or turn_of(shop)
    while at_work.take():
        pass


def worked(points: Points, address: str, url: str, folder: Path, now: datetime) -> None:
    """Work with a served store, until nothing is left to do or the fate strikes."""
    store = cast(MemoryStore, Mortal(connect(address), points))
    atelier = Atelier(folder, store=store, batch=BATCH, now=now, url=url)
    points.commits()
    work(atelier)


def stands_still() -> None:
    """Tell that this process stops here, and stop until somebody lets it go on."""
    Path(os.environ[PASSED]).touch()
    os.kill(os.getpid(), 19)


def wait_for(ready: Callable[[], bool], seconds: int = 30) -> None:
    """Wait until something is so. Raises TimeoutError."""
    for _ in range(20 * seconds):
        if ready():
            return
        sleep(0.05)
    raise TimeoutError("it didn't come to be so")


# Processes are forked once this is loaded: what they all need is read before.
program()
