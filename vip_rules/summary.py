"""A summary of qualifications: for each tier how many customers, and what share of them and of the spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from vip_rules.metrics.figure import Figure
from vip_rules.qualification import Qualifications


@dataclass(frozen=True, slots=True)
class TierSummary:
    """A tier (None: those without one), its customers, and their spend in minor units (None: the program asks for none)."""

    id: str | None
    name: str
    customers: int
    spend: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All tiers from highest to none; `measure` is the figure whose sum is their spend."""

    tiers: tuple[TierSummary, ...]
    measure: Figure | None

    @property
    def customers(self) -> int:
        """All customers."""
        return sum(tier.customers for tier in self.tiers)

    @property
    def spend(self) -> int:
        """Everybody's spend, in minor units."""
        return sum(tier.spend or 0 for tier in self.tiers)

    def share_of_customers(self, tier: TierSummary) -> str:
        """A tier's share of all customers: "12.3 %"."""
        return _percent(tier.customers, self.customers)

    def share_of_spend(self, tier: TierSummary) -> str:
        """A tier's share of everybody's spend: "45.6 %"."""
        return _percent(tier.spend or 0, self.spend)


def summarise(qualifications: Qualifications) -> Summary:
    """The summary of some qualifications, by the program's first unfiltered spend figure."""
    program = qualifications.program
    measure = next((f for f in program.figures() if f.metric.name == "spend" and not f.where), None)
    sums: list[Any] = [pl.len().alias("customers")]
    if measure is not None:
        sums.append(pl.col(measure.key).sum().alias("spend"))
    found = {
        row["tier"]: row for row in qualifications.frame.group_by("tier").agg(sums).iter_rows(named=True)
    }
    rungs: list[tuple[str | None, str]] = [(tier.id, tier.name) for tier in reversed(program.tiers)]
    none = {"customers": 0, "spend": 0}
    return Summary(
        tuple(
            TierSummary(
                tier, name, (row := found.get(tier, none))["customers"], row["spend"] if measure else None
            )
            for tier, name in [*rungs, (None, "no tier")]
        ),
        measure,
    )


def _percent(part: int, whole: int) -> str:
    tenths = (2_000 * part + whole) // (2 * whole) if whole else 0
    return f"{tenths // 10}.{tenths % 10} %"
