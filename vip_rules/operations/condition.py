"""The condition of a shop: whether everything that its standings rest on is as it should be, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from vip_rules.adapter import KINDS, Capability
from vip_rules.benefits.definition import Benefit
from vip_rules.checkup import Finding
from vip_rules.inbox import FOR_A_PERSON
from vip_rules.operations.status import ShopStatus
from vip_rules.program.program import Program

STALE: Final = timedelta(days=1)
"""A mirror that is older is behind the store."""

LATE: Final = timedelta(minutes=10)
"""A webhook that has waited longer is taken by nobody."""

SILENT: Final = timedelta(hours=26)
"""Some job is due every day; the longest one, on which clocks are set back, has 25 hours."""


def condition(
    status: ShopStatus, program: Program, capabilities: Mapping[str, Capability], now: datetime
) -> Iterator[Finding]:
    """What there is to find without asking the store: program, mirror, ledger, service, and what nobody carries out."""
    yield _program(status)
    yield _mirror(status, now)
    yield _ledger(status)
    yield from _inbox(status, now)
    yield from _plans(status)
    yield from _outbox(status)
    yield from _jobs(status, now)
    yield from _promises(program, capabilities)
    if status.pause:
        said = f"paused by {status.pause.by} ({status.pause.reason})"
        yield Finding("pause", "warning", said, "vip-rules resume goes on")


def _program(status: ShopStatus) -> Finding:
    name = f"{status.program} {status.version}"
    if status.changed:
        said = f"{name} is another than the one last applied ({status.applied_version})"
        return Finding("program", "warning", said, "vip-rules plan shows whom the new one moves")
    return Finding("program", "good", f"{name} is valid")


def _mirror(status: ShopStatus, now: datetime) -> Finding:
    mirror = status.mirror
    held = f"{mirror.customers:,} customers and {mirror.orders:,} orders"
    if mirror.synced_at is None:
        return Finding("mirror", "warning", "the store was never read", "vip-rules sync reads it")
    if mirror.unfinished:
        return Finding("mirror", "warning", "a full sync is unfinished", "vip-rules sync goes on with it")
    if now - datetime.fromisoformat(mirror.synced_at) > STALE:
        said = f"{held}, last brought up to the store at {mirror.synced_at}"
        return Finding("mirror", "warning", said, "run vip-rules sync at least once a day")
    if mirror.set_aside:
        said = f"{held}, of which {mirror.set_aside:,} count for nothing: their currency has no exchange rate"
        return Finding(
            "mirror", "warning", said, "add the rates to the file that [currency] names, and sync --full"
        )
    return Finding("mirror", "good", held)


def _ledger(status: ShopStatus) -> Finding:
    if status.breaks:
        said = f"the chain doesn't verify: {len(status.breaks):,} of {status.entries:,} entries were changed"
        remedy = "vip-rules status --verify lists them; restore the database from a backup"
        return Finding("ledger", "bad", said, remedy)
    return Finding("ledger", "good", f"{status.entries:,} entries, the chain verifies")


def _inbox(status: ShopStatus, now: datetime) -> Iterator[Finding]:
    """Webhooks that nobody takes, or that only a person can end."""
    waiting = status.inbox.get("waiting", 0)
    if status.oldest is not None and now - status.oldest > LATE:
        said = f"{waiting:,} waiting, the first one since {status.oldest.isoformat()}"
        yield Finding("inbox", "warning", said, "vip-rules serve, or vip-rules worker, takes them")
    aside = [f"{status.inbox[state]:,} {state}" for state in FOR_A_PERSON if state in status.inbox]
    if aside:
        said = f"webhooks wait for a person: {', '.join(aside)}"
        yield Finding("inbox", "warning", said, "vip-rules inbox list says why")


def _plans(status: ShopStatus) -> Iterator[Finding]:
    if status.plans:
        said = f"{status.plans:,} waiting for a person"
        yield Finding("plans", "warning", said, "vip-rules plans list; then show, and approve or refuse")


def _jobs(status: ShopStatus, now: datetime) -> Iterator[Finding]:
    """Jobs by the clock that don't get done."""
    if status.runs and now - (last := max(run.ended_at for run in status.runs)) > SILENT:
        said = f"none has run since {last.isoformat()}"
        yield Finding(
            "jobs", "warning", said, "start vip-rules serve, or vip-rules worker, and look at its log"
        )
    for run in status.runs:
        if run.outcome != "done":
            said = f"{run.job} {run.outcome} at {run.ended_at.isoformat()}: {'; '.join(run.says)}"
            remedy = (
                "it is tried again by itself"
                if run.retry_at
                else "it is done again at its next time, if it can be"
            )
            yield Finding("jobs", "warning", said, remedy)


def _outbox(status: ShopStatus) -> Iterator[Finding]:
    aside = {state: status.outbox[state] for state in ("refused", "parked") if state in status.outbox}
    if aside:
        said = ", ".join(f"{count:,} {state}" for state, count in aside.items())
        yield Finding("outbox", "warning", f"effects wait for a person: {said}", "vip-rules outbox list")
    waiting = sum(status.outbox.get(state, 0) for state in ("planned", "sent", "unknown"))
    if waiting:
        said = f"{waiting:,} effects are still to be carried out"
        yield Finding("outbox", "warning", said, "vip-rules apply goes on with them")
    if not aside and not waiting:
        yield Finding("outbox", "good", "nothing waits")


def _promises(program: Program, capabilities: Mapping[str, Capability]) -> Iterator[Finding]:
    """What the program promises and nothing here carries out."""
    benefits = (benefit for tier in program.tiers for benefit in tier.benefits)
    kinds = {"customer", *(_kind(benefit) for benefit in benefits)}
    if program.messages:
        kinds.add("message")
    for kind in (kind for kind in KINDS if kind in kinds and kind not in capabilities):
        said = f"nothing here carries out {kind.replace('_', ' ')}"
        remedy = (
            "name a file, url or smtp in [messages]"
            if kind == "message"
            else "deliver it by hand from vip-rules outbox list, or take it out of the program"
        )
        yield Finding("promises", "warning", said, remedy)


def _kind(benefit: Benefit) -> str:
    """The kind of effect that delivers a benefit: its own, or a place in a customer's entitlements."""
    return benefit.type.name if benefit.type.name in KINDS else "entitlements"
