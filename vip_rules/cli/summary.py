"""A summary of qualifications as commands print it: a table of tiers, or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vip_rules.cli.output import table

if TYPE_CHECKING:
    from vip_rules.qualification import Qualifications
    from vip_rules.summary import Summary


def summary_text(summary: Summary, qualifications: Qualifications) -> str:
    """A summary as a table."""
    currency = qualifications.program.currency
    rows = [["tier", "customers", "share"]]
    if summary.measure:
        rows[0] += [summary.measure.phrase, "share"]
    for tier in summary.tiers:
        rows.append([tier.name, f"{tier.customers:,}", summary.share_of_customers(tier)])
        if tier.spend is not None:
            rows[-1] += [currency.shown(tier.spend), summary.share_of_spend(tier)]
    return table(rows, right=(1, 2, 3, 4))


def summary_data(summary: Summary, qualifications: Qualifications) -> dict[str, Any]:
    """A summary as JSON: counts and shares by tier."""
    from vip_rules.localdays import day_date

    currency = qualifications.program.currency
    return {
        "program": qualifications.program.id,
        "version": qualifications.program.version,
        "as_of": str(day_date(qualifications.as_of)),
        "customers": summary.customers,
        "tiers": [
            {
                "tier": tier.id,
                "customers": tier.customers,
                "spend": None if tier.spend is None else currency.major(tier.spend),
            }
            for tier in summary.tiers
        ],
    }
