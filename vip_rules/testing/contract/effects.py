"""What is done in a store: states that are put, changed and removed, and what happens once."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from vip_rules.adapter import (
    KINDS,
    ONCE,
    Adapter,
)
from vip_rules.testing.assertions import (
    assert_confirmed,
    assert_found,
    assert_missing,
    assert_refused,
    declared,
    do,
)
from vip_rules.testing.contract.shop import ShopContract
from vip_rules.testing.workbench import Workbench

STATES: Final = sorted(KINDS.keys() - ONCE)
HAPPENINGS: Final = sorted(ONCE)


class EffectsContract(ShopContract):
    """Nothing is doubled, and nothing that isn't ours is touched."""

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
