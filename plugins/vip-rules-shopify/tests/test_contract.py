"""The contracts of the core, over the fake shop."""

from __future__ import annotations

from functools import partial

import pytest
from vip_rules.testing import adapter_contract, crash_contract

from tests.workbench import ShopifyWorkbench

TestContract = adapter_contract(ShopifyWorkbench)
TestCrashes = pytest.mark.slow(crash_contract(ShopifyWorkbench))
TestContractWithCodes = adapter_contract(partial(ShopifyWorkbench, discounts="code"))
TestContractWithLimits = adapter_contract(
    partial(ShopifyWorkbench, standard_up_to="8.00", expedited_up_to="20.00", connections=1)
)
