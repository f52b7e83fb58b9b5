"""Measures the service: python -m benchmarks.service [PART …] [--rounds N] [--apart] [--database URL]

A shop of 20,000 customers and 100,000 orders, synced and enrolled by the commands that a merchant calls, is served by
`vip-rules serve`. Client, service and store share the machine. The parts: `accepted` sends signed webhooks of 20 kB over 32
connections as fast as they are answered, and the same to two bare applications; `prompt` sends a few a second and takes the
time until their effects are sent; `sustained` sends many and counts the customers whose effects are sent in a second;
`daily` evaluates everybody while webhooks come in. Each webhook tells of another order, which lifts its customer by a tier.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, text

from benchmarks.service_store import CUSTOMERS

ROOT: Final = Path(__file__).parents[1]
COMMAND: Final = Path(sys.executable).with_name("vip-rules")
CLIENTS: Final = 32
RISING: Final = CUSTOMERS * 9 // 10
"""How many customers have no tier at the beginning."""
DIST: Final = {
    "METADATA": "Metadata-Version: 2.1\nName: vip-rules-benchmark\nVersion: 1\n",
    "entry_points.txt": "[vip_rules]\nbenchmark = benchmarks.service_store\n",
}
CONFIG: Final = """
program = "program.json"
database = "{database}"

[server]
port = 0
log_level = "info"

[store]
adapter = "benchmark"
shop = "shop"
notes = "notes.txt"
"""


@dataclass
class Place:
    """A folder with a shop's project in it, and how its commands are called."""

    folder: Path
    database: str
    apart: bool = False
    wave: int = field(default=0, init=False)

    @property
    def environment(self) -> dict[str, str]:
        """With the store's adapter among the plugins."""
        return os.environ | {"PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}"}

    def make(self) -> None:
        """Everything up to the first standings."""
        dist = self.folder / "vip_rules_benchmark-1.dist-info"
        dist.mkdir()
        for name, content in DIST.items():
            (dist / name).write_text(content)
        program = json.loads((ROOT / "rules" / "three-tier.json").read_text())
        del program["$schema"]
        program["messages"] = [{"on": "promotion", "template": "welcome-up"}]
        (self.folder / "program.json").write_text(json.dumps(program))
        (self.folder / "vip-rules.toml").write_text(CONFIG.format(database=self.database))
        self.call("sync")
        self.call("plan", "--out", "plan.json")
        self.call("apply", "plan.json")

    def call(self, *command: str) -> None:
        """A command to its end. A failure ends the benchmark."""
        done = subprocess.run(
            [COMMAND, *command], cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"vip-rules {' '.join(command)} failed:\n{done.stdout}{done.stderr}")

    def scalar(self, query: str) -> Any:
        """What the database says."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = connection.execute(text(query)).scalar()
        engine.dispose()
        return found

    def do(self, statement: str) -> None:
        """Change something in the database, as nobody should."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()

    @property
    def url(self) -> str:
        """The database's URL from anywhere."""
        return self.database.replace("sqlite:///", f"sqlite:///{self.folder}/")

    def effects(self) -> list[tuple[int, str, str]]:
        """What the store carried out: when, of which kind, for whom."""
        lines = (self.folder / "notes.txt").read_text().splitlines()
        return [(int(at), kind, who) for at, kind, who in (line.split() for line in lines)]

    def forget_effects(self) -> None:
        """Begin to count anew."""
        os.truncate(self.folder / "notes.txt", 0)

    @contextmanager
    def served(self) -> Iterator["Service"]:
        """The service, at rest."""
        commands = [["serve", "--no-worker"], ["worker"]] if self.apart else [["serve"]]
        processes = [
            subprocess.Popen(
                [COMMAND, *command],
                cwd=self.folder,
                env=self.environment,
                stderr=(self.folder / f"{command[0]}.log").open("w"),
            )
            for command in commands
        ]
        try:
            port = until(self._port, 30)
            service = Service(self, port, processes)
            until(lambda: self.scalar("SELECT count(*) FROM jobs") == 4 or None, 120)
            service.rest()
            yield service
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(60)

    def _port(self) -> int | None:
        for line in (self.folder / "serve.log").read_text().splitlines():
            if line.startswith("{") and json.loads(line)["event"] == "listening":
                return int(json.loads(line)["address"].rpartition(":")[2])
        return None


@dataclass
class Service:
    """A service that runs."""

    place: Place
    port: int
    processes: list[subprocess.Popen[bytes]]

    def rest(self, patience: float = 300) -> float:
        """Wait until nothing is left to do: for how many seconds."""
        left = (
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting') + (SELECT count(*) FROM dirty)"
            " + (SELECT count(*) FROM outbox WHERE state IN ('planned', 'sent', 'unknown'))"
        )
        began = time.monotonic()
        until(lambda: self.place.scalar(left) == 0 or None, patience)
        return time.monotonic() - began

    def load(self, rate: int, count: int, path: str = "/webhooks/shop") -> dict[str, Any]:
        """Send webhooks."""
        return load(self.port, rate, count, self._wave(count), path)

    def _wave(self, count: int) -> tuple[int, int]:
        """Customers who weren't in the last waves, as long as there are some."""
        first = self.place.wave
        if first % RISING + count > RISING:
            first += RISING - first % RISING
        self.place.wave = first + count
        return first % RISING, first // RISING

    def megabytes(self) -> list[float]:
        """The memory that each of its processes has now."""
        pages = (Path(f"/proc/{process.pid}/statm").read_text().split()[1] for process in self.processes)
        return [int(each) * os.sysconf("SC_PAGESIZE") / 2**20 for each in pages]

    def cpu(self) -> list[float]:
        """The seconds of processor that each of its processes has taken."""
        ticks = (
            Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
            for process in self.processes
        )
        return [(int(each[11]) + int(each[12])) / os.sysconf("SC_CLK_TCK") for each in ticks]


def until(holds: Callable[[], Any], patience: float) -> Any:
    """Ask again and again until there is an answer."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if (found := holds()) is not None:
            return found
        time.sleep(0.1)
    raise SystemExit(f"nothing came of {holds} within {patience} seconds")


def load(port: int, rate: int, count: int, wave: tuple[int, int], path: str) -> dict[str, Any]:
    """Send webhooks by a process of its own, and give what it has measured."""
    numbers = [CLIENTS, rate, wave[0], count, wave[1]]
    command = [
        sys.executable,
        "-m",
        "benchmarks.service_client",
        "127.0.0.1",
        str(port),
        path,
        *map(str, numbers),
    ]
    client = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdout.readline()
    client.stdin.write("\n")
    client.stdin.flush()
    told = client.stdout.read()
    if client.wait():
        raise SystemExit("the client failed")
    return dict(json.loads(told))


def share(values: Sequence[float], percent: int) -> float:
    """The value that so many percent don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def said(run: dict[str, Any]) -> str:
    """A run in words."""
    count, taken = sum(run["statuses"].values()), run["milliseconds"]
    rest = {status: count for status, count in run["statuses"].items() if status != "200"}
    return (
        f"{count / run['seconds']:9,.0f}{share(taken, 50):9.1f}{share(taken, 99):9.1f}{max(taken):9.1f}"
        f"  {rest or ''}"
    )


def accepted(place: Place, count: int = 10_000) -> None:
    """How many webhooks are taken in a second."""
    print(f"{'accepted':34}{'a second':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    for peer in ("nothing", "each"):
        with running_peer(place, peer) as port:
            print(
                f"{'bare application, keeps ' + peer:34}{said(load(port, 0, count, (0, 9), '/webhooks/shop'))}"
            )
    with place.served() as service:
        at_rest, cpu = service.megabytes(), service.cpu()
        run = service.load(0, count)
        print(f"{'vip-rules serve':34}{said(run)}  CPU {difference(service.cpu(), cpu)}")
        under_load = service.megabytes()
        waited = service.rest()
        memory = f"memory at rest {megabytes(at_rest)}, under load {megabytes(under_load)} MB"
        print(f"  {memory}; nothing was left to do {waited:.1f} s later\n")


def difference(after: list[float], before: list[float]) -> str:
    """What was added to each."""
    return " + ".join(f"{a - b:.1f} s" for a, b in zip(after, before, strict=True))


def megabytes(several: Sequence[float]) -> str:
    """The memory of some processes."""
    return " + ".join(f"{each:,.0f}" for each in several)


def delays(place: Place, run: dict[str, Any]) -> list[float]:
    """Milliseconds from each webhook to its first effect in the store."""
    first: dict[str, int] = {}
    for at, kind, who in place.effects():
        if kind == "customer":
            first.setdefault(who, at)
    pairs = zip(run["people"], run["sent"], strict=True)
    return [(first[f"C{number}"] - sent) / 1e6 for number, sent in pairs if f"C{number}" in first]


def prompt(place: Place, rates: Sequence[int] = (5, 50, 200)) -> None:
    """How long it takes until the effect of a webhook is sent."""
    print(f"{'from webhook to effect':34}{'effects':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}")
    with place.served() as service:
        for rate in rates:
            place.forget_effects()
            run = service.load(rate, rate * 10)
            service.rest()
            found = delays(place, run)
            told = f"{len(found):9,}{share(found, 50):9.0f}{share(found, 99):9.0f}{max(found):9.0f}"
            print(f"{f'  {rate} webhooks a second':34}{told}  of {len(run['sent']):,}")
    print()


def sustained(place: Place, rate: int = 0, count: int = 6_000) -> None:
    """How many customers a second go through the whole chain: until the last effect of the last of them is sent."""
    with place.served() as service:
        place.forget_effects()
        cpu = service.cpu()
        run = service.load(rate, count)
        service.rest()
        effects = place.effects()
        begun, ended = min(run["sent"]), max(at for at, _, _ in effects)
        people = len({who for _, _, who in effects})
        seconds = (ended - begun) / 1e9
        print(
            f"{f'the whole chain, {rate or count:,}' + (' a second' if rate else ' at once'):34}{people:,} customers, "
            f"{len(effects):,} effects in {seconds:.1f} s: {people / seconds:,.0f} customers a second, "
            f"{len(effects) / seconds:,.0f} effects; CPU {difference(service.cpu(), cpu)}; "
            f"accepted {said(run).split()[0]} a second\n"
        )


@contextmanager
def running_peer(place: Place, peer: str) -> Iterator[int]:
    """A bare application, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = place.folder / f"{peer}.db"
    command = [sys.executable, "-m", "benchmarks.service_peers", peer, str(port), str(file)]
    process = subprocess.Popen(command, cwd=ROOT)
    time.sleep(1.5)
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def daily(place: Place, rate: int = 50, seconds: int = 20) -> None:
    """How quickly webhooks are answered while everybody is evaluated."""
    with place.served() as service:
        at_rest = service.megabytes()
        place.do("DELETE FROM jobs WHERE name = 'daily'")
        run = service.load(rate, rate * seconds)
        until(lambda: place.scalar("SELECT outcome FROM jobs WHERE name = 'daily'"), 300)
        took = place.scalar("SELECT ended_at - began_at FROM jobs WHERE name = 'daily'") / 1e6
        print(f"{f'answers in a daily run of {took:.1f} s':34}{said(run)}")
        print(f"  memory at rest {megabytes(at_rest)}, after it {megabytes(service.megabytes())} MB\n")


PARTS: Final[dict[str, Callable[[Place], None]]] = {
    "accepted": accepted,
    "prompt": prompt,
    "sustained": sustained,
    "daily": daily,
}


def main() -> None:
    """Reads the command line."""
    parser = ArgumentParser(prog="python -m benchmarks.service", description="Measures the service.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (all)")
    parser.add_argument("--rounds", type=int, default=1, help="how often each part is measured (1)")
    parser.add_argument("--apart", action="store_true", help="the worker in a process of its own")
    parser.add_argument(
        "--database", default="sqlite:///vip-rules.db", help="another one, empty, by its URL (SQLite)"
    )
    arguments = parser.parse_args()
    parts: list[Callable[[Place], None]] = [PARTS[name] for name in arguments.parts or PARTS]
    with tempfile.TemporaryDirectory(prefix="vip-rules-") as folder:
        place = Place(Path(folder), arguments.database, arguments.apart)
        place.make()
        for _ in range(arguments.rounds):
            for part in parts:
                part(place)


if __name__ == "__main__":
    main()
