"""A shop at work on a day: it reads its store, decides and acts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from vip_rules.adapter import Adapter
from vip_rules.apply import apply_plan
from vip_rules.carriers import Means
from vip_rules.database.connection import Database
from vip_rules.localdays import local_day
from vip_rules.plan import Plan, read_plan, write_plan
from vip_rules.planning.making import Request, make_plan
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.rates import Rates
from vip_rules.sync import sync
from vip_rules.testing.clock import StoppedClock

DATABASE: Final = "vip.db"
PLAN: Final = "plan.json"


def program(document: Mapping[str, Any]) -> Program:
    """The program in a document, which is read once."""
    return _program(json.dumps(document))


@cache
def _program(text: str) -> Program:
    return read_program(json.loads(text), "program.json", load_catalogue())


class Merchant:
    """A shop at work on a day, with its database and its plan in a folder. Nothing in it waits or is random."""

    def __init__(self, folder: Path, adapter: Adapter, document: Mapping[str, Any], now: datetime) -> None:
        self.adapter = adapter
        self.plan_file = folder.joinpath(PLAN)
        self.program = program(document)
        self._clock = StoppedClock(now)
        self.database = Database.open(f"sqlite:///{folder.joinpath(DATABASE)}", clock=self._clock)
        self.shop = self.database.shop(
            "crashes",
            adapter="under test",
            currency=self.program.currency.code,
            timezone=self.program.timezone.key,
        )
        self._means = Means(
            carriers=(adapter,), clock=self._clock, sleep=lambda _: None, entropy=lambda size: bytes(size)
        )

    def sync(self) -> None:
        """Read the store."""
        sync(self.database, self.shop, self.adapter, self.program, clock=self._clock, rates=Rates())

    def plan(self) -> Plan:
        """Decide what is to change. Enrolments are credited like promotions."""
        today = local_day(self._clock().isoformat(), self.program.timezone)
        asked = Request(as_of=today, welcome=True)
        return make_plan(self.database, self.shop, self.program, asked, self._means.capabilities)

    def apply(self, plan: Plan) -> None:
        """Do what a plan says."""
        apply_plan(self.database, self.shop, self.program, plan, self._means)

    def write(self, plan: Plan) -> None:
        """Keep a plan in its file."""
        write_plan(plan, self.plan_file)

    def kept(self) -> Plan | None:
        """The plan in the file, if it was kept."""
        return read_plan(self.plan_file) if self.plan_file.exists() else None


@contextmanager
def merchant(
    folder: Path, opener: Callable[[], Adapter], document: Mapping[str, Any], now: datetime
) -> Iterator[Merchant]:
    """A shop at work, which is closed in the end."""
    adapter = opener()
    made = Merchant(folder, adapter, document, now)
    try:
        yield made
    finally:
        made.database.close()
        adapter.close()
