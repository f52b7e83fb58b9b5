"""The adapter of a store in memory: right in everything, but for the faults that a test plans."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from vip_rules.adapter import (
    ONCE,
    Adapter,
    Capability,
    Confirmed,
    Found,
    Intent,
    Missing,
    Outcome,
    PlatformFailed,
    Refused,
    RetryAfter,
    Sight,
    Unknown,
    Unreadable,
)
from vip_rules.store import Page, Shop, StoreCustomer, StoreEvent, StoreOrder
from vip_rules.testing.faults import Fault, FaultPlan
from vip_rules.testing.store import Change, MemoryStore, NoSuchCustomer

CAPABILITIES: Final[Mapping[str, Capability]] = {
    "customer": Capability("Tags the customer, and writes the customer's fields."),
    "segment": Capability("Makes a group of the customers with the tier's tag."),
    "discount": Capability("Makes a discount for customers with the tier's tag."),
    "free_shipping": Capability("Makes a free shipping rate for customers with the tier's tag."),
    "store_credit": Capability(
        "Gives the customer store credit, with a marker.",
        lacks="The store doesn't know a credit again: what is in doubt is looked up by its marker.",
        idempotent=False,
    ),
    "entitlements": Capability("Lists what is to be delivered on the customer's page."),
    "message": Capability("Sends the message to the customer, once."),
}
"""What the store in memory can do: all kinds, of which a store credit is given as often as it is sent."""


class MemoryAdapter(Adapter):
    """A `MemoryStore` as the core sees it. Other `capabilities` than its own make it lack something.

    Cursors are numbers of the store's change counter. A full reading with a cursor goes on with one that was interrupted.
    """

    def __init__(
        self,
        store: MemoryStore,
        faults: FaultPlan | None = None,
        *,
        capabilities: Mapping[str, Capability] = CAPABILITIES,
        batch: int = 1,
        page_size: int = 100,
    ) -> None:
        self.store = store
        self.faults = faults or FaultPlan()
        self.capabilities = capabilities
        self.batch = batch
        self._page_size = page_size

    def shop(self) -> Shop:
        """The store itself. Raises PlatformFailed where that is planned."""
        if self.faults.next("shop") is Fault.ABORTED:
            raise PlatformFailed("the store doesn't answer: try again later")
        return self.store.shop()

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        """What changed since a number of the change counter, in the order of the changes. Raises PlatformFailed if planned.

        Whether the reading is `full` makes no difference: from the beginning, everything has changed.
        """
        position = int(cursor or 0)
        while True:
            fault = self.faults.next("pages")
            if fault is Fault.ABORTED:
                raise PlatformFailed("the store broke off the reading: try again later")
            changes = [] if fault is Fault.EMPTY else self.store.changes(position, self._page_size)
            position = changes[-1][0] if changes else position
            told = [change for _, change in changes]
            yield _page(
                told[: len(told) // 2] if fault is Fault.CUT else told,
                str(position),
                wanted,
                tell_gone=cursor is not None,
            )
            if len(changes) < self._page_size:
                return

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Carry out at most `batch` effects. Raises ValueError for more."""
        if len(intents) > self.batch:
            raise ValueError(f"{len(intents)} intents at once; expected at most {self.batch}")
        return [self._carry_out(intent, self.faults.next("carry_out", intent)) for intent in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What the store holds under each intent's key."""
        return [self._look(intent, self.faults.next("look", intent)) for intent in intents]

    def _carry_out(self, intent: Intent, fault: Fault | None) -> Outcome:
        capability = self.capabilities.get(intent.kind)
        if capability is None:
            return Refused(f"the store can't carry out effects of the kind {intent.kind}")
        if intent.action == "remove" and intent.kind in ONCE:
            return Refused("it happened, and can't be undone")
        match fault:
            case Fault.REFUSED:
                return Refused("the store says no")
            case Fault.BUSY:
                return RetryAfter(self.faults.seconds, "the store is busy")
            case Fault.LOST_REQUEST:
                return Unknown("the store didn't answer")
            case Fault.KILLED_BEFORE:
                _die()
        try:
            self.store.carry_out(intent, idempotent=capability.idempotent)
        except NoSuchCustomer as error:
            return Refused(str(error))
        if fault is Fault.KILLED_AFTER:
            _die()
        return Unknown("the store didn't answer") if fault is Fault.LOST_ANSWER else Confirmed(intent.key)

    def _look(self, intent: Intent, fault: Fault | None) -> Sight:
        capability = self.capabilities.get(intent.kind)
        if capability is None or not capability.readable:
            return Unreadable(f"the store doesn't tell what it holds of the kind {intent.kind}")
        if fault is Fault.UNREADABLE:
            return Unreadable("the store didn't answer")
        payload = self.store.find(intent)
        return Missing() if payload is None else Found(payload, intent.key)


def _page(changes: Sequence[Change], cursor: str, wanted: frozenset[str], *, tell_gone: bool) -> Page:
    marks = [change for change in changes if isinstance(change, tuple)] if tell_gone else []
    return Page(
        customers=tuple(_only(change, wanted) for change in changes if isinstance(change, StoreCustomer)),
        orders=tuple(change for change in changes if isinstance(change, StoreOrder)),
        events=tuple(change for change in changes if isinstance(change, StoreEvent)),
        gone_customers=tuple(mark[1] for mark in marks if mark[0] == "gone customer"),
        gone_orders=tuple(mark[1] for mark in marks if mark[0] == "gone order"),
        merged=tuple((mark[1], mark[2]) for mark in marks if mark[0] == "merged"),
        cursor=cursor,
    )


def _only(customer: StoreCustomer, wanted: frozenset[str]) -> StoreCustomer:
    """A customer without the personal data that nobody wants."""
    return replace(
        customer,
        birthday=customer.birthday if "birthday" in wanted else None,
        email=customer.email if "email" in wanted else None,
        language=customer.language if "language" in wanted else None,
    )


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
