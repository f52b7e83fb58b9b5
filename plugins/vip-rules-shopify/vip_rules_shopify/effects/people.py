"""Customers as they are now, with our tags and fields, many in one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.definitions import NAMESPACE
from vip_rules_shopify.effects.fields import Field, read
from vip_rules_shopify.gids import InvalidId, gid

MOST: Final = 50
"""The most customers of one request."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer: the global id, all tags, and the fields in our namespace."""

    gid: str
    tags: tuple[str, ...]
    fields: Mapping[str, Field]


def people(admin: Admin, ids: Iterable[str | None]) -> dict[str, Person]:
    """Some customers by their ids; those whom the shop doesn't have are left out. Raises AdminFailed."""

    def ask(gids: Sequence[str]) -> list[Any]:
        found: list[Any] = admin.query("customer_state", ids=gids, namespace=NAMESPACE)["nodes"]
        return found

    return {
        id_: Person(node["id"], tuple(node["tags"]), dict(read(node["metafields"]["nodes"])))
        for id_, node in nodes(ask, ids, MOST).items()
    }


def nodes(ask: Callable[[Sequence[str]], list[Any]], ids: Iterable[str | None], most: int) -> dict[str, Any]:
    """What is told of some customers, by id; those whom the shop doesn't have are left out. Raises AdminFailed.

    At most so many are asked for at a time, and fewer where Shopify finds that too dear.
    """
    asked = {global_id: id_ for id_ in ids if id_ is not None and (global_id := customer_gid(id_))}
    wanted = list(asked)
    found: dict[str, Any] = {}
    begin = 0
    while begin < len(wanted):
        part = wanted[begin : begin + most]
        try:
            told = ask(part)
        except AdminFailed as error:
            if "MAX_COST_EXCEEDED" not in error.codes or len(part) == 1:
                raise
            most = len(part) // 2
            continue
        found |= {asked[one]: node for one, node in zip(part, told, strict=True) if node}
        begin += len(part)
    return found


def customer_gid(id_: str) -> str | None:
    """A customer's global id; None for what was never one of a shop's."""
    try:
        return gid("Customer", id_)
    except InvalidId:
        return None
