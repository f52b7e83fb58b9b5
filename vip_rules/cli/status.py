"""`vip-rules status`: how the shop stands, on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vip_rules.cli.output import as_json, print_json, table
from vip_rules.cli.project import opened, with_config

if TYPE_CHECKING:
    from vip_rules.operations.drift import Drift
    from vip_rules.operations.status import ShopStatus
    from vip_rules.program.program import Program

MOST_DRIFT = 20
"""So many changes by hand are shown as text."""


@click.command("status")
@click.option("--verify", is_flag=True, help="Reckon the ledger's whole chain again.")
@click.option("--drift", is_flag=True, help="Look into the store for what was changed there by hand.")
@with_config
@as_json
def command(verify: bool, drift: bool, config: Path, as_json: bool) -> None:
    """Show how the shop stands: program, mirror, members, notices, and what waits. Nothing is changed.

    Exits with 1 if the ledger doesn't verify.
    """
    from vip_rules.operations.drift import look
    from vip_rules.operations.status import status_of

    with opened(config) as project:
        with project.database.reading() as connection:
            status = status_of(connection, project.shop, project.program, verify=verify)
        found = look(project.database, project.shop, project.means) if drift else None
    if as_json:
        print_json(status.record() | ({"drift": found.record()} if found else {}))
    else:
        click.echo("\n".join(_lines(status, project.program)))
        if found:
            click.echo("\n".join(_drift_lines(found)))
    if status.breaks:
        raise click.exceptions.Exit(1)


def _lines(status: ShopStatus, program: Program) -> Iterator[str]:
    from vip_rules.localdays import day_date
    from vip_rules.wording import day_in_words

    yield f"{status.shop} ({status.adapter}), program {status.program} {status.version}"
    if status.pause:
        pause = status.pause
        yield f"! Paused by {pause.by} ({pause.reason}): vip-rules resume goes on."
    if status.changed:
        yield f"! The program in the file is another than the one last applied ({status.applied_version})."
    yield ""
    yield from _mirror_lines(status)
    yield ""
    if status.day is None:
        yield "Nothing was applied yet: vip-rules plan shows what would change."
    else:
        yield f"Members as of {day_in_words(day_date(status.day))}, the last applied day"
        yield from (f"  {line}" for line in _members(status, program).splitlines())
        if status.demotions:
            first = min(status.demotions)
            count = sum(status.demotions.values())
            yield (
                f"Notice of a demotion was given to {count:,} customer{'' if count == 1 else 's'}; "
                f"the first one lies ahead on {day_in_words(day_date(first))}."
            )
    yield ""
    yield f"Outbox   {_counted(status.outbox) or 'empty'}"
    if status.inbox:
        yield f"Inbox    {_counted(status.inbox)}"
    if status.plans:
        yield f"Plans    {status.plans:,} waiting for a person: vip-rules plans list"
    yield from _jobs(status)
    verified = {
        None: "",
        True: ", the chain verifies",
        False: ", THE CHAIN DOESN'T VERIFY",
    }[None if status.breaks is None else not status.breaks]
    yield f"Ledger   {status.entries:,} entries{verified}"
    yield from (f"  entry {each.seq} {each.what}" for each in status.breaks or ())


def _jobs(status: ShopStatus) -> Iterator[str]:
    for n, run in enumerate(status.runs):
        at = run.ended_at.isoformat().replace("T", " ").replace("+00:00", " UTC")
        said = "" if run.outcome == "done" else f": {'; '.join(run.says)}"
        yield f"{'' if n else 'Jobs':8} {run.job} {run.outcome} at {at}{said}"


def _counted(states: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in states.items())


def _mirror_lines(status: ShopStatus) -> Iterator[str]:
    mirror = status.mirror
    if mirror.synced_at is None:
        yield "Never synced: vip-rules sync reads the store."
    else:
        yield f"Synced {mirror.synced_at.replace('T', ' ').replace('+00:00', ' UTC')}"
    if mirror.unfinished:
        yield "A full sync is unfinished: vip-rules sync goes on with it."
    people = f"  {mirror.customers:,} customers" + (f" and {mirror.gone:,} gone" if mirror.gone else "")
    orders = [f"{mirror.orders:,} orders"]
    if mirror.guests:
        orders.append(f"{mirror.guests:,} of guests")
    if mirror.set_aside:
        orders.append(f"{mirror.set_aside:,} set aside for want of an exchange rate")
    yield f"{people}; {', '.join(orders)}"
    if mirror.dirty:
        yield f"  {mirror.dirty:,} customers have changed since they were last evaluated: vip-rules plan looks at them."


def _members(status: ShopStatus, program: Program) -> str:
    from vip_rules.operations.status import STATUSES

    shown = [name for name in STATUSES if any(by.get(name) for by in status.members.values())] or ["member"]
    names = {tier.id: tier.name for tier in program.tiers}
    rows = [["tier", "customers", *shown]]
    for tier, by in reversed(list(status.members.items())):
        rows.append(
            [names.get(tier, tier), f"{sum(by.values()):,}", *(f"{by.get(name, 0):,}" for name in shown)]
        )
    return table(rows, right=range(1, len(rows[0])))


def _drift_lines(drift: Drift) -> Iterator[str]:
    yield f"Drift    looked at {drift.looked:,} effects in the store: {len(drift.differences):,} changed by hand"
    yield from (f"  {each.sentence()}" for each in drift.differences[:MOST_DRIFT])
    if len(drift.differences) > MOST_DRIFT:
        yield f"  … and {len(drift.differences) - MOST_DRIFT:,} more: --json has them all"
    if any(not each.stray for each in drift.differences):
        yield "  vip-rules outbox retry --drifted puts all of them again."
    if drift.unreadable:
        yield f"  {drift.unreadable:,} couldn't be looked at: {drift.reason}"
