"""`vip-rules unpin`: take a pin away."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config


@click.command("unpin")
@click.argument("customer")
@click.option("--reason", metavar="TEXT", help="Why; it stands in the ledger.")
@with_by
@with_config
@as_json
def command(customer: str, reason: str | None, by: str | None, config: Path, as_json: bool) -> None:
    """Take the pin of CUSTOMER away: their own standing counts again, with the next plan and apply."""
    from vip_rules.operations.pins import unpin

    with opened(config) as project:
        taken = unpin(project.database, project.shop, project.program, customer, reason, hand_of(project, by))
    if as_json:
        print_json({"customer_id": customer, "was_pinned": taken is not None})
    elif taken is None:
        click.echo(f"Customer {customer} has no pin: nothing to do.")
    else:
        click.echo(f"Customer {customer} is no longer pinned to {taken.tier or 'no tier'} ({taken.reason}).")
        click.echo("The store hears of it with the next vip-rules plan and apply.")
