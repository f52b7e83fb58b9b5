"""A plan as commands print it: grouped and counted, with examples, readable at ten changes and at a hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator

from vip_rules.apply import Applied
from vip_rules.localdays import day_date
from vip_rules.plan import SHORT, Change, Plan
from vip_rules.wording import day_in_words

FEW = 20
"""Up to so many changes all are shown."""

EXAMPLES = 3
"""Of a large group, so many."""

MOST_TOLD = 20
"""Sentences about single effects that are shown."""


def plan_lines(plan: Plan, examples: int = EXAMPLES, *, waits: bool = False) -> Iterator[str]:
    """A plan for a person to read, with so many examples of each large group. One that `waits` says elsewhere what for."""
    yield (
        f"Plan {plan.hash[:SHORT]} for {day_in_words(day_date(plan.as_of))}: {plan.program} ({plan.version}), "
        f"{_count(plan.customers, 'customer')} evaluated"
    )
    yield from (f"  {note}" for note in plan.notes)
    everything = len(plan.changes) <= FEW
    for title, standings in (("Standings", True), ("In the store", False)):
        groups = [(what, each) for what, each in plan.groups() if (each[0].kind == "standing") is standings]
        if groups:
            yield ""
            yield title
        for what, changes in groups:
            yield from _group(what, changes, len(changes) if everything else examples)
    yield ""
    summary = plan.summary()
    if plan.changes:
        yield f"{summary['add']:,} to add, {summary['change']:,} to change, {summary['remove']:,} to remove."
    else:
        yield "Nothing to do: everything is as it should be."
    if plan.waiting:
        yield f"{_count(plan.waiting, 'effect')} of earlier plans still to be carried out: apply goes on with them."
    yield from (f"{gap.kind}, {_count(gap.changes, 'change')}: {gap.says}" for gap in plan.gaps)
    for limit in plan.limits if not waits else ():
        yield f"! {limit.says}: apply asks for --confirm {plan.hash[:SHORT]}"


def applied_lines(applied: Applied) -> Iterator[str]:
    """What came of an apply, for a person to read."""
    delivered = applied.delivered
    if applied.again:
        left = "this went on with what was left of it" if delivered.counts else "nothing of it was left to do"
        yield f"Plan {applied.hash[:SHORT]} was applied before; {left}."
    else:
        done = f"{_count(applied.standings, 'standing')}, {_count(applied.intents, 'effect')}"
        yield f"Applied plan {applied.hash[:SHORT]}: {done}."
    if delivered.counts:
        yield (
            "Effects: "
            + ", ".join(f"{count:,} {state}" for state, count in sorted(delivered.counts.items()))
            + "."
        )
    told = delivered.told
    yield from (f"  {sentence}" for sentence in told[:MOST_TOLD])
    if len(told) > MOST_TOLD:
        yield f"  … and {len(told) - MOST_TOLD:,} more: vip-rules outbox list shows them all"
    if applied.stale:
        yield f"{_count(len(applied.stale), 'customer')} skipped as stale, plan again to decide about them:"
        shown = list(applied.stale.items())[:EXAMPLES]
        yield from (f"  {customer}: {reason}" for customer, reason in shown)
        if len(applied.stale) > EXAMPLES:
            yield f"  … and {len(applied.stale) - EXAMPLES:,} more"
    for resting in delivered.resting:
        what = _count(resting.intents, resting.kind.replace("_", " "))
        yield f"{what} wait{'s' if resting.intents == 1 else ''} for {resting.until} (quiet hours)."
    if delivered.stopped:
        yield f"Stopped: {delivered.stopped}."
    if delivered.left:
        yield f"{_count(delivered.left, 'effect')} left to carry out: call vip-rules apply again."


def _group(what: str, changes: list[Change], examples: int) -> Iterator[str]:
    sign, name = what.split(" ", 1)
    yield f"  {sign} {len(changes):,} {name}" if len(changes) > 1 else f"  {sign} {name}"
    shown = changes[:examples]
    for change in shown:
        yield f"      {f'{change.customer_id}: ' if change.customer_id else ''}{change.reason}"
    if len(changes) > len(shown):
        yield f"      … and {len(changes) - len(shown):,} more"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
