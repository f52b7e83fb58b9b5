"""Measures vip-rules against the same job written by hand: python -m benchmarks [small] [large] [--rounds N]

Each contender runs in a process of its own, from its start to its written file, in turn with the others. Printed are the
medians of time and peak memory, what vip-rules takes of the better peer's time, and whether all give the same answers.
"""

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import polars as pl

from benchmarks import by_vip_rules
from benchmarks.data import SIZES, Size

COLUMNS = ["customer_id", "tier", "spend", "orders", "recency", "frequency", "monetary"]


@dataclass
class Contender:
    """A way to do the job: the command for a size and a file to write, how to read that file, and what each run took."""

    name: str
    command: Callable[[Size, Path], list[str]]
    answers: Callable[[Path], pl.DataFrame] = pl.read_parquet
    seconds: list[float] = field(default_factory=list)
    unchecked_seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def run(self, size: Size, folder: Path) -> None:
        """One run, measured. A failure ends the benchmark."""
        command = self.command(size, self.out(folder))
        said = folder / "said.txt"
        with said.open("wb") as file:
            start = time.perf_counter()
            process = subprocess.Popen(command, stdout=file, stderr=file)
            _, status, usage = os.wait4(process.pid, 0)
            self.seconds.append(time.perf_counter() - start)
        self.cpu_seconds.append(usage.ru_utime + usage.ru_stime)
        self.megabytes.append(usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
        if (checks := by_vip_rules.seconds_of_checks(self.out(folder))).exists():
            self.unchecked_seconds.append(self.seconds[-1] - float(checks.read_text()))
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read_text()}")

    def out(self, folder: Path) -> Path:
        """The file that it writes."""
        return folder / f"{self.name}.parquet"


def module(name: str, *command: str) -> Contender:
    """A contender that is a module of this folder."""
    return Contender(
        name, lambda size, out: [sys.executable, "-m", command[0], size.name, str(out), *command[1:]]
    )


def measure(size: Size, rounds: int) -> None:
    """Runs all contenders on a history, in turn with each other, and prints how they compare."""
    peers = [
        module("DuckDB by hand", "benchmarks.by_duckdb"),
        module("Polars by hand", "benchmarks.by_polars"),
    ]
    checked = [
        module("DuckDB by hand, input checked", "benchmarks.by_duckdb", "--checked"),
        module("Polars by hand, input checked", "benchmarks.by_polars", "--checked"),
    ]
    ours = [
        module("vip-rules, tiers and figures", "benchmarks.by_vip_rules"),
        Contender(
            "vip-rules evaluate --brief",
            lambda size, out: by_vip_rules.command(size, out, "--brief"),
            by_vip_rules.answers_of_records,
        ),
        Contender("vip-rules evaluate", by_vip_rules.command, by_vip_rules.answers_of_records),
    ]
    contenders = [*peers, *checked, *ours]
    # In a process of its own: a child's peak memory begins with its parent's.
    subprocess.run([sys.executable, "-m", "benchmarks.data", size.name], check=True)
    print(f"{size.name}: {size.customers:,} customers, {size.orders:,} orders; medians of {rounds} runs\n")
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for contender in contenders:
                contender.run(size, Path(folder))
        compare(contenders, best(peers), best(checked))
        check_answers(contenders, Path(folder))


def best(contenders: list[Contender]) -> float:
    """The seconds of the fastest."""
    return min(median(contender.seconds) for contender in contenders)


def compare(contenders: list[Contender], better: float, better_checked: float) -> None:
    """Prints what each took, and how many times as long as the better peer of each kind."""
    print(f"{'':30}{'seconds':>9}{'of CPU':>8}{'peak MB':>9}{'× better peer':>15}{'× better, checked':>19}")
    for contender in contenders:
        taken, cpu = median(contender.seconds), median(contender.cpu_seconds)
        took = f"{taken:9.2f}{cpu:8.2f}{median(contender.megabytes):9,.0f}"
        print(f"{contender.name:30}{took}{taken / better:15.2f}{taken / better_checked:19.2f}")
        if contender.unchecked_seconds:
            rest = median(contender.unchecked_seconds)
            print(f"{'  without checking its input':30}{rest:9.2f}{'':17}{rest / better:15.2f}")


def check_answers(contenders: list[Contender], folder: Path) -> None:
    """Compares the tiers and figures of all, customer by customer. A difference ends the benchmark."""
    first, *others = contenders
    expected = first.answers(first.out(folder)).select(COLUMNS)
    for other in others:
        if not other.answers(other.out(folder)).select(COLUMNS).equals(expected):
            raise SystemExit(f"\n{other.name} gives other answers than {first.name}.")
    print(f"\nAll give the same {expected.height:,} tiers and figures.\n")


def size_named(name: str) -> Size:
    """The size of that name, for the command line."""
    if name not in SIZES:
        raise ArgumentTypeError(f"{name!r} is no size: expected one of {', '.join(SIZES)}")
    return SIZES[name]


def main() -> None:
    """Reads the command line."""
    parser = ArgumentParser(
        prog="python -m benchmarks", description="Measures vip-rules against hand-written queries."
    )
    parser.add_argument(
        "sizes", nargs="*", type=size_named, metavar="SIZE", help="small, large (both) or tiny"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each contender runs (5)")
    arguments = parser.parse_args()
    for size in arguments.sizes or [SIZES["small"], SIZES["large"]]:
        measure(size, arguments.rounds)


if __name__ == "__main__":
    main()
