"""How vip-rules is set up for a shop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from vip_rules.rates import Rates

from vip_rules_shopify.admin.tokens import TokenProvider
from vip_rules_shopify.definitions import Definition

LOOK: Final = "look whether the shop can be reached from here, and check again"
REPAIR: Final = "run vip-rules doctor --repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How vip-rules is set up for a shop: what the shop is compared with.

    `base_url` is where the shop is, `currency` and `timezone` are the program's, `kinds` those of its effects. `wanted` is the
    personal data that is looked for ("email", "birthday"), `webhook_url` where the shop delivers to, None for nowhere;
    `automatic` is whether discounts are given without a code.
    """

    base_url: str
    tokens: TokenProvider
    currency: str
    timezone: ZoneInfo
    clock: Callable[[], datetime]
    kinds: Collection[str]
    definitions: Sequence[Definition]
    rates: Rates
    wanted: frozenset[str] = frozenset({"email", "birthday"})
    webhook_url: str | None = None
    checks_webhooks: bool = False
    automatic: bool = True
