"""Segments: groups of customers by a query, with unique names."""

from __future__ import annotations

import re
from typing import Final

from tests.shop.amounts import instant
from tests.shop.identifiers import gid, number
from tests.shop.listing import listing
from tests.shop.projection import Arguments, Connection, Fields, Payload, refused
from tests.shop.search import Index, Number, Text
from tests.shop.state import Segment, State

SEGMENTS: Final = Index(
    {"id": Number(lambda segment: segment.id), "name": Text(lambda segment: segment.name)},
    lambda segment: segment.name,
)
_QUERY: Final = re.compile(r"\w+ (CONTAINS|NOT CONTAINS|[=!<>]|IS|BETWEEN|MATCHES)")
_TAGGED: Final = re.compile(r"customer_tags CONTAINS '([^']+)'")


def segment_view(segment: Segment) -> Fields:
    """A Segment."""
    return {
        "__typename": "Segment",
        "id": gid("Segment", segment.id),
        "name": segment.name,
        "query": segment.query,
        "creationDate": instant(segment.created_at),
        "lastEditDate": instant(segment.updated_at),
    }


def segments_listing(state: State, arguments: Arguments) -> Connection:
    """The segments that a query finds."""
    sorts = {
        "CREATION_DATE": lambda segment: segment.created_at,
        "LAST_EDIT_DATE": lambda segment: segment.updated_at,
    }
    found = state.segments.values()
    return listing(state, "Segment", found, segment_view, SEGMENTS, arguments, sorts)


def create_segment(state: State, arguments: Arguments) -> Payload:
    """A segment; a name that is taken is refused."""
    name, query = arguments["name"], arguments["query"]
    error = _error(state, name, query, None)
    if error is not None:
        return error
    now = state.now()
    made = Segment(state.number(), name, query, now, now, now + state.index_lag)
    state.segments[made.id] = made
    return Payload({"segment": segment_view(made)})


def update_segment(state: State, arguments: Arguments) -> Payload:
    """What isn't given stays."""
    segment = state.segments.get(number(arguments["id"], "Segment") or 0)
    if segment is None:
        return refused("Segment does not exist", None, ["id"])
    name, query = arguments.get("name") or segment.name, arguments.get("query") or segment.query
    error = _error(state, name, query, segment)
    if error is not None:
        return error
    segment.name, segment.query, segment.updated_at = name, query, state.now()
    return Payload({"segment": segment_view(segment)})


def delete_segment(state: State, arguments: Arguments) -> Payload:
    """The segment is gone; discounts that were for it are then for nobody."""
    segment = state.segments.pop(number(arguments["id"], "Segment") or 0, None)
    if segment is None:
        return refused("Segment does not exist", None, ["id"])
    return Payload({"deletedSegmentId": gid("Segment", segment.id)})


def members(state: State, segment: Segment) -> list[int]:
    """The customers who have the segment's tag."""
    tagged = _TAGGED.fullmatch(segment.query)
    tag = tagged.group(1).casefold() if tagged else None
    return [
        customer.id
        for customer in state.customers.values()
        if tag in {own.casefold() for own in customer.tags}
    ]


def membership(state: State, arguments: Arguments) -> Fields:
    """To which of some segments a customer belongs."""
    customer = number(arguments["customerId"], "Customer")
    found = [state.segments.get(number(text, "Segment") or 0) for text in arguments["segmentIds"]]
    return {
        "__typename": "SegmentMembershipResponse",
        "memberships": [
            {
                "__typename": "SegmentMembership",
                "segmentId": gid("Segment", segment.id),
                "isMember": customer in members(state, segment),
            }
            for segment in found
            if segment is not None
        ],
    }


def _error(state: State, name: str, query: str, of: Segment | None) -> Payload | None:
    if not name.strip():
        return refused("Name can't be blank", None, ["name"])
    if any(other.name.casefold() == name.casefold() and other is not of for other in state.segments.values()):
        return refused("Name has already been taken", None, ["name"])
    if _QUERY.match(query) is None:
        return refused("Query is invalid", None, ["query"])
    return None
