"""The service in a process of its own, as it is run: it may be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import IO

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Process:
    """A service that runs at `url` in the process of this number."""

    url: str
    pid: int

    def kill(self) -> None:
        """End it at once: nothing is tidied up."""
        os.kill(self.pid, signal.SIGKILL)


@contextmanager
def serving(config: Path, plugins: Path, *more: str) -> Iterator[Process]:
    """`vip-rules serve`, until the end of the block."""
    path = os.pathsep.join([str(plugins), str(ROOT)])
    main = "from vip_rules.cli.main import main; main()"
    command = [sys.executable, "-c", main, "serve", "--config", str(config), *more]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        cwd=config.parent,
    ) as process:
        assert process.stderr is not None
        try:
            address = _address(process.stderr)
            reader = Thread(target=process.stderr.read, daemon=True)
            reader.start()
            yield Process(f"http://{address}", process.pid)
        finally:
            process.terminate()
            process.wait()


def _address(lines: IO[str]) -> str:
    """Where it says that it listens."""
    said = []
    for line in lines:
        said.append(line)
        if line.startswith("{") and json.loads(line)["event"] == "listening":
            return str(json.loads(line)["address"])
    raise RuntimeError(f"the service ended: {''.join(said)}")
