"""Measures the first sync of a big shop: python -m benchmarks [--customers 100000] [--orders 500000]

The shop is a fake one on this machine that serves the files of two bulk operations. Each run is a process of its own. Printed
are its time, processor time and peak memory, and how often it takes the processor time of merely decoding the rows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path

from tests.shop.bulkfiles import write_bulk
from tests.shop.server import FakeShopify


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=500_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, FakeShopify() as shop:
        folder = Path(name)
        files = write_bulk(folder, asked.customers, asked.orders)
        shop.serve_bulk(files)
        written = (files.customers, files.orders)
        size = sum(file.stat().st_size for file in written) >> 20
        rows = files.customer_lines + files.order_lines
        print(f"{asked.customers:,} customers and {asked.orders:,} orders: {rows:,} rows, {size:,} MB")
        floor = measured("decode the rows", "parse", *map(str, written), objects=rows)
        whole = asked.customers + asked.orders
        for title, *command in (
            ("read the shop", "read", shop.url, shop.token),
            ("read and mirror it", "mirror", shop.url, shop.token, str(folder / "vip.db")),
        ):
            taken = measured(title, *command, objects=whole)
            print(f"{'':<20}{taken / floor:.1f} times the decoding")  # not money


def measured(title: str, *command: str, objects: int) -> float:  # not money
    """The processor seconds of one run."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.mirror", *command], stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode or int(said) != objects:
        raise SystemExit(f"{title} failed: {said.decode()} of {objects} objects")
    seconds, processor = time.perf_counter() - start, usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)  # not money
    print(
        f"{title:<20}{seconds:6.1f} s, {processor:6.1f} s of processor, {memory:5.0f} MB at most", flush=True
    )
    return processor


if __name__ == "__main__":
    main()
