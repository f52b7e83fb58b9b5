"""`vip-rules backup`: the whole database into one file."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.project import outside, with_config


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there, once the new one is whole.")
@with_config
@as_json
def command(file: Path, overwrite: bool, config: Path, as_json: bool) -> None:
    """Write the database, as it is at this moment, to FILE, and verify it. Services may go on meanwhile.

    FILE has everything but secrets: customers, standings, the ledger. Only its owner may read it. Nothing that was redacted is
    in it. vip-rules restore makes a database of it again, of SQLite or PostgreSQL. Exits with 1 if a ledger doesn't verify;
    FILE is made all the same.
    """
    from vip_rules.operations.backup import make_backup
    from vip_rules.project import open_database

    world = outside()
    with open_database(config, world) as database:
        backup = make_backup(database, file, clock=world.clock, overwrite=overwrite)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size, **backup.record()})
    else:
        click.echo(
            f"{file}: {backup.rows:,} rows as they were {backup.made_at:%Y-%m-%d %H:%M:%S} UTC, read back and verified."
        )
        for chain in backup.chains:
            verified = "THE CHAIN DOESN'T VERIFY" if chain.breaks else "the chain verifies"
            click.echo(f"  {chain.shop}: {chain.entries:,} entries in the ledger, {verified}")
        for said in backup.breaks:
            click.echo(f"  ! {said}")
    if backup.breaks:
        raise click.exceptions.Exit(1)
