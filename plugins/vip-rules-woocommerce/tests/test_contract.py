"""The contract of adapters, over the fake shop."""

from __future__ import annotations

from vip_rules.testing import adapter_contract

from tests.workbench import WooCommerceWorkbench

TestContract = adapter_contract(WooCommerceWorkbench)
