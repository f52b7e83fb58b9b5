"""Dirty customers: those whose data changed since their last evaluation, each with the number of the last change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, bindparam, delete, func, select, update

from vip_rules.database.bulk import among, put
from vip_rules.database.tables import dirty, shops


def mark(connection: Connection, shop: int, customers: Iterable[str]) -> None:
    """Mark customers as changed, all with one number, higher than any before in this shop."""
    if marked := sorted(set(customers)):
        raised = update(shops).where(shops.c.id == shop).values(changes=shops.c.changes + 1)
        change = connection.execute(raised.returning(shops.c.changes)).scalar_one()
        put(connection, dirty, ((shop, customer, change, None) for customer in marked))


def marks(connection: Connection, shop: int, most: int | None = None) -> dict[str, int]:
    """The dirty customers with the numbers of their last changes, the longest waiting first; at most so many.

    Those about whom a person decides, in a waiting plan, are left out until they change again.
    """
    waiting = select(dirty.c.customer_id, dirty.c.change).where(dirty.c.shop == shop, dirty.c.plan.is_(None))
    rows = connection.execute(waiting.order_by(dirty.c.change, dirty.c.customer_id).limit(most))
    return {customer: change for customer, change in rows}  # noqa: C416 - rows aren't pairs to mypy


def leave_to(connection: Connection, shop: int, plan: str, people: Collection[str], until: int) -> None:
    """Leave dirty customers to a person, who decides in the plan of a hash: those who didn't change since the mark `until`."""
    seen = (dirty.c.shop == shop) & (dirty.c.change <= until) & among(connection, dirty.c.customer_id, people)
    connection.execute(update(dirty).where(seen).values(plan=plan))


def hand_over(connection: Connection, shop: int, before: str, plan: str) -> None:
    """Leave those who were left to a plan to another, which took its place."""
    connection.execute(update(dirty).where(dirty.c.shop == shop, dirty.c.plan == before).values(plan=plan))


def take_back(connection: Connection, shop: int, plan: str) -> None:
    """Look again at those who were left to a plan: nobody decides in it any more."""
    connection.execute(update(dirty).where(dirty.c.shop == shop, dirty.c.plan == plan).values(plan=None))


def take_back_but(connection: Connection, shop: int, plans: Collection[str]) -> None:
    """Look again at all who were left to plans other than some."""
    left = (dirty.c.shop == shop) & dirty.c.plan.is_not(None)
    others = left & ~among(connection, dirty.c.plan, plans)
    connection.execute(update(dirty).where(others).values(plan=None))


def dirty_among(connection: Connection, shop: int, people: Collection[str], since: int = 0) -> set[str]:
    """Those of some people who are dirty by a change after the one with the number `since`."""
    query = select(dirty.c.customer_id).where(
        dirty.c.shop == shop, dirty.c.change > since, among(connection, dirty.c.customer_id, people)
    )
    return set(connection.scalars(query))


def clear(connection: Connection, shop: int, evaluated: Mapping[str, int]) -> None:
    """Take the marks away that an evaluation saw; who changed again meanwhile stays dirty."""
    if evaluated:
        seen = delete(dirty).where(
            dirty.c.shop == shop,
            dirty.c.customer_id == bindparam("customer"),
            dirty.c.change <= bindparam("seen"),
        )
        rows = [{"customer": customer, "seen": change} for customer, change in evaluated.items()]
        connection.execute(seen, rows)
        _note(connection, shop, max(evaluated.values()))


def clear_until(connection: Connection, shop: int, change: int) -> None:
    """Take away all marks up to the number of a change: everybody was evaluated as of it."""
    connection.execute(delete(dirty).where(dirty.c.shop == shop, dirty.c.change <= change))
    _note(connection, shop, change)


def was_evaluated(connection: Connection, shop: int, since: int) -> bool:
    """Whether somebody who changed after the change with the number `since` was evaluated, and isn't dirty any more."""
    query = select(shops.c.id).where(shops.c.id == shop, shops.c.evaluated_change > since)
    return connection.scalar(query) is not None


def _note(connection: Connection, shop: int, change: int) -> None:
    """Remember the latest change whose customer was evaluated."""
    earlier = (shops.c.id == shop) & (func.coalesce(shops.c.evaluated_change, 0) < change)
    connection.execute(update(shops).where(earlier).values(evaluated_change=change))


def count(connection: Connection, shop: int) -> int:
    """How many customers are dirty."""
    return connection.execute(select(func.count()).where(dirty.c.shop == shop)).scalar_one()


def latest(connection: Connection, shop: int) -> int:
    """The number of the shop's latest change."""
    changes: int = connection.execute(select(shops.c.changes).where(shops.c.id == shop)).scalar_one()
    return changes
