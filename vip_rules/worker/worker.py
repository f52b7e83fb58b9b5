"""A worker: takes one shop's webhooks, keeps its standings true and its effects going, until it is told to stop.

Each stage begins where the database says that it stands, so that a worker may die at any point and another one goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from threading import Event
from typing import Final, Protocol

from vip_rules.database.failure import AtWork
from vip_rules.errors import VipRulesError
from vip_rules.logs.log import Log
from vip_rules.project import Outside, Project, open_project
from vip_rules.worker.backoff import backoff
from vip_rules.worker.deliveries import Deliveries
from vip_rules.worker.intake import Intake
from vip_rules.worker.jobs import Jobs
from vip_rules.worker.schedule import Schedule
from vip_rules.worker.standings import Standings

POLL: Final = 1
"""Seconds until a worker looks whether another process left it something to do."""


class Stage(Protocol):
    """A part of the work."""

    def run(self) -> bool:
        """Do some of it; whether there was any."""


class Turn:
    """The stages of some work, one after the other, again and again. One that fails rests for a while; the others go on."""

    def __init__(self, stages: dict[str, Stage], log: Log, now: Callable[[], int]) -> None:
        self._stages, self._log, self._now = stages, log, now
        self._failures = dict.fromkeys(stages, 0)
        self._rests_until = dict.fromkeys(stages, 0)

    def take(self) -> bool:
        """Run each stage once; whether any found something to do."""
        worked = [self._run(name, stage) for name, stage in self._stages.items()]
        return any(worked)

    def _run(self, name: str, stage: Stage) -> bool:
        if self._now() < self._rests_until[name]:
            return False
        try:
            worked = stage.run()
        except AtWork:
            return False
        except VipRulesError as error:
            self._rest(name, error)
            return False
        except Exception as error:  # nobody expects this one: the worker lives on
            self._rest(name, error)
            return False
        self._failures[name] = 0
        return worked

    def _rest(self, name: str, error: Exception) -> None:
        self._failures[name] += 1
        self._rests_until[name] = self._now() + backoff(self._failures[name])
        self._log.failed(name, error)


def stages_of(project: Project, log: Log) -> dict[str, Stage]:
    """What follows from webhooks, in the direction in which the data flows."""
    return {
        "intake": Intake(project, log),
        "standings": Standings(project, log),
        "deliveries": Deliveries(project, log),
    }


def jobs_of(project: Project, log: Log) -> dict[str, Stage]:
    """What happens by the clock."""
    worker = project.config.worker
    schedule = Schedule(
        timezone=project.program.timezone,
        reconcile_minutes=worker["reconcile_minutes"],
        daily_at=time.fromisoformat(worker["daily_at"]),
        nightly_at=time.fromisoformat(worker["nightly_at"]),
    )
    return {"jobs": Jobs(project, schedule, log)}


Work = Callable[[Project, Log], dict[str, Stage]]


def work(
    config: Path, outside: Outside, of: Work, log: Log, *, stopping: Event, nudge: Event, once: bool = False
) -> None:
    """Do a shop's work until `stopping` is set; at a `nudge` at once, else when POLL seconds are over.

    A program or configuration that was changed is read anew. `once`: until nothing is left to do. Raises VipRulesError where
    the project can't be opened at the beginning.
    """
    opened = False
    while not stopping.is_set():
        try:
            with open_project(config, outside) as project:
                opened = True
                _work_on(project, of, log, stopping=stopping, nudge=nudge, once=once)
        except VipRulesError as error:
            if not opened:
                raise
            # A file was changed into something that can't be: nothing is done until it is mended.
            log.failed("reopening", error)
            stopping.wait(backoff(5) // 1_000_000)
        if once:
            return


def _work_on(project: Project, of: Work, log: Log, *, stopping: Event, nudge: Event, once: bool) -> None:
    """Take turns until it is time to stop, or a file of the project was changed."""
    turn = Turn(of(project, log), log, project.means.now)
    files = _Files(project)
    while not stopping.is_set() and not files.changed():
        if turn.take():
            continue
        if once:
            return
        nudge.wait(POLL)
        nudge.clear()


class _Files:
    """The files that a project was made of."""

    def __init__(self, project: Project) -> None:
        config = project.config
        self._paths = [path for path in (config.file, config.program, config.rates) if path is not None]
        self._before: list[tuple[int, int]] = []
        self._before = self._state()

    def changed(self) -> bool:
        return self._state() != self._before

    def _state(self) -> list[tuple[int, int]]:
        found = []
        for path in self._paths:
            try:
                status = path.stat()
            except OSError:  # it is being replaced: what it was goes on until it is there
                return self._before
            found.append((status.st_mtime_ns, status.st_size))
        return found
