"""`vip-rules outbox`: what is on its way into the store, and what waits for a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vip_rules.cli.ordered import InOrder
from vip_rules.cli.output import as_json, print_json, table
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config

if TYPE_CHECKING:
    from vip_rules.operations.interventions import Interventions
    from vip_rules.project import Project

STATES: Final = ("planned", "sent", "unknown", "refused", "parked", "withdrawn", "confirmed")

SHOWN: Final = 50
"""So many are shown as text; --json has all."""


@click.group("outbox", cls=InOrder)
def command() -> None:
    """Show what is on its way into the store, and decide about what doesn't get there by itself.

    An effect is planned, sent, and then confirmed or refused. Unknown: the answer was lost, and the next apply reads back what
    became of it. Parked: it may have been done and can't be read back, or nothing carries it out; a person decides.
    """


@command.command("list", short_help="List effects with their states and reasons.")
@click.option("--state", type=click.Choice(STATES), help="Only those; by default all that haven't ended.")
@click.option("--customer", metavar="ID", help="Only those of a customer.")
@with_config
@as_json
def list_(state: str | None, customer: str | None, config: Path, as_json: bool) -> None:
    """List effects with their states and reasons, in the order of planning."""
    from vip_rules.operations.interventions import listed

    with opened(config) as project, project.database.reading() as connection:
        found = list(listed(connection, project.shop, state=state, customer_id=customer))
    if as_json:
        print_json([waiting.record() for waiting in found])
        return
    if not found:
        click.echo("The outbox has none." if state or customer else "Nothing waits: every effect has ended.")
        return
    rows = [["key", "what", "state", "sent", "reason"]]
    rows += [
        [
            row.key,
            f"{row.action} {row.kind}",
            row.state,
            "never" if not row.attempts else f"{row.attempts}×",
            row.reason or "",
        ]
        for row in (waiting.row for waiting in found[:SHOWN])
    ]
    click.echo(table(rows, right=(3,)))
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN:,} more: --json has them all")


@command.command("retry")
@click.argument("keys", metavar="KEY…", nargs=-1)
@click.option("--all-refused", is_flag=True, help="All that were refused.")
@click.option("--drifted", is_flag=True, help="All that was changed by hand in the store.")
@click.option(
    "--even-if-done",
    is_flag=True,
    help="Also what is parked because it may have been done: somebody looked, and it wasn't.",
)
@with_by
@with_config
@as_json
def retry(
    keys: tuple[str, ...],
    all_refused: bool,
    drifted: bool,
    even_if_done: bool,
    by: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Plan again what was refused, or what was changed by hand in the store since; the next apply sends it."""
    from vip_rules.errors import UsageError
    from vip_rules.operations.drift import look

    if sum((bool(keys), all_refused, drifted)) != 1:
        raise UsageError("name the keys of what is to be sent again, or say --all-refused or --drifted")
    with opened(config) as project:
        if drifted:
            found = look(project.database, project.shop, project.means)
            keys = tuple(each.key for each in found.differences if not each.stray)
        done = _interventions(project, by).retry(keys, all_refused=all_refused, even_if_done=even_if_done)
    _told(as_json, done, "planned", "planned again; the next vip-rules apply sends them")


@command.command("park", short_help="Set effects aside, so that they aren't sent.")
@click.argument("keys", metavar="KEY…", nargs=-1, required=True)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger.")
@with_by
@with_config
@as_json
def park(keys: tuple[str, ...], reason: str, by: str | None, config: Path, as_json: bool) -> None:
    """Set effects aside: they aren't sent until a person decides."""
    with opened(config) as project:
        done = _interventions(project, by).park(keys, reason)
    _told(as_json, done, "parked", "parked")


@command.command("confirm", short_help="Note that something is done.")
@click.argument("key")
@click.option("--reference", metavar="TEXT", help="The store's own name for it.")
@with_by
@with_config
@as_json
def confirm(key: str, reference: str | None, by: str | None, config: Path, as_json: bool) -> None:
    """Note that what is parked or was refused is done: somebody looked into the store, or did it there."""
    with opened(config) as project:
        _interventions(project, by).confirm(key, reference)
    _told(as_json, [key], "confirmed", "noted as done")


@command.command("drop", short_help="Give something up.")
@click.argument("key")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger.")
@with_by
@with_config
@as_json
def drop(key: str, reason: str, by: str | None, config: Path, as_json: bool) -> None:
    """Give up what is parked or was refused: it wasn't done, and won't be."""
    with opened(config) as project:
        once = _interventions(project, by).drop(key, reason)
    then = "it is never given again" if once else "the next plan asks for it anew if it still should be so"
    _told(as_json, [key], "withdrawn", f"given up; {then}")


def _interventions(project: Project, by: str | None) -> Interventions:
    from vip_rules.operations.interventions import Interventions

    return Interventions(project.database, project.shop, hand_of(project, by))


def _told(as_json: bool, keys: list[str], state: str, said: str) -> None:
    if as_json:
        print_json({"state": state, "keys": keys})
        return
    click.echo(f"{len(keys):,} effect{'' if len(keys) == 1 else 's'} {said}.")
