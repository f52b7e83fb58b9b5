"""`vip-rules apply`: carry out a plan, exactly it, once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.plan import choices
from vip_rules.cli.project import day_of, opened, with_as_of, with_config


@click.command("apply")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Don't ask before a plan that was made just now.")
@click.option(
    "--confirm", metavar="HASH", help="Confirm the plan of this hash although it goes beyond the guardrails."
)
@with_as_of
@choices
@with_config
@as_json
def command(
    plan_file: Path | None,
    yes: bool,
    confirm: str | None,
    as_of: str | None,
    on_change: Any,
    welcome: bool,
    config: Path,
    as_json: bool,
) -> None:
    """Carry out PLAN, a file of `vip-rules plan --out`; without one, make a plan, show it, ask, and carry it out.

    Called again after an interruption, it goes on where it was. Who has moved since the plan is skipped, and told. Exits with
    1 if an effect was refused or needs a person, with 3 if some are left because the store couldn't be reached.
    """
    from vip_rules.adapter import PlatformFailed
    from vip_rules.apply import apply_plan
    from vip_rules.cli.changes import applied_lines, plan_lines
    from vip_rules.database.connection import PATIENCE
    from vip_rules.errors import UsageError
    from vip_rules.plan import read_plan
    from vip_rules.planning.making import Request, make_plan

    if plan_file is not None and (as_of or on_change or welcome):
        raise UsageError("a plan has its day and its choices: leave out --as-of, --on-change and --welcome")
    with opened(config) as project:
        means = project.means
        if plan_file is not None:
            plan = read_plan(plan_file)
        else:
            request = Request(
                as_of=day_of(project, as_of), explicit=as_of is not None, on_change=on_change, welcome=welcome
            )
            plan = make_plan(project.database, project.shop, project.program, request, means.capabilities)
            if not as_json:
                click.echo("\n".join(plan_lines(plan)) + "\n")
            if (plan.changes or plan.waiting) and not yes:
                if as_json or not sys.stdin.isatty():
                    raise UsageError("nobody is there to ask: say --yes, or apply a plan that was looked at")
                click.confirm("Apply this plan?", abort=True)
        applied = apply_plan(
            project.database,
            project.shop,
            project.program,
            plan,
            means,
            confirm=confirm,
            document=project.document,
            patience=PATIENCE,
        )
    if as_json:
        print_json(applied.record())
    else:
        click.echo("\n".join(applied_lines(applied)))
    counts = applied.delivered.counts
    if applied.delivered.left:
        sys.exit(PlatformFailed.exit_code)
    sys.exit(1 if counts["refused"] or counts["parked"] else 0)
