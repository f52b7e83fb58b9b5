"""Webhooks: what a store tells by itself. A delivery is checked as it arrives, and read later.

What it says is a hint: the core looks again at what is named, so that order, repetition and loss of deliveries don't matter.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from vip_rules.errors import VipRulesError


class InvalidWebhook(VipRulesError):
    """A genuine delivery whose body can't be read: it is set aside for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook as it arrived: its headers, and the body's very bytes."""

    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, whatever the case of its name; None where it is missing or there more than once."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return values[0] if len(values) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """It comes from the store: to be kept, answered, and read later. `id` names what happened, for repeated deliveries.

    `topic` is the store's own name for the kind of happening. Deliveries of one topic, id and body are the same one.
    """

    topic: str
    id: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """The store only asks whether somebody is there: to be answered, with nothing to keep."""


@dataclass(frozen=True, slots=True)
class Forged:
    """It isn't known to come from the store: refused. `reason` is for our people, and isn't answered."""

    reason: str


Verdict = Genuine | Ping | Forged

Step = Literal["routed", "packed", "shipped", "delivered"]
"""The steps of an order's handling that stores tell of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """A step of an order's handling. `by` is how it went on: a carrier, a place."""

    order_id: str
    step: Step
    at: datetime
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of whom a privacy request speaks: by id, or by email where the store knows no id. `orders` are theirs."""

    customer_id: str | None = None
    email: str | None = None
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a delivery tells. `customers` and `orders` are ids to look at again; the `gone_` ones were deleted in the store.

    `merged` are pairs of ids: the first lives on in the second. `products` changed, and so did the stock of `stocked` items.
    `disclose` and `redact` are privacy requests. `uninstalled`: the store no longer lets us in; `erase`: forget the whole shop.
    `ignored` says why a delivery tells nothing that is needed.
    """

    customers: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    gone_customers: tuple[str, ...] = ()
    gone_orders: tuple[str, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    products: tuple[str, ...] = ()
    stocked: tuple[str, ...] = ()
    handled: tuple[Handled, ...] = ()
    disclose: tuple[Person, ...] = ()
    redact: tuple[Person, ...] = ()
    uninstalled: bool = False
    erase: bool = False
    ignored: str = ""


class Webhooks(ABC):
    """How deliveries of a store are checked and read. Neither reaches for the network."""

    @abstractmethod
    def verify(self, delivery: Delivery) -> Verdict:
        """Whether a delivery comes from the store, by its signature over the raw bytes, compared in constant time."""

    @abstractmethod
    def read(self, topic: str, body: bytes) -> News:
        """What a genuine delivery tells. Raises InvalidWebhook for a body that can't be read, and nothing else."""
