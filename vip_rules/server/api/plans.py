"""Plans: those that wait for a person, and what the person decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vip_rules.operations.proposals import STATES, approve, proposals, refuse, remembered
from vip_rules.server.api.operation import (
    ANYTHING,
    BY,
    DAY,
    INSTANT,
    REASON,
    SHOP,
    TEXT,
    Asked,
    Operation,
    Parameter,
    Schema,
    listing,
    maybe,
    record,
)


def plans(asked: Asked) -> dict[str, Any]:
    """The plans of a state, by default those that wait."""
    project = asked.project
    with project.database.reading() as connection:
        found = proposals(connection, project.shop, asked.query.get("state", "waiting"))
    return {"plans": [each.record() for each in found]}


def plan(asked: Asked) -> dict[str, Any]:
    """A plan with all its changes."""
    project = asked.project
    with project.database.reading() as connection:
        found = remembered(connection, project.shop, asked.path["hash"])
    whole = found.plan
    return found.record() | {"plan": None if whole is None else whole.record()}


def approved(asked: Asked) -> dict[str, Any]:
    """The plan, which the worker applies now."""
    project = asked.project
    hash_ = approve(project.database, project.shop, asked.path["hash"], project.hand(asked.body["by"]))
    return _decided(asked, hash_)


def refused(asked: Asked) -> dict[str, Any]:
    """The plan, which nobody applies."""
    project, body = asked.project, asked.body
    hand = project.hand(body["by"])
    return _decided(asked, refuse(project.database, project.shop, asked.path["hash"], hand, body["reason"]))


def _decided(asked: Asked, hash_: str) -> dict[str, Any]:
    project = asked.project
    with project.database.reading() as connection:
        return remembered(connection, project.shop, hash_).record()


_HASH: Final = Parameter(
    "hash",
    "path",
    "The plan's hash, or its beginning.",
    {"type": "string", "pattern": "^[0-9a-f]{8,64}$"},
)

_PROPOSAL: Final[Mapping[str, Schema]] = {
    "hash": TEXT,
    "as_of": DAY,
    "made_at": INSTANT,
    "state": {"enum": list(STATES)},
    "limits": {**listing(TEXT), "description": "Why a person is asked."},
    "decided_by": maybe(TEXT),
    "decided_at": maybe(INSTANT),
    "reason": maybe(TEXT),
}

OPERATIONS: Final = (
    Operation(
        name="plans",
        method="GET",
        path="/api/{shop}/plans",
        tells="The plans that wait for a person, or those of another state",
        parameters=(
            SHOP,
            Parameter("state", "query", "By default waiting.", {"enum": list(STATES), "default": "waiting"}),
        ),
        answer=plans,
        gives=record({"plans": listing(record(_PROPOSAL))}),
    ),
    Operation(
        name="plan",
        method="GET",
        path="/api/{shop}/plans/{hash}",
        tells="A plan with all its changes",
        parameters=(SHOP, _HASH),
        answer=plan,
        gives=record(
            {
                **_PROPOSAL,
                "plan": {
                    **maybe(ANYTHING),
                    "description": "As vip-rules plan --json prints it; null once it was applied, refused or is over.",
                },
            }
        ),
    ),
    Operation(
        name="approve",
        method="POST",
        path="/api/{shop}/plans/{hash}/approve",
        tells="Let a waiting plan be applied, exactly as it is",
        more="The worker applies it; GET /api/{shop}/status tells what has become of it.",
        parameters=(SHOP, _HASH),
        body=record({"by": BY}),
        decides=True,
        answer=approved,
        gives=record(_PROPOSAL),
    ),
    Operation(
        name="refuse",
        method="POST",
        path="/api/{shop}/plans/{hash}/refuse",
        tells="Don't apply a waiting plan",
        more="Whoever is in it stays as they are for the day.",
        parameters=(SHOP, _HASH),
        body=record({"by": BY, "reason": REASON}),
        decides=True,
        answer=refused,
        gives=record(_PROPOSAL),
    ),
)
"""What can be asked of plans, and decided about them."""
