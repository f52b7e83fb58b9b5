"""The first reading, and others of very much: by bulk operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from vip_rules.adapter import PlatformFailed

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.reading.operations import Operation, Operations, Result
from vip_rules_shopify.reading.progress import OBJECTS, Kind, Part
from vip_rules_shopify.reading.selection import Selection
from vip_rules_shopify.reading.staging import Staging, staging
from vip_rules_shopify.reading.telling import Take

PAGE: Final = 5_000
"""How many objects are told at a time."""

_TRIES: Final = 3


class BulkReading:
    """Reads what bulk operations find. The files are kept for seven days: a reading may go on with one that it began."""

    def __init__(
        self, admin: Admin, selection: Selection, sleep: Callable[[float], None], page: int = PAGE
    ) -> None:
        self._admin, self._selection, self._sleep, self._page = admin, selection, sleep, page
        self._operations = Operations(admin, sleep)

    def start(self, kind: Kind, part: Part) -> Part:
        """The part with an operation that reads it. Raises PlatformFailed."""
        operation: Operation = self._operations.start(self._selection.bulk(kind, part.since))
        return Part(since=part.since, operation=operation.id, begun=operation.begun)

    def pages(self, kind: Kind, part: Part, take: Take) -> Iterator[Part]:
        """Let the objects behind the part's row be taken, and tell page by page how far it has come.

        Raises OperationLost for an operation whose file can't be had any more, and PlatformFailed.
        """
        assert part.operation is not None
        result = self._operations.result(part.operation)
        if result.url is None:
            return
        with staging() as rows:
            self._lay_aside(rows, kind, part.operation, result)
            taken = 0
            for row, node, children in rows.objects(part.row):
                take(node, children)
                taken += 1
                if taken == self._page:
                    yield replace(part, row=row)
                    taken = 0
            if taken:
                yield replace(part, row=row)

    def _lay_aside(self, rows: Staging, kind: Kind, operation: str, result: Result) -> None:
        """Fetch the whole file: one that was cut short has fewer lines than the operation counted."""
        for tries in range(_TRIES):
            if tries:
                self._sleep(2**tries)
                result = self._operations.result(operation)
            if result.url is None:
                return
            try:
                with self._admin.download(result.url) as lines:
                    count = rows.fill(lines, OBJECTS[kind])
            except PlatformFailed:
                if tries == _TRIES - 1:
                    raise
                continue
            if count == result.rows:
                return
        raise PlatformFailed(
            f"the file of the {kind} has {count:,} rows, where Shopify counted {result.rows:,}: it was cut short on its way, "
            f"{_TRIES} times. Nothing of it is taken; call the command again"
        )
