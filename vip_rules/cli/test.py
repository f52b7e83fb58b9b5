"""`vip-rules test`: whether programs decide the cases beside them as their author expects."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json


@click.command("test")
@click.argument("programs", nargs=-1, required=True, type=click.Path(path_type=Path))
@as_json
def command(programs: tuple[Path, ...], as_json: bool) -> None:
    """Run the cases of PROGRAMS: those in NAME.cases.json beside each NAME.json.

    Each case gives a customer with orders and says what is expected. Exits with 1 if one comes out otherwise.
    """
    from vip_rules.cases import run_cases
    from vip_rules.plugins import load_catalogue

    catalogue = load_catalogue()
    results = [(path, result) for path in programs for result in run_cases(path, catalogue)]
    failed = sum(not result.passed for _, result in results)
    if as_json:
        print_json(
            [
                {
                    "program": str(path),
                    "case": r.description,
                    "passed": r.passed,
                    "differences": list(r.differences),
                }
                for path, r in results
            ]
        )
        sys.exit(1 if failed else 0)
    for path, result in results:
        click.echo(f"{'✓' if result.passed else '✗'} {path.stem}: {result.description}")
        for line in (*result.differences, *(() if result.passed else result.explanation)):
            click.echo(f"    {line}".rstrip())
    click.echo(f"{len(results) - failed} of {len(results)} cases came out as expected.")
    sys.exit(1 if failed else 0)
