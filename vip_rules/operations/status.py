"""The status of a shop: its program, its mirror, its members, and what waits; everything that a look in the morning needs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from vip_rules import inbox
from vip_rules.database.tables import customers, ledger, orders, shops, standings
from vip_rules.ledger import Break, breaks
from vip_rules.localdays import day_date
from vip_rules.mirror import dirty
from vip_rules.mirror.cursors import FULL, SYNCED, Cursors
from vip_rules.operations.interventions import counts
from vip_rules.operations.proposals import proposals
from vip_rules.operations.runs import Run, runs
from vip_rules.operations.switch import Pause, pause_of
from vip_rules.program.program import Program
from vip_rules.standings import read_standings

STATUSES: Final = ("pinned", "grace", "landing", "secured", "member")
"""What is shown of those with a tier, the first that applies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """What is known of the store. `set_aside` are orders in currencies without a rate; `dirty` customers wait for a plan."""

    synced_at: str | None
    unfinished: bool
    customers: int
    gone: int
    orders: int
    guests: int
    set_aside: int
    dirty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopStatus:
    """How a shop stands. `day` is the last applied local day, of which members and notices are told; None: none was.

    `applied_version` is that of the program which was applied last. `members` are counted by tier and status; `demotions` are
    those ahead of which notice was given, by their days. `entries` and `breaks` are of the ledger; breaks None: not looked at.
    `inbox` counts webhooks by state, the one that waits longest arrived at `oldest`; `plans` wait for a person.
    """

    shop: str
    adapter: str
    program: str
    version: str
    applied_version: str | None
    day: int | None
    mirror: Mirror
    members: Mapping[str, Mapping[str, int]]
    demotions: Mapping[int, int]
    outbox: Mapping[str, int]
    inbox: Mapping[str, int]
    oldest: datetime | None
    plans: int
    runs: tuple[Run, ...]
    pause: Pause | None
    entries: int
    breaks: tuple[Break, ...] | None

    @property
    def changed(self) -> bool:
        """Whether the program in the file is another than the one that was applied last."""
        return self.applied_version not in (None, self.version)

    def record(self) -> dict[str, Any]:
        """The status as plain JSON data."""
        mirror = self.mirror
        return {
            "shop": self.shop,
            "adapter": self.adapter,
            "program": {
                "id": self.program,
                "version": self.version,
                "applied_version": self.applied_version,
                "changed": self.changed,
            },
            "last_applied": None if self.day is None else str(day_date(self.day)),
            "paused": self.pause and self.pause.record(),
            "mirror": {name: getattr(mirror, name) for name in mirror.__dataclass_fields__},
            "members": {tier: dict(statuses) for tier, statuses in self.members.items()},
            "demotions_ahead": {str(day_date(day)): count for day, count in self.demotions.items()},
            "outbox": dict(self.outbox),
            "inbox": dict(self.inbox),
            "plans_waiting": self.plans,
            "jobs": [run.record() for run in self.runs],
            "ledger": {
                "entries": self.entries,
                "verified": None if self.breaks is None else not self.breaks,
                "breaks": None
                if self.breaks is None
                else [{"entry": each.seq, "what": each.what} for each in self.breaks],
            },
        }


def status_of(connection: Connection, shop: int, program: Program, *, verify: bool = False) -> ShopStatus:
    """How a shop stands; with `verify` the whole chain of the ledger is reckoned again."""
    row = connection.execute(select(shops).where(shops.c.id == shop)).one()
    day = row.last_applied
    entries = select(func.count()).where(ledger.c.shop == shop)
    oldest = inbox.oldest(connection, shop)
    return ShopStatus(
        shop=row.name,
        adapter=row.adapter,
        program=program.id,
        version=program.version,
        applied_version=row.program_version,
        day=day,
        mirror=_mirror(connection, shop),
        members={} if day is None else _members(connection, shop, program, day),
        demotions={} if day is None else _demotions(connection, shop, day),
        outbox=counts(connection, shop),
        inbox=inbox.counts(connection, shop),
        oldest=None if oldest is None else datetime.fromtimestamp(oldest // 1_000_000, UTC),
        plans=len(proposals(connection, shop, "waiting")),
        runs=tuple(runs(connection, shop)),
        pause=pause_of(connection, shop),
        entries=connection.execute(entries).scalar_one(),
        breaks=tuple(breaks(connection, shop)) if verify else None,
    )


def _mirror(connection: Connection, shop: int) -> Mirror:
    def count(*conditions: ColumnElement[bool]) -> int:
        return connection.execute(select(func.count()).where(*conditions)).scalar_one()

    people, placed = customers.c.shop == shop, orders.c.shop == shop
    at = Cursors(connection, shop)
    return Mirror(
        synced_at=at.get(SYNCED),
        unfinished=FULL in at,
        customers=count(people, ~customers.c.gone),
        gone=count(people, customers.c.gone),
        orders=count(placed),
        guests=count(placed, orders.c.customer_id.is_(None)),
        set_aside=count(placed, orders.c.set_aside),
        dirty=dirty.count(connection, shop),
    )


def _members(connection: Connection, shop: int, program: Program, day: int) -> dict[str, dict[str, int]]:
    """How many hold each tier, lowest first, in each status. Pins, which are few, are looked at one by one."""
    table = standings.c
    of_shop = and_(table.shop == shop, _there(shop))
    pinned = and_(table.pin_by.is_not(None), func.coalesce(table.pin_until, day) >= day)
    status = case(
        (table.grace_until >= day, "grace"),
        (table.landing_until >= day, "landing"),
        (table.secured_until >= day, "secured"),
        else_="member",
    )
    query = select(table.tier, status, func.count()).where(of_shop, table.tier.is_not(None), ~pinned)
    present = {former: tier.id for tier in program.tiers for former in tier.was}
    found: dict[str, Counter[str]] = {tier.id: Counter() for tier in program.tiers}
    for tier, shown, count in connection.execute(query.group_by(table.tier, status)):
        found.setdefault(present.get(tier, tier), Counter())[shown] += count
    people = connection.scalars(select(table.customer_id).where(of_shop, pinned)).all()
    for stored in read_standings(connection, shop, program, day, people).values():
        held = stored.standing.effective(program.tiers, day)
        if held is not None:
            found.setdefault(held, Counter())["pinned"] += 1
    return {tier: {status: by[status] for status in STATUSES if by[status]} for tier, by in found.items()}


def _demotions(connection: Connection, shop: int, day: int) -> dict[int, int]:
    """The days of demotions ahead of which notice was given, each with how many customers it concerns."""
    query = select(standings.c.notices).where(
        standings.c.shop == shop, standings.c.notices != "[]", _there(shop)
    )
    # A notice is kept as before, on and ahead; the latest one knows best.
    days = Counter(json.loads(notices)[-1][2] for notices in connection.scalars(query))
    return {ahead: days[ahead] for ahead in sorted(days) if ahead > day}


def _there(shop: int) -> ColumnElement[bool]:
    gone = select(customers.c.id).where(customers.c.shop == shop, customers.c.gone)
    return standings.c.customer_id.not_in(gone)
