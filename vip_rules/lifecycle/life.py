"""The words of a life: what is known of a customer on a day, what happened to their standing, and what lies ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vip_rules.standing import Standing

Kind = Literal[
    "enrolment",
    "promotion",
    "demotion",
    "revocation",
    "grace",
    "requalification",
    "term",
    "landing ended",
    "pin ended",
]
"""What can happen to a standing."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a customer from a day on, until the next facts. Bit n of each mask is about the n-th tier, lowest first.

    `qualifies`: its `qualify` holds; `keeps`: its `keep` holds, or its `qualify` where it has none; `undecided`: its
    conditions rest on untrusted windows, so that nothing is decided by them, and its bit of `qualifies` is 0. `cycle` are
    the customer's days between orders, None if unknown.
    """

    day: int
    qualifies: int
    keeps: int
    undecided: int = 0
    cycle: int | None = None

    @property
    def qualified(self) -> int:
        """The place of the highest tier that is qualified for; -1 for none."""
        return self.qualifies.bit_length() - 1

    def best_below(self, place: int) -> int:
        """The place of the highest tier below one that is qualified for, or might be; -1 for none."""
        return ((self.qualifies | self.undecided) & ((1 << place) - 1)).bit_length() - 1


@dataclass(frozen=True, slots=True)
class Transition:
    """Something that happened to a standing on a day, with the tier before and after, and the reason in a sentence.

    For the end of a pin, the tiers are those that counted.
    """

    kind: Kind
    day: int
    before: str | None
    after: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Life:
    """What has become of a standing, and how: the transitions, and the standing from each day on which it changed."""

    standing: Standing
    transitions: tuple[Transition, ...] = ()
    moments: tuple[tuple[int, Standing], ...] = ()

    def on(self, day: int, opening: Standing) -> Standing:
        """The standing at the close of a replayed day, of a life that began with an opening."""
        return next((standing for begin, standing in reversed(self.moments) if begin <= day), opening)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The day on which the tier that counts will go down without further orders, from one tier to another."""

    day: int
    before: str
    after: str | None
