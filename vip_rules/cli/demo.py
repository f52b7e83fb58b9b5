"""`vip-rules demo`: the main job on real data."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from vip_rules.cli.output import Progress, as_json, print_json
from vip_rules.cli.summary import summary_data, summary_text

FOLDER: Final = Path(__file__).parent.parent / "demo"
AS_OF: Final = "1998-06-30"
SHOWN: Final = "00145"
"""A customer who nearly made it to the top."""


@click.command("demo")
@as_json
def command(as_json: bool) -> None:
    """Evaluate the real history of an online music shop (CDNOW, 1997–98) by a VIP program with three tiers.

    Shows how many customers each tier has, what they spend, and why one customer has their tier.
    """
    from vip_rules.evaluate import evaluate
    from vip_rules.explanation import explain
    from vip_rules.files import read_history
    from vip_rules.localdays import local_day
    from vip_rules.program.load import load_program
    from vip_rules.summary import summarise

    here = FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER
    program = load_program(here / "program.json")
    customers, orders, lines = (here / f"{name}.csv.gz" for name in ("customers", "orders", "lines"))
    with Progress() as progress:
        history, reading = read_history(
            customers=customers,
            orders=orders,
            lines=lines,
            currency=program.currency,
            zone=program.timezone,
            progress=progress,
        )
    qualifications = evaluate(program, history, local_day(AS_OF, program.timezone))
    summary, explanation = summarise(qualifications), explain(qualifications, SHOWN)
    if as_json:
        print_json({"summary": summary_data(summary, qualifications), "customer": explanation.record()})
        return
    click.echo(f"The program {program.id} over every order of the music shop CDNOW, as of {AS_OF}.\n")
    click.echo("\n".join(reading.summary()))
    click.echo(f"\n{summary_text(summary, qualifications)}\n\nWhy does customer {SHOWN} have their tier?\n")
    click.echo("\n".join(explanation.lines()))
    click.echo(
        f"\nThe program is {here / 'program.json'}: change a threshold in a copy and evaluate it with\n\n"
        f"  vip-rules evaluate COPY.json --as-of {AS_OF} --customers {customers} \\\n"
        f"    --orders {orders} --lines {lines} --customer {SHOWN}"
    )
