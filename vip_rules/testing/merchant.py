"""A shop at work on a day: it reads its store, decides and acts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from vip_rules.adapter import Adapter
from vip_rules.apply import Applied, apply_plan
from vip_rules.carriers import Means
from vip_rules.database.connection import Database
from vip_rules.database.tables import outbox
from vip_rules.localdays import local_day
from vip_rules.operations.drift import Drift, look
from vip_rules.operations.hand import Hand
from vip_rules.operations.pins import pin, unpin
from vip_rules.plan import Plan, read_plan, write_plan
from vip_rules.planning.making import Planning, Request, make_plan
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.rates import Rates
from vip_rules.standing import Pin
from vip_rules.sync import sync
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.databases import FILE

PLAN: Final = "plan.json"


def program(document: Mapping[str, Any]) -> Program:
    """The program in a document, which is read once."""
    return _program(json.dumps(document))


@cache
def _program(text: str) -> Program:
    return read_program(json.loads(text), "program.json", load_catalogue())


class Merchant:
    """A shop at work, with its database and its plan in a folder. Nothing in it is random.

    `clock` gives the present instant; where one would wait, `sleep` is called. A `database` is given where another shop is in
    it, too.
    """

    def __init__(
        self,
        folder: Path,
        adapter: Adapter,
        program: Program,
        clock: Callable[[], datetime],
        *,
        name: str = "under test",
        database: Database | None = None,
        sleep: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.adapter, self.program, self.clock = adapter, program, clock
        self._sleep = sleep
        self.plan_file = folder.joinpath(PLAN)
        self.database = database or Database.open(f"sqlite:///{folder.joinpath(FILE)}", clock=clock)
        self.shop = self.database.shop(
            name,
            adapter="under test",
            currency=program.currency.code,
            timezone=program.timezone.key,
        )

    @property
    def today(self) -> int:
        """The present local day."""
        return local_day(self.clock().isoformat(), self.program.timezone)

    @property
    def means(self) -> Means:
        """What effects are carried out with."""
        return Means(
            carriers=(self.adapter,), clock=self.clock, sleep=self._sleep, entropy=lambda size: bytes(size)
        )

    @property
    def hand(self) -> Hand:
        """A person who intervenes."""
        return Hand(by="ada", at=self.means.now(), day=self.today, entropy=self.means.entropy)

    def sync(self, *, full: bool = False) -> None:
        """Read the store; `full`: all of it, whatever has become of it."""
        sync(
            self.database,
            self.shop,
            self.adapter,
            self.program,
            clock=self.clock,
            rates=Rates(),
            full=full,
            confirm_smaller=full,
        )

    def plan(self) -> Plan:
        """Decide what is to change. Enrolments are credited like promotions."""
        asked = Request(as_of=self.today, welcome=True)
        return make_plan(self.database, self.shop, self.program, asked, self.means.capabilities)

    def apply(self, plan: Plan | None = None) -> Applied:
        """Do what a plan says, or one that is made now."""
        return apply_plan(self.database, self.shop, self.program, plan or self.plan(), self.means)

    def desired(self) -> dict[str, Mapping[str, Any]]:
        """What the store should hold, as the core says it, by key."""
        asked = Request(as_of=self.today, welcome=True)
        with self.database.reading() as connection:
            planning = Planning(
                self.database, connection, self.shop, self.program, asked, self.means.capabilities
            )
            return {key: effect.payload for key, effect in planning.desired.items()}

    def drift(self) -> Drift:
        """What was changed by hand in the store."""
        return look(self.database, self.shop, self.means)

    def intents(self) -> dict[str, tuple[str, str]]:
        """The state and kind of each intent, by key."""
        with self.database.reading() as connection:
            query = select(outbox.c.key, outbox.c.state, outbox.c.kind).where(outbox.c.shop == self.shop)
            return {key: (state, kind) for key, state, kind in connection.execute(query)}

    def pin(self, customer_id: str, tier: str | None) -> None:
        """Give a customer a tier by hand."""
        given = Pin(tier=tier, until=None, reason="by hand", by="ada")
        pin(self.database, self.shop, self.program, customer_id, given, self.hand)

    def unpin(self, customer_id: str) -> None:
        """Take a pin away."""
        unpin(self.database, self.shop, self.program, customer_id, None, self.hand)

    def write(self, plan: Plan) -> None:
        """Keep a plan in its file."""
        write_plan(plan, self.plan_file)

    def kept(self) -> Plan | None:
        """The plan in the file, if it was kept."""
        return read_plan(self.plan_file) if self.plan_file.exists() else None

    def close(self) -> None:
        """Close the adapter and the database."""
        self.adapter.close()
        self.database.close()


@contextmanager
def merchant(
    folder: Path, url: str, opener: Callable[[], Adapter], document: Mapping[str, Any], now: datetime
) -> Iterator[Merchant]:
    """A shop at work at an instant, with its database at a URL; it is closed in the end."""
    clock = StoppedClock(now)
    database = Database.open(url, clock=clock)
    made = Merchant(folder, opener(), program(document), clock, database=database)
    try:
        yield made
    finally:
        made.close()
