"""How a shop's day ended, in its database and in its store, and whether that is well."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from vip_rules.adapter import ONCE, Intent, Sight
from vip_rules.database.tables import effects, outbox, standings
from vip_rules.ledger import breaks
from vip_rules.outbox import intent_of
from vip_rules.testing.merchant import Merchant
from vip_rules.testing.workbench import Workbench


@dataclass(frozen=True, slots=True)
class Ending:
    """By key: the `intents` that the adapter can carry out, their `states`, and `counts` of how often the store holds each.

    `known` is what the store should hold by what the database knows, and `sights` what looks tell of it; `foreign` isn't ours.
    """

    standings: Sequence[object]
    intents: Mapping[str, Intent]
    states: Mapping[str, str]
    counts: Mapping[str, int]
    known: Mapping[str, Mapping[str, Any]]
    sights: Mapping[str, Sight]
    foreign: object


def ending(shop: Merchant, workbench: Workbench) -> Ending:
    """How it is now."""
    with shop.database.reading() as connection:
        held = connection.execute(select(effects).where(effects.c.shop == shop.shop)).all()
        sendable = outbox.c.kind.in_(list(shop.adapter.capabilities))
        sent = connection.execute(select(outbox).where(outbox.c.shop == shop.shop, sendable)).all()
        people = connection.execute(select(standings).where(standings.c.shop == shop.shop)).all()
    known = [
        Intent(key=row.key, kind=row.kind, customer_id=row.customer_id, payload=json.loads(row.payload))
        for row in held
    ]
    intents = {row.key: intent_of(row) for row in sent}
    return Ending(
        standings=sorted((tuple(row) for row in people), key=repr),
        intents=intents,
        states={row.key: row.state for row in sent},
        counts={key: workbench.count(intent) for key, intent in intents.items()},
        known={intent.key: intent.payload for intent in known},
        sights=_sights(shop, known),
        foreign=workbench.foreign(),
    )


def assert_went_well(found: Ending, kinds: Collection[str]) -> None:
    """All was done, something of each of these kinds, and what was done is in the store, once."""
    idle = set(kinds) - {intent.kind for intent in found.intents.values()}
    assert not idle, f"nothing was there to be done of {', '.join(sorted(idle))}"
    undone = {key: state for key, state in found.states.items() if state != "confirmed"}
    assert not undone, f"without any accident, not all was done: {undone}"
    for key, intent in found.intents.items():
        there = int(intent.action == "put")
        assert found.counts[key] == there, (
            f"{key} was {intent.action}, and it is there {found.counts[key]} times"
        )


def assert_ended_well(found: Ending, straight: Ending, most_doubtful: int) -> None:
    """It ended as without the accident: nothing is lost, and nothing doubled.

    What happens once may be in doubt if it was under way just then. It is parked for a person, and there once or not at all.
    """
    assert found.states.keys() == straight.states.keys(), "other effects were sent"
    doubtful = []
    for key, state in found.states.items():
        count, expected = found.counts[key], straight.counts[key]
        if found.intents[key].kind in ONCE and state == "parked":
            doubtful.append(key)
            assert count <= 1, f"{key} is in doubt, and it is there {count} times"
        else:
            assert state == "confirmed", f"{key} ended {state}"
            assert count == expected, f"{key} is there {count} times instead of {expected}"
    assert len(doubtful) <= most_doubtful, f"more are in doubt than were under way: {doubtful}"
    assert found.standings == straight.standings, "people's standings are other ones"
    assert found.known == straight.known, "the database has other things for being in the store"
    for key, sight in straight.sights.items():
        assert _told(found.sights[key]) == _told(sight), f"{key} is otherwise in the store"
    assert found.foreign == straight.foreign, "what isn't ours was changed"


def assert_nothing_is_left(shop: Merchant) -> None:
    """The ledger is whole, and there is nothing more to do."""
    with shop.database.reading() as connection:
        assert not list(breaks(connection, shop.shop)), "the ledger doesn't verify"
    assert not shop.plan().changes, "a plan made now still has changes"


def _sights(shop: Merchant, known: Sequence[Intent]) -> dict[str, Sight]:
    """What looks tell of what can be read, as many at a time as the adapter takes."""
    adapter = shop.adapter
    readable = [intent for intent in known if adapter.capabilities[intent.kind].readable]
    found: dict[str, Sight] = {}
    for begin in range(0, len(readable), adapter.batch):
        part = readable[begin : begin + adapter.batch]
        found |= zip((intent.key for intent in part), adapter.look(part), strict=True)
    return found


def _told(sight: Sight) -> object:
    """A sight without the store's own name for it, which is another each time it is made."""
    return getattr(sight, "payload", sight)
