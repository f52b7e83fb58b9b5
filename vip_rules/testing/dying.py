"""Processes that die at a chosen point of their work, and connections that break at one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import RemoteDisconnected
from multiprocessing.connection import Connection
from typing import Any, Final, ParamSpec, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import Pool
from urllib3.connection import HTTPConnection

PATIENCE: Final = 60
"""Seconds after which a process that neither ends nor dies is taken to hang."""

P = ParamSpec("P")
T = TypeVar("T")


def die() -> None:
    """End this process at once: nothing is tidied up, as when the power fails."""
    os.kill(os.getpid(), signal.SIGKILL)


def lose() -> None:
    """Let the connection break: before a request the store never gets it, after one its answer is lost."""
    raise RemoteDisconnected("the connection broke")


class Points:
    """Counts the moments of a process at which its `fate` may strike, and lets it strike at the one of a number; 0: at none.

    `statements`, `commits` and `requests` put points into the libraries, for good: call them in a process of its own.

    >>> points = Points(2, fate=lambda: print("the second"))
    >>> points.around(print)("between")
    between
    the second
    >>> points.passed
    2
    """

    def __init__(self, deadly: int = 0, *, fate: Callable[[], object] = die) -> None:
        self.passed = 0
        self._deadly, self._fate = deadly, fate

    def __call__(self, *_: object, **__: object) -> None:
        """Pass a point."""
        self.passed += 1
        if self.passed == self._deadly:
            self._fate()

    def before(self, call: Callable[P, T]) -> Callable[P, T]:
        """A callable with a point before it."""

        def watched(*arguments: P.args, **named: P.kwargs) -> T:
            self()
            return call(*arguments, **named)

        return watched

    def after(self, call: Callable[P, T]) -> Callable[P, T]:
        """A callable with a point after it; it has none if it raises."""

        def watched(*arguments: P.args, **named: P.kwargs) -> T:
            answer = call(*arguments, **named)
            self()
            return answer

        return watched

    def around(self, call: Callable[P, T]) -> Callable[P, T]:
        """A callable with a point before it and one after it."""
        return self.before(self.after(call))

    def statements(self) -> None:
        """One before each SQL statement. The moment after it is the one before the next: only this process knows of it."""
        event.listen(Engine, "before_cursor_execute", self)

    def commits(self) -> None:
        """One before each COMMIT, and one after it."""
        DefaultDialect.do_commit = self.around(DefaultDialect.do_commit)  # type: ignore[method-assign]

    def requests(self) -> None:
        """One before each HTTP request, and one once its answer begins; also of those that are repeated by themselves.

        They are in urllib3, which requests and others use.
        """
        HTTPConnection.request = self.before(HTTPConnection.request)  # type: ignore[method-assign]
        HTTPConnection.getresponse = self.after(HTTPConnection.getresponse)  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Life:
    """What came of a process: whether it was killed, and how many points it passed."""

    killed: bool
    points: int


def live(
    work: Callable[..., object],
    *arguments: Any,
    deadly: int = 0,
    fate: Callable[[], object] = die,
    preload: Sequence[str] = (),
) -> Life:
    """Call `work(points, *arguments)` in a process of its own, whose fate strikes at the point `deadly`; 0: at none.

    `work` places the points. It, the fate and the arguments have to be picklable: functions of modules that can be imported.
    Processes are forked from one that has loaded work's module, and `preload`, once. Raises RuntimeError, with the traceback,
    where the work raises, and for a process that hangs or ends in another way.
    """
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["__main__", work.__module__, *preload])
    receiver, sender = processes.Pipe(duplex=False)
    process = processes.Process(target=_live, args=(sender, work, arguments, deadly, fate))
    process.start()
    sender.close()
    with receiver:
        if not receiver.poll(PATIENCE):
            process.kill()
            process.join()
            raise RuntimeError(f"the process still hadn't ended after {PATIENCE} seconds")
        try:
            passed, failure = receiver.recv()
        except EOFError:
            passed, failure = deadly, ""
    process.join()
    killed = process.exitcode == -signal.SIGKILL
    if failure:
        raise RuntimeError(f"the work in the process failed:\n{failure}")
    if not killed and process.exitcode != 0:
        raise RuntimeError(f"the process ended with the exit code {process.exitcode}")
    return Life(killed, passed)


def careless(connection: Any, record: Any, *_: Any) -> None:
    """Don't wait for the disk: a process that dies takes nothing with it that it had written.

    Make it listen to the event "checkout" of SQLAlchemy's Pool, in the process and in the test.
    """
    if "careless" in record.info:
        return
    record.info["careless"] = True
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")
    else:
        connection.autocommit = True
        connection.execute("SET synchronous_commit = off")
        connection.autocommit = False


def _live(
    sender: Connection[Any, Any],
    work: Callable[..., object],
    arguments: Sequence[Any],
    deadly: int,
    fate: Callable[[], object],
) -> None:
    event.listen(Pool, "checkout", careless)
    points = Points(deadly, fate=fate)
    try:
        work(points, *arguments)
    except Exception:
        sender.send((points.passed, traceback.format_exc()))
    else:
        sender.send((points.passed, ""))
