"""The built-in metrics and benefits, registered like any plugin's."""

from __future__ import annotations

from collections.abc import Iterable

from vip_rules.benefits.definition import BenefitType
from vip_rules.hookspecs import hookimpl
from vip_rules.metrics.definition import Metric


@hookimpl
def vip_rules_metrics() -> Iterable[Metric]:
    """The first set of metrics."""
    from vip_rules.metrics import engagement, frequency, membership, ranking, recency, spend, trends

    families = (spend, frequency, recency, trends, ranking, engagement, membership)
    return [metric for family in families for metric in family.METRICS]


@hookimpl
def vip_rules_benefits() -> Iterable[BenefitType]:
    """The first set of benefits."""
    from vip_rules.benefits import BENEFITS

    return BENEFITS
