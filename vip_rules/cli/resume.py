"""`vip-rules resume`: let changes reach the store again."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config


@click.command("resume")
@with_by
@with_config
@as_json
def command(by: str | None, config: Path, as_json: bool) -> None:
    """End a pause. What was left waits for the next `vip-rules apply`."""
    from vip_rules.operations.switch import resume

    with opened(config) as project:
        ended = resume(project.database, project.shop, hand_of(project, by))
    if as_json:
        print_json({"paused": False, "was": ended and ended.record()})
    elif ended:
        click.echo(f"Resumed; it was paused by {ended.by} ({ended.reason}). vip-rules apply goes on.")
    else:
        click.echo("Not paused: nothing to do.")
