"""`vip-rules pause`: stop everything that changes the store."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config


@click.command("pause")
@click.option("--reason", metavar="TEXT", default="no reason given", help="Why; whoever is stopped reads it.")
@with_by
@with_config
@as_json
def command(reason: str, by: str | None, config: Path, as_json: bool) -> None:
    """Stop everything that changes the store, also an apply that is running: at most one call is still under way.

    Syncing, planning and explaining go on. `vip-rules resume` ends it.
    """
    from vip_rules.operations.switch import pause

    with opened(config) as project:
        already = pause(project.database, project.shop, reason, hand_of(project, by))
    if as_json:
        print_json({"paused": True, "already": already and already.record()})
    elif already:
        click.echo(f"Paused already, by {already.by} ({already.reason}), since {already.record()['since']}.")
    else:
        click.echo("Paused: nothing is applied or sent until vip-rules resume.")
