"""What commands of a project share: the option that names its configuration, and opening it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from vip_rules.project import Outside, Project

Command = TypeVar("Command", bound=Callable[..., Any])

with_config = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default="vip-rules.toml",
    show_default=True,
    help="The project's configuration.",
)

with_as_of = click.option(
    "--as-of",
    "as_of",
    metavar="YYYY-MM-DD",
    help="The local day; by default today, in the program's time zone.",
)


def outside() -> Outside:
    """The real clock, waiting, randomness and environment."""
    from vip_rules.project import Outside

    return Outside(environment=os.environ)


@contextmanager
def opened(config: Path) -> Iterator[Project]:
    """The project of a configuration."""
    from vip_rules.project import open_project

    with open_project(config, outside()) as project:
        yield project


def day_of(project: Project, as_of: str | None) -> int:
    """The local day that --as-of names, or the present one. Raises UsageError for what is no day."""
    return project.today() if as_of is None else day_named("--as-of", as_of, project)


def day_named(option: str, text: str, project: Project) -> int:
    """The local day that an option names. Raises UsageError for what is no day."""
    from vip_rules.errors import UsageError
    from vip_rules.localdays import InvalidTime, local_day

    try:
        if len(text) != len("2026-01-31"):
            raise InvalidTime("")
        return local_day(text, project.program.timezone)
    except InvalidTime:
        raise UsageError(f"{option}: found {text!r}, expected a day such as 2026-01-31") from None
