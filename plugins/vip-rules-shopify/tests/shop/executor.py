"""Answers a GraphQL document by projecting its selections over plain fields. It knows no schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)
from graphql.language.ast import DocumentNode

from tests.shop.projection import Arguments, Connection, FieldRefused, Fields, Payload

LARGEST_PAGE: Final = 250
ABSTRACT: Final = frozenset(
    {
        "Discount",
        "DiscountContext",
        "HasMetafields",
        "HasStoreCreditAccounts",
        "LegacyInteroperability",
        "MetafieldReference",
        "Node",
        "StoreCreditAccountTransaction",
    }
)
"""Interfaces and unions: their fragments hold for every object that they can meet."""

Path = tuple[str | int, ...]


class FakeLacks(Exception):
    """The fake has no such field. It is a gap of the fake, not an answer of Shopify's."""


class Executor:
    """One run of one operation. `errors` and `searches` fill up on the way; `objects` counts what was answered.

    `admit` says why an object of a type isn't shown: it raises FieldRefused.
    """

    def __init__(
        self, document: DocumentNode, variables: Mapping[str, Any], admit: Callable[[str, str], None]
    ) -> None:
        self.fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.variables = variables
        self.admit = admit
        self.errors: list[dict[str, Any]] = []
        self.searches: list[dict[str, Any]] = []
        self.objects = 0
        self.whole = True

    def run(self, operation: OperationDefinitionNode, root: Fields) -> dict[str, Any]:
        """The operation's data. Where `whole` is False afterwards there is no data to be answered."""
        return self.project(root, operation.selection_set, ())

    def project(self, fields: Fields, selections: SelectionSetNode, path: Path) -> dict[str, Any]:
        """An object's selected fields."""
        answer: dict[str, Any] = {}
        for node in self.selected(fields.get("__typename", ""), selections):
            key = (node.alias or node.name).value
            value = self._field(fields, node, (*path, key))
            if isinstance(answer.get(key), dict) and isinstance(value, dict):
                value = _merged(answer[key], value)
            answer[key] = value
        return answer

    def selected(self, typename: str, selections: SelectionSetNode) -> Iterator[FieldNode]:
        """The fields that are selected of an object of a type, through fragments and directives."""
        for node in selections.selections:
            if not self._included(node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                yield node
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment: Any = self.fragments[node.name.value]
            else:
                assert isinstance(node, InlineFragmentNode)
                fragment = node
            condition = fragment.type_condition
            if condition is None or condition.name.value in {typename, *ABSTRACT}:
                yield from self.selected(typename, fragment.selection_set)

    def arguments(self, node: FieldNode) -> Arguments:
        """A field's arguments; those that are given as variables without a value are absent."""
        given = {
            argument.name.value: self.value(argument.value)
            for argument in node.arguments or ()
            if not self._absent(argument.value)
        }
        for directive in node.directives or ():
            if directive.name.value == "idempotent":
                given["@idempotent"] = {
                    argument.name.value: self.value(argument.value) for argument in directive.arguments or ()
                }
        return given

    def value(self, node: ValueNode) -> Any:
        """A value in a document."""
        if isinstance(node, VariableNode):
            return self.variables.get(node.name.value)
        if isinstance(node, ListValueNode):
            return [self.value(item) for item in node.values]
        if isinstance(node, ObjectValueNode):
            return {
                entry.name.value: self.value(entry.value)
                for entry in node.fields
                if not self._absent(entry.value)
            }
        return value_from_ast_untyped(node)

    def connection(
        self, connection: Connection, arguments: Arguments, selections: SelectionSetNode, path: Path
    ) -> dict[str, Any] | None:
        """A page of a list."""
        page = _page(connection.items, arguments)
        answer: dict[str, Any] = {}
        for node in self.selected(f"{connection.typename}Connection", selections):
            key = (node.alias or node.name).value
            match node.name.value:
                case "pageInfo":
                    answer[key] = self.project(page.info(), _inner(node), (*path, key))
                case "nodes":
                    answer[key] = [
                        self.project(connection.view(item), _inner(node), (*path, key, index))
                        for index, item in enumerate(page.items)
                    ]
                case "edges":
                    answer[key] = [
                        self.project(
                            {"cursor": str(page.start + index + 1), "node": connection.view(item)},
                            _inner(node),
                            (*path, key, index),
                        )
                        for index, item in enumerate(page.items)
                    ]
                case "__typename":
                    answer[key] = f"{connection.typename}Connection"
                case other:
                    raise FakeLacks(f"a connection of {connection.typename} has no {other}")
        self.objects += len(page.items)
        return answer

    def _field(self, fields: Fields, node: FieldNode, path: Path) -> Any:
        name = node.name.value
        if name not in fields:
            if fields.get("userErrors"):
                return None
            raise FakeLacks(f"{fields.get('__typename', 'an object')} has no {name} in the fake: add it")
        try:
            value, arguments = fields[name], self.arguments(node)
            if callable(value):
                value = value(arguments)
            return self._completed(value, arguments, node, path)
        except FieldRefused as refusal:
            if refusal.whole:
                self.whole = False
            self.errors.append(
                {"message": str(refusal), "path": list(path), "extensions": refusal.extensions}
            )
            return None

    def _completed(self, value: Any, arguments: Arguments, node: FieldNode, path: Path) -> Any:
        if isinstance(value, Connection):
            self.admit(value.typename, node.name.value)
            if value.warned is not None:
                self.searches.append(_search(value.warned.query, value.warned.unknown, path))
            return self.connection(value, arguments, _inner(node), path)
        if isinstance(value, Payload):
            value = {**value.fields, "userErrors": list(value.errors)}
        if isinstance(value, Mapping):
            if node.selection_set is None:
                return value
            self.admit(value.get("__typename", ""), node.name.value)
            self.objects += 1
            return self.project(value, node.selection_set, path)
        if isinstance(value, list | tuple):
            return [
                self._completed(item, arguments, node, (*path, index)) for index, item in enumerate(value)
            ]
        return value

    def _included(self, directives: Sequence[Any]) -> bool:
        for directive in directives:
            if directive.name.value in {"skip", "include"}:
                (argument,) = directive.arguments
                if bool(self.value(argument.value)) == (directive.name.value == "skip"):
                    return False
        return True

    def _absent(self, node: ValueNode) -> bool:
        return isinstance(node, VariableNode) and node.name.value not in self.variables


class _Page:
    def __init__(self, items: Sequence[Any], start: int, total: int) -> None:
        self.items, self.start, self.total = items, start, total

    def info(self) -> Fields:
        end = self.start + len(self.items)
        return {
            "__typename": "PageInfo",
            "hasNextPage": end < self.total,
            "hasPreviousPage": self.start > 0,
            "startCursor": str(self.start + 1) if self.items else None,
            "endCursor": str(end) if self.items else None,
        }


def _page(items: Sequence[Any], arguments: Arguments) -> _Page:
    if arguments.get("reverse"):
        items = list(reversed(items))
    first = arguments.get("first")
    size: int | None = arguments.get("last") if first is None else first
    if size is None:
        raise FieldRefused("you must provide one of first or last", "BAD_REQUEST", whole=True)
    if not 0 <= size <= LARGEST_PAGE:
        raise FieldRefused(f"first must be at most {LARGEST_PAGE}", "BAD_REQUEST", whole=True)
    start = _place(arguments.get("after"), 0)
    if first is None:
        end = _place(arguments.get("before"), len(items) + 1) - 1
        start = max(0, end - size)
        return _Page(items[start:end], start, len(items))
    return _Page(items[start : start + size], start, len(items))


def _place(cursor: str | None, absent: int) -> int:
    if cursor is None:
        return absent
    if not cursor.isdecimal():
        raise FieldRefused("Invalid cursor for current pagination sort.", "INVALID_CURSOR", whole=True)
    return int(cursor)


def _inner(node: FieldNode) -> SelectionSetNode:
    if node.selection_set is None:
        raise FakeLacks(f"{node.name.value} needs a selection of fields")
    return node.selection_set


def _search(query: str, unknown: Sequence[str], path: Path) -> dict[str, Any]:
    warnings = [
        {"field": name, "message": "Invalid search field for this query.", "code": "invalid_field"}
        for name in unknown
    ]
    return {"path": list(path), "query": query, "parsed": {}, "warnings": warnings}


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    both = dict(one)
    for key, value in other.items():
        if isinstance(both.get(key), dict) and isinstance(value, dict):
            value = _merged(both[key], value)
        both[key] = value
    return both
