"""The contract of adapters: how a store is read, and how effects are carried out in it and read back.

The core knows no platform. An adapter says what it can do, kind by kind; what it can't, a plan names with its fallback.
"""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from vip_rules.checkup import Finding
from vip_rules.errors import VipRulesError
from vip_rules.model import Currency, SpendBasis
from vip_rules.rates import Rates
from vip_rules.store import Page, Shop
from vip_rules.webhooks import Webhooks

KINDS: Final = {
    "customer": "A customer's tier tags and fields.",
    "segment": "The group of a tier's customers, for the store's own campaigns.",
    "discount": "The discount of a tier.",
    "free_shipping": "The free shipping of a tier.",
    "store_credit": "Money that a customer may spend in the store, given once.",
    "entitlements": "What people and other systems deliver to a customer.",
    "message": "A message to a customer, sent once.",
}
"""The kinds of effects, each in a sentence."""

ONCE: Final = frozenset({"store_credit", "message"})
"""Kinds that happen once and can't be undone; the others are states, put again whenever they differ."""


class PlatformFailed(VipRulesError):
    """The store couldn't be reached or didn't answer sensibly: look at it, and call the command again."""

    exit_code = 3


class Stopping(PlatformFailed):
    """What waits for the store is asked to end: it goes on at the next start."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What an adapter does for a kind of effect. `does` says it; `lacks` what the platform refuses, and what happens instead.

    `idempotent`: carrying it out twice is the same as once, so that it may be sent again when the outcome is unknown.
    `readable`: `look` tells what is in the store. `needs` is personal data without which it can't be done ("email"): payloads
    carry it. `each`: what a tier grants is made for each of its customers by itself, as with coupons of their own.
    """

    does: str
    lacks: str = ""
    idempotent: bool = True
    readable: bool = True
    needs: frozenset[str] = frozenset()
    each: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An effect to carry out, by its business key. `payload` is the whole desired state as plain JSON data.

    `known` is what the store was last known to hold under this key, and `reference` the store's own name for it; None for
    nothing. To remove an effect leaves nothing of ours behind.
    """

    key: str
    kind: str
    payload: Mapping[str, Any]
    action: Literal["put", "remove"] = "put"
    customer_id: str | None = None
    known: Mapping[str, Any] | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """It is done. `reference` is the store's own name for it, if there is one."""

    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not done and won't be: the store said no. `reason` is told to a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it was done: the answer was lost. It is read back before anything else happens to it."""

    reason: str


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """It was not done, and may be tried again after some seconds: the store is busy."""

    seconds: int
    reason: str


Outcome = Confirmed | Refused | Unknown | RetryAfter


@dataclass(frozen=True, slots=True)
class Found:
    """What the store holds under a key, as a payload of its kind."""

    payload: Mapping[str, Any]
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """The store holds nothing of ours under a key."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The store can't be asked, or gave no answer. `reason` is told to a person."""

    reason: str


Sight = Found | Missing | Unreadable


class Adapter(ABC):
    """A store, as the core sees it. One object is one shop; it is used by one thread at a time.

    `batch` is how many intents `carry_out` takes at a time: 1 where each is a call of its own. `webhooks` reads what the store
    tells by itself; None where it doesn't.
    """

    capabilities: Mapping[str, Capability]
    batch: int = 1
    webhooks: Webhooks | None = None

    @abstractmethod
    def shop(self) -> Shop:
        """The store itself. Raises PlatformFailed."""

    @abstractmethod
    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        """What the store tells: everything (`full`), or what has changed since a cursor of an earlier page.

        `wanted` names personal data that benefits need: "birthday", "email", "language"; nothing else of the kind is told. An
        interrupted reading goes on from the last page's cursor. Raises PlatformFailed; a reading that ends without it is whole.
        """

    def fetch(self, customers: Sequence[str], orders: Sequence[str], *, wanted: frozenset[str]) -> Page:
        """Some customers and orders as the store has them now; those that it doesn't have are gone. Raises PlatformFailed.

        A page without a cursor; `wanted` is as in `pages`. Everything is read for it: who can ask for some does that instead.
        """
        people, placed = dict.fromkeys(customers), dict.fromkeys(orders)
        pages = list(self.pages(None, full=True, wanted=wanted))
        told = {one.id: one for page in pages for one in page.customers if one.id in people}
        bought = {one.id: one for page in pages for one in page.orders if one.id in placed}
        return Page(
            customers=tuple(told.values()),
            orders=tuple(bought.values()),
            gone_customers=tuple(one for one in people if one not in told),
            gone_orders=tuple(one for one in placed if one not in bought),
        )

    @abstractmethod
    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Carry out at most `batch` effects, and tell the outcome of each, in order. Doesn't raise for what a store does."""

    @abstractmethod
    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What the store holds under each intent's key: to resolve an unknown outcome, and to find what was changed by hand."""

    def checkup(self) -> Iterator[Finding]:
        """Whether the store is set up as the adapter needs it: access, versions, clock, currency, webhooks, each a finding.

        A store that can't be reached is a finding, too.
        """
        yield from ()

    def repair(self) -> Iterator[str]:
        """Put right in the store what the adapter relies on (subscriptions, definitions), and say in sentences what was done.

        Nothing is done where all is well. Raises PlatformFailed.
        """
        yield from ()

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Give back what the adapter holds open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A key of the section [store] in vip-rules.toml.

    A `secret` is written as KEY_env or KEY_file and never as itself; a `path` is relative to the folder of the file.
    """

    description: str
    required: bool = False
    secret: bool = False
    path: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an adapter is opened with: its settings' values (secrets read, paths made whole), and what it must not look up.

    `clock` gives the present instant, with its offset; `sleep` waits some seconds; `entropy` gives so many random bytes. What
    was refunded, and the lines of orders, are told on the basis of `spend`.

    `sleep` raises Stopping once nobody wants to wait any more: to be let through, or told as any other failure.
    """

    settings: Mapping[str, Any]
    currency: Currency
    timezone: ZoneInfo
    clock: Callable[[], datetime]
    sleep: Callable[[float], None] = time.sleep
    entropy: Callable[[int], bytes] = os.urandom
    rates: Rates = field(default_factory=Rates)
    spend: SpendBasis = field(default_factory=SpendBasis)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterType:
    """An adapter that shops can choose by its name. Register it with the hook `vip_rules_adapters`.

    `open` gives the adapter of one shop; it raises a VipRulesError for settings that can't work, and reaches for no network.
    """

    name: str
    title: str
    open: Callable[[Opening], Adapter]
    settings: Mapping[str, Setting] = field(default_factory=dict)
