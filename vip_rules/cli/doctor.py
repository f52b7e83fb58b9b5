"""`vip-rules doctor`: whether everything is as it should be, and what to do where it isn't."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.project import opened, with_config

if TYPE_CHECKING:
    from vip_rules.checkup import Finding

SIGNS: Final = {"good": "✓", "warning": "!", "bad": "✗"}


@click.command("doctor")
@click.option("--repair", is_flag=True, help="Put right in the store what vip-rules relies on there, first.")
@with_config
@as_json
def command(repair: bool, config: Path, as_json: bool) -> None:
    """Look whether everything is as it should be: the program, the mirror, the ledger, and how the store is set up.

    With --repair what vip-rules itself needs in the store (webhook subscriptions, definitions of fields) is made or mended
    first. Exits with 1 if something keeps vip-rules from doing its work.
    """
    from vip_rules.errors import VipRulesError
    from vip_rules.operations.condition import condition
    from vip_rules.operations.status import status_of
    from vip_rules.operations.switch import pause_of

    with opened(config) as project:
        with project.database.reading() as connection:
            paused = pause_of(connection, project.shop)
        if repair and paused:
            raise VipRulesError(
                f"paused by {paused.by} ({paused.reason}), and --repair changes the store: vip-rules resume goes on"
            )
        repaired = list(project.adapter.repair()) if repair else []
        with project.database.reading() as connection:
            status = status_of(connection, project.shop, project.program, verify=True)
        now, can = project.outside.clock(), project.means.capabilities
        found = [*condition(status, project.program, can, now), *project.adapter.checkup()]
    if as_json:
        data = {"repaired": repaired, "findings": [_record(finding) for finding in found]}
        print_json(data)
    else:
        click.echo("\n".join([*(f"Repaired: {each}" for each in repaired), *_lines(found)]))
    if any(finding.state == "bad" for finding in found):
        raise click.exceptions.Exit(1)


def _lines(found: Sequence[Finding]) -> Iterator[str]:
    wide = max(len(finding.subject) for finding in found)
    for finding in found:
        yield f"{SIGNS[finding.state]} {finding.subject.ljust(wide)}  {finding.says}"
        if finding.remedy:
            yield f"  {' ' * wide}  → {finding.remedy}"
    amiss = [sum(finding.state == state for finding in found) for state in ("bad", "warning")]
    said = [f"{count:,} {name}" for count, name in zip(amiss, ("bad", "to look at"), strict=True) if count]
    yield f"\n{'All is well' if not said else ', '.join(said)}."


def _record(finding: Finding) -> dict[str, str | None]:
    return {
        "subject": finding.subject,
        "state": finding.state,
        "says": finding.says,
        "remedy": finding.remedy or None,
    }
