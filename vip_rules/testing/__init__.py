"""For the tests of adapters: their contract as a suite, and a store in memory in which everything can go wrong.

It needs pytest, which comes with no other part of vip-rules.
"""

import pytest

pytest.register_assert_rewrite(
    *(f"vip_rules.testing.{module}" for module in ("assertions", "contract", "endings", "rehearsal"))
)

from vip_rules.testing.adapter import MemoryAdapter  # noqa: E402 - asserts are rewritten as modules are imported
from vip_rules.testing.clock import StoppedClock  # noqa: E402
from vip_rules.testing.contract.suite import AdapterContract, adapter_contract  # noqa: E402
from vip_rules.testing.crashes import CrashContract, crash_contract  # noqa: E402
from vip_rules.testing.dying import Life, Points, die, live, lose  # noqa: E402
from vip_rules.testing.faults import Fault, FaultPlan  # noqa: E402
from vip_rules.testing.serving import connect, serve  # noqa: E402
from vip_rules.testing.store import MemoryStore  # noqa: E402
from vip_rules.testing.webhooks import MemoryWebhooks  # noqa: E402
from vip_rules.testing.workbench import Workbench  # noqa: E402

__all__ = [
    "AdapterContract",
    "CrashContract",
    "Fault",
    "FaultPlan",
    "Life",
    "MemoryAdapter",
    "MemoryStore",
    "MemoryWebhooks",
    "Points",
    "StoppedClock",
    "Workbench",
    "adapter_contract",
    "connect",
    "crash_contract",
    "die",
    "live",
    "lose",
    "serve",
]
