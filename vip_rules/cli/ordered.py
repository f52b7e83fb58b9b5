"""Groups of commands that stand in the order in which they are written down."""

from __future__ import annotations

import click


class InOrder(click.Group):
    """Commands in the order in which they were added, which is that of the work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)
