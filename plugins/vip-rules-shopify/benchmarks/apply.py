"""Measures the first apply: python -m benchmarks.apply [--customers 2000] [--seconds 40]

The shop is a fake one in another process on this machine. Printed are the processor time that the adapter takes for a call
where points are no matter, and how near an apply comes to the rate at which points come back: 100 and 1,000 a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vip_rules.adapter import Opening
from vip_rules.apply import apply_plan
from vip_rules.carriers import Means
from vip_rules.database.connection import Database
from vip_rules.localdays import local_day
from vip_rules.model import Currency
from vip_rules.planning.making import Request, make_plan
from vip_rules.program.load import read_program
from vip_rules.rates import Rates
from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.sync import sync

from tests.shop.bucket import Bucket
from tests.shop.server import FakeShopify
from vip_rules_shopify.adapter import ShopifyAdapter
from vip_rules_shopify.admin.client import VERSION
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.shops import Access

UNLIMITED = 1_000_000_000
POINTS_OF_A_CUSTOMER = 21
PROGRAM = {
    "format": 1,
    "program": "benchmark",
    "currency": "USD",
    "timezone": "UTC",
    "tiers": [
        {
            "id": "gold",
            "name": "Gold VIP",
            "qualify": {"metric": "spend", "window": "12 months", "at_least": 500},
            "benefits": [{"type": "discount", "percent": 15}],
        }
    ],
}


class Counted(Bucket):
    spent = 0

    def take(self, points: int) -> bool:
        paid = super().take(points)
        self.spent += points if paid else 0
        return paid

    def give_back(self, points: int) -> None:
        super().give_back(points)
        self.spent -= points


@dataclass
class Run:
    seconds: float
    processor: float
    calls: int
    points: int
    throttled: int


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.apply")
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--seconds", type=int, default=40)
    asked = parser.parse_args()
    run = applied(asked.customers, UNLIMITED, UNLIMITED)
    each, least = (1000 * seconds / run.calls for seconds in (run.processor, bare(run.calls)))  # not money
    print(
        f"{asked.customers:,} customers, points no matter: {run.seconds:.1f} s, {run.calls:,} calls, {each:.2f} ms of "
        f"processor a call, of which a bare POST takes {least:.2f} ms"
    )
    for rate in (100, 1_000):
        room = 20 * rate
        customers = (asked.seconds * rate + room) // POINTS_OF_A_CUSTOMER
        run = applied(customers, room, rate)
        floor = (run.points - room) / rate  # not money
        share = 100 * floor / run.seconds  # not money
        print(
            f"{customers:,} customers, {rate:,} points a second: {run.seconds:.1f} s for {run.points:,} points, which are "
            f"back after {floor:.1f} s: {share:.0f} % of the rate; throttled {run.throttled} times"
        )


def applied(customers: int, room: int, rate: int) -> Run:
    with tempfile.TemporaryDirectory() as folder, fake(customers, room, rate) as (url, token, told):
        clock = now
        adapter = ShopifyAdapter(
            Access(url, VERSION, StaticToken(token)),
            Opening(
                settings={"shop": "vip-test.myshopify.com"},
                currency=Currency.of("USD"),
                timezone=ZoneInfo("UTC"),
                clock=clock,
            ),
        )
        database = Database.open(f"sqlite:///{Path(folder) / 'vip.db'}", clock=clock)
        program = read_program(PROGRAM)
        shop = database.shop("benchmark", adapter="shopify", currency="USD", timezone="UTC")
        sync(database, shop, adapter, program, clock=clock, rates=Rates())
        means = Means(carriers=(Timed(adapter),), clock=clock, sleep=time.sleep, entropy=os.urandom)
        day = local_day(clock().isoformat(), program.timezone)
        plan = make_plan(database, shop, program, Request(as_of=day), means.capabilities)
        # All points are back with it, as they are when nobody has called for a while.
        before = told()
        start = time.perf_counter()
        while apply_plan(database, shop, program, plan, means).delivered.left:
            time.sleep(1)
        seconds, after = time.perf_counter() - start, told()
        adapter.close()
        database.close()
        return Run(
            seconds,
            Timed.processor,
            *(after[name] - before[name] for name in ("calls", "points", "throttled")),
        )


class Timed:
    """The adapter, whose processor time is taken: that of its threads, too."""

    processor = 0.0

    def __init__(self, adapter: ShopifyAdapter) -> None:
        self.adapter, self.capabilities, self.batch = adapter, adapter.capabilities, adapter.batch
        Timed.processor = 0

    def carry_out(self, intents: Any) -> Any:
        start = time.process_time()
        try:
            return self.adapter.carry_out(intents)
        finally:
            Timed.processor += time.process_time() - start

    def look(self, intents: Any) -> Any:
        return self.adapter.look(intents)


def bare(calls: int) -> float:
    import requests

    with fake(1, UNLIMITED, UNLIMITED) as (url, token, _), requests.Session() as session:
        body = json.dumps({"query": "query ShopInfo { shop { name } }", "variables": {}}).encode()
        headers = {"Content-Type": "application/json", "X-Shopify-Access-Token": token}
        start = time.process_time()
        for _ in range(calls):
            session.post(f"{url}/admin/api/{VERSION}/graphql.json", data=body, headers=headers).json()
        return time.process_time() - start


@contextmanager
def fake(customers: int, room: int, rate: int) -> Iterator[tuple[str, str, Any]]:
    command = [sys.executable, "-m", "benchmarks.apply", "serve", str(customers), str(room), str(rate)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    asks, answers = process.stdin, process.stdout

    def told() -> Mapping[str, int]:
        asks.write("\n")
        asks.flush()
        counts: Mapping[str, int] = json.loads(answers.readline())
        return counts

    url, token = answers.readline().split()
    try:
        yield url, token, told
    finally:
        asks.close()
        process.wait()
        answers.close()


def serve(customers: int, room: int, rate: int) -> None:
    with FakeShopify() as shop:
        for number in range(1, customers + 1):
            made = now() - timedelta(days=90)
            shop.put_customer(StoreCustomer(id=str(number), created_at=made))
            key, who = str(1_000_000 + number), str(number)
            shop.put_order(StoreOrder(id=key, customer_id=who, placed_at=made, currency="USD", total=60_000))
        shop.bucket = Counted(now)
        shop.bucket.resize(room, rate)
        print(shop.url, shop.token, flush=True)
        for _ in sys.stdin:
            calls = shop.calls
            puts = shop.count("CustomerPut")
            counts = {"calls": len(calls), "points": shop.bucket.spent, "throttled": max(puts - customers, 0)}
            print(json.dumps(counts), flush=True)
            shop.bucket.left = room


def now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*map(int, sys.argv[2:]))
    else:
        main()
