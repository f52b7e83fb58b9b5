"""Generated stores: histories that meet a program at the edges of its windows, targets and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from tests.specification.days import days_of
from tests.specification.figures import Store
from tests.specification.programs import programs
from tests.specification.sales import counted_value
from tests.specification.vocabulary import AMOUNTS, FILTERS, HUGE, TAGS, TIERS
from vip_rules.localdays import local_day
from vip_rules.model import ORDER_STATUSES, Customer, Event, Order, OrderLine, OrderStatus
from vip_rules.program.program import Program

NAMES: Final = ("ann", "bob", "cléo", "Dan", "7", "o'neil")
STRANGERS: Final = ("", "nobody")
SEVERAL: Final = st.sampled_from((3, 4, 5, 6, 2, 1, 0))
MANY: Final = st.sampled_from((8, 9, 10, 11, 12, 7, 6, 5, 4, 3, 2, 1, 0))
EPOCH: Final = date(1970, 1, 1)

EDGES: Final = (
    *("2023-02-28", "2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-12-31", "2025-01-01"),
    *("2025-02-28", "2025-03-30", "2025-12-31", "2026-01-01", "2026-04-01", "2026-06-30", "2028-02-29"),
)
"""Days on which months, years and quarters end or begin, and 29 February."""

AS_OF: Final = st.sampled_from(EDGES).map(date.fromisoformat) | st.dates(date(2023, 1, 1), date(2028, 12, 31))
COUNTED: Final[tuple[OrderStatus, ...]] = ("paid", "paid", "paid", "partially_refunded", "refunded")


@dataclass(frozen=True)
class Situation:
    """A program with its document, a store and a day: what an evaluation needs."""

    document: Mapping[str, Any]
    program: Program = field(repr=False)
    store: Store
    as_of: int


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A program with a store that meets it."""
    document, program = draw(programs())
    as_of = (draw(AS_OF) - EPOCH).days
    return Situation(document, program, draw(stores(program, as_of)), as_of)


@st.composite
def stores(draw: st.DrawFn, program: Program, as_of: int) -> Store:
    """Up to six customers, up to a dozen orders."""
    joining = st.none() | st.sampled_from(joinings(as_of))
    customers = tuple(draw(people(name, joining, as_of)) for name in NAMES[: draw(SEVERAL)])
    days = days_around(program, customers, as_of)
    owners = st.sampled_from([*(customer.id for customer in customers * 3), *STRANGERS])
    amounts = st.sampled_from(AMOUNTS) | st.integers(0, 30_000)
    if draw(st.integers(0, 9)) == 0:
        amounts |= st.integers(0, HUGE)
    placed = orders(program, owners, days, amounts)
    happened = st.builds(Event, owners, st.sampled_from(FILTERS["type"]), days)
    bought = tuple(replace(draw(placed), id=f"#{n}") for n in range(draw(MANY)))
    return Store(customers, bought, tuple(draw(happened) for _ in range(draw(SEVERAL))))


@st.composite
def people(draw: st.DrawFn, name: str, joining: st.SearchStrategy[int | None], as_of: int) -> Customer:
    """A customer, who may have joined later than they were created, or not yet."""
    tiers = st.none() | st.sampled_from(TIERS)
    tags = st.lists(st.sampled_from(TAGS), max_size=3)
    created = draw(st.integers(as_of - 1500, as_of + 5))
    return Customer(name, created, draw(joining), tuple(draw(tags)), draw(tiers), draw(tiers))


@st.composite
def orders(
    draw: st.DrawFn,
    program: Program,
    owners: st.SearchStrategy[str],
    days: st.SearchStrategy[int],
    amounts: st.SearchStrategy[int],
) -> Order:
    """An order of any status, refunded in any way that the files allow."""
    lines = tuple(draw(st.lists(order_lines(amounts), max_size=3)))
    tax, shipping = draw(st.sampled_from((0, 0, 19, 500))), draw(st.sampled_from((0, 0, 5, 500)))
    total = sum(line.amount for line in lines) + tax + shipping
    if not lines or draw(st.integers(0, 3)) == 0:
        total = draw(amounts)
    counted = draw(st.integers(0, 5)) > 0
    order = Order(
        id="",
        customer_id=draw(owners),
        day=draw(days),
        total=total,
        tax=tax,
        shipping=shipping,
        discount=draw(st.none() | amounts),
        status=draw(st.sampled_from(COUNTED if counted else ORDER_STATUSES)),
        test=not counted and draw(st.booleans()),
        channel=draw(st.none() | st.sampled_from(FILTERS["channel"])),
        lines=lines,
    )
    value = counted_value(order, program.spend)
    edges = st.sampled_from((0, 1, value // 3, value // 2, max(value - 1, 0), value, value + 1, total))
    refunded = draw(st.none() | st.none() | edges | st.integers(0, total))
    return replace(order, refunded=None if refunded is None else min(refunded, total))


@st.composite
def order_lines(draw: st.DrawFn, amounts: st.SearchStrategy[int]) -> OrderLine:
    """A line; also free ones, gift cards, those without words, and those that were refunded."""
    amount = draw(amounts)
    edges = st.sampled_from((0, 0, 0, 1, amount // 2, amount)) | st.integers(0, amount)
    return OrderLine(
        sku=draw(st.none() | st.sampled_from(FILTERS["sku"])),
        category=draw(st.none() | st.sampled_from(FILTERS["category"])),
        brand=draw(st.none() | st.sampled_from(FILTERS["brand"])),
        quantity=draw(st.integers(1, 7)),
        amount=amount,
        refunded=min(draw(edges), amount),
        gift_card=draw(st.integers(0, 5)) == 0,
    )


def joinings(as_of: int) -> list[int]:
    """Days of joining whose anniversaries are near, and those of 29 February."""
    today = EPOCH + timedelta(days=as_of)
    leap = (date(year, 2, 29) for year in (2016, 2020, 2024))
    years = (timedelta(days=round(365.2425 * n) + more) for n in range(4) for more in (-1, 0, 1))
    return [(day - EPOCH).days for day in (*leap, *(today - past for past in years))]


def days_around(program: Program, customers: tuple[Customer, ...], as_of: int) -> st.SearchStrategy[int]:
    """Days at the edges and in the middle of the program's windows, or anywhere; some came as instants."""
    edges = {as_of, as_of - 1, as_of + 1}
    for window in {figure.window for figure in program.figures() if figure.window and figure.window.bounded}:
        for joined in (
            {customer.joined or customer.created for customer in customers} if window.personal else {0}
        ):
            days = days_of(window, as_of, joined)
            for n in (0, len(days) // 2, len(days)) if days else ():
                edges |= {days[0] + n - 1, days[0] + n}
    near = st.sampled_from(sorted(edges))
    seconds = st.integers(-16 * 3600, 40 * 3600)
    instants = st.builds(instant, near, seconds).map(lambda at: local_day(at.isoformat(), program.timezone))
    return near | near | instants | st.integers(as_of - 1200, as_of + 5)


def instant(day: int, seconds: int) -> datetime:
    """An instant some seconds after a day begins in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=seconds)
