"""Reading the tiers and their benefits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vip_rules.benefits.definition import Benefit
from vip_rules.conditions import Condition
from vip_rules.program.inspection import Inspection
from vip_rules.program.places import escaped
from vip_rules.program.rules import Rules
from vip_rules.tiers import Tier


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier as far as it is sound: texts that aren't are empty, conditions None, benefits left out."""

    node: Mapping[str, Any]
    pointer: str
    id: str
    name: str
    was: tuple[str, ...]
    qualify: Condition | None = None
    keep: Condition | None = None
    benefits: tuple[Benefit, ...] = ()

    @property
    def tier(self) -> Tier:
        """The tier. Only to be asked of a rung without problems."""
        assert self.qualify is not None
        return Tier(self.id, self.name, self.qualify, self.keep, self.benefits, self.was)


def read_names(inspection: Inspection, nodes: list[Any]) -> list[Rung]:
    """The tiers' ids and names: what conditions need to be read."""
    return [_named(inspection, node, f"/tiers/{n}") for n, node in enumerate(nodes) if isinstance(node, dict)]


def read_rung(inspection: Inspection, rules: Rules, rung: Rung) -> Rung:
    """A tier with its conditions and benefits."""
    node = rung.node
    conditions = {
        key: rules.read(node[key], f"{rung.pointer}/{key}") for key in ("qualify", "keep") if key in node
    }
    nodes = node["benefits"] if isinstance(node.get("benefits"), list) else ()
    benefits = [
        _read_benefit(inspection, benefit, f"{rung.pointer}/benefits/{n}")
        for n, benefit in enumerate(nodes)
        if isinstance(benefit, dict)
    ]
    found = tuple(benefit for benefit in benefits if benefit)
    return replace(rung, qualify=conditions.get("qualify"), keep=conditions.get("keep"), benefits=found)


def _named(inspection: Inspection, node: Mapping[str, Any], pointer: str) -> Rung:
    def text(key: str) -> str:
        return str(node[key]) if key in node and inspection.sound(f"{pointer}/{key}") else ""

    was = node["was"] if "was" in node and inspection.sound(f"{pointer}/was") else ()
    return Rung(node, pointer, text("id"), text("name"), tuple(was))


def _read_benefit(inspection: Inspection, node: Mapping[str, Any], pointer: str) -> Benefit | None:
    """A benefit; None if something in it isn't sound. Each argument that is has its value checked."""
    if "type" not in node or not inspection.sound(f"{pointer}/type"):
        return None
    kind = inspection.catalogue.benefits[node["type"]]
    arguments: dict[str, Any] = dict(kind.defaults)
    for name, value in node.items():
        place = f"{pointer}/{escaped(name)}"
        if name == "type" or not inspection.sound(place):
            continue
        match kind.properties[name].get("format"):
            case "money":
                arguments[name] = inspection.money(place, value)
            case "percent":
                arguments[name] = inspection.percent(place, value)
            case _:
                arguments[name] = inspection.distinct(value, place) if isinstance(value, list) else value
    return Benefit(kind, arguments, pointer) if inspection.sound(pointer) else None
