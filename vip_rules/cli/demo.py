"""`vip-rules demo`: the main job on real data, month by month."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vip_rules.cli.output import as_json, print_json, table

if TYPE_CHECKING:
    import polars as pl

    from vip_rules.apply import Applied
    from vip_rules.plan import Plan
    from vip_rules.project import Project

FOLDER: Final = Path(__file__).parent.parent / "demo"
DAYS: Final = tuple(date(1998, month, 1) for month in range(1, 8))
DEMOTED: Final = "01471"
"""A customer who is warned, and demoted."""

CONFIG: Final = """\
program = "program.json"
database = "sqlite:///vip-rules.db"

[store]
adapter = "files"
shop = "cdnow"
folder = "exports"
out = "out"

[messages]
file = "out/messages.jsonl"
"""


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Make the project here, and leave it to be looked at.",
)
@click.option("--all", "everybody", is_flag=True, help="Take all 23,570 customers, not every tenth.")
@as_json
def command(into: Path | None, everybody: bool, as_json: bool) -> None:
    """Keep the standings of a real online music shop (CDNOW) through the first half of 1998, month by month.

    Each month the store's export is synced, everybody recalculated, the plan shown and applied: promotions, grace, warnings,
    demotions, and what follows from them in the store.
    """
    from vip_rules.errors import UsageError

    if into is not None and into.exists() and any(into.iterdir()):
        raise UsageError(f"{into} is not empty: name a new folder")
    with _folder(into) as folder:
        demo = _Demo(folder, everybody=everybody, quiet=as_json)
        demo.run()
        if as_json:
            print_json({"months": [month.record() for month in demo.months]})
        elif into is not None:
            click.echo(
                f"\nThe project is in {into}: go there, and try\n\n"
                f"  vip-rules explain {DEMOTED} --as-of {DAYS[-1]}\n  vip-rules status\n  vip-rules plan --as-of 1998-07-15"
            )


@contextmanager
def _folder(into: Path | None) -> Iterator[Path]:
    """A folder for the project, made anew."""
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        yield into
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@dataclass
class _Month:
    """What happened in one month."""

    day: date
    told: int
    plan: Plan
    applied: Applied
    members: dict[str, int]
    happened: Counter[str] = field(default_factory=Counter)

    def record(self) -> dict[str, Any]:
        """The month as plain JSON data."""
        return {
            "day": str(self.day),
            "new_orders": self.told,
            "plan": self.plan.hash,
            "summary": self.plan.summary(),
            "applied": self.applied.record(),
            "members": self.members,
        }


class _Demo:
    """The demo at work: a project, a clock that is set from month to month, and the store's exports as they grow."""

    def __init__(self, folder: Path, *, everybody: bool, quiet: bool) -> None:
        self._folder, self._everybody, self._quiet = folder, everybody, quiet
        self._today = DAYS[0]
        self.months: list[_Month] = []

    def run(self) -> None:
        """All months, and then the questions that people ask."""
        from vip_rules.project import Outside, open_project

        shutil.copy(FOLDER / "program.json", self._folder)
        (self._folder / "exports").mkdir()
        config = self._folder / "vip-rules.toml"
        config.write_text(CONFIG)
        exports = self._exports()
        outside = Outside(clock=self._clock, environment=os.environ)
        with open_project(config, outside) as project:
            self._say(
                f"The program {project.program.id} over {exports['customers'].height:,} customers of the music shop CDNOW: on "
                "the first of each month of 1998\nthe store's export is synced, everybody recalculated, and the plan applied.\n"
            )
            for day in DAYS:
                self._today = day
                self._export(exports)
                self.months.append(self._month(project))
            self._summary(project)
            self._questions(project)

    def _clock(self) -> datetime:
        """Noon in New York on the day of the demo."""
        return datetime.combine(self._today, time(17), UTC)

    def _exports(self) -> dict[str, pl.DataFrame]:
        """All that the store will ever have told; of every tenth customer, as the data's authors do, unless of everybody."""
        import polars as pl

        names = ("customers", "orders", "lines")
        told = {name: pl.read_csv(FOLDER / f"{name}.csv.gz", infer_schema=False) for name in names}
        if not self._everybody:
            told["customers"] = told["customers"].gather_every(10)
            told["orders"] = told["orders"].join(told["customers"], on="customer_id", how="semi")
        return told

    def _export(self, everything: dict[str, pl.DataFrame]) -> None:
        """What the store tells today: the customers and orders up to now."""
        import polars as pl

        until = str(self._today)
        orders = everything["orders"].filter(pl.col("placed_at") <= until)
        told = {
            "customers": everything["customers"].filter(pl.col("created_at") <= until),
            "orders": orders,
            "lines": everything["lines"].join(orders, on="order_id", how="semi"),
        }
        for name, rows in told.items():
            rows.write_csv(self._folder / "exports" / f"{name}.csv")

    def _month(self, project: Project) -> _Month:
        from vip_rules.apply import apply_plan
        from vip_rules.planning.making import Request, make_plan
        from vip_rules.storing import ConfirmationNeeded
        from vip_rules.sync import sync

        report = sync(
            project.database,
            project.shop,
            project.adapter,
            project.program,
            clock=self._clock,
            rates=project.rates,
        )
        means, request = project.means, Request(as_of=project.today())
        plan = make_plan(project.database, project.shop, project.program, request, means.capabilities)
        job = (project.database, project.shop, project.program, plan, means)
        try:
            applied = apply_plan(*job, document=project.document)
        except ConfirmationNeeded as refusal:
            self._say(f"{self._today}: apply refuses. {refusal}")
            applied = apply_plan(*job, confirm=plan.hash, document=project.document)
        month = _Month(self._today, report.written.orders.new, plan, applied, self._members(project))
        for change in plan.changes:
            if change.kind == "standing":
                month.happened.update(each["kind"] for each in change.content["transitions"])
                month.happened["notices"] += bool(change.content["notices"])
        return month

    def _members(self, project: Project) -> dict[str, int]:
        """How many hold each tier, from the highest."""
        from vip_rules.standings import read_standings

        with project.database.reading() as connection:
            stored = read_standings(connection, project.shop, project.program, project.today())
        held = Counter(each.standing.tier for each in stored.values())
        return {tier.id: held[tier.id] for tier in reversed(project.program.tiers)}

    def _summary(self, project: Project) -> None:
        tiers = [tier.name.removesuffix(" VIP") for tier in reversed(project.program.tiers)]
        heads = [
            "day",
            "new orders",
            "enrolled",
            "promoted",
            "in grace",
            "warned",
            "demoted",
            "effects",
            *tiers,
        ]
        rows = [heads]
        for month in self.months:
            happened = month.happened
            counts = [month.told]
            counts += [happened[kind] for kind in ("enrolment", "promotion", "grace", "notices", "demotion")]
            counts += [month.applied.delivered.counts["confirmed"], *month.members.values()]
            rows.append([str(month.day), *(f"{count:,}" for count in counts)])
        self._say(f"\n{table(rows, right=range(1, len(heads)))}\n")

    def _questions(self, project: Project) -> None:
        """Why somebody was demoted, and what is left to do."""
        from vip_rules.cli.account import account_lines
        from vip_rules.cli.changes import applied_lines, plan_lines
        from vip_rules.operations.account import account_of

        last = self.months[-1]
        self._say(f"The plan of {last.day}, as vip-rules plan shows it:\n")
        self._say("\n".join(plan_lines(last.plan, examples=1)))
        self._say("\n" + "\n".join(applied_lines(last.applied)))
        self._say(f"\nWhy is customer {DEMOTED} where they are? vip-rules explain {DEMOTED}\n")
        account = account_of(
            project.database,
            project.shop,
            project.program,
            project.means.capabilities,
            DEMOTED,
            day=None,
            today=project.today(),
        )
        self._say("\n".join(account_lines(account)))
        self._say("\nAnd once more, vip-rules apply:\n")
        again = self._month(project)
        self._say("\n".join((*plan_lines(again.plan), *applied_lines(again.applied))))
        self.months.append(again)

    def _say(self, text: str) -> None:
        if not self._quiet:
            click.echo(text)
