"""Bulk operations: a query that is run by and by, and whose rows end up in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, SelectionSetNode
from graphql.language.ast import DocumentNode

from tests.shop.amounts import instant
from tests.shop.executor import Executor
from tests.shop.faults import Fault
from tests.shop.identifiers import gid, number
from tests.shop.listing import listing
from tests.shop.projection import Arguments, Connection, Fields, Payload, refused
from tests.shop.schema import document_errors, parsed
from tests.shop.search import Index, Instant, Number, Text
from tests.shop.state import State

AT_ONCE: Final = 5
UNDER_WAY: Final = frozenset({"CREATED", "RUNNING", "CANCELING"})
_ENDS: Final = {
    Fault.BULK_FAILED: "FAILED",
    Fault.BULK_CANCELED: "CANCELED",
    Fault.BULK_EXPIRED: "EXPIRED",
}


@dataclass(slots=True)
class BulkOperation:
    """One operation. `rows` are its lines once it has ended, or `file` is where they are."""

    id: int
    query: str
    created_at: datetime
    polls: int
    end: str = "COMPLETED"
    status: str = "CREATED"
    completed_at: datetime | None = None
    error: str | None = None
    rows: list[bytes] = field(default_factory=list)
    file: Path | None = None
    count: int = 0
    roots: int = 0
    size: int = 0


class BulkOperations:
    """All operations. They end after `polls` looks at them; their rows come in an order that `seed` decides.

    `files` are laid out for the queries of a root field instead of their rows: a file, its lines and how many of
    them have no parent.
    `error` is the errorCode of those that fail.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.polls = 1
        self.seed = 0
        self.error = "INTERNAL_SERVER_ERROR"
        self.files: dict[str, tuple[Path, int, int]] = {}
        self.operations: dict[int, BulkOperation] = {}
        self.planned: Fault | None = None
        self.root: Callable[[], Fields] = dict
        self.admit: Callable[[str, str], None] = lambda typename, field: None
        self.address: Callable[[int, bool], str] = lambda number, partial: ""

    def run_query(self, arguments: Arguments) -> Payload:
        """A new operation, or why there is none."""
        text = arguments["query"]
        error = _refusal(text)
        if error is not None:
            return Payload({"bulkOperation": None}, refused(error, "INVALID", ["query"]).errors)
        if sum(operation.status in UNDER_WAY for operation in self.operations.values()) >= AT_ONCE:
            message = f"You have reached the limit of {AT_ONCE} bulk queries that run at once"
            return Payload({"bulkOperation": None}, refused(message, "LIMIT_REACHED").errors)
        operation = BulkOperation(self.state.number(), text, self.state.now(), self.polls)
        operation.end = _ENDS.get(self.planned, "COMPLETED") if self.planned else "COMPLETED"
        self.operations[operation.id] = operation
        return Payload({"bulkOperation": self.view(operation)})

    def cancel(self, arguments: Arguments) -> Payload:
        """Stop an operation that is under way."""
        operation = self.operations.get(number(arguments["id"], "BulkOperation") or 0)
        if operation is None:
            return refused("Bulk operation does not exist", None, ["id"])
        if operation.status not in UNDER_WAY:
            return refused(f"A bulk operation can't be canceled when it is {operation.status.lower()}", None)
        operation.status, operation.completed_at = "CANCELED", self.state.now()
        return Payload({"bulkOperation": self.view(operation)})

    def one(self, arguments: Arguments) -> Fields | None:
        """An operation. To look at it lets it go on."""
        operation = self.operations.get(number(arguments["id"], "BulkOperation") or 0)
        if operation is None:
            return None
        self._go_on(operation)
        return self.view(operation)

    def several(self, arguments: Arguments) -> Connection:
        """The operations that a search finds."""
        sorts = {"CREATED_AT": lambda operation: operation.created_at}
        found = self.operations.values()
        return listing(self.state, "BulkOperation", found, self.view, OPERATIONS, arguments, sorts)

    def view(self, operation: BulkOperation) -> Fields:
        """A BulkOperation."""
        ended = operation.status not in UNDER_WAY
        there = operation.count > 0 and ended
        return {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", operation.id),
            "type": "QUERY",
            "query": operation.query,
            "status": operation.status,
            "errorCode": operation.error,
            "createdAt": instant(operation.created_at),
            "completedAt": instant(operation.completed_at),
            "objectCount": str(operation.count),
            "rootObjectCount": str(operation.roots),
            "fileSize": str(operation.size) if there else None,
            "url": self.address(operation.id, False) if there and operation.status == "COMPLETED" else None,
            "partialDataUrl": self.address(operation.id, True)
            if there and operation.status in {"FAILED", "CANCELED"}
            else None,
        }

    def _go_on(self, operation: BulkOperation) -> None:
        if operation.status not in UNDER_WAY:
            return
        operation.status = "RUNNING"
        operation.polls -= 1
        if operation.polls >= 0:
            return
        self._fill(operation)
        operation.completed_at = self.state.now()
        if operation.error is None:
            operation.status = operation.end
            operation.error = self.error if operation.end == "FAILED" else None
        else:
            operation.status = "FAILED"

    def _fill(self, operation: BulkOperation) -> None:
        """Write down what it found."""
        document = parsed(operation.query)
        root = _operation(document).selection_set.selections[0]
        assert isinstance(root, FieldNode)
        if root.name.value in self.files:
            operation.file, operation.count, operation.roots = self.files[root.name.value]
            operation.size = operation.file.stat().st_size
            return
        rows = list(self._rows(operation, document))
        operation.roots = sum("__parentId" not in row for row in rows)
        if operation.end != "COMPLETED":
            rows = rows[: len(rows) // 2]
        operation.rows = [json.dumps(row, separators=(",", ":")).encode() for row in rows]
        operation.count = len(rows)
        operation.size = sum(len(row) + 1 for row in operation.rows)

    def _rows(self, operation: BulkOperation, document: DocumentNode) -> Iterator[Mapping[str, Any]]:
        executor = _Collector(document, self.admit)
        executor.run(_operation(document), self.root())
        if executor.errors:
            codes = [error["extensions"]["code"] for error in executor.errors]
            operation.error = "ACCESS_DENIED" if "ACCESS_DENIED" in codes else "INTERNAL_SERVER_ERROR"
        yield from _shuffled(executor.rows, Random(self.seed))


OPERATIONS: Final = Index(
    {
        "id": Number(lambda operation: operation.id),
        "created_at": Instant(lambda operation: operation.created_at),
        "operation_type": Text(lambda operation: "query"),
        "status": Text(lambda operation: operation.status),
    },
    lambda operation: "",
)


class _Collector(Executor):
    """Makes a row of each node of a connection, and leaves connections out of their parents."""

    def __init__(self, document: DocumentNode, admit: Callable[[str, str], None]) -> None:
        super().__init__(document, {}, admit)
        self.rows: list[dict[str, Any]] = []
        self._parents: list[str] = []

    def connection(
        self,
        connection: Connection,
        arguments: Arguments,
        selections: SelectionSetNode,
        path: tuple[str | int, ...],
    ) -> None:
        fields = [self._nodes(node) for node in self.selected("", selections)]
        (inner,) = [one for one in fields if one is not None]
        for item in connection.items:
            fields_of_item = connection.view(item)
            place = len(self.rows)
            self.rows.append({})
            self._parents.append(str(fields_of_item.get("id")))
            row = self.project(fields_of_item, inner, path)
            self._parents.pop()
            self.rows[place] = row
            if self._parents:
                self.rows[place]["__parentId"] = self._parents[-1]

    def project(
        self, fields: Fields, selections: SelectionSetNode, path: tuple[str | int, ...]
    ) -> dict[str, Any]:
        answer = super().project(fields, selections, path)
        for node in self.selected(fields.get("__typename", ""), selections):
            if _is_connection(node):
                answer.pop((node.alias or node.name).value, None)
        return answer

    def _nodes(self, node: FieldNode) -> SelectionSetNode | None:
        if node.name.value == "nodes":
            return node.selection_set
        if node.name.value == "edges" and node.selection_set is not None:
            for inner in self.selected("", node.selection_set):
                if inner.name.value == "node":
                    return inner.selection_set
        return None


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))


def _refusal(text: str) -> str | None:
    try:
        errors = document_errors(text)
        document = parsed(text)
    except GraphQLError as error:
        return f"Invalid bulk query: {error.message}"
    if errors:
        return f"Invalid bulk query: {errors[0]}"
    operation = _operation(document)
    if operation.variable_definitions:
        return "Bulk queries cannot have variables"
    if any(
        isinstance(node, FieldNode) and node.name.value in {"node", "nodes"}
        for node in operation.selection_set.selections
    ):
        return "Bulk queries cannot contain top level node fields"
    connections, depth = _nesting(operation.selection_set, 0)
    if connections == 0:
        return "Bulk queries must contain at least one connection"
    if connections > 5:
        return "Bulk queries cannot contain more than 5 connections"
    if depth > 2:
        return "Bulk queries cannot contain connections with a nesting depth greater than 2"
    if _lacks_id(operation.selection_set):
        return "The parent 'node' field for a nested connection must select the 'id' field"
    return None


def _is_connection(node: FieldNode) -> bool:
    inner = node.selection_set.selections if node.selection_set is not None else ()
    return any(isinstance(one, FieldNode) and one.name.value in {"edges", "nodes"} for one in inner)


def _nesting(selections: SelectionSetNode, depth: int) -> tuple[int, int]:
    count, deepest = 0, depth
    for node in selections.selections:
        inner = getattr(node, "selection_set", None)
        if inner is None:
            continue
        own = isinstance(node, FieldNode) and _is_connection(node)
        below, reached = _nesting(inner, depth + own)
        count, deepest = count + own + below, max(deepest, reached)
    return count, deepest


def _lacks_id(selections: SelectionSetNode) -> bool:
    for node in selections.selections:
        inner = getattr(node, "selection_set", None)
        if inner is None:
            continue
        if isinstance(node, FieldNode) and node.name.value in {"node", "nodes"}:
            fields = [one for one in inner.selections if isinstance(one, FieldNode)]
            if any(map(_is_connection, fields)) and all(one.name.value != "id" for one in fields):
                return True
        if _lacks_id(inner):
            return True
    return False


def _shuffled(rows: Sequence[dict[str, Any]], random: Random) -> list[dict[str, Any]]:
    """In any order in which each row comes after its parent."""
    place: dict[str, float] = {}  # not money
    placed = []
    for row in rows:
        after = place.get(row.get("__parentId", ""), 0)
        own = after + (1 - after) * random.random()
        if "id" in row:
            place.setdefault(row["id"], own)
        placed.append((own, row))
    return [row for _, row in sorted(placed, key=lambda pair: pair[0])]
