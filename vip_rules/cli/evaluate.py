"""`vip-rules evaluate`: a program and a store's exported files in, a standing for every customer out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vip_rules.cli.output import Progress, as_json, print_json, table
from vip_rules.errors import InvalidInput, UsageError

if TYPE_CHECKING:
    from vip_rules.errors import Rejection
    from vip_rules.files.reading import Reading
    from vip_rules.history import History
    from vip_rules.program.program import Program
    from vip_rules.standings import Standings
    from vip_rules.summary import Summary

SHOWN_REJECTIONS = 20

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
    from vip_rules.evaluate import evaluate
    from vip_rules.explanation import explain
    from vip_rules.program.load import load_program
    from vip_rules.records import check_target, records_of, write_records
    from vip_rules.summary import summarise

    as_of, out = _day(options["as_of"]), options["out"]
    if out:
        check_target(out)
    refuse_cases(options["program"])
    program = load_program(options["program"])
    with Progress() as progress:
        history = _read(program, options, progress)
        progress("evaluating", 0, 1)
        standings = evaluate(program, history, as_of, engine=options["engine"])
        progress("evaluating", 1, 1)
        if out:
            progress(f"writing {out.name}", 0, 1)
            write_records(standings, out, brief=options["brief"])
            progress(f"writing {out.name}", 1, 1)
    if options["customer"] is not None:
        explanation = explain(standings, options["customer"])
        if options["as_json"]:
            print_json(explanation.record())
        else:
            click.echo("\n".join(explanation.lines()))
        return
    summary = summarise(standings)
    if not out:
        for chunk in records_of(standings, brief=options["brief"]).lines().collect().iter_slices(10_000):
            click.echo("\n".join(chunk.to_series()))
    if options["as_json"] and out:
        print_json(summary_data(summary, standings))
    else:
        click.echo(summary_text(summary, standings), err=not out)


def summary_text(summary: Summary, standings: Standings) -> str:
    """A summary as a table."""
    currency = standings.program.currency
    rows = [["tier", "customers", "share"]]
    if summary.measure:
        rows[0] += [summary.measure.phrase, "share"]
    for tier in summary.tiers:
        rows.append([tier.name, f"{tier.customers:,}", summary.share_of_customers(tier)])
        if tier.spend is not None:
            rows[-1] += [currency.shown(tier.spend), summary.share_of_spend(tier)]
    return table(rows, right=(1, 2, 3, 4))


def summary_data(summary: Summary, standings: Standings) -> dict[str, Any]:
    """A summary as JSON: counts and shares by tier."""
    from vip_rules.localdays import day_date

    currency = standings.program.currency
    return {
        "program": standings.program.id,
        "version": standings.program.version,
        "as_of": str(day_date(standings.as_of)),
        "customers": summary.customers,
        "tiers": [
            {
                "tier": tier.id,
                "customers": tier.customers,
                "spend": None if tier.spend is None else currency.major(tier.spend),
            }
            for tier in summary.tiers
        ],
    }


def _day(text: str) -> int:
    from vip_rules.localdays import day_number

    try:
        return day_number(date.fromisoformat(text))
    except ValueError:
        raise UsageError(f"--as-of {text}: expected a day such as 2026-06-30") from None


def _read(program: Program, options: dict[str, Any], progress: Progress) -> History:
    """The history in the files; what was rejected, set aside or ignored is said on standard error."""
    from vip_rules.files import read_history
    from vip_rules.rates import Rates

    try:
        history, reading = read_history(
            customers=options["customers"],
            orders=options["orders"],
            lines=options["lines"],
            events=options["events"],
            currency=program.currency,
            zone=program.timezone,
            rates=Rates.read(options["rates"]) if options["rates"] else None,
            on_bad_rows=options["on_bad_rows"],
            progress=progress,
        )
        progress.close()
    except InvalidInput as error:
        progress.close()
        _report_rejections(error.rejections, options["rejected"])
        raise
    _report_rejections(reading.rejections, options["rejected"])
    for sentence in reading.summary():
        click.echo(sentence, err=True)
    check_needs(program, reading)
    return history


def _report_rejections(rejections: Sequence[Rejection], file: Path | None) -> None:
    for rejection in rejections[:SHOWN_REJECTIONS]:
        click.echo(str(rejection), err=True)
    if (more := len(rejections) - SHOWN_REJECTIONS) > 0:
        click.echo(f"… and {more:,} more; --rejected FILE writes all of them", err=True)
    if file:
        rows = (json.dumps(asdict(rejection), ensure_ascii=False) for rejection in rejections)
        file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def check_needs(program: Program, reading: Reading) -> None:
    """Refuse to evaluate metrics or filters over columns that no file has: the figures would mean nothing.

    Raises InvalidInput with what is missing and who needs it.
    """
    missing: dict[tuple[str, str], str] = {}
    for figure in program.figures():
        for need in figure.needs:
            file, _, column = need.partition(".")
            if column not in reading.present(file):
                missing.setdefault((file, column), figure.phrase)
    if not missing:
        return
    wanted = "; ".join(
        f"the column {column} of the {file}, for {phrase}" for (file, column), phrase in missing.items()
    )
    absent = sorted({file for file, _ in missing} - {file.name for file in reading.files})
    options = f": give {' and '.join(f'--{file} FILE' for file in absent)}" if absent else ""
    raise InvalidInput(f"the program asks for what the files don't have: {wanted}{options}")
