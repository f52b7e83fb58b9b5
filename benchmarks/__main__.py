"""Measures vip-rules against the same job written by hand: python -m benchmarks [small] [large] [--rounds N]

Each contender runs in a process of its own, from its start to its written file, in turn with the others. Printed are the
medians of time and peak memory, what vip-rules takes of the better peer's, and whether all answers are the same.
"""

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import by_vip_rules
from benchmarks.data import SIZES, Size, make

ROOT = Path(__file__).parents[1]

PEERS = {
    "DuckDB, by hand": ["benchmarks.by_duckdb"],
    "Polars, by hand": ["benchmarks.by_polars"],
}
CHECKED_PEERS = {f"{name}, checked": [*command, "--checked"] for name, command in PEERS.items()}
OURS = {
    "vip-rules evaluate": ["benchmarks.by_vip_rules"],
}


@dataclass
class Contender:
    """A module that does the job: `python -m MODULE SIZE OUT`, with what it took, one number a run."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def run(self, size: Size, out: Path) -> None:
        """One run, measured. Ends the benchmark where it fails."""
        module, *options = self.command
        command = [sys.executable, "-m", module, size.name, str(out), *options]
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds.append(time.perf_counter() - start)
        self.megabytes.append(usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10))
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{self.name} failed: {' '.join(command)}")
