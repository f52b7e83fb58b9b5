"""A client of a shop for tests: its clock stands still, and it notes how long it would sleep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.recordings import SHOP
from vip_rules_woocommerce.rest.client import Rest

NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
KEY = "ck_canary0key"
SECRET = "cs_canary0secret"


@dataclass
class Asking:
    """What a client of ours did besides asking: `slept` are its pauses, in seconds."""

    slept: list[float] = field(default_factory=list)

    def rest(self, url: str = SHOP, **options: Any) -> Rest:
        """A client; its random bytes are never the same twice."""
        numbers = count(1)
        usual: dict[str, Any] = {
            "key": KEY,
            "secret": SECRET,
            "clock": lambda: NOW,
            "sleep": self.slept.append,
            "entropy": lambda size: next(numbers).to_bytes(size, "big"),
        }
        return Rest(url, **{**usual, **options})
