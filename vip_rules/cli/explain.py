"""`vip-rules explain`: why a customer has their tier, what is missing, and until when."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.project import day_of, opened, with_as_of, with_config


@click.command("explain")
@click.argument("customer")
@with_as_of
@with_config
@as_json
def command(customer: str, as_of: str | None, config: Path, as_json: bool) -> None:
    """Tell why CUSTOMER has their tier, what is missing to the next one, and until when it lasts.

    Without --as-of it is as of today, or of the last applied day if that is later. For a day before: what was decided by then,
    beside what today's data say of that day.
    """
    from vip_rules.cli.account import account_lines
    from vip_rules.operations.account import account_of

    with opened(config) as project:
        account = account_of(
            project.database,
            project.shop,
            project.program,
            project.means.capabilities,
            customer,
            day=None if as_of is None else day_of(project, as_of),
            today=project.today(),
        )
    if as_json:
        print_json(account.record())
    else:
        click.echo("\n".join(account_lines(account)))
