"""Jobs: the store is read again, everybody is evaluated, and what we rely on is looked after, each by its schedule."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row, select

from vip_rules import inbox
from vip_rules.adapter import Stopping
from vip_rules.database.bulk import put
from vip_rules.database.failure import AtWork, DatabaseFailed
from vip_rules.database.tables import jobs
from vip_rules.errors import VipRulesError
from vip_rules.logs.log import Log
from vip_rules.mirror.basis import is_filled
from vip_rules.mirror.redaction import erased
from vip_rules.operations.drift import look
from vip_rules.operations.proposals import expire
from vip_rules.operations.switch import pause_of
from vip_rules.plan import ShopPaused
from vip_rules.project import Project
from vip_rules.storing import ConfirmationNeeded
from vip_rules.sync import sync
from vip_rules.worker.backoff import backoff
from vip_rules.worker.schedule import Name, Schedule
from vip_rules.worker.standings import Standings

NAMES: Final[tuple[Name, ...]] = ("reconcile", "daily", "nightly", "repair")
"""The jobs, in the order in which those that are due at once are done."""

ACTING: Final = ("daily", "repair")
"""Jobs that change something: while the shop is paused they wait. Reading goes on."""

MOST_SAID: Final = 50
"""Sentences of a run that are kept."""

UNSAID: Final = "a customer was redacted meanwhile: what was found then isn't kept, and the next run tells it"
"""In the place of the sentences of a run, which could name somebody who was erased since."""

Outcome = Literal["done", "refused", "failed"]
"""Refused: it can't be done until a person has decided something; it waits for its next time."""

_OUTSIDE: Final = DatabaseFailed.exit_code
"""What the store or the database couldn't do may be done a moment later."""

_MEANWHILE: Final = (ShopPaused, ConfirmationNeeded)
"""What came between the making of a plan and its applying: a plan that is made later takes it into account."""

_DAY: Final = 86_400 * 1_000_000


class NotReadYet(VipRulesError):
    """The mirror isn't filled: nobody can be evaluated before the store was read whole."""

    exit_code = _OUTSIDE


class Jobs:
    """The jobs of one shop. Of several processes, one at a time does them."""

    def __init__(self, project: Project, schedule: Schedule, log: Log) -> None:
        self._project, self._schedule, self._log = project, schedule, log
        self._standings = Standings(project, log)
        self._order = NAMES
        self._work: Mapping[Name, Callable[[], Iterator[str]]] = {
            "reconcile": self._reconcile,
            "daily": self._daily,
            "nightly": self._nightly,
            "repair": self._repair,
        }

    def run(self) -> bool:
        """Do the next job that is due; whether there was one. Raises DatabaseFailed, and Stopping in the midst of one.

        One that is due again at once, as it takes long, comes after the others that are due.
        """
        now = self._project.outside.clock()
        with self._project.database.reading() as connection:
            paused = pause_of(connection, self._project.shop) is not None
        may = (name for name in self._order if not (paused and name in ACTING))
        name = next((name for name in may if self._is_due(name, now)), None)
        if name is None:
            self._order = NAMES
            return False
        try:
            with self._project.database.lock(self._project.shop, "schedule"):
                if self._is_due(name, now):
                    self._do(name, now)
        except AtWork:
            return False
        place = NAMES.index(name) + 1
        self._order = NAMES[place:] + NAMES[:place]
        return True

    def _is_due(self, name: Name, now: datetime) -> bool:
        row = self._row(name)
        at = _micros(now)
        if row is None:
            return True
        if row.retry_at is not None:
            return bool(row.retry_at <= at)
        return row.ran_for is None or bool(row.ran_for < _micros(self._schedule.latest(name, now)))

    def _do(self, name: Name, now: datetime) -> None:
        """Do a job, and note what came of it. What it can't do it tries again, later and later."""
        before, slot = self._row(name), _micros(self._schedule.latest(name, now))
        with self._project.database.reading() as connection:
            were_erased = erased(connection, self._project.shop)
        began = self._project.means.now()
        self._log.job_began(name)
        # What never fell due wasn't missed: the first sync, which reads everything, was a moment ago.
        outcome, says = ("done", []) if name == "nightly" and before is None else self._outcome(name)
        ended = self._project.means.now()
        failures, retry_at = 0, None
        ran_for: int | None = slot
        if outcome == "failed":
            failures = (before.failures if before else 0) + 1
            ran_for, retry_at = before and before.ran_for, ended + backoff(failures)
        self._log.job_ended(name, outcome, (ended - began) // 1_000_000)
        with self._project.database.writing() as connection:
            if erased(connection, self._project.shop) > were_erased:
                says = [UNSAID]
            kept = json.dumps(says[:MOST_SAID], ensure_ascii=False)
            row = (self._project.shop, name, ran_for, began, ended, outcome, kept, failures, retry_at)
            put(connection, jobs, [row])

    def _outcome(self, name: Name) -> tuple[Outcome, list[str]]:
        """What comes of a job, with sentences about it. What a person has to decide isn't tried again by itself."""
        try:
            return "done", list(self._work[name]())
        except Stopping:
            raise
        except VipRulesError as error:
            self._log.failed(name, error)
            again = error.exit_code == _OUTSIDE or isinstance(error, _MEANWHILE)
            return ("failed" if again else "refused"), [str(error)]
        except Exception as error:  # nobody expects this one: the worker lives on
            self._log.failed(name, error)
            return "failed", [f"it failed with {type(error).__name__}: the log says where"]

    def _row(self, name: Name) -> Row[Any] | None:
        query = select(jobs).where(jobs.c.shop == self._project.shop, jobs.c.name == name)
        with self._project.database.reading() as connection:
            return connection.execute(query).first()

    # The work

    def _reconcile(self, *, full: bool = False) -> Iterator[str]:
        project = self._project
        report = sync(
            project.database,
            project.shop,
            project.adapter,
            project.program,
            clock=project.outside.clock,
            rates=project.rates,
            capabilities=project.means.capabilities,
            full=full,
            progress=lambda _: project.outside.go_on(),
        )
        yield from report.sentences()

    def _daily(self) -> Iterator[str]:
        project = self._project
        with project.database.writing() as connection:
            over = expire(connection, project.shop, project.today())
        if over:
            yield f"{over:,} waiting plans are over: their day has ended"
        with project.database.reading() as connection:
            if not is_filled(connection, project.shop, project.program, project.means.capabilities):
                raise NotReadYet(
                    "the store hasn't been read whole yet, as this program needs it: it is tried again"
                )
        yield self._standings.everybody()

    def _nightly(self) -> Iterator[str]:
        """Forget old webhooks, read everything, and report what was changed by hand."""
        project = self._project
        # First of all: it has to be done also where the store can't be read any more.
        keep = project.config.worker["keep_webhooks_days"]
        with project.database.writing() as connection:
            gone = inbox.forget(connection, project.shop, project.means.now() - keep * _DAY)
        if gone:
            yield f"{gone:,} old webhooks forgotten"
        # Nor is left in it what webhooks said of people who were erased.
        project.database.empty_log()
        yield from self._reconcile(full=True)
        drift = look(project.database, project.shop, project.means)
        yield f"{drift.looked:,} states in the store were looked at, {len(drift.differences):,} were changed by hand"
        yield from (difference.sentence() for difference in drift.differences)

    def _repair(self) -> Iterator[str]:
        yield from self._project.adapter.repair()


def _micros(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000 + instant.microsecond  # not money
