"""What all parts of the shop share: its clock, its address, its sequences of ids, and what happened in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from tests.woocommerce import moments
from tests.woocommerce.shelf import Row


@dataclass(slots=True)
class Sequence:
    """Ids, each given once."""

    last: int = 0

    def next(self) -> int:
        """The next id."""
        self.last += 1
        return self.last

    def after(self, taken: int) -> int:
        """An id that came from elsewhere: later ones are greater."""
        self.last = max(self.last, taken)
        return taken


@dataclass(slots=True, kw_only=True)
class State:
    """`happened` are topics with ids, in the order of the changes. `unseen` are calls that don't see what others just made."""

    clock: Callable[[], datetime]
    zone: ZoneInfo
    currency: str
    url: str = ""
    lock: RLock = field(default_factory=RLock)
    users: Sequence = field(default_factory=Sequence)
    posts: Sequence = field(default_factory=Sequence)
    terms: Sequence = field(default_factory=Sequence)
    notes: Sequence = field(default_factory=Sequence)
    webhooks: Sequence = field(default_factory=Sequence)
    items: Sequence = field(default_factory=Sequence)
    meta: Sequence = field(default_factory=Sequence)
    happened: list[tuple[str, int]] = field(default_factory=list)
    unseen: set[int] = field(default_factory=set)

    @property
    def api(self) -> str:
        """The address of the REST interface."""
        return f"{self.url}/wp-json/wc/v3"

    def moment(self, name: str, moment: datetime | None) -> dict[str, str | None]:
        """The two fields of an instant."""
        return moments.told(name, moment, self.zone)

    def now(self, name: str) -> dict[str, str | None]:
        """The two fields of the present instant."""
        return self.moment(name, self.clock())

    def links(
        self, path: str, allow: tuple[str, ...] = ("GET", "POST", "PUT", "PATCH", "DELETE")
    ) -> Callable[[Row], Row]:
        """What gives the `_links` of records under a path."""

        def links(row: Row) -> dict[str, Any]:
            own = {"href": f"{self.api}/{path}/{row['id']}", "targetHints": {"allow": list(allow)}}
            return {"self": [own], "collection": [{"href": f"{self.api}/{path}"}]}

        return links
