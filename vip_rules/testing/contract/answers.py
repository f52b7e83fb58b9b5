"""What an adapter answers when a store refuses, is busy, or gives no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vip_rules.adapter import (
    KINDS,
    Adapter,
    Confirmed,
    Found,
    Intent,
    Missing,
    Outcome,
    Refused,
    RetryAfter,
    Unknown,
    Unreadable,
)
from vip_rules.testing.assertions import (
    assert_confirmed,
    assert_found,
    assert_missing,
    assert_refused,
    declared,
    do,
    inject,
    said_well,
)
from vip_rules.testing.contract.shop import ShopContract
from vip_rules.testing.examples import example
from vip_rules.testing.faults import Fault
from vip_rules.testing.workbench import Workbench


class AnswersContract(ShopContract):
    """An outcome says what is known, and no more."""

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
