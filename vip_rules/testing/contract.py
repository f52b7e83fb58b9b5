"""The contract of adapters as tests: a plugin's tests run them with one line, against a workbench of its own.

What an adapter doesn't declare is skipped, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from vip_rules.adapter import (
    KINDS,
    ONCE,
    Adapter,
    Confirmed,
    Found,
    Intent,
    Missing,
    Outcome,
    PlatformFailed,
    Refused,
    RetryAfter,
    Unknown,
    Unreadable,
)
from vip_rules.model import ORDER_STATUSES, Currency
from vip_rules.testing.assertions import (
    assert_confirmed,
    assert_found,
    assert_missing,
    assert_refused,
    declared,
    do,
    doubled,
    expected,
    happening,
    inject,
    instant,
    said_well,
    told,
)
from vip_rules.testing.examples import example
from vip_rules.testing.faults import Fault
from vip_rules.testing.workbench import Workbench

STATES: Final = sorted(KINDS.keys() - ONCE)
HAPPENINGS: Final = sorted(ONCE)
NOTHING_PERSONAL: Final = frozenset[str]()
PERSONAL: Final = frozenset({"birthday", "email", "language"})


def adapter_contract(make_workbench: Callable[[Path], Workbench]) -> type[AdapterContract]:
    """The suite for an adapter: name it Test…, and pytest runs it. Each test has a workbench and a folder of its own.

    TestContract = adapter_contract(MyWorkbench)
    """

    class Contract(AdapterContract):
        @pytest.fixture
        def workbench(self, tmp_path: Path) -> Iterator[Workbench]:
            workbench = make_workbench(tmp_path)
            yield workbench
            workbench.close()

    return Contract


class AdapterContract:
    """What every adapter keeps to. Subclass it where the workbench needs other fixtures than a folder."""

    @pytest.fixture
    def workbench(self) -> Workbench | Iterator[Workbench]:
        """The workbench of one test."""
        raise NotImplementedError("give the suite its workbench: override this fixture")

    @pytest.fixture
    def adapter(self, workbench: Workbench) -> Iterator[Adapter]:
        """An adapter over the store with the workbench's customers, orders and events in it."""
        workbench.fill(workbench.customers, workbench.orders, workbench.events)
        adapter = workbench.adapter()
        yield adapter
        adapter.close()

    # What it says of itself

    def test_capabilities_are_declared_in_sentences(self, adapter: Adapter, workbench: Workbench) -> None:
        """Plans print what an adapter does and lacks."""
        assert adapter.capabilities.keys() <= KINDS.keys(), f"the kinds of effects are {', '.join(KINDS)}"
        for kind, capability in adapter.capabilities.items():
            assert capability.does.endswith("."), f"say in a sentence what it does for {kind}"
            assert not capability.lacks or capability.lacks.endswith("."), f"{kind}: end `lacks` with a stop"
        assert adapter.batch >= 1, "at least one intent is carried out at a time"

    def test_the_shop_is_told(self, adapter: Adapter) -> None:
        """Currency and time zone are ones that exist."""
        shop = adapter.shop()
        Currency.of(shop.currency)
        if shop.timezone is not None:
            ZoneInfo(shop.timezone)

    def test_secrets_are_never_said(self, adapter: Adapter, workbench: Workbench) -> None:
        """Not by the adapter's representation, which logs may print."""
        said_well(repr(adapter), workbench)

    # How it is read

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

    # What it does: states

    @pytest.mark.parametrize("kind", STATES)
    def test_a_state_is_put_and_found(self, adapter: Adapter, workbench: Workbench, kind: str) -> None:
        """It is there once, as it was put; before that there is nothing."""
        put = declared(adapter, workbench, kind)
        assert workbench.count(put) == 0
        assert_missing(adapter, put)
        assert_confirmed(do(adapter, put))
        assert workbench.count(put) == 1
        assert_found(adapter, workbench, put)

    @pytest.mark.parametrize("kind", STATES)
    def test_a_state_put_again_stays_as_it_is(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """Idempotent means that an effect in doubt can be sent again."""
        put = declared(adapter, workbench, kind)
        if not adapter.capabilities[kind].idempotent:
            pytest.skip(f"the adapter doesn't declare {kind} idempotent")
        assert_confirmed(do(adapter, put))
        assert_confirmed(do(workbench.adapter(), put))
        assert workbench.count(put) == 1, "put twice, it is there twice"
        assert_found(adapter, workbench, put)

    @pytest.mark.parametrize("kind", STATES)
    def test_a_state_is_changed_wholly(self, adapter: Adapter, workbench: Workbench, kind: str) -> None:
        """Nothing stays of what was there before."""
        put, change = declared(adapter, workbench, kind), declared(adapter, workbench, kind, second=True)
        assert_confirmed(do(adapter, put))
        assert_confirmed(do(adapter, change))
        assert workbench.count(change) == 1
        assert_found(adapter, workbench, change)

    @pytest.mark.parametrize("kind", STATES)
    def test_a_state_is_removed(self, adapter: Adapter, workbench: Workbench, kind: str) -> None:
        """Nothing of ours stays; to remove it once more is right too."""
        put = declared(adapter, workbench, kind)
        remove = replace(put, action="remove", known=put.payload)
        assert_confirmed(do(adapter, put))
        for adapter_then in (adapter, workbench.adapter()):
            assert_confirmed(do(adapter_then, remove))
            assert workbench.count(put) == 0
            assert_missing(adapter, put)

    @pytest.mark.parametrize("kind", STATES)
    def test_what_is_not_ours_is_never_touched(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """Tags that others gave and discounts that people made are as before."""
        put, change = declared(adapter, workbench, kind), declared(adapter, workbench, kind, second=True)
        before = workbench.foreign()
        for intent in (put, change, replace(change, action="remove", known=change.payload)):
            assert_confirmed(do(adapter, intent))
            assert workbench.foreign() == before, f"to {intent.action} {kind} changed what isn't ours"

    @pytest.mark.parametrize("kind", ["customer", "entitlements"])
    def test_customers_are_told_apart(self, adapter: Adapter, workbench: Workbench, kind: str) -> None:
        """What is done to one is done to nobody else."""
        one, other = declared(adapter, workbench, kind), declared(adapter, workbench, kind, customer=1)
        assert_confirmed(do(adapter, one))
        assert workbench.count(other) == 0
        assert_missing(adapter, other)
        assert_confirmed(do(adapter, other))
        assert_confirmed(do(adapter, replace(one, action="remove", known=one.payload)))
        assert workbench.count(other) == 1
        assert_found(adapter, workbench, other)

    # What it does: what happens once

    @pytest.mark.parametrize("kind", HAPPENINGS)
    def test_what_is_sent_once_is_there_once(self, adapter: Adapter, workbench: Workbench, kind: str) -> None:
        """And another year's beside it; each is found by its own key."""
        sent, later = declared(adapter, workbench, kind), declared(adapter, workbench, kind, second=True)
        assert_missing(adapter, sent)
        assert_confirmed(do(adapter, sent))
        assert (workbench.count(sent), workbench.count(later)) == (1, 0)
        assert_missing(adapter, later)
        assert_confirmed(do(adapter, later))
        assert (workbench.count(sent), workbench.count(later)) == (1, 1)
        assert_found(adapter, workbench, sent)
        assert_found(adapter, workbench, later)

    @pytest.mark.parametrize("kind", HAPPENINGS)
    def test_what_is_idempotent_happens_once_however_often_it_is_sent(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """Also by an adapter that knows nothing of the first time."""
        sent = declared(adapter, workbench, kind)
        if not adapter.capabilities[kind].idempotent:
            pytest.skip(f"the adapter doesn't declare {kind} idempotent")
        assert_confirmed(do(adapter, sent))
        assert_confirmed(do(workbench.adapter(), sent))
        assert workbench.count(sent) == 1, "sent twice, it happened twice"

    @pytest.mark.parametrize("kind", HAPPENINGS)
    def test_what_happened_cannot_be_removed(self, adapter: Adapter, workbench: Workbench, kind: str) -> None:
        """Money isn't taken back."""
        sent = declared(adapter, workbench, kind)
        assert_confirmed(do(adapter, sent))
        assert_refused(do(adapter, replace(sent, action="remove", known=sent.payload)), workbench)
        assert workbench.count(sent) == 1

    # What it answers

    def test_kinds_that_are_not_declared_are_refused(self, adapter: Adapter, workbench: Workbench) -> None:
        """Not raised, and never confirmed."""
        customer_id = workbench.customers[0].id
        undeclared = [example(kind, customer_id) for kind in KINDS if kind not in adapter.capabilities]
        unknown = Intent(key="teleport:1", kind="teleport", payload={}, customer_id=customer_id)
        for intent in (*undeclared, unknown):
            assert_refused(do(adapter, intent), workbench)
            (sight,) = adapter.look([intent])
            assert isinstance(sight, Unreadable | Missing)

    def test_a_customer_whom_the_store_does_not_have_is_no_error(
        self, adapter: Adapter, workbench: Workbench
    ) -> None:
        """They were deleted since: refused, or nothing to do, and never raised."""
        for kind in sorted(adapter.capabilities.keys() & {"customer", "entitlements", "store_credit"}):
            outcome = do(adapter, example(kind, "987654321"))
            assert isinstance(outcome, Confirmed | Refused), f"{kind}: {outcome}"
            (sight,) = adapter.look([example(kind, "987654321")])
            assert isinstance(outcome, Confirmed) or not isinstance(sight, Found)

    def test_answers_come_in_the_order_of_the_intents(self, adapter: Adapter, workbench: Workbench) -> None:
        """Whatever their batch, and with refusals among them."""
        kind = next(
            (kind for kind in ("customer", "entitlements", *KINDS) if kind in adapter.capabilities), None
        )
        if kind is None:
            pytest.skip("the adapter only reads")
        intents = [example(kind, customer.id) for customer in workbench.customers[:3]]
        unknown = Intent(key="teleport:1", kind="teleport", payload={})
        intents = [unknown, intents[2], intents[0], replace(unknown, key="teleport:2")]
        outcomes: list[Outcome] = []
        for start in range(0, len(intents), adapter.batch):
            outcomes += adapter.carry_out(intents[start : start + adapter.batch])
        assert [type(outcome) for outcome in outcomes] == [Refused, Confirmed, Confirmed, Refused]
        if adapter.capabilities[kind].readable:
            looked = [example(kind, customer.id) for customer in workbench.customers[:3]]
            for intent, sight in zip(looked, adapter.look(looked), strict=True):
                assert isinstance(sight, Found) == (workbench.count(intent) > 0), intent.key
        assert list(adapter.carry_out([])) == []
        assert list(adapter.look([])) == []

    def test_what_cannot_be_read_is_called_unreadable(self, adapter: Adapter, workbench: Workbench) -> None:
        """Nothing known isn't nothing there."""
        unreadable = [kind for kind, capability in adapter.capabilities.items() if not capability.readable]
        if not unreadable:
            pytest.skip("the adapter can read all that it does")
        for kind in unreadable:
            (sight,) = adapter.look([declared(adapter, workbench, kind)])
            assert isinstance(sight, Unreadable), f"{kind}: {sight}"
            said_well(sight.reason, workbench)

    @pytest.mark.parametrize("kind", KINDS)
    def test_after_a_lost_answer_a_look_tells_the_truth(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """The work was done, and nobody said so."""
        put = declared(adapter, workbench, kind)
        inject(workbench, Fault.LOST_ANSWER)
        outcome = do(adapter, put)
        assert isinstance(outcome, Unknown), f"expected Unknown, got {outcome}"
        said_well(outcome.reason, workbench)
        assert workbench.count(put) == 1
        assert_found(adapter, workbench, put)
        if adapter.capabilities[kind].idempotent:
            assert_confirmed(do(adapter, put))
            assert workbench.count(put) == 1, "sent again after a lost answer, it is there twice"

    @pytest.mark.parametrize("kind", KINDS)
    def test_after_a_lost_request_a_look_tells_the_truth(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """Nothing was done; an adapter that is sure of it may ask to try again."""
        put = declared(adapter, workbench, kind)
        inject(workbench, Fault.LOST_REQUEST)
        outcome = do(adapter, put)
        assert isinstance(outcome, Unknown | RetryAfter), f"expected Unknown or RetryAfter, got {outcome}"
        said_well(outcome.reason, workbench)
        assert workbench.count(put) == 0
        assert_missing(adapter, put)
        assert_confirmed(do(adapter, put))
        assert workbench.count(put) == 1

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_refusal_is_told_with_its_reason(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """And nothing was done."""
        put = declared(adapter, workbench, kind)
        inject(workbench, Fault.REFUSED)
        assert_refused(do(adapter, put), workbench)
        assert workbench.count(put) == 0

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_busy_store_is_asked_again_later(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """Nothing was done; it may be tried again after whole seconds."""
        put = declared(adapter, workbench, kind)
        inject(workbench, Fault.BUSY)
        outcome = do(adapter, put)
        assert isinstance(outcome, RetryAfter), f"expected RetryAfter, got {outcome}"
        assert type(outcome.seconds) is int
        assert outcome.seconds >= 1
        said_well(outcome.reason, workbench)
        assert workbench.count(put) == 0
        assert_confirmed(do(adapter, put))

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_store_that_does_not_answer_a_look_is_unreadable(
        self, adapter: Adapter, workbench: Workbench, kind: str
    ) -> None:
        """It isn't Missing: that would send the effect again."""
        put = declared(adapter, workbench, kind)
        assert_confirmed(do(adapter, put))
        inject(workbench, Fault.UNREADABLE)
        (sight,) = adapter.look([put])
        assert isinstance(sight, Unreadable), f"expected Unreadable, got {sight}"
        said_well(sight.reason, workbench)
