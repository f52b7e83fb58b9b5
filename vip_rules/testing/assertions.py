"""What the contract suite asserts, in the words that it fails with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from vip_rules.adapter import Adapter, Confirmed, Found, Intent, Missing, Outcome, Refused, Sight
from vip_rules.store import Moment, Page, StoreCustomer, StoreEvent, StoreOrder
from vip_rules.testing.examples import example, fitted
from vip_rules.testing.faults import Fault
from vip_rules.testing.workbench import Workbench
from vip_rules.webhooks import Webhooks


def declared(
    adapter: Adapter, workbench: Workbench, kind: str, *, second: bool = False, customer: int = 0
) -> Intent:
    """An example of a kind for one of the workbench's customers; skips a kind that isn't declared."""
    if kind not in adapter.capabilities:
        pytest.skip(f"the adapter doesn't do {kind}")
    person = workbench.customers[customer]
    return fitted(example(kind, person.id, second=second), adapter.capabilities[kind], person)


def inject(workbench: Workbench, fault: Fault) -> None:
    """Let the next call go wrong; skips a fault that the workbench can't bring about."""
    if fault not in workbench.faults:
        pytest.skip(f"the workbench can't bring about that {fault.value}")
    workbench.inject(fault)


def hears(adapter: Adapter) -> Webhooks:
    """How the adapter reads what the store tells by itself; skips one to which the store tells nothing."""
    if adapter.webhooks is None:
        pytest.skip("the store tells nothing by itself")
    return adapter.webhooks


def do(adapter: Adapter, intent: Intent) -> Outcome:
    """Carry out one intent."""
    (outcome,) = adapter.carry_out([intent])
    return outcome


def assert_confirmed(outcome: Outcome) -> None:
    """It was done."""
    assert isinstance(outcome, Confirmed), f"expected Confirmed, got {outcome}"


def assert_refused(outcome: Outcome, workbench: Workbench) -> None:
    """It was not done, for a reason."""
    assert isinstance(outcome, Refused), f"expected Refused, got {outcome}"
    said_well(outcome.reason, workbench)


def assert_found(adapter: Adapter, workbench: Workbench, intent: Intent) -> None:
    """A look tells what was put, where the kind can be read."""
    sight = seen(adapter, intent)
    if sight is not None:
        assert isinstance(sight, Found), f"{intent.key} is there, and look tells {sight}"
        assert payload(sight.payload) == payload(workbench.held_as(intent)), (
            f"{intent.key}: look tells other than was put"
        )


def assert_missing(adapter: Adapter, intent: Intent) -> None:
    """A look tells that nothing is there, where the kind can be read."""
    sight = seen(adapter, intent)
    assert sight is None or isinstance(sight, Missing), f"{intent.key} isn't there, and look tells {sight}"


def seen(adapter: Adapter, intent: Intent) -> Sight | None:
    """What a look tells; None for a kind that can't be read."""
    (sight,) = adapter.look([intent])
    return sight if adapter.capabilities[intent.kind].readable else None


def payload(given: Mapping[str, Any]) -> dict[str, Any]:
    """A payload to be compared: the order of tags doesn't matter."""
    return {name: sorted(value) if name == "tags" else value for name, value in given.items()}


def said_well(reason: str, workbench: Workbench) -> None:
    """A text for people says something, and no secret."""
    assert reason.strip(), "a reason is a sentence for people"
    for secret in workbench.secrets:
        assert secret not in reason, "a secret is said"


def doubled(things: Iterable[object]) -> list[object]:
    """Those that are there more than once."""
    return [thing for thing, count in Counter(things).items() if count > 1]


def instant(moment: Moment | None) -> bool:
    """Whether a moment is a day, or an instant with its offset."""
    return not isinstance(moment, datetime) or moment.utcoffset() is not None


def happening(event: StoreEvent) -> object:
    """An event without its id, which some stores don't have: equal ones are told apart by it."""
    return event if event.id is not None else object()


Told = tuple[dict[str, StoreCustomer], dict[str, StoreOrder], set[tuple[str, str, Moment]]]


def told(pages: Sequence[Page]) -> Told:
    """What pages told, the later replacing the earlier."""
    customers: dict[str, StoreCustomer] = {}
    orders: dict[str, StoreOrder] = {}
    events: set[tuple[str, str, Moment]] = set()
    for page in pages:
        customers |= {customer.id: comparable(customer) for customer in page.customers}
        orders |= {order.id: replace(order, updated_at=None) for order in page.orders}
        events |= {(event.customer_id, event.type, event.at) for event in page.events}
    return customers, orders, events


def expected(
    workbench: Workbench, customers: Iterable[StoreCustomer] = (), orders: Iterable[StoreOrder] = ()
) -> Told:
    """What the store has: the workbench's, and what came later."""
    return told(
        [
            Page(
                customers=(*workbench.customers, *customers),
                orders=(*workbench.orders, *orders),
                events=tuple(workbench.events),
            )
        ]
    )


def comparable(customer: StoreCustomer) -> StoreCustomer:
    """A customer without what a store decides."""
    return replace(customer, updated_at=None, tags=tuple(sorted(customer.tags)))
