"""`vip-rules sync`: bring the mirror up to the store."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.project import opened, with_config


@click.command("sync")
@click.option("--full", is_flag=True, help="Read everything again, and find what is gone from the store.")
@click.option(
    "--accept-smaller", is_flag=True, help="Believe a full reading that is over 10 % smaller than the last."
)
@with_config
@as_json
def command(full: bool, accept_smaller: bool, config: Path, as_json: bool) -> None:
    """Bring the mirror up to the store: customers, orders, events. Nothing is decided and nothing is changed in the store.

    What can't be used is counted and said. An interrupted sync goes on where it was.
    """
    from vip_rules.database.connection import PATIENCE
    from vip_rules.sync import sync

    with opened(config) as project:
        report = sync(
            project.database,
            project.shop,
            project.adapter,
            project.program,
            full=full,
            clock=project.outside.clock,
            rates=project.rates,
            capabilities=project.means.capabilities,
            confirm_smaller=accept_smaller,
            patience=PATIENCE,
        )
    if as_json:
        print_json(report.record())
    else:
        click.echo("\n".join(report.sentences()))
