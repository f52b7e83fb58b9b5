"""What a plugin tells the contract suite: how its adapter is made, and how to look into the store past the adapter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from vip_rules.adapter import Adapter, Intent
from vip_rules.store import StoreCustomer, StoreEvent, StoreOrder
from vip_rules.testing import examples
from vip_rules.testing.faults import Fault
from vip_rules.webhooks import Delivery


class Workbench(ABC):
    """An empty store of its own for each test, and the adapter's access to it.

    `customers` (three or more), `orders` and `events` are put into it; say your own where your store can't have those of
    `vip_rules.testing.examples`. `faults` are those that `inject` can bring about. `secrets` are what the adapter is
    opened with and must never say.
    """

    customers: Sequence[StoreCustomer] = examples.CUSTOMERS
    orders: Sequence[StoreOrder] = examples.ORDERS
    events: Sequence[StoreEvent] = examples.EVENTS
    faults: frozenset[Fault] = frozenset()
    secrets: Sequence[str] = ()

    @abstractmethod
    def adapter(self) -> Adapter:
        """A new adapter over the store: each one sees what the others did."""

    @abstractmethod
    def fill(
        self,
        customers: Sequence[StoreCustomer],
        orders: Sequence[StoreOrder],
        events: Sequence[StoreEvent],
    ) -> None:
        """Put these into the store, or in the place of those with the same ids."""

    @abstractmethod
    def count(self, intent: Intent) -> int:
        """How many of an intent's effect the store holds, as its people see it: 2 for a credit that was given twice."""

    @abstractmethod
    def foreign(self) -> object:
        """All in the store that isn't ours, to be compared: tags that others gave, discounts that people made."""

    def inject(self, fault: Fault) -> None:
        """Let the next call of any adapter over the store go wrong. Called only for `faults`."""
        raise NotImplementedError(f"there is no way to bring about that {fault.value}")

    def held_as(self, intent: Intent) -> Mapping[str, Any]:
        """An intent's payload as the store can hold it: whole, unless this is overridden."""
        return intent.payload

    def delivery(self, what: Literal["customer", "order"], key: str) -> Delivery:
        """What the store sends by itself when a customer or an order has changed, signed. Only for adapters with webhooks."""
        raise NotImplementedError("an adapter with webhooks needs a workbench that sends some")

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Give back what the workbench holds open, as a server: called once its tests are done."""

    # For crash_contract alone

    def opener(self) -> Callable[[], Adapter]:
        """What opens an adapter over the store in another process: picklable, a function of a module or a `partial` of one.

        That adapter reaches the store by an address, and doesn't wait where it would sleep.
        """
        raise NotImplementedError("crash_contract needs a way to open the adapter in another process")

    def snapshot(self) -> object:
        """A copy of all that the store holds. Two of them should be equal if the store is the same: that spares time."""
        raise NotImplementedError("crash_contract needs a copy of all that the store holds")

    def restore(self, snapshot: object) -> None:
        """Let the store hold what it held when the snapshot was taken, which stays as it is: it is restored many times."""
        raise NotImplementedError("crash_contract needs a way back to a snapshot")
