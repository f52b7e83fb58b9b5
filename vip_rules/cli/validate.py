"""`vip-rules validate`: whether programs and their cases are valid, and what would make programs better."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.errors import InvalidDocument, Problem

if TYPE_CHECKING:
    from vip_rules.plugins import Catalogue


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file with what is wrong in it, or advised; `content` says what is in a valid one."""

    file: Path
    problems: tuple[Problem, ...]
    content: str = ""

    @property
    def valid(self) -> bool:
        return all(problem.lint for problem in self.problems)

    def lines(self) -> Iterator[str]:
        what = f"valid ({self.content})" if self.valid else _count(len(self.problems), "problem")
        yield f"{self.file}: {what}"
        for problem in self.problems:
            place = f"{problem.pointer}: " if problem.pointer else ""
            yield f"  {_kind(problem)}: {place}{problem.message}"


@click.command("validate")
@click.argument("programs", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json
def command(programs: tuple[Path, ...], as_json: bool) -> None:
    """Check PROGRAMS and say all that is wrong with them, where, and what is expected; then advice.

    The cases in NAME.cases.json beside NAME.json are checked too; `vip-rules test` runs them. A program with advice is
    valid all the same. Exits with 1 if a file is invalid.
    """
    from vip_rules.plugins import load_catalogue

    catalogue = load_catalogue()
    checked = [file for path in programs for file in _check(path, catalogue)]
    if as_json:
        print_json(
            [
                {
                    "file": str(file.file),
                    "valid": file.valid,
                    "problems": [
                        {"pointer": p.pointer, "message": p.message, "kind": _kind(p)} for p in file.problems
                    ],
                }
                for file in checked
            ]
        )
    else:
        for file in checked:
            click.echo("\n".join(file.lines()))
    sys.exit(0 if all(file.valid for file in checked) else 1)


def _check(path: Path, catalogue: Catalogue) -> Iterator[_Checked]:
    """A program, and then its cases if it is valid and has some."""
    from vip_rules.cases.reading import ENDING, read_cases, refuse_cases
    from vip_rules.program.lint import lint
    from vip_rules.program.load import load_program

    file = path
    try:
        refuse_cases(path)
        program = load_program(path, catalogue)
        content = f"{_count(len(program.tiers), 'tier')}, version {program.version}"
        yield _Checked(path, tuple(lint(program)), content)
        file = path.with_suffix(ENDING)
        if file.exists():
            yield _Checked(file, (), _count(len(read_cases(file, program, catalogue)), "case"))
    except InvalidDocument as error:
        yield _Checked(file, error.problems)


def _kind(problem: Problem) -> str:
    return "advice" if problem.lint else "error"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
