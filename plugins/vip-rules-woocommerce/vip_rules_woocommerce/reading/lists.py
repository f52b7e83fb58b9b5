"""The shop's lists, read so that nothing is lost while people go on working in the shop.

Lists are told from an offset on. Where a row is deleted, those behind it move forward, and a reader who goes on at the next
offset never sees one of them. So rows are asked for by rising ids, each page beginning with the last row of the page before:
if that isn't there, the reader goes back until a page begins with a row that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from vip_rules.adapter import PlatformFailed

from vip_rules_woocommerce.reading.fields import Row, rows
from vip_rules_woocommerce.rest.client import PER_PAGE, Rest

_BY_ID: Final = {"per_page": PER_PAGE, "orderby": "id", "order": "asc"}


@dataclass(frozen=True, slots=True)
class Position:
    """How far a list is read: how many rows were in it up to the one with an id, which was the last."""

    count: int = 0
    id: int = 0


START: Final = Position()


def walk(
    rest: Rest, path: str, start: Position = START, *, again: bool = False, **asked: Any
) -> Iterator[tuple[Sequence[Row], Position]]:
    """The rows of a list behind a position, a page at a time, each with the position behind it.

    `again` tells the hundred rows before the position once more. Raises PlatformFailed.
    """
    last, told = start.id, 0 if again else start.id
    at = max(start.count - (PER_PAGE if again else 1), 0)
    went_back_from: set[tuple[int, int, int]] = set()
    before: list[int] = []
    while True:
        page, total = _page(rest, path, at, asked)
        if at and (not page or page[0]["id"] > last):
            if (at, total, last) in went_back_from:
                raise PlatformFailed(
                    f"{rest.host} leaves out so many {path} after the one with the id {last} that the others can't be "
                    "told: look into the shop's PHP log"
                )
            went_back_from.add((at, total, last))
            at = max(at - PER_PAGE + 1, 0)
            continue
        ids = [row["id"] for row in page]
        if len(ids) == PER_PAGE and ids == before:
            raise PlatformFailed(
                f"{rest.host} told the same {path} from another offset on: look at plugins that change the REST API, and at "
                "caches in front of the shop"
            )
        before, last = ids, max([last, *ids[-1:]])
        if fresh := [row for row in page if row["id"] > told]:
            went_back_from.clear()
            yield fresh, Position(at + len(page), last)
        told = last
        if at + PER_PAGE >= total:
            return
        at += max(len(page) - 1, 1)


def named(rest: Rest, path: str, ids: Iterable[int], **asked: Any) -> dict[int, Row]:
    """Those rows of a list that have some ids, by them. Raises PlatformFailed."""
    wanted, found = sorted(set(ids)), dict[int, Row]()
    for start in range(0, len(wanted), PER_PAGE):
        some = wanted[start : start + PER_PAGE]
        told = rows(rest.get(path, include=some, per_page=PER_PAGE, **asked))
        found |= {row["id"]: row for row in told if row["id"] in some}
    return found


def _page(rest: Rest, path: str, at: int, asked: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """A page of a list from an offset on, and how many rows the list has. Raises PlatformFailed."""
    told = rest.told(path, **_BY_ID, offset=at, **asked)
    page, total = rows(told.data), told.number("X-WP-Total")
    if any(one["id"] >= other["id"] for one, other in pairwise(page)):
        raise PlatformFailed(
            f"{rest.host} doesn't tell {path} in the order of their ids: look at plugins that change the REST API"
        )
    # Where the header is missing, only a page that isn't full is the last.
    full = at + len(page) + (len(page) == PER_PAGE)
    return page, full if total is None else total
