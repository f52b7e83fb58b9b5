"""A log whose lines tests can read."""

import io
import json
from datetime import UTC, datetime
from typing import Any

from vip_rules.logs import Logs
from vip_rules.logs.log import Level

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Lines(io.StringIO):
    """A stream that knows what was written to it."""

    def read_all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        """The last line, without when it was written."""
        line = self.read_all()[-1]
        assert line.pop("at") == "2026-11-20T12:00:00.000+00:00"
        return line


def logged(level: Level = "debug") -> tuple[Logs, Lines]:
    """A log, and what is written to it."""
    lines = Lines()
    return Logs.to(lines, clock=lambda: NOON, level=level), lines
