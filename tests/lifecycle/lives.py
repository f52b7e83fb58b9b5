"""The words of golden lives: a program's `status`, and days with what is known, and the standing that each must close with.

    life("short starts grace",
         day("2026-03-01", "gold", "promotion: member gold, since 2026-03-01"),
         day("2026-06-10", "silver", "grace: grace gold, grace until 2026-09-10"))

A day's facts hold until the next day's. They name the highest tier qualified for (those below are, too), or "none"; then
", keeps gold", ", undecided silver", ", cycle 20". What is expected is: what happened since the day before in the list,
joined by " and ", and a colon; the status and the tier that counts; and any other fields of the standing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, Final

from vip_rules.lifecycle import Facts
from vip_rules.localdays import day_date, day_number
from vip_rules.plugins import load_catalogue
from vip_rules.program.load import read_program
from vip_rules.program.program import Program
from vip_rules.program.status import Status
from vip_rules.standing import Pin, Standing

CATALOGUE: Final = load_catalogue()
LADDER: Final = ("silver", "gold", "platinum")
BENEFITS: Final[Mapping[str, list[dict[str, Any]]]] = {
    "silver": [{"type": "discount", "percent": 10}, {"type": "free_shipping", "service": "standard"}],
    "gold": [{"type": "discount", "percent": 15}, {"type": "free_shipping", "service": "expedited"}],
    "platinum": [{"type": "discount", "percent": 20}, {"type": "pre_order"}],
}


@dataclass(frozen=True)
class Day:
    """A day of a golden life. What is `told` and `pinned` on it comes after its evaluation."""

    day: int
    facts: Facts
    expected: str
    told: str = ""
    pinned: Pin | None = None
    held_on: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Golden:
    """A rule of the design with a life that shows it."""

    rule: str
    status: Mapping[str, Any]
    days: tuple[Day, ...]
    opening: Standing


def life(rule: str, *days: Day, opening: Standing | None = None, **status: Any) -> Golden:
    """A golden life; without `warn_before` nobody is warned, so that lives are short to tell."""
    return Golden(rule, {"warn_before": []} | status, days, opening or Standing())


def day(
    text: str,
    facts: str,
    expected: str,
    *,
    told: str = "",
    pinned: Pin | None = None,
    held_on: Mapping[str, str] | None = None,
) -> Day:
    """A day of a life. `held_on` names the highest tier qualified for on earlier days, by today's data."""
    held = {number(at): mask(tier) for at, tier in (held_on or {}).items()}
    return Day(number(text), read_facts(number(text), facts), expected, told, pinned, held)


def pin(tier: str | None, until: str | None = None, *, floor: bool = False) -> Pin:
    return Pin(tier, None if until is None else number(until), "a complaint", "ann", floor)


def number(text: str) -> int:
    return day_number(date.fromisoformat(text))


def mask(tier: str) -> int:
    """The tiers up to one, or that one only."""
    if tier.startswith("only "):
        return bit(tier.removeprefix("only "))
    return 0 if tier == "none" else (1 << (LADDER.index(tier) + 1)) - 1


def bit(tier: str) -> int:
    return 1 << LADDER.index(tier)


def read_facts(at: int, text: str) -> Facts:
    qualified, *others = text.split(", ")
    said = dict(other.split(" ") for other in others)
    qualifies = mask(qualified)
    undecided = bit(said["undecided"]) if "undecided" in said else 0
    keeps = qualifies | (bit(said["keeps"]) if "keeps" in said else 0)
    return Facts(
        at, qualifies & ~undecided, keeps, undecided, int(said["cycle"]) if "cycle" in said else None
    )


def program(status: Mapping[str, Any]) -> Program:
    """A program with three tiers."""
    return replace(WITHOUT_STATUS, status=_status(json.dumps(status)))


def document(**more: Any) -> dict[str, Any]:
    """The program's document."""
    tiers = [
        {
            "id": name,
            "name": name.title(),
            "qualify": {"metric": "spend", "window": "12 months", "at_least": 1000 * (n + 1)},
            "benefits": BENEFITS[name],
        }
        for n, name in enumerate(LADDER)
    ]
    whole = {"format": 1, "program": "life", "currency": "USD", "timezone": "UTC", "tiers": tiers}
    return whole | more


@cache
def _status(text: str) -> Status:
    return read_program(document(status=json.loads(text)), "life.json", CATALOGUE).status


WITHOUT_STATUS: Final = read_program(document(), "life.json", CATALOGUE)


def said(standing: Standing, at: int, happened: list[str], expected: str) -> str:
    """A standing in the words of what is expected of it, with the fields that are named there."""
    tier = standing.effective(WITHOUT_STATUS.tiers, at) or "none"
    before = " and ".join(happened) + ": " if happened else ""
    named = [part.rpartition(" ")[0] for part in expected.rpartition(": ")[2].split(", ")[1:]]
    return ", ".join([f"{before}{standing.status(at)} {tier}", *(_field(standing, name) for name in named)])


def _field(standing: Standing, name: str) -> str:
    value = getattr(standing, name.replace(" ", "_"))
    if value is None:
        return f"{name} nothing"
    return f"{name} {value if isinstance(value, str) else day_date(value)}"
