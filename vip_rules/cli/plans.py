"""`vip-rules plans`: the plans that the worker made and left to a person."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vip_rules.cli.ordered import InOrder
from vip_rules.cli.output import as_json, print_json, table
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vip_rules.apply import Applied
    from vip_rules.operations.proposals import Proposal
    from vip_rules.project import Project

STATES: Final = ("waiting", "approved", "refused", "expired")


@click.group("plans", cls=InOrder)
def command() -> None:
    """Show the plans that wait for a person, and approve or refuse them.

    The service applies by itself what is within the guardrails; what goes beyond them, the first plan of all, and that of a
    changed program wait here. A plan expires with its day.
    """


@command.command("list", short_help="List plans.")
@click.option("--state", type=click.Choice(STATES), default="waiting", show_default=True, help="Only those.")
@with_config
@as_json
def list_(state: str, config: Path, as_json: bool) -> None:
    """List plans with why they wait, or what became of them, the latest first."""
    from vip_rules.operations.proposals import proposals
    from vip_rules.plan import SHORT

    with opened(config) as project, project.database.reading() as connection:
        found = [proposal.record() for proposal in proposals(connection, project.shop, state)]
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("No plan waits for a person." if state == "waiting" else f"No plan is {state}.")
        return
    rows = [["plan", "for", "made", "state", "why"]]
    rows += [
        [
            told["hash"][:SHORT],
            told["as_of"],
            _shown(told["made_at"]),
            told["state"] + (f" by {told['decided_by']}" if told["decided_by"] else ""),
            told["reason"] or "; ".join(told["limits"]),
        ]
        for told in found
    ]
    click.echo(table(rows))


@command.command("show", short_help="Show a plan, and why it waits.")
@click.argument("hash_", metavar="HASH")
@with_config
@as_json
def show(hash_: str, config: Path, as_json: bool) -> None:
    """Show a plan by its hash, or the first eight signs of it: why it waits, and what would change."""
    from vip_rules.operations.proposals import remembered

    with opened(config) as project, project.database.reading() as connection:
        proposal = remembered(connection, project.shop, hash_)
    if as_json:
        plan = proposal.plan
        print_json(proposal.record() | {"plan": plan and plan.record()})
    else:
        click.echo("\n".join(_lines(proposal)))


@command.command("approve", short_help="Let a plan be applied, exactly as it is.")
@click.argument("hash_", metavar="HASH")
@with_by
@with_config
@as_json
def approve(hash_: str, by: str | None, config: Path, as_json: bool) -> None:
    """Let a waiting plan be applied, exactly as it is; at once, unless somebody is at work or the shop is paused.

    Exits with 1 if an effect was refused or needs a person, with 3 if some are left because the store couldn't be reached.
    """
    from vip_rules.adapter import PlatformFailed
    from vip_rules.cli.changes import applied_lines
    from vip_rules.operations.proposals import approve as record
    from vip_rules.plan import SHORT

    with opened(config) as project:
        name = record(project.database, project.shop, hash_, hand_of(project, by))
        applied, hindrance = _applied(project)
    if as_json:
        told = {"hash": name, "state": "approved", "applied": [each.record() for each in applied]}
        print_json(told | {"hindrance": hindrance})
    else:
        click.echo(f"Approved plan {name[:SHORT]}.")
        for each in applied:
            click.echo("\n".join(applied_lines(each)))
        if hindrance:
            click.echo(
                f"It isn't applied yet: {hindrance}. Then a worker does it (vip-rules serve, or worker)."
            )
    if any(each.delivered.left for each in applied):
        sys.exit(PlatformFailed.exit_code)
    counts = [each.delivered.counts for each in applied]
    sys.exit(1 if any(each["refused"] or each["parked"] for each in counts) else 0)


@command.command("refuse", short_help="Don't apply a plan.")
@click.argument("hash_", metavar="HASH")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger.")
@with_by
@with_config
@as_json
def refuse(hash_: str, reason: str, by: str | None, config: Path, as_json: bool) -> None:
    """Don't apply a waiting plan. Whoever is in it stays as they are for the day."""
    from vip_rules.operations.proposals import refuse as record
    from vip_rules.plan import SHORT

    with opened(config) as project:
        name = record(project.database, project.shop, hash_, hand_of(project, by), reason)
    if as_json:
        print_json({"hash": name, "state": "refused", "reason": reason})
    else:
        click.echo(f"Refused plan {name[:SHORT]}: whoever is in it stays as they are for the day.")


def _applied(project: Project) -> tuple[list[Applied], str | None]:
    """What came of applying what is approved, or what hinders it now."""
    from vip_rules.database.failure import AtWork
    from vip_rules.operations.proposals import apply_approved
    from vip_rules.plan import ShopPaused

    try:
        return apply_approved(
            project.database, project.shop, project.program, project.means, project.document
        ), None
    except AtWork as error:
        return [], str(error).partition(":")[0]
    except ShopPaused as error:
        return [], str(error)


def _lines(proposal: Proposal) -> Iterator[str]:
    from vip_rules.cli.changes import plan_lines
    from vip_rules.plan import SHORT

    told, plan = proposal.record(), proposal.plan
    name = told["hash"][:SHORT]
    yield f"Plan {name} for {told['as_of']}, made {_shown(told['made_at'])}: {told['state']}"
    yield from (f"  ! {limit}" for limit in told["limits"])
    if told["decided_by"]:
        yield f"  {told['state']} by {told['decided_by']}, {_shown(told['decided_at'])}"
    if told["reason"]:
        yield f"  {told['reason']}"
    if plan is not None:
        yield ""
        yield from plan_lines(plan, waits=True)
    if told["state"] == "waiting":
        yield ""
        yield f"vip-rules plans approve {name} applies it; vip-rules plans refuse {name} --reason TEXT doesn't."


def _shown(instant: str) -> str:
    return instant.replace("T", " ").replace("+00:00", " UTC")
