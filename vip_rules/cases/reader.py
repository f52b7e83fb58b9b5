"""Reading the parts of cases: objects, lists, money, days and tiers, each if it is sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vip_rules.localdays import local_day
from vip_rules.program.inspection import Inspection
from vip_rules.program.program import Program
from vip_rules.program.wording import expected, quoted


class Reader:
    """Reads by an inspection and the program of the cases. `pointer` is always the place of the node that is given."""

    def __init__(self, inspection: Inspection, program: Program) -> None:
        self.inspection, self.program = inspection, program
        self._tiers = {tier.id: tier.id for tier in program.tiers} | {
            former: tier.id for tier in program.tiers for former in tier.was
        }

    def tier(self, node: Mapping[str, Any], key: str, pointer: str) -> str | None:
        """The present id of a tier, also by a former one; None for none."""
        tier = node.get(key)
        if not isinstance(tier, str):
            return None
        if tier not in self._tiers:
            present = [tier.id for tier in self.program.tiers]
            near = expected(tier, present, "the id of one of the tiers")
            if tier.lower() in ("none", "null"):
                near = "for none write null, without quotation marks"
            self.inspection.problem(f"{pointer}/{key}", f"there is no tier {quoted(tier)}; {near}")
        return self._tiers.get(tier)

    def sound(self, node: Mapping[str, Any], key: str, pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
        """The sound objects of a list, with their places."""
        items = node.get(key, ())
        for n, item in enumerate(items if isinstance(items, list) else ()):
            if self.inspection.sound(f"{pointer}/{key}/{n}"):
                yield item, f"{pointer}/{key}/{n}"

    def object(self, node: Mapping[str, Any], key: str, pointer: str) -> tuple[Mapping[str, Any], str]:
        """A sound object with its place; an empty one if it is missing or not sound."""
        place = f"{pointer}/{key}"
        return (node[key] if key in node and self.inspection.sound(place) else {}), place

    def money(self, node: Mapping[str, Any], key: str, pointer: str) -> int | None:
        """An amount in minor units; None if it is missing or not sound."""
        return self.inspection.money(f"{pointer}/{key}", node[key]) if key in node else None

    def day(self, node: Mapping[str, Any], key: str, pointer: str) -> int | None:
        """A local day; None if it is missing, null or not sound."""
        place = f"{pointer}/{key}"
        if node.get(key) is None or not self.inspection.sound(place):
            return None
        text: str = node[key]
        return self.inspection.exact(place, lambda: local_day(text, self.program.timezone))
