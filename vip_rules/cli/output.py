"""How commands print: for a person, or as JSON; and the progress of long work when a person looks on."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Self

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Rows in columns, the first row as their heads; the columns `right` are set to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(w) if n in right else cell.ljust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join(
        [lines[0].rstrip(), "  ".join("-" * w for w in widths), *(line.rstrip() for line in lines[1:])]
    )


class Progress:
    """Progress bars on standard error, one a piece of work, shown when a person looks on.

    Call it with the name of the work, how much is done, and how much there is.
    """

    def __init__(self) -> None:
        self._name = ""
        self._bar: Any = None

    def __call__(self, name: str, done: int, total: int) -> None:
        """Show how far a piece of work is; another name begins another bar."""
        if name != self._name:
            self.close()
            self._name = name
            self._bar = click.progressbar(
                length=max(total, 1),
                label=name,
                file=sys.stderr,
                hidden=not sys.stderr.isatty(),
                show_eta=False,
            )
            self._bar.__enter__()
        self._bar.update(done - self._bar.pos)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the line of the last bar, so that other things can be said."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
