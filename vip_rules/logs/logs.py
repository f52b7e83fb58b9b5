"""The log of a process: JSON lines, or readable ones for a terminal. Everything goes through the fields that are allowed."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any, Final, TextIO

from vip_rules.errors import NotInstalled, VipRulesError
from vip_rules.logs.failures import cleaned, failure
from vip_rules.logs.fields import sifted
from vip_rules.logs.log import LEVELS, Level, Log

_TRUSTED: Final = ("uvicorn", "uvicorn.error")
"""Loggers whose messages without values are constants; of others nobody knows what was put into them."""

_PLAIN: Final = re.compile(r"[A-Za-z ,.()'-]+")


class ServiceFailed(VipRulesError):
    """The service ended by a mistake of ours: report what the log says."""

    exit_code = 3


@dataclass(slots=True)
class Logs:
    """The log of a process. `lost` counts lines that couldn't be written: the work goes on all the same."""

    level: Level
    _logger: Any
    lost: int = field(default=0, init=False)

    @classmethod
    def to(cls, stream: TextIO, *, clock: Callable[[], datetime], level: Level = "info") -> Logs:
        """A log into a stream: JSON lines, or readable ones if it is a terminal. Raises NotInstalled."""
        if find_spec("structlog") is None:
            raise NotInstalled('the service is not installed: run pip install "vip-rules[server]"')
        import structlog

        def stamped(_: Any, level: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
            return sifted({**line, "at": clock().astimezone(UTC), "level": level})

        terminal = stream.isatty()
        shown: Any = structlog.dev.ConsoleRenderer(colors=False, sort_keys=False, timestamp_key="at")
        logger = structlog.wrap_logger(
            structlog.WriteLogger(stream),
            processors=[
                stamped,
                shown if terminal else structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            wrapper_class=structlog.BoundLogger,
        )
        return cls(level, logger)

    @classmethod
    def silent(cls) -> Logs:
        """A log that nobody reads."""
        return cls("error", None)

    def of(self, shop: str | None) -> Log:
        """The log of a shop; None is the service as a whole."""
        return Log(self, shop)

    def takes(self, level: Level) -> bool:
        """Whether lines of a level are written."""
        return self._logger is not None and LEVELS.index(level) >= LEVELS.index(self.level)

    def write(self, level: Level, event: str, fields: dict[str, Any]) -> None:
        """Write a line, of the fields that are allowed."""
        try:
            getattr(self._logger, level)(event, **fields)
        except (OSError, ValueError):  # the stream is full, or closed
            self.lost += 1

    @contextmanager
    def in_charge(self) -> Iterator[None]:
        """Within, whatever would be logged or printed goes through this log: libraries, threads that die, the end of it all.

        Raises ServiceFailed in the place of what nobody expected: its text could hold anything.
        """
        log, root = self.of(None), logging.getLogger()
        before, level, hook = root.handlers[:], root.level, threading.excepthook
        root.handlers[:] = [_Libraries(log)]
        root.setLevel(logging.WARNING)  # below it they speak to their own developers
        logging.captureWarnings(True)
        threading.excepthook = _thread_hook(log)
        try:
            yield
        except (VipRulesError, OSError):
            raise
        except Exception as error:
            log.crashed(error)
            told = failure(error) or {}
            where = (told.get("places") or ["an unknown place"])[-1]
            raise ServiceFailed(
                f"the service ended by a mistake of ours: {told['class']} at {where}"
            ) from None
        finally:
            root.handlers[:] = before
            root.setLevel(level)
            logging.captureWarnings(False)
            threading.excepthook = hook


def _thread_hook(log: Log) -> Callable[[threading.ExceptHookArgs], None]:
    def hook(died: threading.ExceptHookArgs) -> None:
        if died.exc_value is not None and died.exc_type is not SystemExit:
            log.crashed(died.exc_value)

    return hook


class _Libraries(logging.Handler):
    """Writes what libraries say. Their values stay out: only the message into which they would be put is told."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.library(record, _message(record))


def _message(record: logging.LogRecord) -> str | None:
    if not isinstance(record.msg, str):
        return None
    if record.args:
        return cleaned(record.msg)
    constant = record.name in _TRUSTED and _PLAIN.fullmatch(record.msg.strip())
    return record.msg.strip() if constant else None
