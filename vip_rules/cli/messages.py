"""`vip-rules messages`: what customers are told."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.project import opened, with_config

if TYPE_CHECKING:
    from vip_rules.letters.letters import Letters


@click.group("messages")
def command() -> None:
    """Show what customers are told, in their language."""


@command.command("preview", short_help="Show what goes out, for examples.")
@click.argument("template", required=False)
@click.option("--all", "everything", is_flag=True, help="All templates.")
@click.option(
    "--language",
    metavar="TAG",
    help="The customer's language, such as en, ko, id or zh; by default that of the shop.",
)
@with_config
@as_json
def preview(
    template: str | None, everything: bool, language: str | None, config: Path, as_json: bool
) -> None:
    """Show what goes out by TEMPLATE, or on an occasion, for examples with the tiers and benefits of the program.

    First an example that tells everything, then one that tells the least.
    """
    from vip_rules.errors import UsageError
    from vip_rules.letters.letter import Letter

    if (template is None) is not everything:
        raise UsageError("name a template or an occasion, or say --all")
    found: list[tuple[str, str, Letter]] = []
    with opened(config) as project:
        letters = project.letters
        for name, occasion in _chosen(letters, template):
            found += [(name, occasion, each) for each in letters.previews(name, occasion, language)]
    if as_json:
        records = [
            {"template": name, "occasion": occasion, **letter.record(), "html": letter.html}
            for name, occasion, letter in found
        ]
        print_json(records)
        return
    for name, occasion, letter in found:
        about = name if name == occasion else f"{name} ({occasion})"
        click.echo(f"--- {about}, {letter.language}\nSubject: {letter.subject}\n\n{letter.text}")


def _chosen(letters: Letters, template: str | None) -> list[tuple[str, str]]:
    """The templates of a name or occasion, or all, each with its occasion."""
    from vip_rules.errors import UsageError

    known = list(letters.names())
    chosen = [pair for pair in known if template is None or template in pair]
    if template is not None and not chosen:
        names = list(dict.fromkeys(name for pair in known for name in pair))
        near = get_close_matches(template, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(names)}"
        raise UsageError(f"{template} is no template of the program, and no occasion: {hint}")
    return chosen
