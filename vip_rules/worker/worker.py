"""A worker: takes one shop's webhooks, keeps its standings true and its effects going, until it is told to stop.

Each stage begins where the database says that it stands, so that a worker may die at any point and another one goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Final, Protocol

from vip_rules.adapter import Stopping
from vip_rules.database.failure import AtWork
from vip_rules.errors import VipRulesError
from vip_rules.logs.log import Log
from vip_rules.project import Outside, Project, open_project
from vip_rules.worker.backoff import backoff
from vip_rules.worker.deliveries import Deliveries
from vip_rules.worker.intake import Intake
from vip_rules.worker.jobs import Jobs
from vip_rules.worker.schedule import Schedule
from vip_rules.worker.sources import Sources
from vip_rules.worker.standings import Standings

POLL: Final = 1
"""Seconds until a worker whom nobody nudges looks whether there is something to do."""


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
        except (AtWork, Stopping):
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


def schedule_of(project: Project) -> Schedule:
    """When a project's jobs are due."""
    worker = project.config.worker
    return Schedule(
        timezone=project.program.timezone,
        reconcile_minutes=worker["reconcile_minutes"],
        daily_at=worker["daily_at"],
        nightly_at=worker["nightly_at"],
    )


def jobs_of(project: Project, log: Log) -> dict[str, Stage]:
    """What happens by the clock."""
    return {"jobs": Jobs(project, schedule_of(project), log)}


def everything_of(project: Project, log: Log) -> dict[str, Stage]:
    """All of a shop's work in one turn: what the clock brings leaves something to do for the stages after it."""
    return jobs_of(project, log) | stages_of(project, log)


Work = Callable[[Project, Log], dict[str, Stage]]


def work(
    config: Path,
    outside: Outside,
    of: Work,
    log: Log,
    *,
    stopping: Event,
    nudge: Event,
    poll: float = POLL,  # not money
    once: bool = False,
) -> None:
    """Do a shop's work until `stopping` is set; at a `nudge` at once, else when `poll` seconds are over.

    A program or configuration that was changed is read anew. `once`: until nothing is left to do. Raises VipRulesError where
    the project can't be opened at the beginning.
    """
    opened = False
    while not stopping.is_set():
        try:
            with open_project(config, outside) as project:
                opened = True
                _work_on(project, of, log, stopping=stopping, nudge=nudge, poll=poll, once=once)
        except VipRulesError as error:
            if not opened:
                raise
            # A file was changed into something that can't be: nothing is done until it is mended.
            log.failed("reopening", error)
            stopping.wait(backoff(5) // 1_000_000)
        if once:
            return


def _work_on(
    project: Project,
    of: Work,
    log: Log,
    *,
    stopping: Event,
    nudge: Event,
    poll: float = POLL,  # not money
    once: bool = False,
) -> None:
    """Take turns until it is time to stop, or a file of the project was changed."""
    turn = Turn(of(project, log), log, project.means.now)
    sources = Sources(project)
    while not stopping.is_set() and not sources.changed():
        if turn.take():
            continue
        if once:
            return
        nudge.wait(poll)
        nudge.clear()
