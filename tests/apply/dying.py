"""A process that syncs, plans or applies, and is killed at a chosen point of it."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

from tests.apply.atelier import Atelier, program
from vip_rules.plan import read_plan, write_plan
from vip_rules.testing import MemoryStore, Points, connect

PLAN: Final = "plan.json"


class Mortal:
    """A store with a point before each call, and one after it."""

    def __init__(self, store: MemoryStore, points: Points) -> None:
        self._store, self._points = store, points

    def __getattr__(self, method: str) -> Any:
        return self._points.around(getattr(self._store, method))


def carry_out(
    points: Points, address: str, url: str, folder: Path, command: str, batch: int, now: datetime
) -> None:
    """Carry out a command with a served store: `apply` applies the plan that `plan` put into a file."""
    store = cast(MemoryStore, Mortal(connect(address), points))
    atelier = Atelier(folder, store=store, batch=batch, now=now, url=url)
    points.statements()
    points.commits()
    match command:
        case "sync":
            atelier.sync()
        case "plan":
            write_plan(atelier.plan(welcome=True), folder / PLAN)
        case "apply":
            atelier.apply(read_plan(folder / PLAN))


# Processes are forked once this is loaded: what they all need is read before.
program()
import_module("vip_rules.testing.forked")
