"""What a store tells of itself: customers, orders and events as it knows them, with instants and its own currencies.

An adapter hands these over; sync turns them into the mirror's rows, with local days and the program's currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from vip_rules.model import OrderLine, OrderStatus

Moment = datetime | date
"""An instant with its offset; a bare date is a local day of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The store itself. `trusted_from` is the first day of which it tells every order; None: of all time."""

    currency: str
    timezone: str | None = None
    trusted_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCustomer:
    """A customer. `updated_at` decides which of two tellings is newer; None where the store doesn't say.

    Birthday, email and language are told only if the sync wants them. A birthday of unknown year is of 1904.
    """

    id: str
    created_at: Moment
    updated_at: datetime | None = None
    joined_at: Moment | None = None
    tags: tuple[str, ...] = ()
    birthday: date | None = None
    email: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOrder:
    """An order, whole: its lines and what was refunded of it. Amounts are in minor units of its `currency`.

    The amounts mean what those of `model.Order` mean. `customer_id` None is a guest's.
    """

    id: str
    customer_id: str | None
    placed_at: Moment
    currency: str
    total: int
    updated_at: datetime | None = None
    tax: int = 0
    shipping: int = 0
    refunded: int | None = None
    discount: int | None = None
    status: OrderStatus = "paid"
    test: bool = False
    channel: str | None = None
    lines: tuple[OrderLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreEvent:
    """Something a customer did besides buying. `id` tells events apart; None: those of equal content are numbered."""

    customer_id: str
    type: str
    at: Moment
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of what a store tells. What is told again replaces what was told before, unless that is newer.

    `gone_customers` and `gone_orders` were deleted in the store; `merged` are pairs of ids: the first lives on in the second.
    `cursor` is where to go on once this page is kept; `notes` are sentences for a person (rows left out, what is missing).
    """

    customers: tuple[StoreCustomer, ...] = ()
    orders: tuple[StoreOrder, ...] = ()
    events: tuple[StoreEvent, ...] = ()
    gone_customers: tuple[str, ...] = ()
    gone_orders: tuple[str, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    cursor: str | None = None
    notes: tuple[str, ...] = ()
