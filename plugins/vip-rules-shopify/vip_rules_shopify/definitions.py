"""The definitions of the fields that a customer gets: they let a theme read them, and show them in the shop's admin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.mending import Mending

NAMESPACE: Final = "$app:vip"
"""The app's own namespace: nobody else can write into it."""

_TEXT: Final = "single_line_text_field"
_ACCESS: Final = {"admin": "MERCHANT_READ", "storefront": "PUBLIC_READ"}


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of a customer's metafield in our namespace. `type` is Shopify's name for it."""

    key: str
    type: str
    name: str
    description: str


FIELDS: Final = (
    Definition("tier", _TEXT, "VIP tier", "The tier's id; nothing for none."),
    Definition("tier_name", _TEXT, "VIP tier's name", "The tier as people call it."),
    Definition(
        "status", _TEXT, "VIP status", "member, secured, grace, landing or pinned; none without a tier."
    ),
    Definition("since", "date", "VIP since", "The first day in the tier."),
    Definition("secured_until", "date", "VIP secured until", "The last day on which the tier is safe."),
    Definition("grace_until", "date", "VIP grace until", "The last day to qualify again."),
    Definition("benefits", "list." + _TEXT, "VIP benefits", "What the tier gives, each in a sentence."),
    Definition("next_tier", _TEXT, "Next VIP tier", "The id of the next tier up."),
    Definition("next_tier_name", _TEXT, "Next VIP tier's name", "The next tier up as people call it."),
    Definition("progress", "json", "VIP progress", "What is missing for the next tier, and by when."),
    Definition("entitlements", "json", "VIP entitlements", "What people and other systems deliver."),
)
"""What a customer's fields are, by the keys of the core."""


@dataclass(frozen=True, slots=True)
class Defined:
    """How the definitions are: which aren't there, which a theme can't read, and which are of another type, with that."""

    missing: tuple[Definition, ...]
    hidden: tuple[Definition, ...]
    otherwise: tuple[tuple[Definition, str], ...]


def defined(admin: Admin, wanted: Sequence[Definition]) -> Defined:
    """How the definitions are now. Raises PlatformFailed."""
    there = {node["key"]: node for node in _listed(admin, NAMESPACE)}
    found = [(each, there[each.key]) for each in wanted if each.key in there]
    return Defined(
        missing=tuple(each for each in wanted if each.key not in there),
        hidden=tuple(each for each, node in found if node["access"]["storefront"] != "PUBLIC_READ"),
        otherwise=tuple(
            (each, node["type"]["name"]) for each, node in found if node["type"]["name"] != each.type
        ),
    )


def has_birth_date(admin: Admin) -> bool:
    """Whether customers can have Shopify's standard birth date. Raises PlatformFailed."""
    return any(node["key"] == "birth_date" for node in _listed(admin, "facts"))


def define(admin: Admin, wanted: Sequence[Definition]) -> Iterator[str]:
    """Make what is missing, let themes read what they can't, and say what was done.

    Raises PlatformFailed, at the end, for what couldn't be done. What somebody else made meanwhile is there.
    """
    now = defined(admin, wanted)
    mending = Mending(admin, lambda refusal: "TAKEN" in refusal.codes)
    for each in now.missing:
        if mending.did(each.key, "metafield_definition_create", definition=_new(each)):
            yield f"the customers' field {each.key} was defined"
    for each in now.hidden:
        shown = {"namespace": NAMESPACE, "key": each.key, "ownerType": "CUSTOMER", "access": _ACCESS}
        if mending.did(each.key, "metafield_definition_update", definition=shown):
            yield f"themes may read the customers' field {each.key} now"
    mending.finish("not all fields could be defined")


def _new(definition: Definition) -> Mapping[str, Any]:
    return {
        "namespace": NAMESPACE,
        "key": definition.key,
        "ownerType": "CUSTOMER",
        "type": definition.type,
        "name": definition.name,
        "description": definition.description,
        "access": _ACCESS,
    }


def _listed(admin: Admin, namespace: str) -> Iterator[Mapping[str, Any]]:
    after = None
    while True:
        page = admin.query("metafield_definitions", owner="CUSTOMER", namespace=namespace, after=after)
        listed = page["metafieldDefinitions"]
        yield from listed["nodes"]
        if not listed["pageInfo"]["hasNextPage"]:
            return
        after = listed["pageInfo"]["endCursor"]
