"""The postbox: webhooks of many connections are kept together, in one transaction after the other, and answered then.

A transaction that reaches the disk takes its time, whether it keeps one webhook or a hundred.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Final

from vip_rules.database.connection import Database
from vip_rules.database.failure import DatabaseFailed
from vip_rules.errors import VipRulesError
from vip_rules.inbox import Arrived, keep
from vip_rules.logs.log import Log

MOST: Final = 256
"""Webhooks that are kept in one transaction."""

MOST_BYTES: Final = 64 * 1024 * 1024
"""What waits to be kept at most; beyond it senders are told to come again."""


Waiting = tuple[Arrived, "asyncio.Future[None]"]
"""A webhook, and what its sender waits for."""


class Full(VipRulesError):
    """So much waits to be kept already that nothing more is taken."""


class Postbox:
    """Keeps webhooks in the inbox, by a thread of its own. `kept` is called, in that thread, with those that were new."""

    def __init__(self, database: Database, log: Log, kept: Callable[[list[Arrived]], None]) -> None:
        self._database, self._log, self._kept = database, log, kept
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._bytes = 0
        self._thread = Thread(target=self._run, name="postbox", daemon=True)
        self._thread.start()

    async def put(self, arrived: Arrived) -> None:
        """Return once a webhook is in the inbox for good. Raises Full, and DatabaseFailed: then it isn't, as far as we know."""
        size = len(arrived.body)
        if self._bytes + size > MOST_BYTES:
            raise Full("the webhooks that wait to be kept are too many: send this one again later")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._bytes += size
        try:
            self._queue.put((arrived, future))
            await future
        finally:
            self._bytes -= size

    def close(self) -> None:
        """Keep what was put in, and end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch = [self._queue.get()]
            while len(batch) < MOST and not self._queue.empty():
                batch.append(self._queue.get())
            going = None not in batch
            if together := [each for each in batch if each is not None]:
                self._keep(together)

    def _taken_out(self) -> list[Waiting]:
        """What waits at this moment; the end stays where it is."""
        found: list[Waiting] = []
        while not self._queue.empty():
            waiting = self._queue.get()
            if waiting is None:
                self._queue.put(None)
                break
            found.append(waiting)
        return found

    def _keep(self, together: list[Waiting]) -> None:
        arrived = [each for each, _ in together]
        try:
            with self._database.appending() as connection:
                keep(connection, arrived)
        except DatabaseFailed as error:
            self._log.not_kept(error)
            # Who came meanwhile has waited too, and the platforms' patience is short.
            _tell([*together, *self._taken_out()], error)
        except Exception as error:  # nobody expects this one: it mustn't be the undoing of those beside it
            if len(together) > 1:
                for each in together:
                    self._keep([each])
                return
            self._log.not_kept(error)
            _tell(together, error)
        else:
            self._kept(arrived)
            _tell(together, None)


def _tell(together: list[Waiting], failure: Exception | None) -> None:
    """Let the server answer. Where it has ended in the meantime, nobody waits any more."""
    loop = together[0][1].get_loop()
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(_answer, [future for _, future in together], failure)


def _answer(futures: list[asyncio.Future[None]], failure: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue  # the sender went away
        if failure is None:
            future.set_result(None)
        else:
            future.set_exception(failure)
