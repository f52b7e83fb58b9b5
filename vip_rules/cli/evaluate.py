"""`vip-rules evaluate`: a program and a store's exported files in, a standing for every customer out."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vip_rules.cli.output import Progress, as_json, print_json
from vip_rules.cli.summary import summary_data, summary_text
from vip_rules.errors import InvalidInput, UsageError

if TYPE_CHECKING:
    from vip_rules.files.reading import Reading
    from vip_rules.history import History
    from vip_rules.program.program import Program

SHOWN_REJECTIONS = 20

FILES = ("customers", "orders", "lines", "events")

FILE = click.Path(path_type=Path)


@click.command("evaluate")
@click.argument("program", type=FILE)
@click.option("--customers", required=True, type=FILE, help="The customers: CSV, JSON Lines or Parquet.")
@click.option("--orders", required=True, type=FILE, help="The orders.")
@click.option(
    "--lines", type=FILE, help="The orders' lines; for categories, brands, SKUs, units and gift cards."
)
@click.option("--events", type=FILE, help="Reviews, referrals, visits and the like.")
@click.option(
    "--rates", type=FILE, help="Exchange rates (day, from, to, rate), for orders in other currencies."
)
@click.option("--as-of", required=True, metavar="YYYY-MM-DD", help="The local day to evaluate as of.")
@click.option("--out", type=FILE, help="Write everybody's record here: .jsonl, .csv or .parquet.")
@click.option("--brief", is_flag=True, help="Leave reasons and progress out of the records.")
@click.option(
    "--customer", metavar="ID", help="Explain the tier of this customer, instead of giving everybody's."
)
@click.option(
    "--engine",
    type=click.Choice(["polars", "duckdb", "pyspark"]),
    default="polars",
    show_default=True,
    help="Where to compute; the answers are the same.",
)
@click.option(
    "--on-bad-rows",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="Whether rows that can't be used stop everything, or are skipped and counted.",
)
@click.option("--rejected", type=FILE, help="Write every rejected row, with its reason, to this .jsonl file.")
@as_json
def command(**options: Any) -> None:
    """Evaluate PROGRAM over a store's exported files: everybody's tier, with figures, reasons and progress.

    Records go to the file of --out, else to standard output as JSON Lines, with a summary. Nothing is stored.
    """
    from vip_rules.cases.reading import refuse_cases
    from vip_rules.engine import engine_named
    from vip_rules.evaluate import evaluate
    from vip_rules.explanation import explain
    from vip_rules.files import reading_of
    from vip_rules.program.load import load_program
    from vip_rules.records import records_of, write_records
    from vip_rules.summary import summarise

    as_of, out = _day(options["as_of"]), options["out"]
    _check_files(options)
    engine = engine_named(options["engine"])
    refuse_cases(options["program"])
    program = load_program(options["program"])
    with Progress() as progress:
        history = _read(program, options, progress)
        with reading_of(*(options[name] for name in FILES)):
            _check_days(history, as_of)
            progress("evaluating", 0, 1)
            qualifications = evaluate(program, history, as_of, engine=engine)
            progress("evaluating", 1, 1)
        if out:
            progress(f"writing {out.name}", 0, 1)
            write_records(qualifications, out, brief=options["brief"])
            progress(f"writing {out.name}", 1, 1)
    if options["customer"] is not None:
        explanation = explain(qualifications, options["customer"])
        if options["as_json"]:
            print_json(explanation.record())
        else:
            click.echo("\n".join(explanation.lines()))
        return
    summary = summarise(qualifications)
    if not out:
        for part in qualifications.parts(50_000):
            click.echo("\n".join(records_of(part, brief=options["brief"]).lines().collect().to_series()))
    if options["as_json"] and out:
        print_json(summary_data(summary, qualifications))
    else:
        click.echo(summary_text(summary, qualifications), err=not out)


def _day(text: str) -> int:
    from vip_rules.evaluate import DayOutOfRange, check_day
    from vip_rules.localdays import day_number

    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise UsageError(f"--as-of {text}: expected a day such as 2026-06-30")
    try:
        day = day_number(date.fromisoformat(text))
        check_day(day)
    except (ValueError, DayOutOfRange) as error:
        reason = error if isinstance(error, DayOutOfRange) else "there is no such day"
        raise UsageError(f"--as-of {text}: {reason}") from None
    return day


def _check_files(options: dict[str, Any]) -> None:
    """Refuse outputs that can't be written, or that would overwrite what is read. Raises UsageError."""
    from vip_rules.outfiles import check_target
    from vip_rules.records import FORMATS

    read = {name: options[name] for name in ("program", *FILES, "rates")}
    taken = {path.resolve(): f"the {name} to read" for name, path in read.items() if path}
    for option, formats in (("out", FORMATS), ("rejected", (".jsonl",))):
        path = options[option]
        if not path:
            continue
        check_target(path, formats)
        if path.resolve() in taken:
            raise UsageError(f"--{option} {path}: this file is {taken[path.resolve()]}: name another")
        taken[path.resolve()] = f"--{option} too"


def _check_days(history: History, as_of: int) -> None:
    """Say on standard error if a day is far from all orders: a slip in the year looks like a store without customers."""
    from vip_rules.localdays import day_date

    days = history.order_days()
    if days is None:
        click.echo("there is no order: nobody has spent anything.", err=True)
    elif as_of < days[0]:
        click.echo(
            f"no order counts: the first is of {day_date(days[0])}, after --as-of {day_date(as_of)}.",
            err=True,
        )
    elif as_of > days[1] + 366:
        click.echo(
            f"the last order is of {day_date(days[1])}, long before --as-of {day_date(as_of)}.", err=True
        )


def _read(program: Program, options: dict[str, Any], progress: Progress) -> History:
    """The history in the files; what was rejected, set aside or ignored is said on standard error."""
    from vip_rules.files import RejectedRows, read_history
    from vip_rules.files.needs import check_needs
    from vip_rules.rates import Rates

    try:
        rates = Rates.read(options["rates"]) if options["rates"] else None
        history, reading = read_history(
            **{name: options[name] for name in FILES},
            currency=program.currency,
            zone=program.timezone,
            rates=rates,
            on_bad_rows=options["on_bad_rows"],
            progress=progress,
        )
    except InvalidInput as error:
        progress.close()
        if isinstance(error, RejectedRows):
            _report_rejections(error.reading, options["rejected"])
        else:
            click.echo("".join(f"{rejection}\n" for rejection in error.rejections), err=True, nl=False)
        raise
    progress.close()
    _report_rejections(reading, options["rejected"])
    for sentence in reading.summary():
        click.echo(sentence, err=True)
    check_needs(program, reading)
    return history


def _report_rejections(reading: Reading, file: Path | None) -> None:
    """Say which rows were rejected: each, or where there are many how many for which reason; all of them go to `file`."""
    from vip_rules.outfiles import written_whole

    few = reading.rejected <= SHOWN_REJECTIONS
    for line in map(str, reading.rejections) if few else reading.rejections_by_reason():
        click.echo(line, err=True)
    if not few and not file:
        click.echo("--rejected FILE writes each with its line and reason.", err=True)
    if file:
        with written_whole(file) as part:
            rows = (json.dumps(asdict(rejection), ensure_ascii=False) for rejection in reading.rejections)
            part.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        if (unlisted := reading.rejected - len(reading.rejections)) > 0:
            click.echo(
                f"{file} has the first {len(reading.rejections):,}; {unlisted:,} more are only counted.",
                err=True,
            )
