"""A desk: what the server has of one shop. It reads the database; what reaches for the store is the worker's."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from threading import Event

from vip_rules.errors import VipRulesError
from vip_rules.logs.logs import Logs
from vip_rules.project import Outside, Project, open_project
from vip_rules.worker.sources import Sources


class Desk:
    """A shop as the server knows it, by its `name`. `nudge` wakes its workers, where they are in this process.

    `project` is another one once its files were changed: ask for it anew with each request. Raises VipRulesError where it can't
    be opened.
    """

    def __init__(self, config: Path, outside: Outside, logs: Logs) -> None:
        self._config, self._outside = config, outside
        self._opened = ExitStack()
        self.project = self._open()
        self.name = self.project.config.shop
        self.nudge = Event()
        self.log = logs.of(self.name)

    def refresh(self) -> None:
        """Read the project anew if its files were changed; what it was goes on where it can't be read."""
        if self._sources.changed():
            try:
                self.project = self._open()
            except VipRulesError as error:
                self.log.failed("reopening", error)

    def close(self) -> None:
        """Give back what was opened, all of it: requests may be under way that began with what was before."""
        self._opened.close()

    def _open(self) -> Project:
        project = self._opened.enter_context(open_project(self._config, self._outside))
        # Opened here, so that settings which can't work hinder the start, and not each request.
        _ = project.adapter
        self._sources = Sources(project)
        return project
