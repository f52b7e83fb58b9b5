"""Cut points: what a day's population looked like in each rank, so that others are scored by it until the next ones.

They hold the least value of each ten-thousandth of the population, so that scores (fifths) and percentiles (hundredths of a
percent) of that very population come out as if everybody were ranked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from vip_rules.errors import VipRulesError

SHARES: Final = 10_000
"""In how many parts a population is cut."""


class MissingCutPoints(VipRulesError):
    """Nobody's place among the others can be told: recalculate everybody, which makes cut points."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A population in one rank: how many they are, and in steps, how many of them are strictly worse than a value.

    The n-th step begins at the n-th of `values`, which rise, and has the n-th of `worse`. A value between two steps belongs
    to the lower one; below the first nobody is worse.
    """

    population: int
    values: tuple[int, ...] = ()
    worse: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CutPoints:
    """The cuts of a local day's populations, by what was ranked: "orders[12 months]: sum value"."""

    day: int
    cuts: Mapping[str, Cut]

    def text(self) -> str:
        """All of it as JSON: the same cut points are the same text."""
        document = {"cuts": {key: asdict(cut) for key, cut in self.cuts.items()}, "day": self.day}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    @classmethod
    def of(cls, text: str) -> CutPoints:
        """Cut points out of their text."""
        document = json.loads(text)
        cuts = {
            key: Cut(cut["population"], tuple(cut["values"]), tuple(cut["worse"]))
            for key, cut in document["cuts"].items()
        }
        return cls(document["day"], cuts)


def in_force(given: Sequence[CutPoints], keys: Sequence[str], days: Sequence[int]) -> dict[int, CutPoints]:
    """By which of the given cut points each day is scored: the latest ones not after it, or else the earliest.

    Only those that have all of the keys will do. Raises MissingCutPoints.
    """
    found: dict[int, CutPoints] = {}
    for day in days:
        # The cuts of a year of days are large: only those are looked at that may be in force.
        latest_first = sorted(
            given, key=lambda each: (each.day <= day, each.day if each.day <= day else -each.day)
        )
        fitting = next(
            (each for each in reversed(latest_first) if all(key in each.cuts for key in keys)), None
        )
        if fitting is None:
            said = f"none of the {len(given)} given fits" if given else "none are given"
            raise MissingCutPoints(
                f"the program compares customers with each other ({', '.join(keys)}), which takes cut points, and {said}: "
                "evaluate everybody with this program first"
            )
        found[day] = fitting
    return found
