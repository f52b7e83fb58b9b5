"""The course of one reading: customers, then orders, each by a bulk operation or by pages; any page's cursor resumes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from vip_rules.store import Page

from vip_rules_shopify.reading.bulk import BulkReading
from vip_rules_shopify.reading.changes import Changes
from vip_rules_shopify.reading.operations import OperationLost
from vip_rules_shopify.reading.progress import KINDS, Kind, Part, Progress
from vip_rules_shopify.reading.selection import overlapping
from vip_rules_shopify.reading.telling import Telling


@dataclass(slots=True)
class Course:
    """One reading, from where `progress` says it is."""

    bulk: BulkReading
    changes: Changes
    telling: Telling
    progress: Progress
    _started: set[str | None] = field(default_factory=set)

    def pages(self, notes: tuple[str, ...]) -> Iterator[Page]:
        """All that is left to tell; the first page has the notes. Raises PlatformFailed."""
        for kind in KINDS:  # both operations run while the first one's file is read
            self._begin(kind)
            yield Page(cursor=self.progress.cursor, notes=notes)
            notes = ()
        for kind in KINDS:
            if not self.progress.part(kind).done:
                yield from self._of(kind)
                self._come(kind, replace(self.progress.part(kind), done=True))
        yield Page(cursor=self.progress.following().cursor)

    def _begin(self, kind: Kind) -> None:
        part = self.progress.part(kind)
        if part.untouched and (part.since is None or self.changes.too_many(kind, part.since)):
            self._start(kind)

    def _start(self, kind: Kind) -> None:
        part = self.bulk.start(kind, self.progress.part(kind))
        self._started.add(part.operation)
        self._come(kind, part)

    def _of(self, kind: Kind) -> Iterator[Page]:
        part, take = self.progress.part(kind), self.telling.take(kind)
        self.telling.newest = None
        self.telling.begin = None if part.since is None else overlapping(part.since)
        if part.operation is None:
            for far in self.changes.pages(kind, part, take):
                yield self._page(kind, far)
            return
        try:
            for far in self.bulk.pages(kind, part, take):
                yield self._page(kind, far)
        except OperationLost:
            if part.operation in self._started:
                raise
        else:
            return
        self._start(kind)
        lost = f"Shopify no longer has the file that the last reading began with: the {kind} are read from the start again."
        yield self.telling.page(cursor=self.progress.cursor, notes=(lost,))
        for far in self.bulk.pages(kind, self.progress.part(kind), take):
            yield self._page(kind, far)

    def _page(self, kind: Kind, part: Part) -> Page:
        before = self.progress.part(kind)
        self._come(kind, replace(part, newest=before.newest).told(self.telling.newest))
        return self.telling.page(cursor=self.progress.cursor)

    def _come(self, kind: Kind, part: Part) -> None:
        self.progress = self.progress.with_part(kind, part)
