"""Measures how long standings take to keep, in a shop's database: python -m benchmarks.standings [small] [large]

The mirror is made once of the histories that the other benchmark reads. Each job runs in a process of its own, one after
the other: everybody's enrolment, the next day's recalculation, the same once more (nothing is left to do), 10,000 customers
whose data changed, and one of them. Printed are the seconds of planning, applying and the whole process, and peak memory.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.data import AS_OF, FOLDER, SIZES, Size, make
from vip_rules.adapter import KINDS, Capability, Confirmed, Intent, Missing, Outcome, Sight
from vip_rules.apply import apply_plan
from vip_rules.carriers import Means
from vip_rules.database.bulk import put
from vip_rules.database.connection import Database
from vip_rules.database.tables import customers, orders
from vip_rules.files import read_history
from vip_rules.localdays import day_number
from vip_rules.mirror.dirty import mark
from vip_rules.planning.making import Request, make_plan
from vip_rules.program.load import load_program
from vip_rules.program.program import Program

PROGRAM: Final = Path(__file__).with_name("three-tier-rfm.json")
DAY: Final = day_number(date.fromisoformat(AS_OF))
DIRTY: Final = 10_000


class Everything:
    """A store that does everything at once."""

    capabilities: Mapping[str, Capability] = {kind: Capability("done", readable=False) for kind in KINDS}
    batch = 10_000

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        return [Confirmed() for _ in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        return [Missing() for _ in intents]


def clock() -> datetime:
    """Noon of the day after the enrolment, always."""
    return datetime(2026, 11, 1, 12, tzinfo=UTC)


MEANS: Final = Means(carriers=(Everything(),), clock=clock, sleep=lambda _: None, entropy=os.urandom)


def mirrored(size: Size) -> Path:
    """The database of a size with its mirror; made unless it is there from an earlier run."""
    file = FOLDER / f"{size.name}.db"
    if file.exists():
        return file
    make(size)
    program = load_program(PROGRAM)
    history, _ = read_history(
        customers=size.customers_file,
        orders=size.orders_file,
        currency=program.currency,
        zone=program.timezone,
    )
    unfinished = file.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    database, shop = opened(unfinished, program)
    with database.writing() as connection:
        for part in history.customers.lazy().sort("customer_id").collect().iter_slices(100_000):
            put(connection, customers, (_customer(shop, row) for row in part.iter_rows(named=True)))
    everything = history.orders.lazy().sort("order_id").collect(engine="streaming")
    with database.writing() as connection:
        for part in everything.iter_slices(100_000):
            put(connection, orders, (_order(shop, row) for row in part.iter_rows(named=True)))
    database.empty_log()
    database.close()
    unfinished.rename(file)
    return file


def opened(file: Path, program: Program) -> tuple[Database, int]:
    """A database with its shop."""
    database = Database.open(f"sqlite:///{file}", clock=clock)
    currency, timezone = program.currency.code, program.timezone.key
    return database, database.shop("benchmark", adapter="files", currency=currency, timezone=timezone)


def _customer(shop: int, row: Mapping[str, object]) -> Sequence[object]:
    told = {"shop": shop, "id": row["customer_id"], "created": row["created"], "joined": row["joined"]}
    return [{"digest": 0, "gone": False, "redacted": False, **told}.get(c.name) for c in customers.columns]


def _order(shop: int, row: Mapping[str, object]) -> Sequence[object]:
    told = {"shop": shop, "id": row["order_id"], "currency": "USD", "set_aside": False, "digest": 0}
    return [told.get(column.name, row.get(column.name)) for column in orders.columns]


def job(name: str, file: Path) -> None:
    """One job, with the seconds of its parts as its output."""
    program = load_program(PROGRAM)
    database, shop = opened(file, program)
    day = DAY if name == "enrolment" else DAY + 1
    people = None
    if name.startswith("dirty"):
        people = pl.read_parquet(SIZES[file.stem].customers_file)["customer_id"][
            : int(name.split()[1])
        ].to_list()
        with database.writing() as connection:
            mark(connection, shop, people)
        # The service that does this all day has its modules loaded.
        make_plan(database, shop, program, Request(as_of=day, explicit=True, customers=people[:1]), {})
    begin = time.perf_counter()
    plan = make_plan(
        database, shop, program, Request(as_of=day, explicit=True, customers=people), MEANS.capabilities
    )
    planned = time.perf_counter()
    apply_plan(database, shop, program, plan, MEANS, confirm=plan.hash)
    applied = time.perf_counter()
    print(f"{planned - begin:.3f} {applied - planned:.3f} {len(plan.changes)}")


def measure(size: Size) -> None:
    """Runs all jobs on a copy of a size's database, and prints what they took."""
    original = mirrored(size)
    print(f"{size.name}: {size.customers:,} customers, {size.orders:,} orders\n")
    print(f"{'':22}{'changes':>9}{'plan s':>9}{'apply s':>9}{'process s':>11}{'peak MB':>9}")
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        file = Path(shutil.copy(original, folder))
        for name in ("enrolment", "next day", "next day again", f"dirty {DIRTY}", "dirty 1"):
            start = time.perf_counter()
            command = [sys.executable, "-m", "benchmarks.standings", "--job", name, str(file)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None
            said = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            if status:
                raise SystemExit(f"{name} failed")
            plan, apply, changes = said.split()
            peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
            taken = time.perf_counter() - start
            print(f"{name:22}{int(changes):9,}{plan:>9}{apply:>9}{taken:11.2f}{peak:9,.0f}")
    print()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        job(sys.argv[2], Path(sys.argv[3]))
    else:
        for chosen in sys.argv[1:] or ["small", "large"]:
            measure(SIZES[chosen])
