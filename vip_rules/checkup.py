"""A check-up: whether all that vip-rules relies on outside of itself is as it should be, each with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in a sentence. What isn't good says what to do about it.

    `bad` keeps vip-rules from doing its work, or makes it wrong; a `warning` limits it.
    """

    subject: str
    state: State
    says: str
    remedy: str = ""
