"""Customer segments: the groups of those who have a tag of ours, found again by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from vip_rules.adapter import Confirmed, Found, Intent, Missing, Outcome, Refused, RetryAfter, Sight

from vip_rules_shopify.admin.answers import InDoubt, NotDone
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.effects.holdings import Holdings
from vip_rules_shopify.effects.outcomes import Stopped, done, made
from vip_rules_shopify.effects.tags import PREFIX

MARK: Final = "VIP: "
"""What the names of our segments begin with; they end with the tag in brackets, as in "VIP: Gold VIP (vip-gold)"."""

MEMBERS: Final = "members"
"""The name of the group of a tag whose tier isn't named yet."""

FORMER: Final = "former members"
"""The name of the group of those who keep a benefit of a former tier for a time."""

_QUERY: Final = re.compile(r"customer_tags CONTAINS '([^']+)'\Z")
_TAKEN: Final = "taken"
_LISTED_LATER: Final = 10
"""Seconds after which a list or search should have what was done before."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as the shop has it."""

    id: str
    name: str
    query: str

    @property
    def tag(self) -> str:
        """The tag that its customers have; the query itself where people made it something else."""
        found = _QUERY.match(self.query)
        return found[1] if found else self.query

    def is_of(self, tag: str) -> bool:
        """Whether it is ours for a tag, by its name."""
        return self.name.startswith(MARK) and self.name.endswith(f" ({tag})")


class Segments:
    """The shop's segments as they are now: listed once, and kept up to date with what is done here."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._there: dict[str, Segment] | None = None
        self._doubtful: set[str] = set()

    def of(self, tag: str, reference: str | None = None) -> Segment | None:
        """Our segment of a tag: the one that was made, whatever its name is now, else by name. Raises AdminFailed."""
        there = self._listed()
        return there.get(reference or "") or next(iter(self.all_of(tag)), None)

    def all_of(self, tag: str) -> list[Segment]:
        """Our segments of a tag by their names: one, or more if answers were lost. Raises AdminFailed."""
        return [segment for segment in self._listed().values() if segment.is_of(tag)]

    def kept(self, tag: str, name: str | None = None, reference: str | None = None) -> Segment:
        """Our segment of a tag, made or put right if need be; one that is there is renamed only if a name is given.

        Raises Stopped and AdminFailed.
        """
        segment, query = self.of(tag, reference), f"customer_tags CONTAINS '{tag}'"
        if segment is None and tag in self._doubtful:
            raise Stopped(RetryAfter(1, f"whether the segment of {tag} was made has to be found out first"))
        if segment is None:
            return self._made(f"{MARK}{name or MEMBERS} ({tag})", query, tag)
        wanted = segment if name is None else replace(segment, name=f"{MARK}{name} ({tag})")
        wanted = replace(wanted, query=query)
        if wanted != segment:
            done(self._admin.mutate("segment_update", id=segment.id, name=wanted.name, query=query))
            self._listed()[segment.id] = wanted
        return wanted

    def remove(self, segment: Segment) -> None:
        """Delete a segment of ours. Raises Stopped."""
        done(self._admin.mutate("segment_delete", id=segment.id))
        self._listed().pop(segment.id, None)

    def _made(self, name: str, query: str, tag: str) -> Segment:
        answer = self._admin.mutate("segment_create", name=name, query=query)
        if isinstance(answer, InDoubt):
            self._doubtful.add(tag)
        if isinstance(answer, NotDone) and _TAKEN in answer.reason:
            # An earlier try made it, and its answer was lost.
            self._there = None
            segment = self.of(tag)
            if segment is None:
                raise Stopped(RetryAfter(_LISTED_LATER, f"the segment {name} is there, and isn't listed yet"))
            return segment
        node = made(done(answer), "segment")
        segment = Segment(node["id"], node["name"], node["query"])
        self._listed()[segment.id] = segment
        return segment

    def _listed(self) -> dict[str, Segment]:
        if self._there is None:
            self._there = {
                node["id"]: Segment(node["id"], node["name"], node["query"])
                for node in listed(self._admin, "segments", "segments", first=250)
            }
        return self._there


class SegmentStates:
    """The segments of tiers. One that an active discount is for isn't deleted: nobody knows whom that would be for then."""

    def __init__(self, segments: Segments, holdings: Holdings) -> None:
        self._segments, self._holdings = segments, holdings

    def carry_out(self, intent: Intent) -> Outcome:
        """Put or remove it. Raises Stopped and AdminFailed."""
        tag = intent.payload["tag"]
        if intent.action == "put":
            kept = self._segments.kept(tag, intent.payload["name"], intent.reference)
            for other in self._segments.all_of(tag):
                if other.id != kept.id and not self._holdings.users(other.id):
                    self._segments.remove(other)
            return Confirmed(kept.id)
        while (segment := self._segments.of(tag, intent.reference)) is not None:
            for user in self._holdings.users(segment.id):
                title = user.content["title"]
                if user.is_ours:
                    return RetryAfter(
                        _LISTED_LATER, f"the discount {title} is still for the segment {segment.name}"
                    )
                return Refused(
                    f"the discount {title}, which isn't of vip-rules, is for the segment {segment.name}: end it, or choose "
                    "other customers for it"
                )
            self._segments.remove(segment)
        return Confirmed()

    def sight(self, intent: Intent) -> Sight:
        """What it is called, and whom it takes in."""
        segment = self._segments.of(intent.payload["tag"], intent.reference)
        if segment is None:
            return Missing()
        tag = segment.tag
        name = segment.name.removeprefix(MARK).removesuffix(f" ({intent.payload['tag']})")
        tier = tag.removeprefix(PREFIX) if tag.startswith(PREFIX) else None
        return Found({"tier": tier, "name": name, "tag": tag}, segment.id)


def listed(admin: Admin, document: str, connection: str, **variables: Any) -> Iterator[Mapping[str, Any]]:
    """All nodes of a list, page by page. Raises AdminFailed."""
    after = None
    while True:
        page = admin.query(document, after=after, **variables)[connection]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
