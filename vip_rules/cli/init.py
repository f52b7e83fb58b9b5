"""`vip-rules init`: a project to begin with, that works at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.errors import VipRulesError

FOLDER: Final = Path(__file__).parent.parent / "starter"

AS_OF: Final = date(2026, 11, 20)
"""The day on which the example store was made: its days are moved, so that it is as old on the day of the call."""

DAY: Final = re.compile(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")


class AlreadyThere(VipRulesError):
    """Files of a project that init would overwrite: call it in another folder."""


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@as_json
def command(folder: Path, as_json: bool) -> None:
    """Make a project in DIR (by default here): a program with three tiers and its cases, a configuration, and a small store.

    Everything works at once. Nothing is overwritten: if a file is there already, nothing is made.
    """
    files = dict(_files(today()))
    if there := [name for name in files if folder.joinpath(name).exists()]:
        raise AlreadyThere(
            f"{folder}: {', '.join(there)} is there already, and nothing was made: name another folder"
        )
    for name, text in files.items():
        path = folder.joinpath(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if as_json:
        print_json({"folder": str(folder), "files": list(files)})
        return
    click.echo(f"Made in {folder}: {', '.join(files)}.\n")
    click.echo(_next_steps(folder))


def today() -> date:
    """The day of the call."""
    return datetime.now(UTC).date()


def _files(day: date) -> Iterator[tuple[str, str]]:
    """The files of a project, by their names."""
    from vip_rules.plugins import load_catalogue
    from vip_rules.program.schema import cases_schema, program_schema

    for name in ("vip-rules.toml", "program.json", "program.cases.json"):
        yield name, FOLDER.joinpath(name).read_text("utf-8")
    yield "program.schema.json", _written(program_schema(load_catalogue()))
    yield "cases.schema.json", _written(cases_schema())
    for path in sorted((FOLDER / "store").iterdir()):
        yield f"store/{path.name}", _moved(path.read_text("utf-8"), day - AS_OF)
    yield ".gitignore", (FOLDER / "gitignore").read_text("utf-8")


def _written(schema: object) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _moved(text: str, by: timedelta) -> str:
    """A text with all its days moved."""
    return DAY.sub(lambda day: str(date.fromisoformat(day[0]) + by), text)


def _next_steps(folder: Path) -> str:
    there = "" if folder.resolve() == Path.cwd() else f"  cd {folder}\n"
    return (
        f"Next:\n{there}"
        "  vip-rules validate program.json    is the program sound?\n"
        "  vip-rules test program.json        does it decide the cases as expected?\n"
        "  vip-rules sync                     read the store\n"
        "  vip-rules plan                     what would change, and why\n"
        "  vip-rules apply                    carry it out; here, into files in out/\n"
        "  vip-rules explain bruno            why this tier, what is missing, until when\n\n"
        "Then put your own store's export into store/, or choose another adapter in vip-rules.toml, and change the tiers."
    )
