"""The person at the command line: their name, and what they do by hand."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from vip_rules.operations.hand import Hand
    from vip_rules.project import Project

with_by = click.option("--by", metavar="NAME", help="Who does it, for the ledger; by default the login name.")


def hand_of(project: Project, by: str | None) -> Hand:
    """The hand of the person who called the command."""
    return project.hand(by or login())


def login() -> str:
    """The login name of whoever called the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
