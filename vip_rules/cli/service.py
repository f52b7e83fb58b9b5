"""What the commands of the service share: the option that names configurations, and the log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from vip_rules.cli.project import outside

if TYPE_CHECKING:
    from vip_rules.logs.logs import Logs
    from vip_rules.project import Outside

Command = TypeVar("Command", bound=Callable[..., Any])

with_configs = click.option(
    "--config",
    "configs",
    type=click.Path(path_type=Path),
    multiple=True,
    default=("vip-rules.toml",),
    show_default=True,
    help="A shop's configuration; say it again for each further shop.",
)


@contextmanager
def logging(configs: tuple[Path, ...]) -> Iterator[tuple[Logs, Outside]]:
    """The log of the process, as the first configuration has it, and what comes from outside. Everything is logged within."""
    from vip_rules.config import log_level, read_document
    from vip_rules.logs.logs import Logs

    world = outside()
    level = log_level(read_document(configs[0]), world.environment)
    logs = Logs.to(sys.stderr, clock=world.clock, level=level)
    with logs.in_charge():
        yield logs, world
