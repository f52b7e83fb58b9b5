"""What a person should know of a page: rows that were left out, and rows that were kept in spite of a doubt."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

_NAMED: Final = 5
"""How many rows a sentence names."""


class Remarks:
    """Remarks on the rows of one page, gathered into few sentences."""

    def __init__(self) -> None:
        self._left_out: dict[str, list[str]] = defaultdict(list)
        self._doubtful: dict[str, list[str]] = defaultdict(list)

    def leave_out(self, kind: str, row: str, reason: str) -> None:
        """Note that a row ("order", "customer") was left out."""
        self._left_out[kind].append(f"{row} ({reason})")

    def doubt(self, kind: str, row: str, reason: str) -> None:
        """Note that a row was kept, though something about it is odd."""
        self._doubtful[kind].append(f"{row} ({reason})")

    def sentences(self) -> tuple[str, ...]:
        """The remarks for a person."""
        return (
            *(
                f"Left out, as it can't be used: {kind} {_few(rows)}."
                for kind, rows in self._left_out.items()
            ),
            *(f"Look at it in Shopify: {kind} {_few(rows)}." for kind, rows in self._doubtful.items()),
        )


def _few(rows: list[str]) -> str:
    more = f"; and {len(rows) - _NAMED:,} more" if len(rows) > _NAMED else ""
    return "; ".join(rows[:_NAMED]) + more
