"""Loading plugins: the built-in metrics and benefits come through the same hooks as third-party ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pluggy

from vip_rules import hookspecs
from vip_rules.adapter import AdapterType
from vip_rules.benefits.definition import BenefitType
from vip_rules.errors import PluginError
from vip_rules.metrics.definition import Metric

GROUP: Final = "vip_rules"
"""The entry-point group of plugins."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What plugins register, by its names, in that order: what rules can speak of, and the adapters of stores."""

    metrics: Mapping[str, Metric]
    benefits: Mapping[str, BenefitType]
    adapters: Mapping[str, AdapterType] = field(default_factory=dict)


def load_catalogue(plugins: Iterable[object] = (), switched_off: Collection[str] = ()) -> Catalogue:
    """The catalogue of the built-ins, the installed plugins and those given.

    `switched_off` are entry points' names. Raises PluginError for a misspelt hook, or a name that is registered twice.
    """
    from vip_rules import builtin

    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    for name in switched_off:
        manager.set_blocked(name)
    # pluggy calls the latest first: the built-ins are registered last to stand first.
    try:
        manager.load_setuptools_entrypoints(GROUP)
        for plugin in plugins:
            manager.register(plugin)
        manager.register(builtin, "built-in")
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(f"the plugin {error.plugin!r} doesn't fit: {error}") from error
    return Catalogue(
        _by_name(manager.hook.vip_rules_metrics(), "metric"),
        _by_name(manager.hook.vip_rules_benefits(), "benefit"),
        _by_name(manager.hook.vip_rules_adapters(), "adapter"),
    )


def _by_name(registered: list[Iterable[Any]], kind: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for item in (item for items in registered for item in items):
        if item.name in found:
            raise PluginError(f"two plugins register the {kind} {item.name!r}: switch one of them off")
        found[item.name] = item
    return found
