"""`vip-rules redact`: erase a customer for good."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config


@click.command("redact")
@click.argument("customer")
@click.option("--yes", is_flag=True, help="Don't ask.")
@with_by
@with_config
@as_json
def command(customer: str, yes: bool, by: str | None, config: Path, as_json: bool) -> None:
    """Erase everything that is known of CUSTOMER, for good. A later sync doesn't bring it back.

    What is ours of them in the store is taken out first: tags, fields, grants of their own. What stays is a keyed hash of the
    id, by which they are known again, and their orders, which are nobody's. What the store itself holds, and files that were
    written before, aren't touched.
    """
    from vip_rules.errors import UsageError
    from vip_rules.operations.erasure import erase

    with opened(config) as project:
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise UsageError("nobody is there to ask: say --yes")
            click.confirm(f"Erase everything that is known of customer {customer}, for good?", abort=True)
        erased = erase(project.database, project.shop, customer, hand_of(project, by), project.means)
    if as_json:
        print_json({"redacted": True, "tombstone": erased.tombstone, "left": list(erased.left)})
        return
    click.echo("Erased: the customer, their standing, and what the ledger and the outbox said of them.")
    click.echo(
        f"What stays is the keyed hash of the id ({erased.tombstone[:12]}…), and their orders, which are nobody's now."
    )
    for each in erased.left:
        click.echo(f"! Left in the store: {each}.")
    click.echo(
        "Not touched: what the store itself holds of them, and files that were written before (plans, lists)."
    )
