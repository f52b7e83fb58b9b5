"""A case: one customer's history on a day, with their standing before it, and what the program must make of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vip_rules.history import History
from vip_rules.model import Customer, Event, Order
from vip_rules.standing import Standing


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
    """A case, checked against its program. `as_of` is a local day; `expect` is what the file says, as it says it.

    `opening` is the standing at the close of the day `evaluated`; None: the case is about qualification alone.
    """

    description: str
    as_of: int
    person: Person
    others: tuple[Person, ...]
    expect: Mapping[str, Any]
    opening: Standing | None
    evaluated: int

    def history(self, standing: Standing | None = None) -> History:
        """The history of everybody in the case, with the standing that the customer of the case has by then."""
        person = self.person
        if standing is not None:
            # The empty text is no tier; None would be unknown.
            tier, highest = standing.tier or "", standing.highest_tier or ""
            person = replace(
                person, customer=replace(person.customer, current_tier=tier, highest_tier=highest)
            )
        everybody = (person, *self.others)
        return History.of(
            (person.customer for person in everybody),
            (order for person in everybody for order in person.orders),
            (event for person in everybody for event in person.events),
        )
