"""Bulk operations: Shopify writes all that a query finds into a file, which takes it a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vip_rules.adapter import PlatformFailed

from vip_rules_shopify.admin.answers import Busy, Done, InDoubt, NotDone
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.reading.progress import moment_text

_OCCUPIED: Final = frozenset({"LIMIT_REACHED", "OPERATION_IN_PROGRESS"})
_UNFINISHED: Final = frozenset({"CREATED", "RUNNING"})

_FIRST_WAIT: Final = 1
_LONGEST_WAIT: Final = 30
_PATIENCE: Final = 6 * 3_600
"""Seconds: between two looks at first and at most, and how long one reading waits in all."""

_DOUBTS: Final = 5
"""How often an operation is asked for whose start isn't answered."""

_CAUSES: Final = {
    "ACCESS_DENIED": "the app may not read all that was asked for: look at its scopes (read_customers, read_orders)",
    "TIMEOUT": "it took Shopify too long",
    "INTERNAL_SERVER_ERROR": "something went wrong at Shopify",
}


class OperationLost(PlatformFailed):
    """A bulk operation that won't give its file any more: another one has to be started."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A bulk operation that was started, with the instant of it by Shopify's clock."""

    id: str
    begun: str


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation found: so many rows, in a file at a signed address; None where there are no rows."""

    url: str | None
    rows: int


class Operations:
    """A shop's bulk operations."""

    def __init__(self, admin: Admin, sleep: Callable[[float], None]) -> None:
        self._admin, self._sleep = admin, sleep

    def start(self, query: str) -> Operation:
        """Start an operation, or find the one that a process before us started and didn't live to see.

        While others occupy all places it waits. Raises PlatformFailed.
        """
        known = list(self._listed(query))
        for node in known:
            if node["status"] in _UNFINISHED:
                return _operation(node)
        ids = {node["id"] for node in known}
        doubts = 0
        for seconds in _waits():
            answer = self._admin.mutate("bulk_run_query", query=query)
            match answer:
                case Done(data):
                    return _operation(data["bulkOperationRunQuery"]["bulkOperation"])
                case Busy(busy, _):
                    self._sleep(max(busy, seconds))
                case NotDone(_, codes) if codes & _OCCUPIED:
                    self._sleep(seconds)
                case NotDone(reason):
                    raise PlatformFailed(f"Shopify doesn't start a bulk operation: {reason}")
                case InDoubt(reason):
                    self._sleep(seconds)
                    if started := [node for node in self._listed(query) if node["id"] not in ids]:
                        return _operation(started[0])
                    doubts += 1
                    if doubts == _DOUBTS:
                        raise PlatformFailed(
                            f"Shopify doesn't start a bulk operation: {reason}, {doubts} times; call the command again later"
                        )
        raise PlatformFailed(
            "other bulk operations of this app occupy all places for hours: wait until they end, or cancel them, and call the "
            "command again"
        )

    def result(self, operation: str) -> Result:
        """What an operation found, as soon as it is at its end. Raises OperationLost, PlatformFailed."""
        for seconds in _waits():
            node = self._admin.query("bulk_status", id=operation)["bulkOperation"]
            if node is None:
                raise OperationLost(
                    "Shopify doesn't know the bulk operation any more: call the command again"
                )
            if node["status"] == "COMPLETED":
                return _result(node)
            if node["status"] not in _UNFINISHED:
                raise OperationLost(_why(node))
            self._sleep(seconds)
        raise PlatformFailed(
            "Shopify is still at work on the bulk operation after hours: call the command again later, it goes on with "
            "the same one"
        )

    def _listed(self, query: str) -> Iterator[Mapping[str, Any]]:
        """The latest operations with a query."""
        for node in self._admin.query("bulk_list", query=None)["bulkOperations"]["nodes"]:
            if _words(node["query"]) == _words(query):
                yield node


def _waits() -> Iterator[int]:
    """How many seconds to wait, again and again, until patience ends."""
    seconds, waited = _FIRST_WAIT, 0
    while waited < _PATIENCE:
        yield seconds
        waited += seconds
        seconds = min(2 * seconds, _LONGEST_WAIT)


def _operation(node: Mapping[str, Any]) -> Operation:
    return Operation(node["id"], moment_text(datetime.fromisoformat(node["createdAt"])))


def _result(node: Mapping[str, Any]) -> Result:
    rows = int(node["objectCount"])
    if node["url"] is None and rows:
        raise OperationLost("the file of the bulk operation isn't there any more: call the command again")
    return Result(node["url"], rows)


def _why(node: Mapping[str, Any]) -> str:
    match node["status"]:
        case "FAILED":
            cause = _CAUSES.get(node["errorCode"], "Shopify doesn't say why")
            return f"the bulk operation failed: {cause}. What it found until then isn't taken; call the command again"
        case "EXPIRED":
            return (
                "the file of the bulk operation was kept for seven days, and is gone: call the command again"
            )
    return "the bulk operation was cancelled by somebody: call the command again to start another one"


def _words(query: str) -> list[str]:
    return query.split()
