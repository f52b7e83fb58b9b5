"""The store of one test, and what an adapter says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from vip_rules.adapter import (
    KINDS,
    Adapter,
)
from vip_rules.model import Currency
from vip_rules.testing.assertions import (
    said_well,
)
from vip_rules.testing.workbench import Workbench


class ShopContract:
    """What an adapter says of itself and its shop."""

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
