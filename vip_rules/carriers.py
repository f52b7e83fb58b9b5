"""Carriers: who carries effects out, the store's adapter and channels, and all that a delivery works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from vip_rules.adapter import (
    Capability,
    Intent,
    Outcome,
    Sight,
)
from vip_rules.channels.quiet_hours import QuietHours


class Carrier(Protocol):
    """What carries effects out: an adapter, or a channel for messages."""

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """What it does, by kind."""

    @property
    def batch(self) -> int:
        """How many intents it takes at a time."""

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Carry out effects, and tell the outcome of each."""

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What is there under each intent's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a delivery works with: carriers (the first that does a kind has it), and what it must not look up by itself.

    `clock` gives the present instant with its offset, `sleep` waits some seconds, `entropy` gives so many random bytes.
    `patience` is how many seconds at most to wait for a busy store, `per_second` how many effects are sent in a second at most
    (0: as many as the store takes). Nothing more is sent once it is `stopping`, and no messages in `quiet` hours. `busy`
    remembers by kind until when, in microseconds since 1970, its carrier asked to be left alone, and why.
    """

    carriers: tuple[Carrier, ...]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]  # not money
    entropy: Callable[[int], bytes]
    patience: int = 60
    per_second: int = 0
    stopping: Callable[[], bool] = lambda: False
    quiet: QuietHours | None = None
    busy: dict[str, tuple[int, str]] = field(default_factory=dict)

    def carrier(self, kind: str) -> Carrier | None:
        """Who carries out effects of a kind."""
        return next((carrier for carrier in self.carriers if kind in carrier.capabilities), None)

    def busy_now(self) -> dict[str, tuple[int, str]]:
        """The kinds whose carrier asked to be left alone: for how many seconds still, and why."""
        now = self.now()
        return {
            kind: (-((now - until) // 1_000_000), why)
            for kind, (until, why) in self.busy.items()
            if until > now
        }

    def resting(self, kind: str) -> str | None:
        """Until when effects of a kind aren't sent at the moment, "09:00"; None if they are."""
        return None if self.quiet is None or kind != "message" else self.quiet.until(self.clock())

    @property
    def capabilities(self) -> dict[str, Capability]:
        """What is done of each kind, by whoever does it."""
        found: dict[str, Capability] = {}
        for carrier in reversed(self.carriers):
            found |= carrier.capabilities
        return found

    def now(self) -> int:
        """The present instant in microseconds since 1970."""
        instant = self.clock()
        return int(instant.timestamp()) * 1_000_000 + instant.microsecond  # not money
