"""A nudge: something that a customer may be told unasked, though nothing has happened to their standing."""

from __future__ import annotations

from dataclasses import dataclass

from vip_rules.tiers import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """What a customer may be told on an occasion about a tier: the next one, or theirs; due on a local day.

    `name` is the beginning of its key, and so says how often it may be told. `instead` is the name of what leaves no need for
    it, on that day or once it was told.
    """

    occasion: str
    customer_id: str
    tier: Tier
    name: str
    due: int
    instead: str = ""

    @property
    def key(self) -> str:
        """Its business key, which is used once."""
        return f"{self.name}:{self.customer_id}"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of which none may have been used before."""
        return (self.key, f"{self.instead}:{self.customer_id}") if self.instead else (self.key,)
