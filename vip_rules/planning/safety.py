"""Safety: the limits of a program's guardrails, and how far a plan goes beyond them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from decimal import Decimal

from sqlalchemy import Connection, or_, select

from vip_rules.database.tables import outbox, standings
from vip_rules.localdays import day_date, day_number
from vip_rules.plan import Change, Limit
from vip_rules.program.program import Program
from vip_rules.standing import rank


def limits(
    connection: Connection, shop: int, program: Program, as_of: int, changes: Iterable[Change]
) -> tuple[Limit, ...]:
    """The limits that a plan goes beyond, together with all that was applied on the same local day before."""
    changes = list(changes)
    return (
        *_too_many_demotions(connection, shop, program, as_of, changes),
        *_too_much_credit(connection, shop, program, as_of, changes),
    )


def concerned(program: Program, limits: Iterable[Limit], changes: Iterable[Change]) -> set[str]:
    """The customers on whose account a plan goes beyond some limits: those whom it lowers, those whom it gives credit."""
    names = {limit.name for limit in limits}
    lowered = "max_demotions" in names
    credited = "max_credit" in names
    return {
        change.customer_id
        for change in changes
        if change.customer_id is not None
        and ((lowered and _lowers(change, program)) or (credited and change.kind == "store_credit"))
    }


def _too_many_demotions(
    connection: Connection, shop: int, program: Program, as_of: int, changes: list[Change]
) -> Iterator[Limit]:
    """Who is lower at the day's end than at its start, of those who were members then; if the plan lowers anybody."""
    if not any(_lowers(change, program) for change in changes):
        return
    start: dict[str, str | None] = {}
    end: dict[str, str | None] = {}
    present: dict[str | None, str] = {former: tier.id for tier in program.tiers for former in tier.was}
    query = select(standings.c.customer_id, standings.c.day, standings.c.tier, standings.c.opening)
    for row in connection.execute(query.where(standings.c.shop == shop)):
        tier = present.get(row.tier, row.tier)
        if row.day < as_of:
            start[row.customer_id] = tier
        else:
            opened = json.loads(row.opening).get("tier") if row.opening else None
            start[row.customer_id], end[row.customer_id] = present.get(opened, opened), tier
    for change in changes:
        if change.kind == "standing" and change.customer_id is not None:
            end[change.customer_id] = change.content["after"].get("tier")
    members = sum(tier is not None for tier in start.values())
    demoted = sum(
        rank(program.tiers, tier) < rank(program.tiers, start.get(customer)) for customer, tier in end.items()
    )
    allowed = program.guardrails
    if demoted > allowed.demotion_count and demoted * 10_000 > members * allowed.demotion_percent:
        share = (
            f"{demoted * 10_000 // members // 100}.{demoted * 10_000 // members % 100:02d} %"
            if members
            else "all"
        )
        yield Limit(
            name="max_demotions",
            says=f"{demoted:,} demotions on {day_date(as_of)} ({share} of the {members:,} members at its start) are more than "
            f"max_demotions allows: {allowed.demotion_count:,} and {_percent(allowed.demotion_percent)}",
        )


def _lowers(change: Change, program: Program) -> bool:
    """Whether a change leaves somebody with less than they had at the day's start."""
    if change.kind != "standing":
        return False
    after, opening = (change.content.get(name, {}).get("tier") for name in ("after", "opening"))
    return bool(change.content.get("closed")) or rank(program.tiers, after) < rank(program.tiers, opening)


def _too_much_credit(
    connection: Connection, shop: int, program: Program, as_of: int, changes: list[Change]
) -> Iterator[Limit]:
    """The credits of the plan with those that fell due, or were planned, in the same day or month before."""
    allowed = program.guardrails.max_credit
    if allowed is None:
        return
    today = day_date(as_of)
    first = today if allowed.per == "day" else today.replace(day=1)
    midnight = datetime.combine(first, time(), program.timezone)
    before = select(outbox.c.payload).where(
        outbox.c.shop == shop,
        outbox.c.kind == "store_credit",
        or_(
            outbox.c.due >= day_number(first),
            outbox.c.planned_at >= int(midnight.timestamp()) * 1_000_000,  # not money
        ),
        outbox.c.state.not_in(("refused", "withdrawn")),
    )
    # What a redacted customer was given is known no longer.
    amounts = [Decimal(json.loads(payload).get("amount", 0)) for payload in connection.scalars(before)]
    planned = [
        Decimal(change.content["payload"]["amount"]) for change in changes if change.kind == "store_credit"
    ]
    total = sum((program.currency.minor(amount) for amount in (*amounts, *planned)), 0)
    if planned and total > allowed.amount:
        shown = program.currency.shown
        yield Limit(
            name="max_credit",
            says=f"store credits of {shown(total)} in this {allowed.per} are more than max_credit allows: "
            f"{shown(allowed.amount)}",
        )


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".") + " %"
