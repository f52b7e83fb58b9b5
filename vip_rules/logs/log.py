"""The log of a shop: everything that the service can ever say, each a method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from logging import ERROR, WARNING, LogRecord
from typing import TYPE_CHECKING, Any, Concatenate, Final, Literal, ParamSpec, Protocol

from vip_rules.errors import VipRulesError

if TYPE_CHECKING:
    from vip_rules.apply import Applied
    from vip_rules.delivery import Delivered

Level = Literal["debug", "info", "warning", "error"]

LEVELS: Final[tuple[Level, ...]] = ("debug", "info", "warning", "error")
"""The levels, the most talkative first. A warning is looked at by and by, an error now."""

Values = tuple[object, ...]
Said = ParamSpec("Said")


class Sink(Protocol):
    """Where lines go. It writes only what `vip_rules.logs.fields` vouches for."""

    def takes(self, level: Level) -> bool:
        """Whether lines of a level are written at all."""

    def write(self, level: Level, event: str, fields: dict[str, Any]) -> None:
        """Write a line."""


@dataclass(frozen=True, slots=True)
class Event:
    """What can be said: its name and level, what it tells, and its fields."""

    name: str
    level: Level
    tells: str
    fields: tuple[str, ...]


def event(
    level: Level, *fields: str
) -> Callable[[Callable[Concatenate[Log, Said], Values]], Callable[Concatenate[Log, Said], None]]:
    """Makes an event of a method of its name that gives the values of these fields. Its docstring tells the operator of it."""

    def made(values: Callable[Concatenate[Log, Said], Values]) -> Callable[Concatenate[Log, Said], None]:
        @wraps(values)
        def say(self: Log, /, *args: Said.args, **kwargs: Said.kwargs) -> None:
            if self.sink.takes(level):
                told = dict(zip(fields, values(self, *args, **kwargs), strict=True))
                self.sink.write(level, values.__name__, {"shop": self.shop, **told})

        say.event = Event(values.__name__, level, values.__doc__ or "", fields)  # type: ignore[attr-defined]
        return say

    return made


@dataclass(frozen=True, slots=True)
class Log:
    """What is said about a shop, or about the service as a whole (None). Customers, bodies and secrets are never in it.

    >>> import io
    >>> from datetime import UTC, datetime
    >>> from vip_rules.logs.logs import Logs
    >>> lines = io.StringIO()
    >>> Logs.to(lines, clock=lambda: datetime(2026, 11, 20, tzinfo=UTC)).of("atelier").stopped()
    >>> print(lines.getvalue().strip())
    {"at": "2026-11-20T00:00:00.000+00:00", "level": "info", "event": "stopped", "shop": "atelier"}
    """

    sink: Sink
    shop: str | None = None

    def of(self, shop: str) -> Log:
        """The log of a shop."""
        return replace(self, shop=shop)

    # The service

    @event("info", "address")
    def listening(self, address: str) -> Values:
        """Requests are taken."""
        return (address,)

    @event("info")
    def stopped(self) -> Values:
        """The service has stopped."""
        return ()

    @event("error", "error")
    def crashed(self, error: BaseException) -> Values:
        """The service, or a part of it, ended by a mistake of ours. Report class and places."""
        return (error,)

    # Webhooks

    @event("warning", "status", "cause")
    def refused(self, status: int, cause: str) -> Values:
        """A request to the address of webhooks was refused. Many with the cause `signature`: the secret is wrong."""
        return status, cause

    @event("error", "error")
    def not_kept(self, error: BaseException) -> Values:
        """Webhooks can't be kept and are answered with 503, so that the store sends them again. Look at the database."""
        return (error,)

    @event("warning", "number", "topic")
    def quarantined(self, number: int, topic: str) -> Values:
        """A webhook can't be read and waits for a person: `vip-rules inbox show`."""
        return number, topic

    @event("info", "count")
    def redacted(self, count: int) -> Values:
        """A customer was erased at the store's request; so much of them is left in the store for a person to remove."""
        return (count,)

    @event("warning")
    def access_ended(self) -> Values:
        """The store no longer lets vip-rules in: the shop is paused."""
        return ()

    # Work

    @event("info", "plan", "standings", "effects", "stale", "outcomes", "left")
    def applied(self, applied: Applied) -> Values:
        """Standings were changed, and what follows from them was sent."""
        sent = applied.delivered
        return (
            applied.hash,
            applied.standings,
            applied.intents,
            len(applied.stale),
            dict(sent.counts),
            sent.left,
        )

    @event("info", "outcomes", "left")
    def delivered(self, delivered: Delivered) -> Values:
        """What was left in the outbox was sent."""
        return dict(delivered.counts), delivered.left

    @event("warning", "plan", "count")
    def waiting(self, plan: str, changes: int) -> Values:
        """A plan with so many changes waits for a person: `vip-rules plans`."""
        return plan, changes

    @event("debug", "part")
    def job_began(self, job: str) -> Values:
        """A job by the clock has begun."""
        return (job,)

    @event("info", "part", "outcome", "seconds")
    def job_ended(self, job: str, outcome: str, seconds: float) -> Values:
        """A job by the clock has ended."""
        return job, outcome, seconds

    def failed(self, part: str, error: BaseException) -> None:
        """A part of the work failed: one of our own errors hinders it, any other is a mistake of ours."""
        if isinstance(error, VipRulesError):
            self.hindered(part, error)
        else:
            self.mistaken(part, error)

    @event("warning", "part", "error")
    def hindered(self, part: str, error: VipRulesError) -> Values:
        """A part of the work couldn't be done now, for this reason. It is tried again by itself."""
        return part, error

    @event("error", "part", "error")
    def mistaken(self, part: str, error: BaseException) -> Values:
        """A part of the work failed by a mistake of ours, and is tried again. Report class and places."""
        return part, error

    # Libraries

    def library(self, record: LogRecord, message: str | None) -> None:
        """A library said something. `message` holds no values."""
        error = record.exc_info[1] if record.exc_info else None
        said = (record.name, f"{record.filename}:{record.lineno}", message, error)
        if record.levelno >= ERROR:
            self.library_failed(*said)
        elif record.levelno >= WARNING:
            self.library_warned(*said)
        else:
            self.library_said(*said)

    @event("error", "logger", "place", "message", "error")
    def library_failed(
        self, logger: str, place: str, message: str | None, error: BaseException | None
    ) -> Values:
        """A library tells of an error."""
        return logger, place, message, error

    @event("warning", "logger", "place", "message", "error")
    def library_warned(
        self, logger: str, place: str, message: str | None, error: BaseException | None
    ) -> Values:
        """A library warns."""
        return logger, place, message, error

    @event("debug", "logger", "place", "message", "error")
    def library_said(
        self, logger: str, place: str, message: str | None, error: BaseException | None
    ) -> Values:
        """A library tells of its work."""
        return logger, place, message, error


def events() -> list[Event]:
    """Everything that can be said, in the order of the class."""
    found = (getattr(member, "event", None) for member in vars(Log).values())
    return [each for each in found if isinstance(each, Event)]
