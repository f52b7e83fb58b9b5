"""The words of golden cases about tiers: a program, some rows of a store, and who gets which tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.specification.figures import Store
from tests.specification.golden.case import Row, order, store
from tests.specification.logic import Held
from tests.specification.progress import Missing


@dataclass(frozen=True)
class Decision:
    """A rule with a program and a store, and what the program makes of the customers of the store."""

    rule: str
    program: Mapping[str, Any]
    store: Store
    tiers: Mapping[str, str | None]
    """Each customer's tier."""

    held: Mapping[tuple[str, str], Held] = field(default_factory=dict)
    """Ann's tests, by figure and comparator."""

    missing: tuple[Missing, ...] | None = None
    """What Ann misses to the next tier; None: the case isn't about it."""


def decision(
    rule: str,
    *rows: Row,
    tiers: Mapping[str, Any],
    tier: str | Mapping[str, str | None] | None = None,
    held: Mapping[tuple[str, str], Held] | None = None,
    missing: tuple[Missing, ...] | None = None,
    currency: str = "EUR",
    conditions: Mapping[str, Any] | None = None,
) -> Decision:
    """A golden case. `tiers` are conditions by the tiers' ids, lowest first; `tier` is Ann's, or everybody's."""
    program = {
        "format": 1,
        "program": "golden",
        "currency": currency,
        "timezone": "Europe/Vienna",
        "conditions": dict(conditions or {}),
        "tiers": [
            {"id": name, "name": name.title(), "qualify": tiers[name], "benefits": []} for name in tiers
        ],
    }
    everybody = tier if isinstance(tier, Mapping) else {"ann": tier}
    return Decision(rule, program, store(*rows), everybody, held or {}, missing)


def wants(metric: str, window: str | None = None, **tests: Any) -> dict[str, Any]:
    """A comparison, as a program writes it."""
    return {"metric": metric, **({"window": window} if window else {}), **tests}


BOUGHT = order("2026-06-10", 100_000)
"""Ann's only order, of 1,000.00, twenty days ago."""

UNKNOWN = wants("days_between_orders", at_most=30)
"""Of somebody who has ordered once."""

TRUE, FALSE = wants("orders", at_least=1), wants("orders", at_least=2)
