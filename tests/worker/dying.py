"""A process that does all of a shop's work, and is killed at a chosen point of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from tests.apply.atelier import NAME, Atelier, program
from tests.apply.dying import Mortal
from tests.worker.bench import project_of, silent
from vip_rules import inbox
from vip_rules.inbox import Arrived
from vip_rules.testing import MemoryStore, Points, connect
from vip_rules.testing.webhooks import CHANGED, MemoryWebhooks
from vip_rules.worker.turn import Turn
from vip_rules.worker.worker import jobs_of, stages_of

WEBHOOKS: Final = MemoryWebhooks(NAME, ["secret"])

BATCH: Final = 4
"""Effects that the store takes at a time."""


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
    """Work with a served store, until nothing is left to do or the fate strikes: at a call of the store, or a COMMIT."""
    points.commits()
    asked(points, address, url, folder, now)


def asked(points: Points, address: str, url: str, folder: Path, now: datetime) -> None:
    """The same, but the fate strikes at a call of the store only."""
    store = cast(MemoryStore, Mortal(connect(address), points))
    with closing(Atelier(folder, store=store, batch=BATCH, now=now, url=url)) as atelier:
        work(atelier)


def paused(at: int, *where: Any) -> None:
    """Work, and stand still at a call of the store until somebody lets this process go on; 0: at none."""
    asked(Points(at, fate=_stand_still), *where)


def _stand_still() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


# Processes are forked once this is loaded: what they all need is read before.
program()
