"""The plan: what would change and why, as data. It can be printed, kept in a file, looked at, and applied exactly as it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

from vip_rules.adapter import KINDS
from vip_rules.canonical import canonical, digest
from vip_rules.errors import VipRulesError
from vip_rules.lifecycle import OnChange
from vip_rules.localdays import day_date, day_number
from vip_rules.outfiles import written_whole

Sign = Literal["+", "~", "-"]

RISING: Final = (
    "enrolment",
    "promotion",
    "next term",
    "grace",
    "notice",
    "landing",
    "demotion",
    "revocation",
)
"""How the groups of standings begin, in the order in which they are told; others follow."""

SHORT: Final = 8
"""How much of a plan's hash names it."""


class PlanRefused(VipRulesError):
    """A plan that can't be made or applied as things are: the message says why, and what to do."""


class ShopPaused(PlanRefused):
    """A plan that can be applied once the pause of its shop has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, of a standing or of an effect, with its reason.

    `what` groups changes of a kind: "promotion to Gold VIP". `seen` is a digest of what the customer's standing and effects
    were when the change was planned: a customer who has moved since is stale. `evidence` is canonical JSON, kept as text
    because there can be a hundred thousand of them.
    """

    sign: Sign
    kind: str
    key: str
    what: str
    reason: str
    seen: str
    content: Mapping[str, Any]
    customer_id: str | None = None
    evidence: str = ""

    def record(self) -> dict[str, Any]:
        """The change as plain JSON data."""
        return {
            "change": self.sign,
            "kind": self.kind,
            "key": self.key,
            "what": self.what,
            "customer_id": self.customer_id,
            "reason": self.reason,
            "seen": self.seen,
            **self.content,
            **({"evidence": json.loads(self.evidence)} if self.evidence else {}),
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Change:
        """The change of a record."""
        known = {name: record[name] for name in ("kind", "key", "what", "customer_id", "reason", "seen")}
        content = {name: record[name] for name in record if name not in (*known, "change", "evidence")}
        evidence = canonical(record["evidence"]) if "evidence" in record else ""
        return cls(sign=record["change"], content=content, evidence=evidence, **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit of the program's guardrails that a plan goes beyond, in a sentence with its figures."""

    name: Literal["max_demotions", "max_credit"]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A kind of effect that isn't carried out whole: how many changes it concerns, and what happens instead."""

    kind: str
    changes: int
    says: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would change by a local day. `explicit`: the day was asked for, so that the plan doesn't expire with it.

    `evaluated` names the customers who were evaluated; None: everybody. `mirror` is the shop's counter of changes that the plan
    has seen, `ledger` the last entry before it; `waiting` are intents of earlier plans that are still to be carried out.
    """

    shop: str
    program: str
    version: str
    as_of: int
    explicit: bool
    changes: tuple[Change, ...]
    customers: int
    mirror: int
    ledger: int
    enrolment: bool = False
    on_change: OnChange | None = None
    evaluated: tuple[str, ...] | None = None
    cut_points: str | None = None
    limits: tuple[Limit, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    waiting: int = 0

    @cached_property
    def hash(self) -> str:
        """What names this plan: a digest of all that it says, every change with what it rests on included."""
        return digest(canonical(self._head()), *(canonical(change.record()) for change in self.changes))

    @property
    def transitions(self) -> Counter[str]:
        """How many changes there are of each `what` and sign, as "~ promotion to Gold VIP"."""
        return Counter(f"{change.sign} {change.what}" for change in self.changes)

    def groups(self) -> Iterator[tuple[str, list[Change]]]:
        """The changes that are alike, group by group: standings before effects, what rises before what falls."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(f"{change.sign} {change.what}", []).append(change)

        def place(group: tuple[str, list[Change]]) -> tuple[int, int, str]:
            what, changes = group
            beginning = next(
                (n for n, each in enumerate(RISING) if changes[0].what.startswith(each)), len(RISING)
            )
            kinds = ("standing", *KINDS)
            kind = kinds.index(changes[0].kind) if changes[0].kind in kinds else len(kinds)
            return kind, beginning, what[2:] + what[0]

        yield from sorted(found.items(), key=place)

    def summary(self) -> dict[str, Any]:
        """How much is added, changed and removed, and of what."""
        signs = Counter(change.sign for change in self.changes)
        return {
            "customers": self.customers,
            "add": signs["+"],
            "change": signs["~"],
            "remove": signs["-"],
            "waiting": self.waiting,
            "by_group": dict(self.transitions),
        }

    def record(self) -> dict[str, Any]:
        """The plan as plain JSON data."""
        return {"hash": self.hash, **self._head(), "changes": [change.record() for change in self.changes]}

    def _head(self) -> dict[str, Any]:
        return {
            "shop": self.shop,
            "program": {"id": self.program, "version": self.version},
            "as_of": str(day_date(self.as_of)),
            "explicit": self.explicit,
            "summary": self.summary(),
            "limits": [{"name": limit.name, "says": limit.says} for limit in self.limits],
            "gaps": [{"kind": gap.kind, "changes": gap.changes, "says": gap.says} for gap in self.gaps],
            "notes": list(self.notes),
            "enrolment": self.enrolment,
            "on_change": self.on_change,
            "mirror": self.mirror,
            "ledger": self.ledger,
            "evaluated": None if self.evaluated is None else list(self.evaluated),
            "cut_points": self.cut_points,
        }


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan to a file, whole. Raises UsageError for a file that can't be written."""
    with written_whole(path) as part, part.open("w", encoding="utf-8") as file:
        record = plan.record()
        changes = record.pop("changes")
        # A line a change, so that a plan of a hundred thousand can be looked at and compared.
        file.write(json.dumps(record, ensure_ascii=False, indent=1)[:-2] + ',\n "changes": [')
        for n, change in enumerate(changes):
            file.write(f"{',' if n else ''}\n  {json.dumps(change, ensure_ascii=False)}")
        file.write("\n ]\n}\n")


def read_plan(path: Path) -> Plan:
    """The plan in a file. Raises PlanRefused for a file that isn't a plan, or was changed since it was written."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise PlanRefused(
            f"{path}: there is no such file; make one with vip-rules plan --out {path}"
        ) from None
    except ValueError:
        text = ""
    return plan_of(text, str(path))


def plan_of(text: str, place: str) -> Plan:
    """The plan in a JSON text from some place. Raises PlanRefused for one that isn't a plan, or was changed since."""
    try:
        record = json.loads(text)
        plan = _plan(record)
        given = record["hash"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise PlanRefused(
            f"{place}: is no plan of this version; make one with vip-rules plan --out"
        ) from None
    if plan.hash != given:
        raise PlanRefused(
            f"{place}: was changed since it was made (its hash doesn't fit): a plan is applied as it is or not at all; "
            "make a new one with vip-rules plan"
        )
    return plan


def _plan(record: Mapping[str, Any]) -> Plan:
    evaluated = record["evaluated"]
    return Plan(
        shop=record["shop"],
        program=record["program"]["id"],
        version=record["program"]["version"],
        as_of=day_number(date.fromisoformat(record["as_of"])),
        explicit=record["explicit"],
        changes=tuple(map(Change.of, record["changes"])),
        customers=record["summary"]["customers"],
        mirror=record["mirror"],
        ledger=record["ledger"],
        enrolment=record["enrolment"],
        on_change=record["on_change"],
        evaluated=None if evaluated is None else tuple(evaluated),
        cut_points=record["cut_points"],
        limits=tuple(Limit(**limit) for limit in record["limits"]),
        gaps=tuple(Gap(**gap) for gap in record["gaps"]),
        notes=tuple(record["notes"]),
        waiting=record["summary"]["waiting"],
    )


def by_customer(changes: Iterable[Change]) -> dict[str, tuple[Change, ...]]:
    """The changes of each customer, in the order of the plan."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        if change.customer_id is not None:
            found.setdefault(change.customer_id, []).append(change)
    return {customer: tuple(each) for customer, each in found.items()}
