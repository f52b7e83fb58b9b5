"""What has changed: pages of what was updated since the last reading, in the order of the updates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.reading.progress import Kind, Part
from vip_rules_shopify.reading.selection import Selection, search
from vip_rules_shopify.reading.telling import Node, Take

MOST: Final = 1_000
"""How many objects are read page by page: of more a bulk operation is quicker, and Shopify's pages end at 25,000."""

_LINES: Final = 100
_FIRST: Final[Mapping[str, int]] = {"customers": 100, "orders": 25}

Ask = Callable[[int], Mapping[str, Any]]


class Changes:
    """Reads changed customers and orders, and some by their ids. Pages shrink where they cost more than Shopify allows."""

    def __init__(self, admin: Admin, selection: Selection, most: int = MOST) -> None:
        self._admin, self._selection, self._most = admin, selection, most
        self._first = dict(_FIRST)

    def too_many(self, kind: Kind, since: str) -> bool:
        """Whether so much has changed that a bulk operation should read it."""
        query, limit = search(kind, since), self._most + 1
        data = self._admin.query(f"{kind}_count", query=query, limit=limit)
        return bool(data[f"{kind}Count"]["count"] > self._most)

    def pages(self, kind: Kind, part: Part, take: Take) -> Iterator[Part]:
        """Let the objects behind the part's cursor be taken, and tell page by page how far it has come.

        Raises PlatformFailed.
        """
        assert part.since is not None
        query = search(kind, part.since)
        while True:
            after = part.after

            def ask(first: int, after: str | None = after) -> Mapping[str, Any]:
                variables = self._selection.variables(kind)
                return self._admin.query(f"{kind}_page", first=first, after=after, query=query, **variables)

            page = self._asked(kind, ask)[kind]
            info = page["pageInfo"]
            for node in page["nodes"]:
                take(node, self._children(kind, node))
            part = replace(part, after=info["endCursor"] or part.after)
            yield part
            if not info["hasNextPage"]:
                return

    def some(self, kind: Kind, gids: list[str], take: Take) -> list[str]:
        """Let objects be taken by their global ids; those that the shop doesn't have are given back. Raises PlatformFailed."""
        missing = []
        while gids:

            def ask(first: int, gids: list[str] = gids) -> Mapping[str, Any]:
                variables = self._selection.variables(kind)
                return self._admin.query(f"{kind}_by_ids", ids=gids[:first], **variables)

            nodes = self._asked(kind, ask)["nodes"]
            for gid, node in zip(gids[: len(nodes)], nodes, strict=True):
                if node:
                    take(node, self._children(kind, node))
                else:
                    missing.append(gid)
            gids = gids[len(nodes) :]
        return missing

    def _asked(self, kind: Kind, ask: Ask) -> Mapping[str, Any]:
        while True:
            first = self._first[kind]
            try:
                return ask(first)
            except AdminFailed as failed:
                if "MAX_COST_EXCEEDED" not in failed.codes or first == 1:
                    raise
                self._first[kind] = first // 2

    def _children(self, kind: Kind, node: Node) -> list[Node]:
        """All lines of an order; the first are in the page."""
        if kind == "customers":
            return []
        lines = node["lineItems"]
        children = list(lines["nodes"])
        variables = self._selection.variables(kind)
        while lines["pageInfo"]["hasNextPage"]:
            after = lines["pageInfo"]["endCursor"]
            order = self._admin.query("order_lines", id=node["id"], first=_LINES, after=after, **variables)[
                "order"
            ]
            if order is None:
                raise AdminFailed(
                    f"the order {node['id']} was deleted while it was read: call the command again"
                )
            lines = order["lineItems"]
            children += lines["nodes"]
        return children
