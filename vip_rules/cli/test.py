"""`vip-rules test`: whether programs decide the cases beside them as their author expects."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.errors import InvalidDocument, Problem


@click.command("test")
@click.argument("programs", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json
def command(programs: tuple[Path, ...], as_json: bool) -> None:
    """Run the cases of PROGRAMS: those in NAME.cases.json beside each NAME.json.

    Each case gives a customer with orders and says what is expected. Exits with 1 if one comes out otherwise.
    """
    from vip_rules.cases import CaseResult, run_cases
    from vip_rules.explanation import MARKS
    from vip_rules.plugins import load_catalogue

    catalogue = load_catalogue()
    results: list[tuple[Path, CaseResult]] = []
    problems: list[Problem] = []
    for path in programs:
        try:
            results += [(path, result) for result in run_cases(path, catalogue)]
        except InvalidDocument as error:
            problems += error.problems
    passed = sum(result.passed for _, result in results)
    if as_json:
        print_json(
            {
                "cases": [
                    {
                        "program": str(path),
                        "case": r.description,
                        "passed": r.passed,
                        "differences": r.differences,
                    }
                    for path, r in results
                ],
                "problems": [asdict(problem) for problem in problems],
            }
        )
    else:
        for path, result in results:
            click.echo(f"{MARKS[result.passed]} {path.stem}: {result.description}")
            for line in (*result.differences, *(() if result.passed else result.explanation)):
                click.echo(f"    {line}".rstrip())
        for problem in problems:
            click.echo(f"error: {problem}")
        click.echo(f"{passed} of {len(results)} cases came out as expected.")
    sys.exit(0 if passed == len(results) and not problems else 1)
