"""Reading the tiers and their benefits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vip_rules.benefits.definition import Benefit
from vip_rules.conditions import Condition
from vip_rules.program.reading import Reading
from vip_rules.program.rules import Rules
from vip_rules.tiers import Tier


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier as far as it is sound: texts that aren't are empty, conditions None, benefits left out."""

    pointer: str
    id: str
    name: str
    was: tuple[str, ...]
    keeps: bool
    qualify: Condition | None = None
    keep: Condition | None = None
    benefits: tuple[Benefit, ...] = ()

    @property
    def tier(self) -> Tier:
        """The tier. Only to be asked of a rung without problems."""
        assert self.qualify is not None
        return Tier(self.id, self.name, self.qualify, self.keep, self.benefits, self.was)


def read_names(reading: Reading, nodes: list[Any]) -> list[Rung]:
    """The tiers' ids and names: what conditions need to be read."""
    return [_named(reading, node, f"/tiers/{n}") for n, node in enumerate(nodes) if isinstance(node, dict)]


def read_rung(reading: Reading, rules: Rules, rung: Rung, node: Mapping[str, Any]) -> Rung:
    """A tier with its conditions and benefits."""
    benefits = node.get("benefits", [])
    read = (
        _read_benefit(reading, benefit, f"{rung.pointer}/benefits/{n}")
        for n, benefit in enumerate(benefits if isinstance(benefits, list) else ())
        if reading.sound(f"{rung.pointer}/benefits/{n}")
    )
    return Rung(
        rung.pointer,
        rung.id,
        rung.name,
        rung.was,
        rung.keeps,
        rules.read(node["qualify"], f"{rung.pointer}/qualify") if "qualify" in node else None,
        rules.read(node["keep"], f"{rung.pointer}/keep") if rung.keeps else None,
        tuple(benefit for benefit in read if benefit is not None),
    )


def _named(reading: Reading, node: Mapping[str, Any], pointer: str) -> Rung:
    def text(key: str) -> str:
        return str(node[key]) if key in node and reading.sound(f"{pointer}/{key}") else ""

    was = node["was"] if "was" in node and reading.sound(f"{pointer}/was") else ()
    return Rung(pointer, text("id"), text("name"), tuple(was), "keep" in node)


def _read_benefit(reading: Reading, node: Mapping[str, Any], pointer: str) -> Benefit | None:
    kind = reading.catalogue.benefits[node["type"]]
    arguments: dict[str, Any] = dict(kind.defaults)
    for name, value in node.items():
        if name == "type":
            continue
        place = f"{pointer}/{name}"
        match kind.properties[name].get("format"):
            case "money":
                arguments[name] = reading.money(place, value)
            case "percent":
                arguments[name] = reading.percent(place, value)
            case _:
                arguments[name] = reading.distinct(value, place) if isinstance(value, list) else value
    return Benefit(kind, arguments, pointer) if reading.sound(pointer) else None
