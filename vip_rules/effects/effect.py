"""An effect: something that should be so in the store, as plain data.

A state (tags and fields, a tier's discount, entitlements) is put whenever it differs from what is known. What happens once
(a credit, a message) has a key of its own that is never used again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from vip_rules.localdays import day_date
from vip_rules.standing import FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that should be so in the store, with the reason in a sentence. `due` is the local day of what happens once."""

    key: str
    kind: str
    payload: Mapping[str, Any]
    reason: str
    customer_id: str | None = None
    due: int | None = None


@lru_cache(maxsize=4096)
def iso_day(day: int | None) -> str | None:
    """A local day as an ISO date; None for none, and for one that never comes."""
    return None if day is None or day >= FOREVER else str(day_date(day))
