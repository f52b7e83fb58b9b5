"""The time zones that a program may name: those of the IANA database, as the package tzdata brings them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from vip_rules.program.wording import nearest

LONGEST_ABBREVIATION: Final = 4

CONTINENTS: Final = (
    "Africa/",
    "America/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def time_zones() -> tuple[str, ...]:
    """The names of all time zones: the same on every machine, whatever its own database has."""
    return tuple(sorted((files("tzdata") / "zones").read_text(encoding="utf-8").split()))


def zone_meant(text: str) -> str | None:
    """The time zone that somebody means by a place, "New York", or by a name misspelt; None for what may be any of many.

    For an offset (GMT+1) or an abbreviation (CEST, IST) no name is near enough: one letter more is another continent.
    """
    wanted = text.strip().casefold().replace(" ", "_")
    folded = {zone.casefold(): zone for zone in time_zones()}
    if wanted in folded:
        return folded[wanted]
    for name, zone in folded.items():
        if zone.startswith(CONTINENTS) and name.endswith(f"/{wanted}"):
            return zone
    vague = len(wanted) <= LONGEST_ABBREVIATION or any(character.isdecimal() for character in wanted)
    return None if vague else nearest(text, time_zones())
