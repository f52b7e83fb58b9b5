"""Generated stores: histories that meet a program at the edges of its windows, targets and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from hypothesis import strategies as st

from tests.specification.days import days_of
from tests.specification.figures import Store
from tests.specification.programs import CATALOGUE, programs
from tests.specification.sales import counted_value
from tests.specification.vocabulary import AMOUNTS, FILTERS, HUGE, TAGS, TIERS
from vip_rules.localdays import local_day
from vip_rules.model import ORDER_STATUSES, Customer, Event, Order, OrderLine, OrderStatus
from vip_rules.program.load import read_program
from vip_rules.program.program import Program

EPOCH: Final = date(1970, 1, 1)
EDGES: Final = (
    *("2023-02-28", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-30", "2024-12-31", "2025-01-01"),
    *("2025-02-28", "2025-03-31", "2025-05-31", "2025-12-31", "2026-01-01", "2026-04-01", "2028-02-29"),
)
"""Days on which months, quarters and years end or begin, and 29 February."""

AS_OF: Final = st.sampled_from(EDGES).map(date.fromisoformat) | st.dates(date(2023, 1, 1), date(2028, 12, 31))
"""The day of an evaluation."""

NAMES: Final = ("ann", "bob", "cléo", "Dan", "7", "o'neil")
STRANGERS: Final = ("", "nobody")
CUSTOMERS: Final = st.sampled_from((2, 3, 4, 5, 6, 1, 0))
BASKETS: Final = st.sampled_from((4, 5, 6, 3, 2, 1))
PLACED: Final = st.sampled_from((24, 16, 12, 8, 4, 2, 1, 0))
EVENTS: Final = st.sampled_from((3, 6, 1, 0))
COUNTED: Final[tuple[OrderStatus, ...]] = ("paid", "paid", "partially_refunded", "refunded")


@dataclass(frozen=True)
class Situation:
    """A program, a store and a day: what an evaluation needs."""

    document: Mapping[str, Any]
    store: Store
    as_of: int

    @cached_property
    def program(self) -> Program:
        """The program that is read from the document."""
        return read_program(self.document, "generated.json", CATALOGUE)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A program with a store that meets it."""
    document = draw(programs())
    program = read_program(document, "generated.json", CATALOGUE)
    as_of = (draw(AS_OF) - EPOCH).days
    return Situation(document, draw(stores(program, as_of)), as_of)


@st.composite
def stores(draw: st.DrawFn, program: Program, as_of: int) -> Store:
    """Some customers with orders and events; some of these are nobody's. Few baskets are ordered again and again."""
    customers = tuple(draw(people(name, as_of)) for name in NAMES[: draw(CUSTOMERS)])
    owners = st.sampled_from([*(customer.id for customer in customers * 4), *STRANGERS])
    days = days_around(program, customers, as_of)
    amounts = st.sampled_from(AMOUNTS) | st.integers(0, 1000)
    if draw(st.integers(0, 9)) == 9:
        amounts |= st.integers(0, HUGE)
    baskets = [draw(orders(program, amounts)) for _ in range(draw(BASKETS))]
    placed = (
        replace(draw(st.sampled_from(baskets)), id=f"#{n}", customer_id=draw(owners), day=draw(days))
        for n in range(draw(PLACED))
    )
    happened = st.builds(Event, owners, st.sampled_from(FILTERS["type"]), days)
    return Store(customers, tuple(placed), tuple(draw(happened) for _ in range(draw(EVENTS))))


@st.composite
def people(draw: st.DrawFn, name: str, as_of: int) -> Customer:
    """A customer, who may have joined later than they were created, or not yet."""
    tiers = st.none() | st.sampled_from(TIERS)
    tags = tuple(draw(st.lists(st.sampled_from(TAGS), max_size=3)))
    joined = draw(st.none() | st.sampled_from(joinings(as_of)))
    return Customer(name, as_of - draw(st.integers(-5, 1500)), joined, tags, draw(tiers), draw(tiers))


def joinings(as_of: int) -> list[int]:
    """Days of joining whose anniversaries are near, and 29 February."""
    leap = [(date(year, 2, 29) - EPOCH).days for year in (2016, 2020, 2024)]
    return [*leap, *leap, *(as_of - past for past in (-1, 0, 1, 364, 365, 366, 730, 731, 1095, 1096))]


@st.composite
def orders(draw: st.DrawFn, program: Program, amounts: st.SearchStrategy[int]) -> Order:
    """An order of any status, refunded in any way that files allow; nobody's yet."""
    lines = tuple(draw(order_lines(amounts)) for _ in range(draw(st.sampled_from((2, 3, 1, 0)))))
    tax, shipping = draw(st.sampled_from(((0, 0), (0, 0), (19, 5), (0, 500), (500, 0))))
    total = sum(line.amount for line in lines) + tax + shipping
    if not lines or draw(st.integers(0, 5)) == 5:
        total = draw(amounts)
    counts = draw(st.integers(0, 6)) < 6
    order = Order(
        id="",
        customer_id="",
        day=0,
        total=total,
        tax=tax,
        shipping=shipping,
        discount=draw(st.none() | amounts),
        status=draw(st.sampled_from(COUNTED if counts else ORDER_STATUSES)),
        test=not counts and draw(st.booleans()),
        channel=draw(st.none() | st.sampled_from(FILTERS["channel"])),
        lines=lines,
    )
    value = counted_value(order, program.spend)
    edges = st.sampled_from((0, 1, value - 1, value, value + 1, total))
    refunded = draw(st.none() | edges | st.integers(0, value))
    return replace(order, refunded=None if refunded is None else max(min(refunded, total), 0))


@st.composite
def order_lines(draw: st.DrawFn, amounts: st.SearchStrategy[int]) -> OrderLine:
    """A line; also free ones, gift cards, those that say nothing, and those that were refunded."""
    amount = draw(amounts)
    category, brand, sku = draw(
        st.tuples(*(st.sampled_from((*FILTERS[key], None)) for key in ("category", "brand", "sku")))
    )
    return OrderLine(
        sku=sku,
        category=category,
        brand=brand,
        quantity=draw(st.integers(1, 7)),
        amount=amount,
        refunded=min(draw(st.sampled_from((0, 0, 0, 0, 1, amount // 2, amount))), amount),
        gift_card=draw(st.integers(0, 6)) == 6,
    )


def days_around(program: Program, customers: tuple[Customer, ...], as_of: int) -> st.SearchStrategy[int]:
    """Days at the edges and in the middle of the program's windows, or anywhere; some came as instants."""
    edges = {as_of, as_of + 1}
    for window in {figure.window for figure in program.figures() if figure.window and figure.window.bounded}:
        for joined in (
            {customer.joined or customer.created for customer in customers} if window.personal else {0}
        ):
            days = days_of(window, as_of, joined)
            for n in (0, len(days) // 2, len(days)) if days else ():
                edges |= {days[0] + n - 1, days[0] + n}
    near = st.sampled_from(sorted(edges))
    instants = st.builds(instant, near, st.integers(-16 * 3600, 40 * 3600))
    placed = instants.map(lambda at: local_day(at.isoformat(), program.timezone))
    return near | near | near | placed | st.integers(as_of - 1200, as_of + 5)


def instant(day: int, seconds: int) -> datetime:
    """An instant some seconds after a day begins in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=seconds)
