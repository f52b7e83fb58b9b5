"""A small shop with everything around it: the store, the database, the program, the clock, and what went wrong by plan."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, select

from tests.database.opened import everything
from vip_rules.adapter import ONCE, Capability, Intent, Outcome
from vip_rules.apply import Applied, apply_plan
from vip_rules.carriers import Carrier, Means
from vip_rules.channels.quiet_hours import QuietHours
from vip_rules.database.connection import Database
from vip_rules.database.tables import effects, ledger, outbox, shops, standings
from vip_rules.ledger import breaks
from vip_rules.localdays import day_number, local_day
from vip_rules.operations.hand import Hand
from vip_rules.plan import Plan
from vip_rules.planning.making import Request, make_plan
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.rates import Rates
from vip_rules.store import Shop, StoreCustomer, StoreOrder
from vip_rules.sync import SyncReport, sync
from vip_rules.testing import FaultPlan, MemoryAdapter, MemoryStore, StoppedClock
from vip_rules.testing.adapter import CAPABILITIES

NAME: Final = "atelier"
NOON: Final = datetime(2026, 11, 20, 17, tzinfo=UTC)
"""Noon in New York, on the day on which these shops begin."""

TODAY: Final = day_number(date(2026, 11, 20))


def tier(name: str, spend: int, *benefits: Mapping[str, Any]) -> dict[str, Any]:
    """A tier by what was spent in 12 months."""
    return {
        "id": name,
        "name": f"{name.title()} VIP",
        "qualify": {"metric": "spend", "window": "12 months", "at_least": spend},
        "benefits": list(benefits),
    }


DOCUMENT: Final[dict[str, Any]] = {
    "format": 1,
    "program": "atelier-vip",
    "currency": "USD",
    "timezone": "America/New_York",
    "tiers": [
        tier(
            "silver",
            200,
            {"type": "discount", "percent": 10},
            {"type": "store_credit", "amount": 25, "on": "birthday"},
        ),
        tier(
            "gold",
            500,
            {"type": "discount", "percent": 15},
            {"type": "free_shipping", "service": "expedited"},
            {"type": "early_access", "hours": 48},
            {"type": "store_credit", "amount": 25, "on": "birthday"},
            {"type": "store_credit", "amount": 40, "on": "promotion"},
        ),
    ],
    "status": {"grace": "none", "demotion": "to qualified", "warn_before": []},
    "messages": [{"on": "promotion", "template": "welcome-up"}],
    "guardrails": {"max_demotions": {"percent": 50, "count": 10}},
}


@cache
def _program(changes: str) -> Program:
    return read_program(DOCUMENT | json.loads(changes), "program.json", load_catalogue())


def program(**changes: Any) -> Program:
    """The shop's program, with other sections in place of its own."""
    return _program(json.dumps(changes))


def customer(key: str, **more: Any) -> StoreCustomer:
    return StoreCustomer(id=key, **{"created_at": datetime(2025, 1, 7, tzinfo=UTC), **more})


_numbers = count(1)


def order(who: str | None, spent: int, day: str = "2026-11-01", key: str | None = None) -> StoreOrder:
    """An order of whole dollars, at noon of a day."""
    placed = datetime.fromisoformat(f"{day}T17:00:00+00:00")
    name = f"order-{next(_numbers)}" if key is None else key
    return StoreOrder(id=name, customer_id=who, placed_at=placed, currency="USD", total=100 * spent)


class Watched(MemoryAdapter):
    """The store's adapter, which lets something happen before or after it carries out an intent.

    `attempts` are the keys of what was asked for, in their order.
    """

    def __init__(self, store: MemoryStore, faults: FaultPlan | None = None, **more: Any) -> None:
        super().__init__(store, faults, **more)
        self.before: Callable[[Intent], object] = lambda intent: None
        self.after: Callable[[Intent], object] = lambda intent: None
        self.attempts: list[str] = []

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        for intent in intents:
            self.attempts.append(intent.key)
            self.before(intent)
        outcomes = super().carry_out(intents)
        for intent in intents:
            self.after(intent)
        return outcomes


@dataclass
class Atelier:
    """A shop in dollars whose days are New York's. Without a `store` it begins with an empty one.

    Without a `url`, its database is a file in its folder.
    """

    folder: Path
    store: MemoryStore = field(default_factory=lambda: MemoryStore(Shop(currency="USD")))
    program: Program = field(default_factory=program)
    faults: FaultPlan = field(default_factory=FaultPlan)
    capabilities: Mapping[str, Capability] = field(default_factory=lambda: CAPABILITIES)
    channels: tuple[Carrier, ...] = ()
    batch: int = 1
    now: datetime = NOON
    url: str = ""
    quiet: QuietHours | None = None

    def __post_init__(self) -> None:
        self.clock = StoppedClock(self.now)
        url = self.url or f"sqlite:///{self.folder / 'vip.db'}"
        self.database = Database.open(url, clock=self.clock)
        self.shop = self.database.shop(
            NAME, adapter="memory", currency="USD", timezone=self.program.timezone.key
        )
        self.adapter = Watched(self.store, self.faults, capabilities=self.capabilities, batch=self.batch)
        self.slept: list[float] = []

    # What its people do

    @property
    def today(self) -> int:
        return local_day(self.clock().isoformat(), self.program.timezone)

    @property
    def means(self) -> Means:
        return Means(
            carriers=(*self.channels, self.adapter),
            clock=self.clock,
            sleep=self.slept.append,
            entropy=lambda size: bytes(size),
            quiet=self.quiet,
        )

    def hand(self) -> Hand:
        return Hand(by="ada", at=self.means.now(), day=self.today, entropy=self.means.entropy)

    def sync(self, **more: Any) -> SyncReport:
        return sync(
            self.database, self.shop, self.adapter, self.program, clock=self.clock, rates=Rates(), **more
        )

    def plan(self, **request: Any) -> Plan:
        asked = Request(**{"as_of": self.today, **request})
        return make_plan(self.database, self.shop, self.program, asked, self.means.capabilities)

    def apply(self, plan: Plan | None = None, **more: Any) -> Applied:
        """Apply a plan; one that is made now if none is given."""
        made = self.plan() if plan is None else plan
        return apply_plan(self.database, self.shop, self.program, made, self.means, **more)

    def close(self) -> None:
        self.database.close()

    # What is seen of it

    def rows(self, table: Table, *names: str) -> list[tuple[Any, ...]]:
        """A shop's rows of a table, or some columns of them, sorted."""
        columns = [table.c[name] for name in names] or list(table.c)
        with self.database.reading() as connection:
            found = connection.execute(select(*columns).where(table.c.shop == self.shop))
            return sorted((tuple(row) for row in found), key=repr)

    def standings(self) -> list[tuple[Any, ...]]:
        return self.rows(standings)

    def tiers(self) -> dict[str, str]:
        """The tier of each customer who has one."""
        return {who: held for who, held in self.rows(standings, "customer_id", "tier") if held}

    def intents(self) -> dict[str, str]:
        """The state of each intent by its key."""
        return dict(self.rows(outbox, "key", "state"))

    def states(self) -> Counter[str]:
        """How many intents are in each state."""
        return Counter(self.intents().values())

    def known(self) -> dict[str, Any]:
        """What the store was last known to hold, by key."""
        return {key: json.loads(payload) for key, payload in self.rows(effects, "key", "payload")}

    def remembered(self, kind: str) -> list[dict[str, Any]]:
        """What the ledger says in its entries of a kind."""
        with self.database.reading() as connection:
            query = select(ledger.c.payload).where(ledger.c.shop == self.shop, ledger.c.kind == kind)
            return [json.loads(text) for text in connection.scalars(query.order_by(ledger.c.seq))]

    def remembered_all(self) -> list[dict[str, Any] | None]:
        """What all entries of the ledger say, in their order; None for those that were redacted."""
        with self.database.reading() as connection:
            query = select(ledger.c.payload).where(ledger.c.shop == self.shop).order_by(ledger.c.seq)
            return [None if text is None else json.loads(text) for text in connection.scalars(query)]

    def breaks(self) -> list[str]:
        """Where the ledger's chain doesn't verify."""
        with self.database.reading() as connection:
            return [f"{found.seq} {found.what}" for found in breaks(connection, self.shop)]

    def dump(self) -> str:
        """All that the database holds, as text to be searched."""
        return everything(self.database)

    def row(self) -> Any:
        with self.database.reading() as connection:
            return connection.execute(select(shops).where(shops.c.id == self.shop)).one()


def seen(store: MemoryStore, customers: Iterable[str]) -> dict[str, Any]:
    """What people see of ours in the store: states as they are, and how often each thing that happens once happened."""
    found: dict[str, Any] = {}
    for who in customers:
        try:
            tags = sorted(tag for tag in store.customer(who).tags if tag.startswith("vip-"))
        except KeyError:
            continue
        fields = store.fields(who)
        if tags or fields:
            found[f"customer:{who}"] = (tags, fields)
    for kind in CAPABILITIES:
        held = store.held(kind)
        if kind in ONCE:
            found |= Counter(each.key for each in held)
        else:
            found |= {each.key: each.payload for each in held}
    return found
