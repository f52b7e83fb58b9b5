"""Measures a first reading of a shop, and one without changes: python -m benchmarks [--delay 0.2] [ORDERS …]

The shop is the tests' own, in a process of its own; each of its answers takes `delay` seconds, as long as a real server was
seen to take for a hundred orders. Ours is what the reader's process computes itself, as a part of the whole time.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from tests.woocommerce.server import KEY, FakeWooCommerce
from vip_rules_woocommerce.reading.choices import Choices
from vip_rules_woocommerce.reading.reader import Reader
from vip_rules_woocommerce.rest.client import Rest

SPAWN = multiprocessing.get_context("spawn")
WANTED = frozenset({"birthday", "email"})


def serve(orders: int, delay: float, line: Connection) -> None:
    """A shop, until something comes down the line; then how many requests there were."""
    with FakeWooCommerce() as shop:
        shop.fill_many(customers=orders // 5, orders=orders)
        shop.delay = delay
        line.send(shop.url)
        while line.recv():
            line.send(len(shop.calls))


@contextmanager
def shop_of(orders: int, delay: float) -> Iterator[tuple[str, Connection]]:
    """The address of a shop in another process, and the line to it."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=serve, args=(orders, delay, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv(), ours
    finally:
        ours.send(False)
        process.join()


def read(url: str, line: Connection, results: Connection) -> None:
    """Read the shop whole, then its changes, and send what each took."""
    rest = Rest(
        url,
        key=KEY.consumer_key,
        secret=KEY.consumer_secret,
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        entropy=os.urandom,
    )
    reader = Reader(rest, Choices(birthday_meta="billing_birthday"), clock=lambda: datetime.now(UTC))
    cursor, before = None, requests(line)
    for full in (True, False):
        rows, start, computed = 0, time.perf_counter(), time.process_time()
        for page in reader.pages(cursor, full=full, wanted=WANTED):
            rows += len(page.customers) + len(page.orders)
            last = page.cursor
        seconds, ours, now = time.perf_counter() - start, time.process_time() - computed, requests(line)
        results.send((rows, now - before, seconds, ours, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
        cursor, before = last, now
    rest.close()


def requests(line: Connection) -> int:
    """How many requests the shop has had."""
    line.send(True)
    count: int = line.recv()
    return count


def main() -> None:
    """Measure, and print."""
    parser = ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("orders", nargs="*", type=int, default=[2_000, 10_000])
    parser.add_argument("--delay", type=float, default=0.2, help="seconds that the shop takes for an answer")
    given = parser.parse_args()
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(
        f"{'orders':>8} {'reading':>10} {'rows':>7} {'requests':>9} {'seconds':>8} {'ours':>7} {'peak MB':>8}"
    )
    for orders in given.orders:
        with shop_of(orders, given.delay) as (url, line):
            results, sender = SPAWN.Pipe()
            process = SPAWN.Process(target=read, args=(url, line, sender))
            process.start()
            sender.close()
            for name in ("everything", "changes"):
                rows, asked, seconds, ours, peak = results.recv()
                part = f"{100 * ours / seconds:.1f} %"  # not money
                print(
                    f"{orders:>8,} {name:>10} {rows:>7,} {asked:>9} {seconds:>8.1f} {part:>7} {peak // unit:>8}"
                )
            process.join()
