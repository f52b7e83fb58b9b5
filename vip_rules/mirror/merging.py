"""Merged customers: what one of them had goes on as the other's, the keeper's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from vip_rules.adapter import ONCE
from vip_rules.canonical import canonical
from vip_rules.database.bulk import put
from vip_rules.database.tables import customers, effects, events, orders, outbox, standings
from vip_rules.mirror.dirty import mark
from vip_rules.mirror.identities import identities
from vip_rules.mirror.rows import tombstone

PIN = ("pin_tier", "pin_until", "pin_reason", "pin_by", "pin_floor")

USED = ("sent", "confirmed", "unknown")
"""The states of an intent that may have reached the store."""

UNSENT = ("planned", "parked")
"""The states of an intent that is still to be sent."""


def merge(
    connection: Connection, shop: int, pairs: Iterable[tuple[str, str]], ladder: Mapping[str, int]
) -> int:
    """Merge customers into others, pair by pair, the second lives on: how many that is news of.

    Orders and events move; of the standings the higher tier and highest tier stay, by their places in `ladder`, with the
    keeper's pin; what one of them was given once counts as given to the keeper.
    """
    news = 0
    for merged, into in pairs:
        known = identities(connection, shop, (merged, into))
        keeper = known.now(into)
        if known.now(merged) != merged or keeper in (None, merged):
            continue
        assert keeper is not None
        news += 1
        for table in (orders, events):
            moved = update(table).where(table.c.shop == shop, table.c.customer_id == merged)
            connection.execute(moved.values(customer_id=keeper))
        earlier = update(customers).where(customers.c.shop == shop, customers.c.merged_into == merged)
        connection.execute(earlier.values(merged_into=keeper))
        put(connection, customers, [(shop, *tombstone(merged, merged_into=keeper))])
        _merge_standings(connection, shop, merged, keeper, ladder)
        _merge_used(connection, shop, merged, keeper)
        _merge_states(connection, shop, merged, keeper)
        mark(connection, shop, (merged, keeper))
    return news


def _merge_standings(
    connection: Connection, shop: int, merged: str, keeper: str, ladder: Mapping[str, int]
) -> None:
    def standing(customer: str) -> RowMapping | None:
        of_customer = (standings.c.shop == shop) & (standings.c.customer_id == customer)
        return connection.execute(select(standings).where(of_customer)).mappings().first()

    def place(tier: str | None) -> int:
        return -1 if tier is None else ladder.get(tier, -1)

    lost, kept = standing(merged), standing(keeper)
    if lost is None:
        return
    row = dict(lost if kept is None or place(lost["tier"]) > place(kept["tier"]) else kept)
    row["customer_id"] = keeper
    row |= {name: kept[name] if kept else None for name in PIN} | {
        "pin_floor": bool(kept and kept["pin_floor"])
    }
    highest = [lost["highest_tier"], kept["highest_tier"] if kept else None]
    row["highest_tier"] = max(highest, key=place)
    if row["opening"] is not None:
        opening = json.loads(row["opening"])
        opening["highest_tier"] = max((opening.get("highest_tier"), *highest), key=place)
        row["opening"] = canonical(opening)
    put(connection, standings, [tuple(row[column.name] for column in standings.columns)])
    connection.execute(delete(standings).where(standings.c.shop == shop, standings.c.customer_id == merged))


def _merge_used(connection: Connection, shop: int, merged: str, keeper: str) -> None:
    """What happens once, and happened to the merged customer, has happened to the keeper."""

    def once(customer: str) -> dict[str, dict[str, Any]]:
        of_customer = (outbox.c.shop == shop) & (outbox.c.customer_id == customer) & outbox.c.kind.in_(ONCE)
        rows = connection.execute(select(outbox).where(of_customer)).mappings()
        return {row["key"].removesuffix(f":{customer}"): dict(row) for row in rows}

    theirs = once(keeper)
    for name, row in once(merged).items():
        if row["state"] not in USED:
            continue
        # Whatever came of it is found out under the merged customer's key.
        reason = f"given to the merged customer {merged}"
        if name not in theirs:
            del row["number"]
            given = {"key": f"{name}:{keeper}", "customer_id": keeper, "state": "confirmed", "reason": reason}
            connection.execute(insert(outbox).values(**row | given))
        elif theirs[name]["state"] in UNSENT:
            same = update(outbox).where(outbox.c.number == theirs[name]["number"])
            connection.execute(same.values(state="withdrawn", reason=reason))


def _merge_states(connection: Connection, shop: int, merged: str, keeper: str) -> None:
    """The store gives the keeper the tags of both; nothing else of the merged customer is left there."""

    def tags(customer: str) -> tuple[dict[str, Any], set[str]]:
        key = (effects.c.shop == shop) & (effects.c.key == f"customer:{customer}")
        payload = connection.scalar(select(effects.c.payload).where(key))
        held = json.loads(payload) if payload else {"fields": {}}
        return held, set(held.get("tags", ()))

    (_, lost), (held, kept) = tags(merged), tags(keeper)
    if not lost <= kept:
        known = canonical(held | {"tags": sorted(lost | kept)})
        row = (shop, f"customer:{keeper}", "customer", keeper, known, None, 0)
        put(connection, effects, [row])
    connection.execute(delete(effects).where(effects.c.shop == shop, effects.c.customer_id == merged))
    of_merged = (outbox.c.shop == shop) & (outbox.c.customer_id == merged) & outbox.c.kind.not_in(ONCE)
    connection.execute(delete(outbox).where(of_merged))
