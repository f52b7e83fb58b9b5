"""Proposals: plans that the worker made and mustn't apply by itself. A person approves or refuses each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from vip_rules.apply import Applied, apply_plan
from vip_rules.carriers import Means
from vip_rules.database.bulk import add
from vip_rules.database.connection import Database
from vip_rules.database.failure import AtWork
from vip_rules.database.tables import plans
from vip_rules.errors import VipRulesError
from vip_rules.localdays import day_date
from vip_rules.mentions import Mentions
from vip_rules.mirror import dirty
from vip_rules.mirror.identities import identities
from vip_rules.operations.hand import Hand
from vip_rules.plan import SHORT, Plan, PlanRefused, ShopPaused, plan_of
from vip_rules.program.program import Program

STATES: Final = ("waiting", "approved", "refused", "expired")


class UnknownPlan(VipRulesError):
    """No plan of that hash waits."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that waits, or waited, for a person. `limits` say why the worker didn't apply it by itself."""

    row: Row[Any]

    @property
    def limits(self) -> list[str]:
        """Why a person was asked, in sentences."""
        found: list[str] = json.loads(self.row.limits)
        return found

    @property
    def plan(self) -> Plan | None:
        """The plan itself; None once it was decided."""
        row = self.row
        return None if row.text is None else plan_of(row.text, f"the waiting plan {row.hash[:SHORT]}")

    def record(self) -> dict[str, Any]:
        """The proposal as plain JSON data, without the plan's changes."""
        row = self.row
        return {
            "hash": row.hash,
            "as_of": str(day_date(row.as_of)),
            "made_at": _instant(row.made_at),
            "state": row.state,
            "limits": self.limits,
            "decided_by": row.decided_by,
            "decided_at": None if row.decided_at is None else _instant(row.decided_at),
            "reason": row.reason,
        }


def propose(connection: Connection, shop: int, plan: Plan, limits: Sequence[str], at: int) -> bool:
    """Let a plan wait for a person, `at` an instant in microseconds since 1970; whether it is new.

    A later plan for the same customers takes the place of one that waits. Those who are in it are left alone until then.
    Raises AtWork if somebody in it was redacted while it was made: it is to be made again, without them.
    """
    if waiting(connection, shop, plan.hash):
        return False
    people = {*(each.customer_id for each in plan.changes if each.customer_id), *(plan.evaluated or ())}
    if identities(connection, shop, people).redacted:
        raise AtWork("a customer in the plan was redacted while it was made: it is made again")
    for other in proposals(connection, shop, "waiting"):
        if _covers(plan, other):
            _end(connection, shop, other.row.hash, f"{plan.hash[:SHORT]} took its place")
            dirty.hand_over(connection, shop, other.row.hash, plan.hash)
    text = json.dumps(plan.record(), ensure_ascii=False)
    nobody = (None, None, None)
    add(
        connection,
        plans,
        [(shop, plan.hash, plan.as_of, at, text, json.dumps(list(limits)), "waiting", *nobody)],
    )
    if plan.evaluated is not None:
        dirty.leave_to(connection, shop, plan.hash, plan.evaluated, plan.mirror)
    return True


def proposals(connection: Connection, shop: int, state: str | None = None) -> list[Proposal]:
    """The plans of a state, or all that are remembered, the latest first."""
    query = select(plans).where(plans.c.shop == shop).order_by(plans.c.made_at.desc(), plans.c.hash)
    if state is not None:
        query = query.where(plans.c.state == state)
    return list(map(Proposal, connection.execute(query)))


def waiting(connection: Connection, shop: int, name: str) -> Proposal | None:
    """The waiting plan whose hash begins so; None if there is none, or if there are several."""
    found = [each for each in proposals(connection, shop, "waiting") if each.row.hash.startswith(name)]
    return found[0] if len(found) == 1 and len(name) >= SHORT else None


def remembered(connection: Connection, shop: int, name: str) -> Proposal:
    """The plan whose hash begins so, also one that was decided. Raises UnknownPlan where there isn't just one."""
    known = proposals(connection, shop)
    found = [each for each in known if each.row.hash.startswith(name)] if len(name) >= SHORT else []
    if len(found) != 1:
        raise _unknown(name, "plan", known)
    return found[0]


def approve(database: Database, shop: int, name: str, hand: Hand) -> str:
    """Let a waiting plan, named by (the beginning of) its hash, be applied; gives its hash. Raises UnknownPlan."""
    with database.writing() as connection:
        proposal = _named(connection, shop, name)
        decided = {"state": "approved", "decided_by": hand.by, "decided_at": hand.at}
        _update(connection, shop, proposal.row.hash, **decided)
        says = {"plan": proposal.row.hash, "limits": proposal.limits}
        hand.remember(connection, shop, "approval", key=f"plan:{proposal.row.hash}", says=says)
    return str(proposal.row.hash)


def apply_approved(
    database: Database, shop: int, program: Program, means: Means, document: str | None = None
) -> list[Applied]:
    """Apply the plans that were approved and aren't applied yet, exactly them. Raises AtWork and PlanRefused.

    One that can't be applied any more (its day is over, the program is another) is refused with the reason.
    """
    with database.reading() as connection:
        approved = [each for each in proposals(connection, shop, "approved") if each.row.text is not None]
    applied = []
    for proposal in reversed(approved):
        try:
            plan = proposal.plan
            assert plan is not None, "nobody has decided it finally"
            confirm = plan.hash if plan.limits else None
            applied.append(
                apply_plan(database, shop, program, plan, means, confirm=confirm, document=document)
            )
        except ShopPaused:
            raise
        except PlanRefused as error:
            _give_up(database, shop, proposal.row.hash, str(error))
            raise
    return applied


def refuse(database: Database, shop: int, name: str, hand: Hand, reason: str) -> str:
    """Don't apply a waiting plan; gives its hash. Whoever is in it stays as they are for the day. Raises UnknownPlan."""
    with database.writing() as connection:
        proposal = _named(connection, shop, name)
        decided = {"state": "refused", "decided_by": hand.by, "decided_at": hand.at}
        _update(connection, shop, proposal.row.hash, **decided, text=None, reason=reason)
        says = {"plan": proposal.row.hash, "reason": reason, "limits": proposal.limits}
        hand.remember(connection, shop, "refusal", key=f"plan:{proposal.row.hash}", says=says)
    return str(proposal.row.hash)


def expire(connection: Connection, shop: int, today: int) -> int:
    """End the plans whose local day is over: how many there were. Who was in any of a day before is looked at again."""
    over = [each for each in proposals(connection, shop, "waiting") if each.row.as_of < today]
    for each in over:
        _end(connection, shop, each.row.hash, "its day is over")
    todays = [each.row.hash for each in proposals(connection, shop) if each.row.as_of >= today]
    dirty.take_back_but(connection, shop, todays)
    return len(over)


def forget(connection: Connection, shop: int, customer_id: str) -> None:
    """End the plans that aren't applied yet in which a customer is, who is erased: nothing of them may be kept."""
    named = json.dumps(customer_id, ensure_ascii=False)
    for each in proposals(connection, shop):
        if each.row.text is None or named not in each.row.text:
            continue
        told = json.loads(each.row.text)
        changed = {change.get("customer_id") for change in told.get("changes", ())}
        if customer_id in {*changed, *(told.get("evaluated") or ())}:
            _end(connection, shop, each.row.hash, "a customer in it was redacted")
            dirty.take_back(connection, shop, each.row.hash)


def erase(connection: Connection, shop: int, who: Mentions) -> None:
    """Forget why plans were refused where that names somebody."""
    for each in proposals(connection, shop):
        if who.said(each.row.reason or ""):
            _update(connection, shop, each.row.hash, reason="the reason named a customer who was redacted")


def _named(connection: Connection, shop: int, name: str) -> Proposal:
    found = waiting(connection, shop, name)
    if found is None:
        raise _unknown(name, "waiting plan", proposals(connection, shop, "waiting"))
    return found


def _unknown(name: str, what: str, known: Sequence[Proposal]) -> UnknownPlan:
    hashes = ", ".join(each.row.hash[:SHORT] for each in known)
    hint = f"expected one of {hashes}" if known else "there is none"
    return UnknownPlan(f"no {what} is named {name!r} (at least {SHORT} signs of its hash): {hint}")


def _covers(plan: Plan, other: Proposal) -> bool:
    """Whether a plan decides about everybody whom one that waits is about."""
    if plan.evaluated is None:
        return True
    try:
        before = other.plan
    except PlanRefused:
        # It was made by another version, and can't be applied any more.
        return True
    return before is not None and before.evaluated is not None and {*before.evaluated} <= {*plan.evaluated}


def _give_up(database: Database, shop: int, hash_: str, reason: str) -> None:
    """Note why an approved plan can't be applied, unless somebody did it meanwhile; who is in it is looked at again."""
    with database.writing() as connection:
        open_ = (plans.c.shop == shop) & (plans.c.hash == hash_) & plans.c.text.is_not(None)
        given_up = {"state": "refused", "text": None, "reason": reason}
        connection.execute(update(plans).where(open_).values(**given_up))
        dirty.take_back(connection, shop, hash_)


def _end(connection: Connection, shop: int, hash_: str, reason: str) -> None:
    """Nobody decides in a plan any more."""
    _update(connection, shop, hash_, state="expired", text=None, reason=reason)


def _update(connection: Connection, shop: int, hash_: str, **values: Any) -> None:
    connection.execute(update(plans).where(plans.c.shop == shop, plans.c.hash == hash_).values(**values))


def _instant(at: int) -> str:
    return datetime.fromtimestamp(at // 1_000_000, UTC).isoformat()
