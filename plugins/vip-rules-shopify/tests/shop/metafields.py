"""Metafields: shown, set with compare-and-set, deleted; and their definitions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any, Final

from tests.shop.amounts import instant
from tests.shop.identifiers import gid, split
from tests.shop.listing import listing
from tests.shop.projection import Arguments, Connection, Fields, Payload, refused, user_error
from tests.shop.search import Index, Text
from tests.shop.state import APP, Customer, Definition, Metafield, Order, State

MOST: Final = 25
"""The most metafields of one call."""

Owner = Customer | Order


def namespace(text: str | None) -> str:
    """A namespace as Shopify keeps it: `$app:vip` is the calling app's own."""
    if text is None or text == "$app":
        return f"app--{APP}"
    return f"app--{APP}--{text.removeprefix('$app:')}" if text.startswith("$app:") else text


def digest_of(value: str) -> str:
    """The digest of a value."""
    return sha256(value.encode()).hexdigest()


def owner(state: State, identifier: object) -> Owner | None:
    """Whose metafields a GID speaks of."""
    typename, numeral = split(identifier)
    if not numeral.isdecimal():
        return None
    if typename == "Customer":
        return state.customers.get(int(numeral))
    order = state.orders.get(int(numeral)) if typename == "Order" else None
    return order if order is not None and state.visible(order) else None


def put(state: State, holder: Owner, space: str, key: str, type_: str, value: str) -> Metafield:
    """Set a metafield, whoever asks."""
    old = holder.metafields.get((space, key))
    if old is not None and old.value == value and old.type == type_:
        return old
    number = old.id if old is not None else state.number()
    holder.metafields[space, key] = Metafield(number, space, key, type_, value, digest_of(value), state.now())
    return holder.metafields[space, key]


def metafield_view(metafield: Metafield) -> Fields:
    """A Metafield."""
    return {
        "__typename": "Metafield",
        "id": gid("Metafield", metafield.id),
        "legacyResourceId": str(metafield.id),
        "namespace": metafield.namespace,
        "key": metafield.key,
        "type": metafield.type,
        "value": metafield.value,
        "jsonValue": _json_value(metafield),
        "compareDigest": metafield.digest,
        "createdAt": instant(metafield.updated_at),
        "updatedAt": instant(metafield.updated_at),
    }


def metafield_fields(holder: Owner) -> Fields:
    """The fields of everything that has metafields."""

    def one(arguments: Arguments) -> Fields | None:
        found = holder.metafields.get((namespace(arguments.get("namespace")), arguments["key"]))
        return None if found is None else metafield_view(found)

    def several(arguments: Arguments) -> Connection:
        found: Iterable[Metafield] = holder.metafields.values()
        if arguments.get("namespace") is not None:
            space = namespace(arguments["namespace"])
            found = [metafield for metafield in found if metafield.namespace == space]
        if arguments.get("keys") is not None:
            pairs = {_pair(text, arguments.get("namespace")) for text in arguments["keys"]}
            found = [metafield for metafield in found if (metafield.namespace, metafield.key) in pairs]
        ordered = sorted(found, key=lambda metafield: metafield.id)
        return Connection("Metafield", ordered, metafield_view)

    return {"metafield": one, "metafields": several}


def set_metafields(state: State, arguments: Arguments) -> Payload:
    """All or none. A digest that is given has to be that of the present value; null: there is none yet."""
    given = arguments["metafields"]
    if len(given) > MOST:
        message = f"Exceeded the maximum metafields input limit of {MOST}."
        return refused(message, "LESS_THAN_OR_EQUAL_TO", ["metafields"])
    errors = [
        error | {"elementIndex": index}
        for index, entry in enumerate(given)
        if (error := _error(state, entry, str(index))) is not None
    ]
    if errors:
        return Payload({"metafields": []}, errors)
    done = []
    for entry in given:
        holder = owner(state, entry["ownerId"])
        assert holder is not None
        space = namespace(entry.get("namespace"))
        before = holder.metafields.get((space, entry["key"]))
        after = put(state, holder, space, entry["key"], _type_of(state, entry) or "", entry["value"])
        if after is not before:
            state.touched(holder)
        done.append(metafield_view(after))
    return Payload({"metafields": done})


def delete_metafields(state: State, arguments: Arguments) -> Payload:
    """What isn't there is null, and no error."""
    deleted: list[Fields | None] = []
    for index, entry in enumerate(arguments["metafields"]):
        holder = owner(state, entry["ownerId"])
        if holder is None:
            return refused("Owner does not exist", None, ["metafields", str(index), "ownerId"])
        space = namespace(entry["namespace"])
        if holder.metafields.pop((space, entry["key"]), None) is None:
            deleted.append(None)
            continue
        state.touched(holder)
        identifier = {"ownerId": entry["ownerId"], "namespace": space, "key": entry["key"]}
        deleted.append({"__typename": "MetafieldIdentifier", **identifier})
    return Payload({"deletedMetafields": deleted})


def define(state: State, arguments: Arguments) -> Payload:
    """A definition; one of the same namespace and key is TAKEN."""
    given = arguments["definition"]
    return _defined(
        state, given["ownerType"], namespace(given.get("namespace")), given["key"], given["type"], given
    )


def redefine(state: State, arguments: Arguments) -> Payload:
    """Another name, description or access of a definition that is there."""
    given = arguments["definition"]
    wanted = (given["ownerType"], namespace(given.get("namespace")), given["key"])
    for definition in state.definitions.values():
        if (definition.owner, definition.namespace, definition.key) == wanted:
            definition.name = given.get("name") or definition.name
            definition.input |= given
            return Payload({"updatedDefinition": definition_view(definition)})
    return refused("Definition not found.", "NOT_FOUND", ["definition"])


def enable_standard(state: State, arguments: Arguments) -> Payload:
    """Shopify's own definition of the birth date."""
    pair = (arguments.get("namespace"), arguments.get("key"))
    if pair != ("facts", "birth_date") or arguments["ownerType"] != "CUSTOMER":
        return refused("A standard definition wasn't found for the specified template.", "TEMPLATE_NOT_FOUND")
    return _defined(state, "CUSTOMER", "facts", "birth_date", "date", {"name": "Birth date"})


def definitions(state: State, arguments: Arguments) -> Connection:
    """The definitions of an owner type."""
    space, key = arguments.get("namespace"), arguments.get("key")
    found = [
        definition
        for definition in state.definitions.values()
        if definition.owner == arguments["ownerType"]
        and (space is None or definition.namespace == namespace(space))
        and (key is None or definition.key == key)
    ]
    return listing(state, "MetafieldDefinition", found, definition_view, DEFINITIONS, arguments)


def definition_view(definition: Definition) -> Fields:
    """A MetafieldDefinition."""
    access = {"admin": "MERCHANT_READ", "storefront": "NONE", "customerAccount": "NONE"}
    return {
        "__typename": "MetafieldDefinition",
        "id": gid("MetafieldDefinition", definition.id),
        "namespace": definition.namespace,
        "key": definition.key,
        "name": definition.name,
        "ownerType": definition.owner,
        "description": definition.input.get("description"),
        "type": {"__typename": "MetafieldDefinitionType", "name": definition.type},
        "access": {"__typename": "MetafieldAccess", **access, **(definition.input.get("access") or {})},
        "pinnedPosition": 1 if definition.input.get("pin") else None,
    }


DEFINITIONS: Final = Index(
    {
        "namespace": Text(lambda definition: definition.namespace),
        "key": Text(lambda definition: definition.key),
        "owner_type": Text(lambda definition: definition.owner),
        "type": Text(lambda definition: definition.type),
    },
    lambda definition: f"{definition.name} {definition.namespace}.{definition.key}",
)


def _defined(
    state: State, owner_type: str, space: str, key: str, type_: str, given: dict[str, Any]
) -> Payload:
    for definition in state.definitions.values():
        if (definition.owner, definition.namespace, definition.key) == (owner_type, space, key):
            message = f"Key is in use for {owner_type.title()} metafields on the '{space}' namespace."
            return refused(message, "TAKEN", ["definition", "key"])
    made = Definition(state.number(), owner_type, space, key, type_, given["name"], given)
    state.definitions[made.id] = made
    return Payload({"createdDefinition": definition_view(made)})


def _error(state: State, entry: dict[str, Any], index: str) -> dict[str, Any] | None:
    holder = owner(state, entry["ownerId"])
    path = ["metafields", index]
    space = namespace(entry.get("namespace"))
    if holder is None:
        return user_error("Owner does not exist", "INVALID", [*path, "ownerId"])
    if space.startswith("app--") and space.split("--")[1] != str(APP):
        return user_error("Access to this namespace and key is not allowed.", "APP_NOT_AUTHORIZED", path)
    present = holder.metafields.get((space, entry["key"]))
    if "compareDigest" in entry:
        digest = entry["compareDigest"]
        if digest != (None if present is None else present.digest):
            return user_error("The resource has been updated since it was loaded.", "STALE_OBJECT", path)
    type_ = _type_of(state, entry)
    if type_ is None:
        return user_error("Type can't be blank", "BLANK", [*path, "type"])
    if not _valid(type_, entry["value"]):
        return user_error(f"Value must be a valid {type_}", "INVALID_VALUE", [*path, "value"])
    return None


def _type_of(state: State, entry: dict[str, Any]) -> str | None:
    typename, _ = split(entry["ownerId"])
    wanted = (typename.upper(), namespace(entry.get("namespace")), entry["key"])
    for definition in state.definitions.values():
        if (definition.owner, definition.namespace, definition.key) == wanted:
            return definition.type
    type_ = entry.get("type")
    return None if type_ is None else str(type_)


def _valid(type_: str, value: str) -> bool:
    try:
        if type_.startswith("list.") or type_ == "json":
            json.loads(value)
        elif type_ == "date":
            date.fromisoformat(value)
        elif type_ == "number_integer":
            int(value)
    except ValueError:
        return False
    return value != ""


def _json_value(metafield: Metafield) -> Any:
    plain = metafield.type in {"json", "number_integer", "boolean"} or metafield.type.startswith("list.")
    return json.loads(metafield.value) if plain else metafield.value


def _pair(text: str, space: str | None) -> tuple[str, str]:
    before, dot, key = text.rpartition(".")
    return (namespace(before if dot else space), key)
