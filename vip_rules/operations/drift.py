"""Drift: what was changed by hand in the store, of what it was last known to hold of ours. It is told, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection, Row, or_, select

from vip_rules.adapter import Found, Intent, Sight, Stopping, Unreadable
from vip_rules.carriers import Carrier, Means
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, effects, outbox
from vip_rules.history import TAG_MARK
from vip_rules.planning.known import OPEN


@dataclass(frozen=True, slots=True)
class Difference:
    """A state that isn't as it was left. `found` is what the store holds, None for nothing.

    `stray`: it wasn't left by us; somebody gave a customer a tag by hand that grants what a tier does.
    """

    key: str
    customer_id: str | None
    expected: Mapping[str, Any]
    found: Mapping[str, Any] | None
    stray: bool = False

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
        if self.stray and self.found is not None:
            tags = ", ".join(self.found["tags"])
            return f"{self.key}: has {tags}, which vip-rules didn't give: take it off in the store, or pin a tier"
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
    """Look at everything that the store is known to hold of ours, but for what is being changed at the moment.

    And at those to whom somebody else has given a tag of a tier. Raises Stopping where that was asked for.
    """
    underway = select(outbox.c.key).where(outbox.c.shop == shop, outbox.c.state.in_(OPEN))
    with database.reading() as connection:
        query = select(effects).where(effects.c.shop == shop, effects.c.key.not_in(underway))
        rows = connection.execute(query.order_by(effects.c.key)).all()
        tagged = _tagged(connection, shop, {tag for row in rows for tag in _granting(row)})
    drift = Drift()
    for carrier in means.carriers:
        mine = [row for row in rows if means.carrier(row.kind) is carrier]
        readable = [row for row in mine if carrier.capabilities[row.kind].readable]
        if len(readable) < len(mine):
            drift.unreadable += len(mine) - len(readable)
            drift.reason = "the store doesn't tell"
        for intent, sight in _sights(means, carrier, [intent_of(row) for row in readable]):
            _compare(drift, intent, sight)
    drift.differences += _strays(means, tagged)
    return drift


def _strays(means: Means, tagged: Iterable[str]) -> Iterator[Difference]:
    """The tags that customers have by somebody else's hand. The mirror may know some that were taken off since."""
    carrier = means.carrier("customer")
    if carrier is None or not carrier.capabilities["customer"].readable:
        return
    nothing: Mapping[str, Any] = {"tags": [], "fields": {}}
    asked = [
        Intent(key=f"customer:{id_}", kind="customer", customer_id=id_, payload=nothing) for id_ in tagged
    ]
    for intent, sight in _sights(means, carrier, asked):
        if isinstance(sight, Found) and sight.payload["tags"]:
            yield Difference(intent.key, intent.customer_id, nothing, sight.payload, stray=True)


def _granting(row: Row[Any]) -> Iterator[str]:
    """The tags by which the store knows to whom a grant of a tier belongs."""
    if row.customer_id is None:
        payload = json.loads(row.payload)
        yield from payload.get("tags", ())
        yield from (payload[name] for name in ("tag",) if name in payload)


def _tagged(connection: Connection, shop: int, tags: Iterable[str]) -> list[str]:
    """The customers whom the mirror knows with some tags, and to whom no effect of ours has given any."""
    given = select(effects.c.customer_id).where(effects.c.shop == shop, effects.c.kind == "customer")
    underway = select(outbox.c.customer_id).where(
        outbox.c.shop == shop, outbox.c.kind == "customer", outbox.c.state.in_(OPEN)
    )
    marked = [
        customers.c.tags.contains(f"{TAG_MARK}{tag}{TAG_MARK}", autoescape=True) for tag in sorted(tags)
    ]
    if not marked:
        return []
    query = select(customers.c.id).where(
        customers.c.shop == shop,
        ~customers.c.gone,
        or_(*marked),
        customers.c.id.not_in(given),
        customers.c.id.not_in(underway),
    )
    return list(connection.scalars(query.order_by(customers.c.id)))


def _sights(means: Means, carrier: Carrier, intents: Sequence[Intent]) -> Iterator[tuple[Intent, Sight]]:
    for begin in range(0, len(intents), carrier.batch):
        if means.stopping():
            raise Stopping("the look at the store was asked to stop")
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
