"""Drift: what was changed by hand in the store, of what it was last known to hold of ours. It is told, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Row, select

from vip_rules.adapter import Found, Intent, Sight, Unreadable
from vip_rules.carriers import Carrier, Means
from vip_rules.database.connection import Database
from vip_rules.database.tables import effects, outbox
from vip_rules.planning.known import OPEN


@dataclass(frozen=True, slots=True)
class Difference:
    """A state that isn't as it was left. `found` is what the store holds, None for nothing."""

    key: str
    customer_id: str | None
    expected: Mapping[str, Any]
    found: Mapping[str, Any] | None

    def record(self) -> dict[str, Any]:
        """The difference as plain JSON data."""
        return {
            "key": self.key,
            "customer_id": self.customer_id,
            "expected": self.expected,
            "found": self.found,
        }

    def sentence(self) -> str:
        """The difference for a person: what is gone, or what has become of what."""
        if self.found is None:
            return f"{self.key}: is gone from the store"
        return f"{self.key}: {'; '.join(_changes(self.expected, self.found))}"


@dataclass(slots=True)
class Drift:
    """What a look at the store found: how many states it looked at, and how many it couldn't, with the last reason."""

    looked: int = 0
    unreadable: int = 0
    reason: str = ""
    differences: list[Difference] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """The same as plain JSON data."""
        return {
            "looked": self.looked,
            "unreadable": self.unreadable,
            "reason": self.reason or None,
            "differences": [difference.record() for difference in self.differences],
        }


def look(database: Database, shop: int, means: Means) -> Drift:
    """Look at everything that the store is known to hold of ours, but for what is being changed at the moment."""
    underway = select(outbox.c.key).where(outbox.c.shop == shop, outbox.c.state.in_(OPEN))
    with database.reading() as connection:
        query = select(effects).where(effects.c.shop == shop, effects.c.key.not_in(underway))
        rows = connection.execute(query.order_by(effects.c.key)).all()
    drift = Drift()
    for carrier in means.carriers:
        mine = [row for row in rows if means.carrier(row.kind) is carrier]
        readable = [row for row in mine if carrier.capabilities[row.kind].readable]
        if len(readable) < len(mine):
            drift.unreadable += len(mine) - len(readable)
            drift.reason = "the store doesn't tell"
        for intent, sight in _sights(carrier, [intent_of(row) for row in readable]):
            _compare(drift, intent, sight)
    return drift


def _sights(carrier: Carrier, intents: Sequence[Intent]) -> Iterator[tuple[Intent, Sight]]:
    for begin in range(0, len(intents), carrier.batch):
        part = intents[begin : begin + carrier.batch]
        yield from zip(part, carrier.look(part), strict=True)


def _compare(drift: Drift, intent: Intent, sight: Sight) -> None:
    if isinstance(sight, Unreadable):
        drift.unreadable += 1
        drift.reason = sight.reason
        return
    drift.looked += 1
    found = sight.payload if isinstance(sight, Found) else None
    if found != intent.payload:
        drift.differences.append(Difference(intent.key, intent.customer_id, intent.payload, found))


def intent_of(row: Row[Any], action: Literal["put", "remove"] = "put") -> Intent:
    """An intent about a state that the store is known to hold, as it is known."""
    payload = json.loads(row.payload)
    return Intent(
        key=row.key,
        kind=row.kind,
        action=action,
        customer_id=row.customer_id,
        payload=payload,
        known=payload,
        reference=row.reference,
    )


def _changes(expected: Any, found: Any, place: str = "") -> Iterator[str]:
    """What differs between two payloads, place by place."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name in dict.fromkeys((*expected, *found)):
            if expected.get(name) != found.get(name):
                inner = f"{place}.{name}" if place else name
                yield from _changes(expected.get(name), found.get(name), inner)
        return
    instead = "" if expected is None else f" instead of {_shown(expected)}"
    yield f"{place} is {_shown(found)}{instead}"


def _shown(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "empty"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
