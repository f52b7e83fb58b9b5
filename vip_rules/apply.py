"""Applying a plan: exactly that plan, once. Standings and intents are stored in one transaction, then intents are delivered.

Another program refuses the whole plan; a customer who has moved since is skipped as stale, and reported. Called again after
a crash, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from vip_rules.carriers import Means
from vip_rules.database.connection import Database
from vip_rules.database.tables import ledger, shops
from vip_rules.delivery import Delivered, deliver
from vip_rules.localdays import day_date, local_day
from vip_rules.plan import Plan, PlanRefused, ShopPaused
from vip_rules.planning.entitlement import Entitlement
from vip_rules.program.program import Program
from vip_rules.storing import Storing


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What came of applying a plan. `again`: it had been applied before, and only what was left was carried out.

    `stale` are customers who were skipped, each with why.
    """

    hash: str
    again: bool
    standings: int
    intents: int
    stale: Mapping[str, str] = field(default_factory=dict)
    delivered: Delivered = field(default_factory=Delivered)

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return {
            "hash": self.hash,
            "again": self.again,
            "standings": self.standings,
            "intents": self.intents,
            "stale": dict(self.stale),
            "delivered": self.delivered.record(),
        }


def apply_plan(
    database: Database,
    shop: int,
    program: Program,
    plan: Plan,
    means: Means,
    *,
    confirm: str | None = None,
    document: str | None = None,
    patience: float = 0,
) -> Applied:
    """Apply a plan: store what it decides, and carry out what follows from it.

    `confirm` is the beginning of the plan's hash, and confirms what goes beyond the guardrails; `document` is the program's
    JSON text, to be kept. Raises PlanRefused, and AtWork where another apply hasn't ended after so many seconds (`patience`).
    """
    with database.lock(shop, patience=patience):
        _check(database, shop, program, plan, means)
        with database.writing() as connection:
            again = _was_applied(connection, shop, plan)
            stored = Storing(connection, shop, program, plan, means)
            if not again:
                stored.check_limits(confirm)
                stored.check_stale(database)
                stored.store(document)
        entitled = Entitlement(database, shop, program, plan.as_of, means.capabilities).lost
        delivered = deliver(database, shop, means, day=plan.as_of, entitled=entitled)
    return Applied(
        hash=plan.hash,
        again=again,
        standings=stored.standings,
        intents=stored.intents,
        stale=stored.stale,
        delivered=delivered,
    )


def _check(database: Database, shop: int, program: Program, plan: Plan, means: Means) -> None:
    """Refuse a plan that isn't of this shop, this program or this day."""
    with database.reading() as connection:
        row = connection.execute(select(shops).where(shops.c.id == shop)).one()
    if plan.shop != row.name:
        raise PlanRefused(f"the plan is for the shop {plan.shop}, and this is {row.name}")
    if plan.version != program.version:
        raise PlanRefused(
            f"the plan was made with the program {plan.program} {plan.version}, and it is {program.version} now: make a new "
            "plan with vip-rules plan"
        )
    if row.paused_at is not None:
        raise ShopPaused(f"paused by {row.paused_by} ({row.paused_reason}): vip-rules resume goes on")
    if row.last_applied is not None and plan.as_of < row.last_applied:
        raise PlanRefused(
            f"the plan is for {day_date(plan.as_of)}, and {day_date(row.last_applied)} was applied already: make a new plan"
        )
    today = local_day(means.clock().isoformat(), program.timezone)
    if not plan.explicit and today > plan.as_of:
        raise PlanRefused(
            f"the plan was for {day_date(plan.as_of)}, and that day is over: make a new plan (or one for a day of your choice, "
            "with --as-of)"
        )


def _was_applied(connection: Connection, shop: int, plan: Plan) -> bool:
    query = select(ledger.c.seq).where(
        ledger.c.shop == shop, ledger.c.kind == "applied", ledger.c.key == f"plan:{plan.hash}"
    )
    return connection.execute(query.limit(1)).first() is not None
