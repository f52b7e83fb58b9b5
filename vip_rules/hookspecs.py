"""The hooks of vip-rules. They only register; behaviour lives in the small classes that they return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from vip_rules.adapter import AdapterType
    from vip_rules.benefits.definition import BenefitType
    from vip_rules.metrics.definition import Metric

hookspec = pluggy.HookspecMarker("vip_rules")
hookimpl = pluggy.HookimplMarker("vip_rules")


@hookspec
def vip_rules_metrics() -> Iterable[Metric]:
    """The metrics that a plugin adds to the rules' vocabulary."""
    raise AssertionError("a specification is never called")


@hookspec
def vip_rules_benefits() -> Iterable[BenefitType]:
    """The types of benefit that a plugin adds."""
    raise AssertionError("a specification is never called")


@hookspec
def vip_rules_adapters() -> Iterable[AdapterType]:
    """The adapters that a plugin adds: the stores that vip-rules can work with."""
    raise AssertionError("a specification is never called")
