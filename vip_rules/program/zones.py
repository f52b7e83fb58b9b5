"""The time zones that a program may name: those of the IANA database, as the package tzdata brings them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def time_zones() -> tuple[str, ...]:
    """The names of all time zones: the same on every machine, whatever its own database has."""
    return tuple(sorted((files("tzdata") / "zones").read_text(encoding="utf-8").split()))
