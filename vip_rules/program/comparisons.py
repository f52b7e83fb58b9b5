"""Reading a comparison: its figure, and its targets in the figure's unit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vip_rules.comparators import COMPARATORS, Target
from vip_rules.conditions import Comparison, Test
from vip_rules.metrics.definition import Metric, Unit
from vip_rules.metrics.figure import Figure, Where
from vip_rules.program.implication import empty
from vip_rules.program.inspection import Inspection
from vip_rules.program.places import escaped
from vip_rules.program.wording import expected, quoted, written
from vip_rules.windows import Window

TIER_METRICS: Final = ("current_tier", "highest_tier")
"""Metrics whose texts are ids of the program's tiers."""


def read_comparison(
    inspection: Inspection, tiers: Mapping[str, str], node: Mapping[str, Any], pointer: str
) -> Comparison | None:
    """A comparison of a known metric; None if something in it isn't sound. Each part that is has its value checked.

    `tiers` gives for each id of a tier, also a former one, its present id; empty: they aren't known for sure.
    """
    metric = inspection.catalogue.metrics[node["metric"]]
    sound = {key: value for key, value in node.items() if inspection.sound(f"{pointer}/{escaped(key)}")}
    window = None
    if "window" in sound:
        window = inspection.exact(f"{pointer}/window", lambda: Window.of(sound["window"]))
    compared = {name: value for name, value in sound.items() if name in COMPARATORS}
    targets = {
        name: _target(inspection, metric, value, f"{pointer}/{name}") for name, value in compared.items()
    }
    if metric.unit.is_text:
        _check_texts(inspection, metric, tiers, compared, pointer)
    if not inspection.sound(pointer):
        return None
    tests = tuple(Test(name, target) for name, target in targets.items() if target is not None)
    if len(tests) < len(compared):
        return None
    comparison = Comparison(Figure.of(metric, window, Where.of(node.get("where", {}))), tests, pointer)
    if empty(comparison):
        both = " and ".join(
            f"{COMPARATORS[name].phrase} {written(value)}" for name, value in compared.items()
        )
        inspection.problem(pointer, f"the range is empty; no figure is {both}")
        return None
    return comparison


def _target(inspection: Inspection, metric: Metric, value: Any, pointer: str) -> Target | None:
    match value:
        case bool() | str():
            return value
        case list():
            return tuple(value)
    if metric.unit is Unit.MONEY:
        return inspection.money(pointer, value)
    return inspection.percent(pointer, value) if metric.unit is Unit.PERCENT else int(value)


def _check_texts(
    inspection: Inspection,
    metric: Metric,
    tiers: Mapping[str, str],
    compared: Mapping[str, Any],
    pointer: str,
) -> None:
    for name, value in compared.items():
        several = enumerate(value) if isinstance(value, list) else ()
        texts = {f"{pointer}/{name}": value} if isinstance(value, str) else {}
        for place, text in (texts | {f"{pointer}/{name}/{n}": text for n, text in several}).items():
            if metric.name == "tag" and "," in text:
                meant = written([part.strip() for part in text.split(",") if part.strip()])
                inspection.problem(place, f'a tag has no comma; for several tags write "one_of": {meant}')
            if metric.name in TIER_METRICS and tiers and tiers.get(text) != text:
                inspection.problem(place, f"there is no tier {quoted(text)}; {_meant(text, tiers)}")


def _meant(text: str, tiers: Mapping[str, str]) -> str:
    if text in tiers:
        return f"it is {quoted(tiers[text])} now"
    return expected(text, [tier for tier, now in tiers.items() if tier == now], "the id of one of the tiers")
