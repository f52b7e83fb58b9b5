"""Everybody's standings as the database keeps them, and what was decided before a day."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, cast

from sqlalchemy import Connection, Row, exists, func, select

from vip_rules.canonical import canonical
from vip_rules.database.bulk import among, put
from vip_rules.database.tables import customers, cut_points, recalculations, shops, standings
from vip_rules.evaluation.cutpoints import Cut, CutPoints
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
    same = (customers.c.shop == shop) & (customers.c.id == standings.c.customer_id)
    there = exists().where(same, ~customers.c.gone)
    query = select(standings).where(standings.c.shop == shop, there)
    if people is not None:
        query = query.where(among(connection, standings.c.customer_id, people))
    present = {former: tier.id for tier in program.tiers for former in tier.was}
    return {row.customer_id: _stored(row, present, as_of) for row in connection.execute(query)}


def write_standings(connection: Connection, shop: int, rows: Iterable[tuple[str, Stored]]) -> None:
    """Store standings with their openings, in place of those that are there."""
    put(connection, standings, (_row(shop, customer, stored) for customer, stored in rows))


def read_cut_points(connection: Connection, shop: int) -> list[CutPoints]:
    """The cut points of all recalculations, by their day; each is read once it is asked for, within the transaction."""
    query = select(cut_points.c.day).where(cut_points.c.shop == shop).order_by(cut_points.c.day)
    return [CutPoints(day, _Cuts(connection, shop, day)) for day in connection.scalars(query)]


class _Cuts(Mapping[str, Cut]):
    """The stored cuts of a day, read when they are first looked at: a year of days comes to many megabytes."""

    def __init__(self, connection: Connection, shop: int, day: int) -> None:
        self._connection, self._shop, self._day = connection, shop, day

    @cached_property
    def _cuts(self) -> Mapping[str, Cut]:
        of_day = (cut_points.c.shop == self._shop) & (cut_points.c.day == self._day)
        return CutPoints.of(self._connection.scalars(select(cut_points.c.cuts).where(of_day)).one()).cuts

    def __getitem__(self, key: str) -> Cut:
        return self._cuts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cuts)

    def __len__(self) -> int:
        return len(self._cuts)


def program_ranks(program: Program) -> bool:
    """Whether a program compares customers with each other."""
    return any(figure.metric.ranks for figure in program.figures())


def _stored(row: Row[Any], present: Mapping[str, str], as_of: int) -> Stored:
    # By position, in the order of the table: there can be hundreds of thousands of rows.
    day, tier, since, secured, grace, landing, landing_from, highest, *rest = cast(tuple[Any, ...], row)[2:]
    pin_tier, pin_until, pin_reason, pin_by, floor, grandfathered, promoted, noticed, opened, opening_day = (
        rest
    )
    standing = Standing(
        tier=tier,
        since=since,
        secured_until=secured,
        grace_until=grace,
        landing_until=landing,
        landing_from=landing_from,
        highest_tier=highest,
        pin=None if pin_by is None else Pin(pin_tier, pin_until, pin_reason, pin_by, floor),
        promotions=_promotions(promoted),
        notices=_notices(noticed),
        grandfathered=grandfathered,
    )
    opening = None if day < as_of or opened is None else Standing.of(json.loads(opened))
    if present:
        standing, opening = standing.renamed(present), opening and opening.renamed(present)
    return Stored(standing, day, opening, opening_day)


@lru_cache(maxsize=65_536)
def _promotions(text: str) -> tuple[Promotion, ...]:
    return tuple(Promotion(*each) for each in json.loads(text))


@lru_cache(maxsize=65_536)
def _notices(text: str) -> tuple[Notice, ...]:
    return tuple(Notice(*each) for each in json.loads(text))


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
