"""A case: one customer's history on a day, and what the program must make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vip_rules.history import History
from vip_rules.model import Customer, Event, Order


@dataclass(frozen=True, slots=True)
class Person:
    """A customer with all that they did."""

    customer: Customer
    orders: tuple[Order, ...] = ()
    events: tuple[Event, ...] = ()

    def alike(self, times: int) -> Iterator[Person]:
        """This person and others who did the same: `times` in all."""
        yield self
        for n in range(2, times + 1):
            customer = replace(self.customer, id=f"{self.customer.id} ({n})")
            yield Person(
                customer,
                tuple(replace(o, id=f"{o.id} ({n})", customer_id=customer.id) for o in self.orders),
                tuple(replace(e, customer_id=customer.id) for e in self.events),
            )


@dataclass(frozen=True, slots=True)
class Case:
    """A case, checked against its program. `as_of` is a local day; `expect` is what the file says, as it says it."""

    description: str
    as_of: int
    person: Person
    others: tuple[Person, ...]
    expect: Mapping[str, Any]

    @property
    def history(self) -> History:
        """The history of everybody in the case."""
        everybody = (self.person, *self.others)
        return History.of(
            (person.customer for person in everybody),
            (order for person in everybody for order in person.orders),
            (event for person in everybody for event in person.events),
        )
