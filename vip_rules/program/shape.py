"""The shape of conditions: which keys stand together. Looked at before the schema, to say one good thing about a slip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from vip_rules.comparators import COMPARATORS, Comparator, comparators_of
from vip_rules.metrics.definition import Metric, Unit, Windows
from vip_rules.program.grammar import EXAMPLE, GROUPS
from vip_rules.program.places import escaped
from vip_rules.program.wording import expected, found, listed, nearest, quoted, written

HEADS: Final = ("metric", *GROUPS)
MODIFIERS: Final = ("window", "where")
MEANT: Final = {"and": "all", "or": "any"}

Mistake = tuple[str, str]
"""The key that it is about ("" for the whole condition), and what to say."""


def condition_places(document: Any) -> Iterator[tuple[str, Any]]:
    """Every place of a program where a condition is expected, with what stands there."""
    if not isinstance(document, dict):
        return
    named = document.get("conditions")
    for name, node in named.items() if isinstance(named, dict) else ():
        yield from _nested(f"/conditions/{escaped(name)}", node)
    for n, tier in _numbered(document.get("tiers")):
        for key in ("qualify", "keep"):
            if isinstance(tier, dict) and key in tier:
                yield from _nested(f"/tiers/{n}/{key}", tier[key])
    for n, segment in _numbered(document.get("segments")):
        if isinstance(segment, dict) and "when" in segment:
            yield from _nested(f"/segments/{n}/when", segment["when"])


def groups_of(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of a condition that hold others, each with the group that it is or was meant to be: ("or", "any")."""
    for key, value in node.items():
        if key == "not":
            yield key, key
        elif isinstance(value, list | dict) and key not in COMPARATORS and key not in MODIFIERS:
            kind = key if key in HEADS else MEANT.get(key.lower()) or nearest(key, HEADS)
            if (isinstance(value, list) and kind in ("all", "any")) or kind == "not":
                yield key, kind


def inside(node: Mapping[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    """The conditions directly inside of one, with their places."""
    for key, kind in groups_of(node):
        place = f"{pointer}/{escaped(key)}"
        if kind == "not":
            yield place, node[key]
        else:
            yield from ((f"{place}/{n}", inner) for n, inner in enumerate(node[key]))


def out_of_reach(node: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """The conditions inside of one that a schema doesn't find: their group has another name, or stands by a metric."""
    if isinstance(node, dict):
        for key, _ in groups_of(node):
            if key not in GROUPS or "metric" in node:
                yield from inside({key: node[key]}, pointer)


def mistakes(node: Any, metrics: Mapping[str, Metric]) -> list[Mistake]:
    """What is wrong with the keys of a condition; empty if nothing is."""
    if isinstance(node, list):
        return [("", 'found a list, expected one condition; write {"all": […]} or {"any": […]} around it')]
    if isinstance(node, str):
        return [
            ("", f'{found(node)}, expected a condition; one with a name is {{"condition": {quoted(node)}}}')
        ]
    if not isinstance(node, dict):
        return [("", f"{found(node)}, expected a condition, such as {written(EXAMPLE)}")]
    heads = [key for key in node if key in HEADS]
    if not heads:
        return _headless(node, metrics)
    if len(heads) > 1:
        together = '{"all": [{…}, {…}]}'
        return [
            (
                "",
                f"{listed(heads, 'and')} stand in one condition; each stands alone in its object, as in {together}",
            )
        ]
    if heads[0] != "metric":
        alone = f"which stands alone in its object; expected only {quoted(heads[0])}"
        return [
            (key, f"found {quoted(key)} beside {quoted(heads[0])}, {alone}")
            for key in node
            if key not in heads
        ]
    metric = metrics.get(node["metric"]) if isinstance(node["metric"], str) else None
    return _in_comparison(node, metric) if metric else []


def _numbered(node: Any) -> list[tuple[int, Any]]:
    return list(enumerate(node)) if isinstance(node, list) else []


def _nested(pointer: str, node: Any) -> Iterator[tuple[str, Any]]:
    yield pointer, node
    if isinstance(node, dict):
        for place, inner in inside(node, pointer):
            yield from _nested(place, inner)


def _headless(node: Mapping[str, Any], metrics: Mapping[str, Metric]) -> list[Mistake]:
    if not node:
        return [("", f"found an empty condition, expected {listed(HEADS)}")]
    for key, value in node.items():
        if key.lower() in MEANT:
            return [(key, f"unknown key {quoted(key)}; did you mean {quoted(MEANT[key.lower()])}?")]
        if key in metrics and key not in MODIFIERS:
            shown = written({"metric": key, comparators_of(metrics[key].unit)[0].name: value})
            instead = f"; write {shown}" if isinstance(value, int | str | Decimal) else ""
            return [(key, f'{quoted(key)} is a metric, which stands behind "metric"{instead}')]
        if key not in COMPARATORS and key not in MODIFIERS and expected(key, HEADS).startswith("did"):
            return [(key, f"unknown key {quoted(key)}; {expected(key, HEADS)}")]
    if any(key in COMPARATORS or key in MODIFIERS for key in node):
        return [("", '"metric" is missing; say which figure is compared, such as "metric": "spend"')]
    return [(key, f"unknown key {quoted(key)}; expected {listed(HEADS)}") for key in node]


def _in_comparison(node: Mapping[str, Any], metric: Metric) -> list[Mistake]:
    comparators = {comparator.name: comparator for comparator in comparators_of(metric.unit)}
    modifiers = [
        *(["window"] if metric.windows is not Windows.NONE else []),
        *(["where"] if metric.filters else []),
    ]
    known = ["metric", *modifiers, *comparators]
    wrong = [(key, _about_key(key, metric, known, comparators)) for key in node if key not in known]
    if "window" not in node and metric.windows is Windows.BOUNDED and not _meant("window", wrong):
        wrong.append(
            ("", f'"window" is missing; {metric.name} needs one that begins somewhere, such as "12 months"')
        )
    compared = [comparators[key] for key in node if key in comparators]
    # A key that isn't known is probably the comparator, misspelt or of another kind.
    if not compared and all(key in MODIFIERS for key, _ in wrong if key):
        wrong.append(("", f"nothing is compared; add one of {listed(comparators)}"))
    if len(compared) > 1 and sorted(comparator.bound for comparator in compared) != ["lower", "upper"]:
        wrong.append(("", _together(compared)))
    return wrong


def _about_key(key: str, metric: Metric, known: list[str], comparators: Mapping[str, Comparator]) -> str:
    if key in MODIFIERS:
        return f"{metric.name} {'has no window' if key == 'window' else 'cannot be narrowed'}; take {quoted(key)} out"
    if key in COMPARATORS:
        what = {Unit.TEXT: "a text", Unit.SET: "a set of texts"}.get(metric.unit, "a number")
        return f"{metric.name} is {what}, which {quoted(key)} doesn't compare; expected {listed(comparators)}"
    return f"unknown key {quoted(key)}; {expected(key, known)}"


def _meant(key: str, wrong: list[Mistake]) -> bool:
    return any(f"did you mean {quoted(key)}?" in message for _, message in wrong)


def _together(compared: list[Comparator]) -> str:
    names = listed((comparator.name for comparator in compared), "and")
    sides = {comparator.bound for comparator in compared}
    if len(sides) == 1 and "" not in sides:
        return f"{names} both bound the figure from {'below' if sides == {'lower'} else 'above'}; keep one"
    return f"{names} stand in one comparison; only a lower and an upper bound may stand together"
