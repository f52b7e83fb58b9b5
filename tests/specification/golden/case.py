"""The words of golden cases: a rule's sentence, some rows of a store, and the figures that follow from it.

Money is in minor units. A figure is written as its key, "spend[12 months, category=shoes]". What isn't said is Ann, a
customer since 2020, and 2026-06-30, the day of the evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Final

from tests.specification.figures import Store, Value
from vip_rules.metrics.figure import Figure, Where
from vip_rules.model import Customer, Event, Order, OrderLine, SpendBasis
from vip_rules.plugins import load_catalogue
from vip_rules.windows import Window

TODAY: Final = "2026-06-30"

Row = Customer | Order | Event
Expected = Mapping[str, Value]
"""Values by the keys of their figures."""


@dataclass(frozen=True)
class Case:
    """A rule with a store, and what it makes of the store: customers' figures as of days."""

    rule: str
    store: Store
    spend: SpendBasis
    expected: Mapping[str, Mapping[str, Expected]]
    """By day, then by customer."""


def case(rule: str, *rows: Row, spend: SpendBasis = SpendBasis(), **expected: Any) -> Case:  # noqa: B008
    """A golden case. What is expected is one of: `ann` (figures), `days` (Ann's by day), `everybody` (by customer)."""
    [(what, found)] = expected.items()
    by_day: dict[str, Callable[[], Mapping[str, Mapping[str, Expected]]]] = {
        "ann": lambda: {TODAY: {"ann": found}},
        "days": lambda: {day: {"ann": figures} for day, figures in found.items()},
        "everybody": lambda: {TODAY: found},
    }
    return Case(rule, store(*rows), spend, by_day[what]())


def store(*rows: Row) -> Store:
    """A store of some rows; of Ann, where no customer is among them. Orders are numbered as they come."""
    customers = tuple(row for row in rows if isinstance(row, Customer)) or (customer("ann"),)
    orders = [row for row in rows if isinstance(row, Order)]
    numbered = tuple(replace(row, id=f"order {n}") for n, row in enumerate(orders, 1))
    return Store(customers, numbered, tuple(row for row in rows if isinstance(row, Event)))


def customer(name: str, created: str = "2020-01-01", joined: str | None = None, **fields: Any) -> Customer:
    """A customer."""
    return Customer(name, day(created), None if joined is None else day(joined), **fields)


def order(placed: str, total: int = 100, *lines: OrderLine, of: str = "ann", **fields: Any) -> Order:
    """An order of a customer, with its lines."""
    return Order("", of, day(placed), total, lines=lines, **fields)


def line(amount: int, category: str | None = None, **fields: Any) -> OrderLine:
    """A line of an order."""
    return OrderLine(category=category, amount=amount, **fields)


def event(kind: str, happened: str, of: str = "ann") -> Event:
    """An event of a customer."""
    return Event(of, kind, day(happened))


def day(text: str) -> int:
    """A date as its local day."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@cache
def figure(key: str) -> Figure:
    """The figure that a key names."""
    name, _, inner = key.removesuffix("]").partition("[")
    window: Window | None = None
    where: dict[str, str | list[str]] = {}
    for part in inner.split(", ") if inner else ():
        filtered, is_filter, values = part.partition("=")
        if is_filter:
            where[filtered] = values.split("|")
        else:
            window = Window.of(part)
    found = Figure.of(load_catalogue().metrics[name], window, Where.of(where))
    assert found.key == key, f"write it as {found.key}"
    return found
