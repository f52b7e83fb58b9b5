"""Reading the mirror: the history of everybody, or of some customers, as the frames that evaluation takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, Connection, literal_column, select

from vip_rules.adapter import Capability
from vip_rules.conditions import comparisons
from vip_rules.database.bulk import among
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, events, lines, orders
from vip_rules.evaluation.figures import columns_of
from vip_rules.evaluation.gathering import Source
from vip_rules.history import History
from vip_rules.mirror.dirty import latest
from vip_rules.mirror.kinds import CUSTOMERS, EVENTS, LINES, ORDERS, Kind
from vip_rules.mirror.personal import credits_of, wanted
from vip_rules.mirror.transport import Wanted, rows_at_once, rows_over
from vip_rules.program.program import Program

FEW: Final = 20_000
"""How many customers are looked up one by one; for more, everybody is read."""

PATIENT: Final = 2
"""How often everybody's history is read in the hope that nothing is written meanwhile."""


def read_history(
    database: Database,
    shop: int,
    program: Program,
    people: Collection[str] | None = None,
    *,
    connection: Connection | None = None,
) -> History:
    """The history of a shop's customers, or of some people, as far as a program asks for it; all of it of one moment.

    Without customers who are gone, tests, guests' orders and those that were set aside. Lines that no rule asks for are left
    out, but for gift cards; the tiers before are unknown. Few people are read within the transaction of a connection at hand.
    """
    needs = _needs(program)
    if people is not None and len(people) <= FEW:
        with database.reading() if connection is None else nullcontext(connection) as opened:
            return _some(opened, shop, needs, people)
    history = _everybody(database, shop, needs)
    return history if people is None else _only(history, people)


def read_people(
    connection: Connection,
    shop: int,
    program: Program,
    capabilities: Mapping[str, Capability],
    people: Collection[str],
) -> dict[str, dict[str, Any]]:
    """What benefits and messages need to know of people: joined (a local day), birthday ("MM-DD"), email and language."""
    table = customers.c
    personal = [table[name] for name in sorted(wanted(program, capabilities))]
    if not personal and not any(credits_of(program)):
        return {}
    query = select(table.id, table.joined, *personal).where(table.shop == shop, ~table.gone)
    if len(people) <= FEW:
        query = query.where(among(connection, table.id, people))
    names, there = [column.name for column in (table.joined, *personal)], set(people)
    rows = connection.execute(query)
    return {customer: dict(zip(names, row, strict=True)) for customer, *row in rows if customer in there}


def _needs(program: Program) -> frozenset[str]:
    """Which of lines and events a program asks for."""
    asked = [comparison.figure for comparison in program.comparisons()]
    asked += [comparison.figure for segment in program.segments for comparison in comparisons(segment.when)]
    sources: set[Source] = {column.source for figure in asked for column in columns_of(figure).values()}
    by_line = any(source.rows == "lines" or source.lines for source in sources)
    by_event = any(source.rows == "events" for source in sources)
    return frozenset(({"lines"} if by_line else set()) | ({"events"} if by_event else set()))


def _some(connection: Connection, shop: int, needs: Collection[str], people: Collection[str]) -> History:
    def rows(
        kind: Kind, column: ColumnElement[str], ids: Collection[str], *also: ColumnElement[bool]
    ) -> pl.DataFrame:
        return rows_over(connection, shop, (kind, (among(connection, column, ids), *also)))

    there = rows(CUSTOMERS, customers.c.id, people)
    ids = there["customer_id"].to_list()
    placed = rows(ORDERS, orders.c.customer_id, ids)
    found_lines = rows(LINES, lines.c.order_id, placed["order_id"].to_list(), *_lines(needs))
    found_events = rows(EVENTS, events.c.customer_id, ids) if "events" in needs else None
    return History(there, placed, found_lines, found_events)


def _everybody(database: Database, shop: int, needs: Collection[str]) -> History:
    asked: list[Wanted] = [
        (CUSTOMERS, ()),
        (ORDERS, ()),
        (LINES, _lines(needs)),
        *([(EVENTS, ())] if "events" in needs else []),
    ]
    for _ in range(PATIENT):
        with database.reading() as connection:
            before, gone = latest(connection, shop), _gone(connection, shop)
        frames = rows_at_once(database, shop, asked)
        with database.reading() as connection:
            if latest(connection, shop) == before:
                return _history(frames, gone)
    # Others write all the time. One transaction sees one moment: it takes longer, but nobody has to wait.
    with database.reading() as connection:
        return _history([rows_over(connection, shop, each) for each in asked], _gone(connection, shop))


def _gone(connection: Connection, shop: int) -> list[str]:
    return list(connection.scalars(select(customers.c.id).where(customers.c.shop == shop, customers.c.gone)))


def _history(frames: Sequence[pl.DataFrame], gone: Sequence[str]) -> History:
    there, placed, found_lines, *rest = frames
    if gone:
        nobody = pl.DataFrame({"customer_id": gone})
        placed, *rest = (frame.join(nobody, on="customer_id", how="anti") for frame in (placed, *rest))
    return History(there, placed, found_lines, rest[0] if rest else None)


def _lines(needs: Collection[str]) -> list[ColumnElement[bool]]:
    """Which lines are read: gift cards always, since what was paid for them isn't spent. As their index says it."""
    return [] if "lines" in needs else [literal_column("gift_card")]


def _only(history: History, people: Collection[str]) -> History:
    ids = pl.DataFrame({"customer_id": list(people)}, schema={"customer_id": pl.String})
    placed = history.orders.join(ids, on="customer_id", how="semi")
    return History(
        history.customers.join(ids, on="customer_id", how="semi"),
        placed,
        history.lines.join(placed, on="order_id", how="semi"),
        None if history.events is None else history.events.join(ids, on="customer_id", how="semi"),
    )
