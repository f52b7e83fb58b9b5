"""Everybody's standings as the database keeps them, and what was decided before a day."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, select

from vip_rules.canonical import canonical
from vip_rules.cutpoints import CutPoints
from vip_rules.database.bulk import among, put
from vip_rules.database.tables import customers, cut_points, recalculations, shops, standings
from vip_rules.lifecycle import OnChange
from vip_rules.program.program import Program
from vip_rules.recalculation import Before, Stored
from vip_rules.standing import Notice, Pin, Promotion, Standing


def read_before(
    connection: Connection,
    shop: int,
    program: Program,
    as_of: int,
    *,
    people: Collection[str] | None = None,
    on_change: OnChange = "next-check",
) -> Before:
    """What was decided before the local day `as_of`, of everybody or of some people; those who are gone are left out.

    Tiers have their present ids. `on_change` says what a program does that takes over on that day.
    """
    row = connection.execute(select(shops).where(shops.c.id == shop)).one()
    if row.program_version is not None and row.program_version != program.version:
        changed_on, how = as_of, on_change
    else:
        changed_on, how = row.program_since, row.on_change or "next-check"
    evaluated = select(func.max(recalculations.c.day)).where(
        recalculations.c.shop == shop, recalculations.c.day < as_of
    )
    return Before(
        stored=read_standings(connection, shop, program, as_of, people),
        enrolled_on=row.enrolled_on,
        evaluated=connection.scalar(evaluated),
        changed_on=changed_on,
        on_change=how,
        trusted_from=row.trusted_from,
        cut_points=read_cut_points(connection, shop) if program_ranks(program) else (),
    )


def read_standings(
    connection: Connection, shop: int, program: Program, as_of: int, people: Collection[str] | None = None
) -> dict[str, Stored]:
    """The stored standings of everybody who is still there, or of some people, with the present ids of tiers.

    Openings are read of those only who were evaluated on the day `as_of` or later.
    """
    there = select(customers.c.id).where(customers.c.shop == shop, ~customers.c.gone)
    query = select(standings).where(standings.c.shop == shop, standings.c.customer_id.in_(there))
    if people is not None:
        query = query.where(among(connection, standings.c.customer_id, people))
    present = {former: tier.id for tier in program.tiers for former in tier.was}
    return {row.customer_id: _stored(row, present, as_of) for row in connection.execute(query)}


def write_standings(connection: Connection, shop: int, rows: Iterable[tuple[str, Stored]]) -> None:
    """Store standings with their openings, in place of those that are there."""
    put(connection, standings, (_row(shop, customer, stored) for customer, stored in rows))


def read_cut_points(connection: Connection, shop: int) -> list[CutPoints]:
    """The cut points of all recalculations, by their day."""
    query = select(cut_points.c.cuts).where(cut_points.c.shop == shop).order_by(cut_points.c.day)
    return [CutPoints.of(text) for text in connection.scalars(query)]


def program_ranks(program: Program) -> bool:
    """Whether a program compares customers with each other."""
    return any(figure.metric.ranks for figure in program.figures())


def _stored(row: Row[Any], present: Mapping[str, str], as_of: int) -> Stored:
    pin = None
    if row.pin_by is not None:
        pin = Pin(row.pin_tier, row.pin_until, row.pin_reason, row.pin_by, row.pin_floor)
    standing = Standing(
        tier=row.tier,
        since=row.since,
        secured_until=row.secured_until,
        grace_until=row.grace_until,
        landing_until=row.landing_until,
        landing_from=row.landing_from,
        highest_tier=row.highest_tier,
        pin=pin,
        promotions=tuple(Promotion(*each) for each in json.loads(row.promotions)),
        notices=tuple(Notice(*each) for each in json.loads(row.notices)),
        grandfathered=row.grandfathered,
    )
    opening = None if row.day < as_of or row.opening is None else Standing.of(json.loads(row.opening))
    if present:
        standing, opening = standing.renamed(present), opening and opening.renamed(present)
    return Stored(standing, row.day, opening, row.opening_day)


def _row(shop: int, customer: str, stored: Stored) -> tuple[Any, ...]:
    standing, pin = stored.standing, stored.standing.pin
    return (
        shop,
        customer,
        stored.day,
        standing.tier,
        standing.since,
        standing.secured_until,
        standing.grace_until,
        standing.landing_until,
        standing.landing_from,
        standing.highest_tier,
        pin and pin.tier,
        pin and pin.until,
        pin and pin.reason,
        pin and pin.by,
        bool(pin and pin.floor),
        standing.grandfathered,
        _tuples(standing.promotions),
        _tuples(standing.notices),
        None if stored.opening is None else canonical(stored.opening.record()),
        stored.opening_day,
    )


def _tuples(each: Iterable[Promotion | Notice]) -> str:
    """Promotions or notices as JSON arrays of their fields, in the order of the class."""
    return canonical([[getattr(one, name) for name in one.__dataclass_fields__] for one in each])
