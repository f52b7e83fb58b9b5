"""A worker: takes one shop's webhooks, keeps its standings true and its effects going, until it is told to stop.

Each stage begins where the database says that it stands, so that a worker may die at any point and another one goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

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
from vip_rules.worker.turn import Stage, Turn

POLL: Final = 1
"""Seconds until a worker whom nobody nudges looks whether there is something to do."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker of one shop: what it works `of`, and when.

    It ends when it is `stopping`; with `once`, when nothing is left to do. At a `nudge` it looks at once whether there is
    something, else when `poll` seconds are over.
    """

    of: Work
    log: Log
    stopping: Event = field(default_factory=Event)
    nudge: Event = field(default_factory=Event)
    poll: float = POLL  # not money
    once: bool = False

    def run(self, config: Path, outside: Outside) -> None:
        """Work on the shop of a configuration. A program or configuration that was changed is read anew.

        Raises VipRulesError where the project can't be opened at the beginning.
        """
        opened = False
        while not self.stopping.is_set():
            try:
                with open_project(config, outside) as project:
                    opened = True
                    self.work_on(project)
            except VipRulesError as error:
                if not opened:
                    raise
                # A file was changed into something that can't be: nothing is done until it is mended.
                self.log.failed("reopening", error)
                self.stopping.wait(backoff(5) // 1_000_000)
            if self.once:
                return

    def work_on(self, project: Project) -> None:
        """Take turns until it is time to end, or a file of the project was changed."""
        turn = Turn(self.of(project, self.log), self.log, project.means.now)
        sources = Sources(project)
        while not self.stopping.is_set() and not sources.changed():
            if turn.take():
                continue
            if self.once:
                return
            self.nudge.wait(self.poll)
            self.nudge.clear()
