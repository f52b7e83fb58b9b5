"""Whatever happens at any moment of two days of a shop: all is done once, and nothing is lost."""

from __future__ import annotations

import pytest
from vip_rules.testing import crash_contract

from tests.workbench import WooCommerceWorkbench

TestCrashes = pytest.mark.slow(crash_contract(WooCommerceWorkbench))
