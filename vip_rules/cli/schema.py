"""`vip-rules schema`: the JSON Schema that editors complete and check programs with."""

from __future__ import annotations

import click

from vip_rules.cli.output import as_json, print_json


@click.command("schema")
@click.option("--cases", is_flag=True, help="The schema of NAME.cases.json instead.")
@as_json
def command(cases: bool, as_json: bool) -> None:
    """Print the JSON Schema (2020-12) of programs, with the metrics and benefits of the installed plugins.

    Save it beside your program as program.schema.json, and name it there: "$schema": "./program.schema.json".
    """
    from vip_rules.plugins import load_catalogue
    from vip_rules.program.schema import cases_schema, program_schema

    print_json(cases_schema() if cases else program_schema(load_catalogue()))
