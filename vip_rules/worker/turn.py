"""A turn: the stages of some work, one after the other. What fails rests for a while, and the others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from vip_rules.adapter import Stopping
from vip_rules.database.failure import AtWork
from vip_rules.errors import VipRulesError
from vip_rules.logs.log import Log
from vip_rules.worker.backoff import backoff


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
