"""Workers: threads that work on shops, two for each: one for what webhooks bring, one for what the clock brings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, current_thread
from typing import Final

from vip_rules.logs.logs import Logs
from vip_rules.project import Outside
from vip_rules.worker.worker import POLL, Work, Worker, everything_of, jobs_of, stages_of

BUSY: Final = 2
"""Seconds that a worker waits for a busy store before it looks after something else."""

LAST_WORDS: Final = 30
"""Seconds that workers have to finish what they have in hand."""


class Workers:
    """The workers of a process. None is begun before `start`.

    `poll` is after how many seconds at most they look for webhooks that another process took in.
    """

    def __init__(self, outside: Outside, logs: Logs, *, poll: float = POLL) -> None:  # not money
        self._poll = poll
        self._stopping = Event()
        self._outside = replace(outside, sleep=self._sleep, patience=BUSY, stopping=self._stopping.is_set)
        self._logs = logs
        self._threads: list[Thread] = []
        self._nudges: list[Event] = []
        self._ended: list[str] = []

    def start(self, config: Path, shop: str, nudge: Event, *, once: bool = False) -> None:
        """Begin to work on the shop of a configuration. At a `nudge` its webhooks are looked for at once."""
        parts: tuple[tuple[str, Work, Event, float], ...] = (  # not money
            ("jobs", jobs_of, Event(), POLL),
            ("worker", stages_of, nudge, self._poll),
        )
        if once:
            parts = (("worker", everything_of, nudge, self._poll),)
        for part, of, wake, poll in parts:
            self._nudges.append(wake)
            arguments = (config, of, shop, wake, poll, once)
            thread = Thread(target=self._run, name=f"{part} of {shop}", args=arguments, daemon=True)
            self._threads.append(thread)
            thread.start()

    def broken(self) -> str | None:
        """The name of a thread that has ended though nobody asked it to."""
        return self._ended[0] if self._ended else None

    def ask_to_stop(self) -> None:
        """Begin nothing new; what is in hand is finished."""
        self._stopping.set()
        for nudge in self._nudges:
            nudge.set()

    def wait(self, seconds: int | None = None) -> None:
        """Return once all have ended, or each was waited for so many seconds."""
        for thread in self._threads:
            thread.join(seconds)

    def stop(self) -> None:
        """Let everybody finish what they have in hand."""
        self.ask_to_stop()
        self.wait(LAST_WORDS)

    def _sleep(self, seconds: float) -> None:  # not money
        """Wait, but not beyond the end."""
        self._stopping.wait(seconds)

    def _run(
        self,
        config: Path,
        of: Work,
        shop: str,
        wake: Event,
        poll: float,  # not money
        once: bool,
    ) -> None:
        """The life of a thread. One that ends by itself is told of: /livez answers 503 then."""
        log = self._logs.of(shop)
        try:
            worker = Worker(of=of, log=log, stopping=self._stopping, nudge=wake, poll=poll, once=once)
            worker.run(config, self._outside)
        except Exception as error:  # the others go on, and whoever looks after the process restarts it
            log.failed("worker", error)
            self._ended.append(current_thread().name)
