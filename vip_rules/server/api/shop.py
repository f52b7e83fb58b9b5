"""The shop: how it stands, what its service is at, and the switch that stops everything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from vip_rules import inbox
from vip_rules.inbox import FOR_A_PERSON
from vip_rules.operations.arrivals import arrivals
from vip_rules.operations.interventions import STATES, counts, listed
from vip_rules.operations.runs import Run, runs
from vip_rules.operations.status import status_of
from vip_rules.operations.switch import Pause, pause, pause_of, resume
from vip_rules.project import Project
from vip_rules.server.api.operation import (
    ANYTHING,
    BY,
    COUNT,
    DAY,
    INSTANT,
    REASON,
    SHOP,
    TEXT,
    Asked,
    Operation,
    Parameter,
    counted,
    listing,
    maybe,
    record,
)
from vip_rules.worker.jobs import NAMES
from vip_rules.worker.schedule import Name
from vip_rules.worker.worker import schedule_of

MOST: Final = 1_000
DEFAULT_MOST: Final = 100
"""How many things of a list are told at a time."""


def status(asked: Asked) -> dict[str, Any]:
    """What `vip-rules status --json` says."""
    project = asked.project
    with project.database.reading() as connection:
        return status_of(connection, project.shop, project.program).record()


def jobs(asked: Asked) -> dict[str, Any]:
    """What is done by the clock: how it went last, and when it is due."""
    project = asked.project
    with project.database.reading() as connection:
        had = {run.job: run for run in runs(connection, project.shop)}
        paused = pause_of(connection, project.shop) is not None
    return {"paused": paused, "jobs": [_job(project, name, had.get(name)) for name in NAMES]}


def webhooks(asked: Asked) -> dict[str, Any]:
    """What came in, and what waits for a person, without what it says."""
    project = asked.project
    with project.database.reading() as connection:
        aside = list(arrivals(connection, project.shop, FOR_A_PERSON, most=DEFAULT_MOST))
        return {
            "counts": inbox.counts(connection, project.shop),
            "oldest_waiting": _instant(inbox.oldest(connection, project.shop)),
            "last_received": {
                topic: _instant(at) for topic, at in inbox.received(connection, project.shop).items()
            },
            "for_a_person": [each.record() for each in aside],
        }


def outbox(asked: Asked) -> dict[str, Any]:
    """Effects, a page of them."""
    project, query = asked.project, asked.query
    most, skip = query.get("limit", DEFAULT_MOST), query.get("skip", 0)
    with project.database.reading() as connection:
        found = list(listed(connection, project.shop, state=query.get("state"), skip=skip, most=most + 1))
        return {
            "counts": counts(connection, project.shop),
            "effects": [each.record() for each in found[:most]],
            "more": len(found) > most,
        }


def paused(asked: Asked) -> dict[str, Any]:
    """The pause that holds now."""
    project, body = asked.project, asked.body
    hand = project.hand(body["by"])
    already = pause(project.database, project.shop, body["reason"], hand)
    now = already or Pause(hand.at, hand.by, body["reason"])
    return {"paused": now.record(), "already": already is not None}


def resumed(asked: Asked) -> dict[str, Any]:
    """The pause that has ended."""
    project = asked.project
    ended = resume(project.database, project.shop, project.hand(asked.body["by"]))
    return {"paused": None, "ended": ended and ended.record()}


def _job(project: Project, name: Name, run: Run | None) -> dict[str, Any]:
    schedule, now = schedule_of(project), project.outside.clock()
    due = schedule.latest(name, now)
    if run is not None and run.retry_at is not None:
        due = run.retry_at
    elif run is not None and run.ran_for is not None and run.ran_for >= due:
        due = schedule.following(name, now)
    return {"job": name, "due_at": due.astimezone(UTC).isoformat(), "last": run and run.record()}


def _instant(micros: int | None) -> str | None:
    return None if micros is None else datetime.fromtimestamp(micros // 1_000_000, UTC).isoformat()


_PAUSE: Final = record({"since": INSTANT, "by": TEXT, "reason": TEXT})

_RUN: Final = record(
    {
        "job": TEXT,
        "outcome": {"enum": ["done", "refused", "failed"]},
        "ran_for": maybe(INSTANT),
        "began_at": INSTANT,
        "ended_at": INSTANT,
        "says": listing(TEXT),
        "failures": COUNT,
        "retry_at": maybe(INSTANT),
    }
)

_WEBHOOK: Final = record(
    {
        "number": COUNT,
        "topic": TEXT,
        "delivery": maybe(TEXT),
        "state": {"enum": list(inbox.STATES)},
        "reason": maybe(TEXT),
        "attempts": COUNT,
        "size": maybe(COUNT),
        "sent_at": maybe(INSTANT),
        "received_at": INSTANT,
        "changed_at": INSTANT,
    }
)

_EFFECT: Final = record(
    {
        "key": TEXT,
        "kind": TEXT,
        "action": {"enum": ["put", "remove"]},
        "customer_id": maybe(TEXT),
        "state": {"enum": list(STATES)},
        "attempts": COUNT,
        "reason": maybe(TEXT),
        "reference": maybe(TEXT),
        "due": maybe(DAY),
        "planned_at": INSTANT,
        "changed_at": INSTANT,
        "payload": ANYTHING,
    }
)

_STATUS: Final = record(
    {
        "shop": TEXT,
        "adapter": TEXT,
        "program": record(
            {"id": TEXT, "version": TEXT, "applied_version": maybe(TEXT), "changed": {"type": "boolean"}}
        ),
        "last_applied": maybe(DAY),
        "paused": maybe(_PAUSE),
        "mirror": record(
            {
                "synced_at": maybe(INSTANT),
                "unfinished": {"type": "boolean"},
                **dict.fromkeys(("customers", "gone", "orders", "guests", "set_aside", "dirty"), COUNT),
            }
        ),
        "members": {"type": "object", "additionalProperties": counted()},
        "demotions_ahead": counted(),
        "outbox": counted(),
        "inbox": counted(),
        "plans_waiting": COUNT,
        "jobs": listing(_RUN),
        "ledger": ANYTHING,
    }
)

OPERATIONS: Final = (
    Operation(
        name="status",
        method="GET",
        path="/api/{shop}/status",
        tells="How the shop stands: members, mirror, what waits",
        more="The same as vip-rules status --json.",
        parameters=(SHOP,),
        answer=status,
        gives=_STATUS,
    ),
    Operation(
        name="jobs",
        method="GET",
        path="/api/{shop}/jobs",
        tells="What is done by the clock: how it went last, and when it is due",
        more="A due_at that is over: it is done as soon as a worker comes to it. While the shop is paused it only reads.",
        parameters=(SHOP,),
        answer=jobs,
        gives=record(
            {
                "paused": {"type": "boolean"},
                "jobs": listing(
                    record({"job": {"enum": list(NAMES)}, "due_at": INSTANT, "last": maybe(_RUN)})
                ),
            }
        ),
    ),
    Operation(
        name="webhooks",
        method="GET",
        path="/api/{shop}/webhooks",
        tells="What the store told by itself, and what of it waits for a person",
        more=f"What a webhook says isn't told: vip-rules inbox show does. At most {DEFAULT_MOST} are listed.",
        parameters=(SHOP,),
        answer=webhooks,
        gives=record(
            {
                "counts": {**counted(), "description": "By state."},
                "oldest_waiting": maybe(INSTANT),
                "last_received": {
                    "type": "object",
                    "additionalProperties": INSTANT,
                    "description": "By topic.",
                },
                "for_a_person": listing(_WEBHOOK),
            }
        ),
    ),
    Operation(
        name="outbox",
        method="GET",
        path="/api/{shop}/outbox",
        tells="Effects with their states and reasons, in the order of planning",
        parameters=(
            SHOP,
            Parameter("state", "query", "By default all that haven't ended.", {"enum": list(STATES)}),
            Parameter(
                "limit",
                "query",
                "How many at most.",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_MOST},
            ),
            Parameter(
                "skip",
                "query",
                "How many to leave out.",
                {"type": "integer", "minimum": 0, "maximum": 1_000_000_000, "default": 0},
            ),
        ),
        answer=outbox,
        gives=record(
            {"counts": counted(), "effects": listing(_EFFECT), "more": {"type": "boolean"}},
        ),
    ),
    Operation(
        name="pause",
        method="POST",
        path="/api/{shop}/pause",
        tells="Stop everything that changes the store",
        more="A pause that holds already stays as it is.",
        parameters=(SHOP,),
        body=record({"by": BY, "reason": REASON}),
        decides=True,
        answer=paused,
        gives=record({"paused": _PAUSE, "already": {"type": "boolean"}}),
    ),
    Operation(
        name="resume",
        method="POST",
        path="/api/{shop}/resume",
        tells="End a pause",
        parameters=(SHOP,),
        body=record({"by": BY}),
        decides=True,
        answer=resumed,
        gives=record({"paused": {"type": "null"}, "ended": maybe(_PAUSE)}),
    ),
)
"""What can be asked of a shop as a whole."""
