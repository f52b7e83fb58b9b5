"""A served store outlives those who use it."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from vip_rules.testing import MemoryAdapter, MemoryStore, connect, serve
from vip_rules.testing.examples import CUSTOMERS, example
from vip_rules.testing.store import NoSuchCustomer

KILLED = """
import sys
from vip_rules.testing import Fault, FaultPlan, MemoryAdapter, connect
from vip_rules.testing.examples import example

plan = FaultPlan()
plan.add(Fault[sys.argv[2]], calls=[2])
adapter = MemoryAdapter(connect(sys.argv[1]), plan)
for kind in ("store_credit", "customer", "message"):
    adapter.carry_out([example(kind, "1")])
"""


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.put_customer(*CUSTOMERS)
    return store


@pytest.mark.parametrize(("fault", "done"), [("KILLED_BEFORE", 1), ("KILLED_AFTER", 2)])
def test_a_killed_process_leaves_what_it_did(store: MemoryStore, fault: str, done: int) -> None:
    with serve(store) as address:
        killed = subprocess.run([sys.executable, "-c", KILLED, address, fault], check=False)
        assert killed.returncode == -signal.SIGKILL
        assert [each.key for each in store.done()] == ["birthday:2026:1", "customer:1"][:done]
        MemoryAdapter(connect(address)).carry_out([example("message", "1")])
    assert len(store.done()) == done + 1


def test_errors_come_across(store: MemoryStore) -> None:
    with serve(store) as address:
        remote = connect(address)
        with pytest.raises(NoSuchCustomer, match=r"^the store has no customer 9$"):
            remote.carry_out(example("customer", "9"))
        assert remote.customer("1") == CUSTOMERS[0]


def test_many_may_use_a_store_at_once(store: MemoryStore) -> None:
    def give(address: str) -> None:
        remote = connect(address)
        for _ in range(20):
            remote.carry_out(example("store_credit", "1"), idempotent=False)

    with serve(store) as address, ThreadPoolExecutor(4) as threads:
        list(threads.map(give, [address] * 4))
    assert len(store.held("store_credit")) == len(store.done()) == 80


def test_serving_ends(store: MemoryStore) -> None:
    with serve(store) as address:
        connect(address)
    with pytest.raises(OSError, match="refused"):
        connect(address)
