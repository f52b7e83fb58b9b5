"""`vip-rules plan`: what would change, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.project import day_of, opened, with_as_of, with_config

with_choices = [
    click.option(
        "--on-change",
        type=click.Choice(["now", "next-check", "keep-existing"]),
        help="What a changed program does: move everybody now; promote at once and demote by grace and notice "
        "(next-check, the default); or let those who hold a tier keep it.",
    ),
    click.option("--welcome", is_flag=True, help="Credit and tell those who are enrolled, like a promotion."),
]


def choices(command: Any) -> Any:
    """The options that a plan is made with."""
    for option in reversed(with_choices):
        command = option(command)
    return command


@click.command("plan")
@with_as_of
@choices
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the plan to this .json file, to apply exactly it."
)
@with_config
@as_json
def command(
    as_of: str | None, on_change: Any, welcome: bool, out: Path | None, config: Path, as_json: bool
) -> None:
    """Show what would change, and why: standings, and what follows from them in the store.

    Everybody in the mirror is evaluated (sync brings it up to the store first). Nothing is written.
    """
    from vip_rules.cli.changes import plan_lines
    from vip_rules.outfiles import check_target
    from vip_rules.plan import write_plan
    from vip_rules.planning.making import Request, make_plan

    if out is not None:
        check_target(out, (".json",))
    with opened(config) as project:
        request = Request(
            as_of=day_of(project, as_of), explicit=as_of is not None, on_change=on_change, welcome=welcome
        )
        plan = make_plan(project.database, project.shop, project.program, request, project.means.capabilities)
    if out is not None:
        write_plan(plan, out)
    if as_json:
        print_json(plan.record())
        return
    click.echo("\n".join(plan_lines(plan)))
    if out is not None:
        click.echo(f"\nWritten to {out}: vip-rules apply {out} does exactly that.")
