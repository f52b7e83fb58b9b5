"""A customer's fields: how their values are written as metafields, and read back as what they were."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vip_rules_shopify.definitions import FIELDS, NAMESPACE
from vip_rules_shopify.effects.alike import NOTHING

ENTITLEMENTS: Final = "entitlements"
"""The field that is an effect of its own."""

_TYPES: Final = {definition.key: definition.type for definition in FIELDS}


@dataclass(frozen=True, slots=True)
class Field:
    """A metafield as the shop holds it: the name of its type, and its value as text."""

    type: str
    text: str

    @property
    def value(self) -> Any:
        """Its value; the text itself where somebody made it something that can't be read."""
        if self.type != "json" and not self.type.startswith("list."):
            return self.text
        try:
            return json.loads(self.text)
        except ValueError:
            return self.text


def changed(present: Mapping[str, Field], wanted: Mapping[str, Any]) -> dict[str, Field]:
    """The fields to be written: those of wanted values that aren't there in just that way."""
    written = {key: _field(key, value) for key, value in wanted.items() if value not in NOTHING}
    return {key: field for key, field in written.items() if not _same(present.get(key), field)}


def left(present: Iterable[str], wanted: Mapping[str, Any]) -> list[str]:
    """The keys that are there and aren't wanted."""
    return [key for key in present if wanted.get(key) in NOTHING]


def inputs(owner: str, fields: Mapping[str, Field]) -> list[dict[str, str]]:
    """Fields to be set, as Shopify takes them."""
    return [{**_named(owner, key), "type": field.type, "value": field.text} for key, field in fields.items()]


def names(owner: str, keys: Iterable[str]) -> list[dict[str, str]]:
    """Fields to be deleted, as Shopify takes them."""
    return [_named(owner, key) for key in keys]


def read(nodes: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, Field]]:
    """The fields in what Shopify tells of them, by their keys."""
    for node in nodes:
        yield node["key"], Field(node["type"], node["value"])


def _named(owner: str, key: str) -> dict[str, str]:
    return {"ownerId": owner, "namespace": NAMESPACE, "key": key}


def _field(key: str, value: Any) -> Field:
    type_ = _TYPES.get(key) or ("single_line_text_field" if isinstance(value, str) else "json")
    if type_ == "json" or type_.startswith("list."):
        return Field(type_, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return Field(type_, str(value))


def _same(one: Field | None, other: Field) -> bool:
    """Whether two fields hold the same: the text of JSON may be written in other ways."""
    return one is not None and one.type == other.type and one.value == other.value
