"""`vip-rules restore`: a database of a backup."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.person import login, with_by
from vip_rules.cli.project import outside, with_config


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@with_by
@with_config
@as_json
def command(file: Path, by: str | None, config: Path, as_json: bool) -> None:
    """Fill the empty database that vip-rules.toml names with a backup, of SQLite or PostgreSQL, and verify it.

    FILE is checked before anything is touched. All its shops are paused: the backup is older than the store, and what was open
    then is looked up in the store before it is sent again. Exits with 1 if a ledger didn't verify already when the backup was
    made.
    """
    from vip_rules.operations.backup import opened_backup
    from vip_rules.operations.restoring import THEN, Restorer, restore
    from vip_rules.project import open_database

    world = outside()
    restorer = Restorer(by=by or login(), clock=world.clock, entropy=world.entropy)
    with opened_backup(file) as checked, open_database(config, world) as database:
        restored = restore(database, checked, restorer)
    backup = restored.backup
    if as_json:
        print_json(restored.record())
    else:
        at = f"{backup.made_at:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(f"Restored {backup.rows:,} rows as they were {at}, compared and verified.")
        for chain in backup.chains:
            doubtful = restored.doubtful[chain.shop]
            said = (
                f"; {doubtful:,} effects are in doubt, and looked up before they are sent" if doubtful else ""
            )
            click.echo(f"  {chain.shop}: {chain.entries:,} entries in the ledger, paused{said}")
        for each in backup.breaks:
            click.echo(f"  ! {each}")
        click.echo(f"Next: {THEN}.")
        click.echo(
            f"What was done since {at} is unknown here. Repeat by hand: first of all every vip-rules redact, since whoever was "
            "erased later is in this database again; then pins."
        )
    if backup.breaks:
        raise click.exceptions.Exit(1)
