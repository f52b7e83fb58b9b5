"""The discounts in a shop that are ours, found by their tags. They aren't searched for: a search doesn't see what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.effects.terms import MARK
from vip_rules_shopify.gids import number
from vip_rules_shopify.settings import Method

_AT_A_TIME = 20


@dataclass(frozen=True, slots=True)
class Holding:
    """A discount in the shop: its global id, and what it is."""

    id: str
    content: Mapping[str, Any]

    @property
    def method(self) -> Method:
        """How it is given."""
        return "Automatic" if self.content["__typename"].startswith("DiscountAutomatic") else "Code"

    @property
    def form(self) -> str:
        """Shopify's name of what kind of discount it is."""
        name: str = self.content["__typename"]
        return name.removeprefix(f"Discount{self.method}")

    @property
    def is_active(self) -> bool:
        """Whether customers have it, now or later."""
        return bool(self.content["status"] != "EXPIRED")

    @property
    def age(self) -> tuple[bool, int]:
        """What the one that stays of several has the least of: active ones before others, older before newer."""
        return not self.is_active, int(number(self.id))

    @property
    def is_ours(self) -> bool:
        """Whether it has any tag of ours."""
        return any(tag.casefold().startswith(MARK) for tag in self.content["tags"])

    def is_marked(self, mark: str) -> bool:
        """Whether it has a tag of ours. Shopify compares tags without regard to case."""
        return mark.casefold() in {tag.casefold() for tag in self.content["tags"]}


class Holdings:
    """The shop's discounts that are ours as they are now: listed once, and kept up to date with what is done here.

    `ready` is called before they are listed.
    """

    def __init__(self, admin: Admin, ready: Callable[[], None]) -> None:
        self._admin, self._ready = admin, ready
        self._there: dict[str, Holding] | None = None

    def all(self) -> list[Holding]:
        """All of them. Raises AdminFailed."""
        return [holding for holding in self._listed().values() if holding.is_ours]

    def marked(self, mark: str) -> list[Holding]:
        """Those with a tag of ours. Raises AdminFailed."""
        return [holding for holding in self._listed().values() if holding.is_marked(mark)]

    def by_id(self, id_: str) -> Holding | None:
        """The discount of a global id; None where there is none any more. Raises AdminFailed."""
        there = self._listed()
        if id_ not in there:
            there |= {holding.id: holding for holding in self._read([id_])}
        return there.get(id_)

    def by_code(self, code: str) -> Holding | None:
        """The discount of a code, ours or not. Raises AdminFailed."""
        node = self._admin.query("discount_by_code", code=code)["codeDiscountNodeByCode"]
        return None if node is None else self.keep(node)

    def users(self, segment: str) -> list[Holding]:
        """The discounts, ours and others, that are for a segment now or later. Raises AdminFailed."""
        search = f"segment_ids:{number(segment)} AND (status:active OR status:scheduled)"
        page = self._admin.query("discounts_find", first=25, query=search)["discountNodes"]
        # What the search tells may be out of date: each is looked at.
        found = self._read(_own_id(node) for node in page["nodes"])
        return [
            holding
            for holding in found
            if holding.is_active
            and any(each["id"] == segment for each in holding.content["context"].get("segments", ()))
        ]

    def keep(self, node: Mapping[str, Any]) -> Holding:
        """Know of a node as a mutation or a query tells it."""
        content = node.get("automaticDiscount") or node.get("codeDiscount") or {}
        holding = Holding(node["id"], content)
        self._listed()[holding.id] = holding
        return holding

    def forget(self, holding: Holding) -> None:
        """Know that a discount isn't there any more, or isn't what it was."""
        self._listed().pop(holding.id, None)

    def relist(self) -> None:
        """List them again when they are next asked for."""
        self._there = None

    def _listed(self) -> dict[str, Holding]:
        if self._there is None:
            self._ready()
            self._there = {holding.id: holding for holding in self._read(self._ours())}
        return self._there

    def _ours(self) -> list[str]:
        """The global ids of those with a tag of ours. The newest are listed for themselves: a search may not know them yet."""
        found: dict[str, None] = {}
        after = None
        while True:
            page = self._admin.query("discount_tags", after=after)
            nodes = [*page["automatic"]["nodes"], *(page["newest"]["nodes"] if after is None else ())]
            found |= dict.fromkeys(
                _own_id(node)
                for node in nodes
                if any(tag.casefold().startswith(MARK) for tag in node["discount"].get("tags", ()))
            )
            if not page["automatic"]["pageInfo"]["hasNextPage"]:
                return list(found)
            after = page["automatic"]["pageInfo"]["endCursor"]

    def _read(self, ids: Iterable[str]) -> Iterator[Holding]:
        wanted = list(ids)
        for begin in range(0, len(wanted), _AT_A_TIME):
            part = wanted[begin : begin + _AT_A_TIME]
            for node in self._admin.query("discounts_by_ids", ids=part)["nodes"]:
                content = (node or {}).get("automaticDiscount") or (node or {}).get("codeDiscount")
                if content and "status" in content:
                    yield Holding(node["id"], content)


def _own_id(node: Mapping[str, Any]) -> str:
    """The id of a discount's own node: in a list of all discounts it may be named by what they have in common."""
    method = "Automatic" if node["discount"]["__typename"].startswith("DiscountAutomatic") else "Code"
    return f"gid://shopify/Discount{method}Node/{number(node['id'])}"
