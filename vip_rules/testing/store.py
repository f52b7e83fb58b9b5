"""A store in memory: what its people see in the admin, how its life goes on, and what we did to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from threading import RLock
from typing import Any, Final, Literal, TypeVar

from vip_rules.adapter import ONCE, Intent
from vip_rules.errors import VipRulesError
from vip_rules.store import Shop, StoreCustomer, StoreEvent, StoreOrder

OUR_TAGS: Final = "vip-"
OUR_FIELDS: Final = "vip-rules."
"""How the tags and the fields of a customer begin that are ours."""

Change = (
    StoreCustomer
    | StoreOrder
    | StoreEvent
    | tuple[Literal["gone customer", "gone order"], str]
    | tuple[Literal["merged"], str, str]
)
"""What a store tells of one thing since it changed last: the thing as it is now, or that it is gone."""

C = TypeVar("C", bound=Change)

_HELD: Final = ("_customers", "_fields", "_orders", "_held", "_done", "_changes", "_counter")


class NoSuchCustomer(VipRulesError):
    """An effect on a customer whom the store doesn't have."""


@dataclass(frozen=True, slots=True)
class Held:
    """A thing of a kind in the store: `key` is its marker if it is ours, and its name if people made it."""

    kind: str
    key: str
    payload: dict[str, Any]
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """An effect as the store carried it out."""

    key: str
    action: str
    payload: dict[str, Any]


class MemoryStore:
    """A shop in memory, for tests; threads may share it, and so may processes (`vip_rules.testing.serving`).

    States are held once under a key. A store credit is given as often as it is sent: the store knows no better, and only
    the marker tells that it was. `clock` gives customers and orders their `updated_at`; without one they keep theirs.
    """

    def __init__(self, shop: Shop | None = None, clock: Callable[[], datetime] | None = None) -> None:
        self._shop = shop or Shop(currency="USD", timezone="UTC")
        self._clock = clock
        self._lock = RLock()
        self._customers: dict[str, StoreCustomer] = {}
        self._fields: dict[str, dict[str, Any]] = {}
        self._orders: dict[str, StoreOrder] = {}
        self._held: list[Held] = []
        self._done: list[Done] = []
        self._changes: dict[tuple[str, ...], tuple[int, Change]] = {}
        self._counter = 0

    # What people see

    def shop(self) -> Shop:
        """The shop itself."""
        return self._shop

    def customer(self, id: str) -> StoreCustomer:  # noqa: A002 - as the dataclass names it
        """A customer. Raises KeyError if there is none."""
        return self._customers[id]

    def fields(self, customer_id: str) -> dict[str, Any]:
        """A customer's fields; the names of ours begin with OUR_FIELDS."""
        return dict(self._fields.get(customer_id, {}))

    def order(self, id: str) -> StoreOrder:  # noqa: A002
        """An order. Raises KeyError if there is none."""
        return self._orders[id]

    def held(self, kind: str) -> list[Held]:
        """All things of a kind, ours and people's: discounts, store credits, messages."""
        with self._lock:
            return [held for held in self._held if held.kind == kind]

    def done(self, key: str | None = None) -> list[Done]:
        """The effects that were carried out, in their order: all, or those of a key. Nothing is ever taken off this list."""
        with self._lock:
            return [done for done in self._done if key is None or done.key == key]

    # The shop's life, and what people change by hand

    def put_customer(self, *customers: StoreCustomer) -> None:
        """Add customers, or change those of the same ids."""
        with self._lock:
            for customer in customers:
                self._customers[customer.id] = self._tell(
                    replace(customer, updated_at=self._now(customer)), "customer", customer.id
                )

    def put_order(self, *orders: StoreOrder) -> None:
        """Place orders, or change those of the same ids."""
        with self._lock:
            for order in orders:
                self._orders[order.id] = self._tell(
                    replace(order, updated_at=self._now(order)), "order", order.id
                )

    def add_event(self, *events: StoreEvent) -> None:
        """Let customers do something besides buying."""
        with self._lock:
            for event in events:
                self._tell(event, "event", str(self._counter))

    def refund(self, order_id: str, amount: int | None = None) -> None:
        """Give goods' money back, in minor units on the spend basis; None: the whole order's."""
        order = self._orders[order_id]
        if amount is None:
            self.put_order(replace(order, status="refunded", refunded=None))
        else:
            self.put_order(
                replace(order, status="partially_refunded", refunded=(order.refunded or 0) + amount)
            )

    def delete_order(self, id: str) -> None:  # noqa: A002
        """Delete an order as if it had never been placed."""
        with self._lock:
            del self._orders[id]
            self._tell(("gone order", id), "order", id)

    def delete_customer(self, id: str) -> None:  # noqa: A002
        """Delete a customer, with their fields and entitlements; their orders become guests'."""
        with self._lock:
            self._drop(id)
            self.put_order(*(replace(order, customer_id=None) for order in self._orders_of(id)))
            self._tell(("gone customer", id), "customer", id)

    def merge(self, id: str, into: str) -> None:  # noqa: A002
        """Merge a customer into another, who gets their orders, store credits and tags."""
        with self._lock:
            customer, keeper = self._customers[id], self._customers[into]
            self._drop(id)
            self.put_order(*(replace(order, customer_id=into) for order in self._orders_of(id)))
            self._held = [
                replace(held, customer_id=into) if held.customer_id == id else held for held in self._held
            ]
            self.put_customer(replace(keeper, tags=tuple(dict.fromkeys((*keeper.tags, *customer.tags)))))
            self._tell(("merged", id, into), "customer", id)

    def redact(self, id: str) -> None:  # noqa: A002
        """Erase what is known of a person: birthday, email, language, tags and fields."""
        with self._lock:
            self._fields.pop(id, None)
            self.put_customer(replace(self._customers[id], birthday=None, email=None, language=None, tags=()))

    def tag(self, customer_id: str, *tags: str) -> None:
        """Give a customer tags by hand."""
        self._retag(customer_id, add=tags)

    def untag(self, customer_id: str, *tags: str) -> None:
        """Take tags from a customer by hand."""
        self._retag(customer_id, remove=tags)

    def set_field(self, customer_id: str, name: str, value: Any) -> None:
        """Write a field of a customer by hand; None takes it away."""
        with self._lock:
            fields = self._fields.setdefault(customer_id, {})
            fields[name] = value
            if value is None:
                del fields[name]

    def hold(self, kind: str, key: str, payload: Mapping[str, Any], customer_id: str | None = None) -> None:
        """Make a thing by hand, or change the one of this key."""
        with self._lock:
            self.drop(kind, key)
            self._held.append(Held(kind, key, _plain(payload), customer_id))

    def drop(self, kind: str, key: str) -> None:
        """Delete a thing by hand, whoever made it."""
        with self._lock:
            self._held = [held for held in self._held if (held.kind, held.key) != (kind, key)]

    # What a test goes back to

    def snapshot(self) -> dict[str, Any]:
        """A copy of all that is in it, and of what was done; equal to another if nothing happened in between."""
        with self._lock:
            return deepcopy({name: vars(self)[name] for name in _HELD})

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Hold what it, or another, held when the snapshot was taken; the snapshot stays as it is."""
        with self._lock:
            vars(self).update(deepcopy(dict(snapshot)))

    # What an adapter asks for

    def changes(self, after: int, limit: int) -> list[tuple[int, Change]]:
        """What changed after a number of the change counter: each thing once, with the number of its latest change."""
        with self._lock:
            found = [change for change in self._changes.values() if change[0] > after]
            return sorted(found, key=lambda change: change[0])[:limit]

    def carry_out(self, intent: Intent, *, idempotent: bool = True) -> None:
        """Do it. What happens once and isn't idempotent is done once more each time. Raises NoSuchCustomer."""
        with self._lock:
            payload = _plain(intent.payload)
            if intent.action == "remove":
                self._remove(intent)
            elif intent.customer_id not in self._customers and intent.customer_id is not None:
                raise NoSuchCustomer(f"the store has no customer {intent.customer_id}")
            elif intent.kind == "customer":
                self._mark(intent, payload["tags"], payload["fields"])
            elif intent.kind not in ONCE:
                self.hold(intent.kind, intent.key, payload, intent.customer_id)
            elif idempotent and self.find(intent) is not None:
                return
            else:
                self._held.append(Held(intent.kind, intent.key, payload, intent.customer_id))
            self._done.append(Done(intent.key, intent.action, payload))

    def find(self, intent: Intent) -> dict[str, Any] | None:
        """What is held of ours under an intent's key; None for nothing."""
        with self._lock:
            if intent.kind == "customer":
                return self._marks(intent)
            held = [held.payload for held in self.held(intent.kind) if held.key == intent.key]
            return _plain(held[-1]) if held else None

    def _remove(self, intent: Intent) -> None:
        if intent.kind != "customer":
            self.drop(intent.kind, intent.key)
        elif intent.customer_id in self._customers:
            self._mark(intent, [], {})

    def _mark(self, intent: Intent, tags: Iterable[str], fields: Mapping[str, Any]) -> None:
        """Set exactly the tags and fields that are ours."""
        customer = self._customers[str(intent.customer_id)]
        self._retag(customer.id, remove=_our_tags(customer, intent), add=tags)
        theirs = {
            name: value for name, value in self.fields(customer.id).items() if not name.startswith(OUR_FIELDS)
        }
        self._fields[customer.id] = theirs | {OUR_FIELDS + name: value for name, value in fields.items()}

    def _marks(self, intent: Intent) -> dict[str, Any] | None:
        customer = self._customers.get(str(intent.customer_id))
        if customer is None:
            return None
        fields = {
            name.removeprefix(OUR_FIELDS): value
            for name, value in self.fields(customer.id).items()
            if name.startswith(OUR_FIELDS)
        }
        tags = sorted(_our_tags(customer, intent))
        return {"tags": tags, "fields": _plain(fields)} if tags or fields else None

    def _retag(self, customer_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        with self._lock:
            customer = self._customers[customer_id]
            gone = set(remove)
            kept = (tag for tag in customer.tags if tag not in gone)
            tags = tuple(dict.fromkeys((*kept, *add)))
            if set(tags) != set(customer.tags):
                self.put_customer(replace(customer, tags=tags))

    def _orders_of(self, customer_id: str) -> list[StoreOrder]:
        return [order for order in self._orders.values() if order.customer_id == customer_id]

    def _drop(self, customer_id: str) -> None:
        del self._customers[customer_id]
        self._fields.pop(customer_id, None)
        self._held = [
            held for held in self._held if (held.kind, held.customer_id) != ("entitlements", customer_id)
        ]

    def _now(self, thing: StoreCustomer | StoreOrder) -> datetime | None:
        return self._clock() if self._clock else thing.updated_at

    def _tell(self, change: C, *thing: str) -> C:
        self._counter += 1
        self._changes[thing] = (self._counter, change)
        return change


def _our_tags(customer: StoreCustomer, intent: Intent) -> set[str]:
    """The tags of a customer that are ours: by how they begin, or because we put them there or are about to."""
    named = {*intent.payload.get("tags", ()), *(intent.known or {}).get("tags", ())}
    return {tag for tag in customer.tags if tag.startswith(OUR_TAGS) or tag in named}


def _plain(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a payload. Raises TypeError if it isn't plain JSON data."""
    copy: dict[str, Any] = json.loads(json.dumps(payload))
    return copy
