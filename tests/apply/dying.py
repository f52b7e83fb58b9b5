"""A process that syncs, plans or applies, and is killed at a chosen point of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import Pool

from tests.apply.atelier import Atelier, careless, program
from vip_rules.plan import read_plan, write_plan
from vip_rules.testing import MemoryStore, connect

PLAN: Final = "plan.json"
POINTS: Final = "points"


class Points:
    """Counts the moments at which a process may die, and dies at the one of a number; 0: at none.

    There is one before each SQL statement, each COMMIT and each call of the store, and one after each COMMIT and each call. The
    moment after a statement is the one before the next: nothing outside of the process changes between the two.
    """

    def __init__(self, deadly: int) -> None:
        self.passed, self._deadly = 0, deadly

    def __call__(self, *_: Any, **__: Any) -> None:
        self.passed += 1
        if self.passed == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            self()
            answer = call(*arguments, **named)
            self()
            return answer

        return watched


class Mortal:
    """A store during whose calls the process may die."""

    def __init__(self, store: MemoryStore, point: Points) -> None:
        self._store, self._point = store, point

    def __getattr__(self, method: str) -> Any:
        return self._point.around(getattr(self._store, method))


def die(address: str, folder: Path, command: str, batch: int, now: datetime, deadly: int) -> None:
    """Carry out a command with a served store, and die at a point of it. To be called in a process of its own.

    `sync` and `plan` do what they are named for, the plan goes into a file; `apply` applies the plan in it. How many points
    there were is kept in another file.
    """
    event.listen(Pool, "checkout", careless)
    point = Points(deadly)
    store = cast(MemoryStore, Mortal(connect(address), point))
    atelier = Atelier(folder, store=store, batch=batch, now=now)
    event.listen(Engine, "before_cursor_execute", point)
    DefaultDialect.do_commit = point.around(DefaultDialect.do_commit)  # type: ignore[method-assign]
    match command:
        case "sync":
            atelier.sync()
        case "plan":
            write_plan(atelier.plan(welcome=True), folder / PLAN)
        case "apply":
            atelier.apply(read_plan(folder / PLAN))
    (folder / POINTS).write_text(str(point.passed))


# Processes are forked once this is loaded: what they all need is read before.
program()
