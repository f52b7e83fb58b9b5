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
    usable = sorted((each for each in given if all(key in each.cuts for key in keys)), key=lambda c: c.day)
    if not usable:
        said = "there are none" if not given else f"those of {len(given)} days given have none"
        raise MissingCutPoints(
            f"the program compares customers with each other ({', '.join(keys)}), which takes cut points, and {said}: "
            "evaluate everybody with this program first"
        )
    return {day: next((each for each in reversed(usable) if each.day <= day), usable[0]) for day in days}
