"""The workbench of the store in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from vip_rules.adapter import Adapter, Intent
from vip_rules.store import StoreCustomer, StoreEvent, StoreOrder
from vip_rules.testing import Fault, FaultPlan, MemoryAdapter, MemoryStore, Workbench
from vip_rules.testing.faults import Method
from vip_rules.testing.store import OUR_FIELDS, OUR_TAGS
from vip_rules.testing.webhooks import MemoryWebhooks
from vip_rules.webhooks import Delivery

SECRET = "what signs webhooks"
WEBHOOKS = MemoryWebhooks("memory", [SECRET])

METHODS: dict[Fault, Method] = {
    Fault.LOST_ANSWER: "carry_out",
    Fault.LOST_REQUEST: "carry_out",
    Fault.REFUSED: "carry_out",
    Fault.BUSY: "carry_out",
    Fault.UNREADABLE: "look",
    Fault.ABORTED: "pages",
}


class MemoryWorkbench(Workbench):
    faults = frozenset(METHODS)
    secrets = (SECRET,)

    def __init__(self, _: Path) -> None:
        self.store = MemoryStore()
        self.plan = FaultPlan()
        self.store.hold("discount", "SUMMER", {"percent": "20"})
        self.store.hold("free_shipping", "over 50", {"service": "standard"})

    def adapter(self) -> Adapter:
        adapter = MemoryAdapter(self.store, self.plan, page_size=2)
        adapter.webhooks = WEBHOOKS
        return adapter

    def delivery(self, what: Literal["customer", "order"], key: str) -> Delivery:
        return WEBHOOKS.delivery({f"{what}s": [key]}, id="1")

    def fill(
        self,
        customers: Sequence[StoreCustomer],
        orders: Sequence[StoreOrder],
        events: Sequence[StoreEvent],
    ) -> None:
        self.store.put_customer(*customers)
        self.store.put_order(*orders)
        self.store.add_event(*events)
        for customer in customers:
            self.store.set_field(customer.id, "note", "likes roses")

    def count(self, intent: Intent) -> int:
        if intent.kind == "customer":
            return int(self.store.find(intent) is not None)
        return sum(held.key == intent.key for held in self.store.held(intent.kind))

    def foreign(self) -> object:
        tags = {
            customer.id: sorted(
                tag for tag in self.store.customer(customer.id).tags if not tag.startswith(OUR_TAGS)
            )
            for customer in self.customers
        }
        fields = {
            customer.id: {
                name: value
                for name, value in self.store.fields(customer.id).items()
                if not name.startswith(OUR_FIELDS)
            }
            for customer in self.customers
        }
        made = [
            held
            for kind in ("discount", "free_shipping")
            for held in self.store.held(kind)
            if ":" not in held.key
        ]
        return tags, fields, made

    def inject(self, fault: Fault) -> None:
        self.plan.add(fault, METHODS[fault], times=1)
