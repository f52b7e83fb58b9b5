"""`vip-rules redact`: erase a customer, or all that is known of a shop, for good."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config

if TYPE_CHECKING:
    from vip_rules.project import Project


@click.command("redact")
@click.argument("customer", required=False)
@click.option("--shop", metavar="NAME", help="All that is known of the shop of this name, and of everybody.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@with_by
@with_config
@as_json
def command(
    customer: str | None, shop: str | None, yes: bool, by: str | None, config: Path, as_json: bool
) -> None:
    """Erase everything that is known of CUSTOMER, for good. A later sync doesn't bring it back.

    What is ours of them in the store is taken out first: tags, fields, grants of their own. What stays is a keyed hash of the
    id, by which they are known again, and their orders, which are nobody's. What the store itself holds, and files that were
    written before, backups among them, aren't touched.

    With --shop instead, the whole shop is forgotten, as stores ask for once the app was uninstalled.
    """
    from vip_rules.errors import UsageError

    if (customer is None) == (shop is None):
        raise UsageError("say who is to be erased: a customer's id, or --shop NAME for all that is known")
    with opened(config) as project:
        if shop is not None and shop != project.config.shop:
            raise UsageError(f"--shop {shop}: this is the shop {project.config.shop}")
        if not yes:
            if as_json or not sys.stdin.isatty():
                raise UsageError("nobody is there to ask: say --yes")
            whom = f"customer {customer}" if customer is not None else f"the shop {shop}"
            click.confirm(f"Erase everything that is known of {whom}, for good?", abort=True)
        if customer is None:
            _shop(project, by, as_json=as_json)
        else:
            _customer(project, customer, by, as_json=as_json)


def _customer(project: Project, customer: str, by: str | None, *, as_json: bool) -> None:
    from vip_rules.operations.erasure import erase

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
        "Not touched: what the store itself holds of them, and files that were written before (plans, lists, messages, "
        "backups)."
    )


def _shop(project: Project, by: str | None, *, as_json: bool) -> None:
    from vip_rules.operations.forgetting import forget_shop

    rows = forget_shop(project.database, project.shop, hand_of(project, by))
    if as_json:
        print_json({"redacted": True, "shop": project.config.shop, "rows": rows})
        return
    click.echo(f"Erased: all that was known of the shop {project.config.shop}, {rows:,} rows. It is paused.")
    click.echo(
        "What stays is its name, and its ledger as a chain that says nothing. Not touched: the store, and files that were "
        "written before (plans, lists, messages, backups). Take its configuration out of the service: a sync reads all anew."
    )
