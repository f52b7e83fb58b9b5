"""`vip-rules validate`: whether programs are valid, and what would make them better."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.errors import InvalidDocument, Problem


@click.command("validate")
@click.argument("programs", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json
def command(programs: tuple[Path, ...], as_json: bool) -> None:
    """Check PROGRAMS and say all that is wrong with them, where, and what is expected; then advice.

    A program with advice is valid all the same. Exits with 1 if one is invalid.
    """
    from vip_rules.plugins import load_catalogue
    from vip_rules.program.lint import lint
    from vip_rules.program.load import load_program

    catalogue = load_catalogue()
    checked = []
    for path in programs:
        problems: tuple[Problem, ...]
        try:
            program = load_program(path, catalogue)
        except InvalidDocument as error:
            problems, valid, shown = (
                error.problems,
                False,
                f"{path}: {_count(len(error.problems), 'problem')}",
            )
        else:
            problems, valid = tuple(lint(program)), True
            shown = f"{path}: valid ({_count(len(program.tiers), 'tier')}, version {program.version})"
        checked.append((path, valid, problems))
        if not as_json:
            click.echo(shown)
            for problem in problems:
                click.echo(f"  {'advice' if problem.lint else 'error'}: {_placed(problem)}")
    if as_json:
        print_json(
            [
                {
                    "file": str(path),
                    "valid": valid,
                    "problems": [
                        {"pointer": p.pointer, "message": p.message, "kind": "advice" if p.lint else "error"}
                        for p in problems
                    ],
                }
                for path, valid, problems in checked
            ]
        )
    sys.exit(0 if all(valid for _, valid, _ in checked) else 1)


def _placed(problem: Problem) -> str:
    return f"{problem.pointer}: {problem.message}" if problem.pointer else problem.message


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
