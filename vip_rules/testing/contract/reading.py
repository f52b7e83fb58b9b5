"""How a store is read: everything once, then what changed, and some as they are now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

import pytest

from vip_rules.adapter import (
    Adapter,
    PlatformFailed,
)
from vip_rules.model import ORDER_STATUSES
from vip_rules.store import Page
from vip_rules.testing.assertions import (
    doubled,
    expected,
    happening,
    inject,
    instant,
    said_well,
    told,
)
from vip_rules.testing.contract.shop import ShopContract
from vip_rules.testing.faults import Fault
from vip_rules.testing.workbench import Workbench

NOTHING_PERSONAL: Final = frozenset[str]()
PERSONAL: Final = frozenset({"birthday", "email", "language"})


class ReadingContract(ShopContract):
    """What is told is whole, typed, and no more than is wanted."""

    def test_a_full_reading_tells_everything_exactly_once(
        self, adapter: Adapter, workbench: Workbench
    ) -> None:
        """Page by page, as it is in the store."""
        pages = list(adapter.pages(None, full=True, wanted=PERSONAL))
        customers = [customer for page in pages for customer in page.customers]
        orders = [order for page in pages for order in page.orders]
        assert not doubled(customer.id for customer in customers), "a customer is told twice"
        assert not doubled(order.id for order in orders), "an order is told twice"
        assert not doubled(happening(event) for page in pages for event in page.events), (
            "an event is told twice"
        )
        assert told(pages) == expected(workbench)

    def test_what_is_told_is_typed(self, adapter: Adapter, workbench: Workbench) -> None:
        """Ids are texts, amounts integers, instants have their offset."""
        for page in adapter.pages(None, full=True, wanted=PERSONAL):
            for customer in page.customers:
                assert isinstance(customer.id, str)
                assert instant(customer.created_at), f"customer {customer.id}: created_at has no offset"
                assert instant(customer.updated_at), f"customer {customer.id}: updated_at has no offset"
            for order in page.orders:
                assert isinstance(order.id, str)
                assert instant(order.placed_at), f"order {order.id}: placed_at has no offset"
                assert instant(order.updated_at), f"order {order.id}: updated_at has no offset"
                assert order.status in ORDER_STATUSES, f"order {order.id}: no such status"
                amounts = [order.total, order.tax, order.shipping, order.refunded, order.discount]
                amounts += [amount for line in order.lines for amount in (line.amount, line.refunded)]
                assert all(amount is None or type(amount) is int for amount in amounts), (
                    f"order {order.id}: amounts are integers of minor units"
                )
            for event in page.events:
                assert instant(event.at), "an event's instant has no offset"
            for note in page.notes:
                said_well(note, workbench)

    def test_an_interrupted_reading_goes_on(self, adapter: Adapter, workbench: Workbench) -> None:
        """From the cursor of any page, by another adapter."""
        whole = list(adapter.pages(None, full=True, wanted=PERSONAL))
        for count in range(1, len(whole)):
            first = list(islice(workbench.adapter().pages(None, full=True, wanted=PERSONAL), count))
            rest = workbench.adapter().pages(first[-1].cursor, full=True, wanted=PERSONAL)
            assert told([*first, *rest]) == expected(workbench), f"interrupted after page {count}"

    def test_an_incremental_reading_tells_what_changed(self, adapter: Adapter, workbench: Workbench) -> None:
        """Nothing is lost: what was told before and what is told now make what is there."""
        before = list(adapter.pages(None, full=True, wanted=PERSONAL))
        now = datetime(2026, 11, 20, 12, tzinfo=UTC)
        customer = workbench.customers[-1]
        customers = [
            replace(customer, tags=(*customer.tags, "changed"), updated_at=now),
            replace(customer, id=f"{customer.id}99", updated_at=now),
        ]
        orders = [
            changed
            for order in workbench.orders[:1]
            for changed in (
                replace(order, refunded=500, status="partially_refunded", updated_at=now),
                replace(order, id=f"{order.id}99", updated_at=now + timedelta(seconds=1)),
            )
        ]
        workbench.fill(customers, orders, [])
        after = list(workbench.adapter().pages(before[-1].cursor, full=False, wanted=PERSONAL))
        assert told([*before, *after]) == expected(workbench, customers, orders)
        again = list(adapter.pages(after[-1].cursor, full=False, wanted=PERSONAL)) if after else []
        assert told([*before, *after, *again]) == expected(workbench, customers, orders), "read once more"

    def test_personal_data_is_told_only_if_wanted(self, adapter: Adapter) -> None:
        """What no benefit needs never reaches the mirror."""
        for wanted in (NOTHING_PERSONAL, *(frozenset({one}) for one in PERSONAL)):
            for page in adapter.pages(None, full=True, wanted=wanted):
                for customer in page.customers:
                    for name in PERSONAL - wanted:
                        assert getattr(customer, name) is None, f"{name} is told, and nobody wants it"

    def test_a_reading_that_breaks_off_says_so(self, adapter: Adapter, workbench: Workbench) -> None:
        """What ends without an error would be taken for all there is."""
        inject(workbench, Fault.ABORTED)
        with pytest.raises(PlatformFailed) as failed:
            list(adapter.pages(None, full=True, wanted=NOTHING_PERSONAL))
        said_well(str(failed.value), workbench)

    def test_some_are_fetched_as_they_are_now(self, adapter: Adapter, workbench: Workbench) -> None:
        """And those that the store doesn't have are gone."""
        whole = list(adapter.pages(None, full=True, wanted=PERSONAL))
        customer, order = workbench.customers[0].id, workbench.orders[0].id
        page = adapter.fetch([customer, "987654321"], [order, "987654322"], wanted=PERSONAL)
        assert (page.gone_customers, page.gone_orders) == (("987654321",), ("987654322",))
        people = {each.id: each for one in whole for each in one.customers}
        assert customer in {each.id for each in page.customers}, "who was asked for isn't told"
        assert all(people[each.id] == each for each in page.customers), "somebody is told otherwise"
        assert page.orders == tuple(each for one in whole for each in one.orders if each.id == order)
        assert adapter.fetch([], [], wanted=PERSONAL) == Page()
