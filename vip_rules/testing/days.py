"""Two days in the life of a small shop: what is interrupted to see whether it goes on well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from vip_rules.store import Shop, StoreCustomer, StoreOrder
from vip_rules.testing.workbench import Workbench

FIRST: Final = datetime(2026, 11, 20, 17, tzinfo=UTC)
LATER: Final = FIRST + timedelta(days=8)
NAMES: Final = ("enrolment", "a week later")


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which the shop is synced, planned and applied, and what came into the store before that."""

    name: str
    now: datetime
    customers: tuple[StoreCustomer, ...]
    orders: tuple[StoreOrder, ...]


def days(workbench: Workbench) -> tuple[Day, Day]:
    """The day of the enrolment, and one a week later: a rise, two falls, a birthday, and somebody new.

    Its people and orders are like the workbench's first customer and first order, which every store can have.
    """
    person, bought = workbench.customers[0], workbench.orders[0]

    def customer(number: int, birthday: date, told: datetime) -> StoreCustomer:
        return replace(
            person,
            id=str(number),
            updated_at=told,
            birthday=birthday if person.birthday else None,
            email=f"customer-{number}@example.com" if person.email else None,
        )

    def order(number: int, customer: int, placed: datetime) -> StoreOrder:
        told = max(placed, FIRST - timedelta(days=1))
        return replace(bought, id=str(number), customer_id=str(customer), placed_at=placed, updated_at=told)

    recent, long_ago = FIRST - timedelta(days=10), datetime(2025, 11, 25, 12, tzinfo=UTC)
    yesterday, spring = LATER - timedelta(days=1), date(1990, 4, 1)
    first = Day(
        NAMES[0],
        FIRST,
        (
            *workbench.customers,
            customer(51, date(1980, 11, 27), recent),
            customer(52, date(1980, 11, 20), recent),
            customer(53, spring, recent),
            customer(54, spring, recent),
        ),
        (
            *workbench.orders,
            order(5101, 51, recent),
            order(5102, 51, recent),
            order(5201, 52, recent),
            order(5301, 53, long_ago),
            order(5302, 53, recent),
            order(5401, 54, long_ago),
        ),
    )
    later = Day(
        NAMES[1],
        LATER,
        (customer(55, spring, yesterday),),
        (order(5202, 52, yesterday), order(5501, 55, yesterday)),
    )
    return first, later


def document(shop: Shop) -> dict[str, Any]:
    """The shop's program: tiers by the number of orders, with benefits of all the kinds that stores carry out."""
    credit = {"type": "store_credit", "amount": 25}
    return {
        "format": 1,
        "program": "crashes",
        "currency": shop.currency,
        "timezone": shop.timezone or "UTC",
        "tiers": [
            {
                "id": "silver",
                "name": "Silver VIP",
                "qualify": {"metric": "orders", "window": "12 months", "at_least": 1},
                "benefits": [{"type": "discount", "percent": 10}, {**credit, "on": "birthday"}],
            },
            {
                "id": "gold",
                "name": "Gold VIP",
                "qualify": {"metric": "orders", "window": "12 months", "at_least": 2},
                "benefits": [
                    {"type": "discount", "percent": 15},
                    {"type": "free_shipping", "service": "expedited"},
                    {"type": "early_access", "hours": 48},
                    {**credit, "on": "birthday"},
                    {**credit, "on": "promotion"},
                ],
            },
        ],
        "status": {"grace": "none", "demotion": "to qualified", "warn_before": []},
        "guardrails": {"max_demotions": {"percent": 100, "count": 1000}},
    }
