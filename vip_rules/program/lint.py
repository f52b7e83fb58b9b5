"""Advice on a valid program: what works, and yet is probably not what its author means."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from vip_rules.conditions import All, AnyOf, Comparison, Condition, Named, Not, comparisons
from vip_rules.errors import Problem
from vip_rules.metrics.definition import Unit
from vip_rules.program.duration import Duration
from vip_rules.program.implication import condition_follows, interval
from vip_rules.program.places import escaped
from vip_rules.program.program import Program
from vip_rules.program.wording import listed, quoted
from vip_rules.tiers import Tier

MOST_TIERS: Final = 6
"""That people can keep apart."""

FEWEST_BENEFITS: Final = 2
"""That a tier should add to the one below."""

CALENDAR: Final = ("calendar year", "previous calendar year", "calendar quarter")

WITHOUT_SUMMER: Final = ("EST", "MST")
"""Time zones that people take for those of a coast with summer time."""

Advice = tuple[str, str]
"""A place with what to say about it."""


def lint(program: Program) -> list[Problem]:
    """Advice on a program, in the order of its sections."""
    sections = (_zone, _conditions, _ladder, _tiers, _status, _segments, _messages, _economics, _guardrails)
    return [
        Problem(program.file, place, text, lint=True)
        for section in sections
        for place, text in section(program)
    ]


def _zone(program: Program) -> Iterator[Advice]:
    if program.timezone.key in WITHOUT_SUMMER:
        what = f"{quoted(program.timezone.key)} has no summer time"
        yield "/timezone", f'{what}; if your clocks change, name the place, such as "America/New_York"'


def _conditions(program: Program) -> Iterator[Advice]:
    roots = [condition for _, condition in program.rules()] + [segment.when for segment in program.segments]
    used = {name for root in roots for name in _names(root)}
    for name, condition in program.conditions.items():
        place = f"/conditions/{escaped(name)}"
        if name not in used:
            yield place, f"no tier and no segment uses the condition {quoted(name)}"
        yield from _trivial(place, condition)


def _ladder(program: Program) -> Iterator[Advice]:
    if len(program.tiers) > MOST_TIERS:
        yield "/tiers", f"{len(program.tiers)} tiers are hard to keep apart; up to {MOST_TIERS} are usual"
    names: dict[str, int] = {}
    for n, tier in enumerate(program.tiers):
        if tier.name.casefold() in names:
            yield f"/tiers/{n}/name", f"another tier, /tiers/{names[tier.name.casefold()]}, has this name too"
        names.setdefault(tier.name.casefold(), n)
        for m in range(n + 1, len(program.tiers)):
            if condition_follows(program.tiers[m].qualify, tier.qualify):
                how = f"whoever qualifies for it qualifies for the higher one, /tiers/{m}, too"
                yield f"/tiers/{n}/qualify", f"nobody can be in this tier: {how}"
                break


def _tiers(program: Program) -> Iterator[Advice]:
    for n, tier in enumerate(program.tiers):
        yield from _trivial(f"/tiers/{n}/qualify", tier.qualify)
        if tier.keep is not None:
            yield from _trivial(f"/tiers/{n}/keep", tier.keep)
            yield from _keep(f"/tiers/{n}/keep", tier, tier.keep, program)
    if program.tiers:
        yield from _benefits(0, program.tiers[0], None)
    for n, (below, tier) in enumerate(pairwise(program.tiers), start=1):
        yield from _benefits(n, tier, below)
    for benefit in (benefit for tier in program.tiers for benefit in tier.benefits):
        for name, schema in benefit.type.properties.items():
            if schema.get("format") == "percent":
                yield from _fraction(f"{benefit.pointer}/{name}", benefit.arguments.get(name))


def _keep(place: str, tier: Tier, keep: Condition, program: Program) -> Iterator[Advice]:
    easier, harder = condition_follows(keep, tier.qualify), condition_follows(tier.qualify, keep)
    if program.status.term.kind == "lifetime":
        yield place, "has no effect: with the term lifetime a tier is kept for ever"
    elif easier and harder:
        yield place, "says the same as qualify; leave it out"
    elif harder:
        yield place, "is harder than qualify, and so without effect: whoever qualifies keeps the tier"


def _benefits(n: int, tier: Tier, below: Tier | None) -> Iterator[Advice]:
    had = [(benefit.type.name, benefit.arguments) for benefit in below.benefits] if below else []
    new = sum((benefit.type.name, benefit.arguments) not in had for benefit in tier.benefits)
    if new < FEWEST_BENEFITS:
        what = "no benefit" if not new else "one benefit"
        how = f"has {what}" if below is None else f"adds {what} to those of the tier below"
        yield f"/tiers/{n}", f"the tier {quoted(tier.id)} {how}; two or three make it worth reaching"


def _status(program: Program) -> Iterator[Advice]:
    status = program.status
    if status.term.kind == "calendar year":
        for place, rule in program.rules():
            for comparison in _own(place, rule):
                window = comparison.figure.window
                if window is not None and window.name not in CALENDAR:
                    what = f"the term is a calendar year, and the window {quoted(window.name)} isn't one of the calendar"
                    yield f"{comparison.pointer}", f"{what}; {listed(CALENDAR)} go with it"
    shortest = status.warn_before[-1] if status.warn_before else None
    grace = status.grace if isinstance(status.grace, Duration) else None
    if shortest and shortest.days > (grace.days if grace else 0) and not (status.grace and grace is None):
        lasts = f"the grace of {grace}" if grace else "no grace"
        yield (
            "/status",
            f"a demotion waits for the warning {shortest} before it, so that {lasts} comes to {shortest}",
        )


def _segments(program: Program) -> Iterator[Advice]:
    for n, segment in enumerate(program.segments):
        yield from _trivial(f"/segments/{n}/when", segment.when)


def _messages(program: Program) -> Iterator[Advice]:
    spend = any(comparison.figure.metric.name == "spend" for comparison in program.comparisons())
    for n, message in enumerate(program.messages):
        if message.on == "near_next_tier" and not spend:
            yield (
                f"/messages/{n}",
                "is never sent: no tier is reached by spend, and so nobody is near one by an amount",
            )
        if message.on == "demotion_warning" and not program.status.warn_before:
            yield f"/messages/{n}", "is never sent: the status has no warn_before"


def _economics(program: Program) -> Iterator[Advice]:
    if program.economics:
        yield from _fraction("/economics/gross_margin", program.economics.gross_margin)
    carried = {
        name
        for tier in program.tiers
        for benefit in tier.benefits
        for name in (benefit.type.name, benefit.variant)
    }
    for name in program.economics.costs if program.economics else ():
        if name not in carried:
            yield f"/economics/costs/{escaped(name)}", f"no tier has the benefit {quoted(name)}"


def _guardrails(program: Program) -> Iterator[Advice]:
    yield from _fraction("/guardrails/vip_share/1", program.guardrails.vip_share[1])
    yield from _fraction("/guardrails/max_demotions/percent", program.guardrails.demotion_percent)


def _trivial(place: str, condition: Condition) -> Iterator[Advice]:
    for comparison in _own(place, condition):
        metric = comparison.figure.metric
        if metric.unit.is_text or comparison.tests[0].comparator == "is_known":
            continue
        if metric.unit is Unit.PERCENT:
            for test in comparison.tests:
                yield from _fraction(f"{comparison.pointer}/{test.comparator}", test.target)
        low, high = interval(comparison)
        if (high is not None and high < metric.least) or (
            low is not None and metric.most is not None and low > metric.most
        ):
            yield comparison.pointer, f"never holds: no {metric.name} is like that"
        elif (low is None or low <= metric.least) and (
            high is None or (metric.most is not None and high >= metric.most)
        ):
            unless = "" if metric.adds_up else f", unless {metric.name} is unknown"
            yield comparison.pointer, f"always holds{unless}"


def _fraction(place: str, hundredths: Any) -> Iterator[Advice]:
    """A percentage that its author probably wrote as a part of 1: 0.8 for 80 %."""
    if isinstance(hundredths, int) and 0 < hundredths < 100:
        shown = f"0.{hundredths:02d}".rstrip("0")
        what = f"{shown} is less than 1 %; percentages are written from 0 to 100"
        yield place, f"{what}. Did you mean {hundredths}?"


def _own(place: str, condition: Condition) -> Iterator[Comparison]:
    """The comparisons that are written at a place; those of named conditions are written elsewhere."""
    found = comparisons(condition)
    return (comparison for comparison in found if f"{comparison.pointer}/".startswith(f"{place}/"))


def _names(condition: Condition) -> Iterator[str]:
    match condition:
        case Named(name, inner):
            yield name
            yield from _names(inner)
        case All(conditions) | AnyOf(conditions):
            for inner in conditions:
                yield from _names(inner)
        case Not(inner):
            yield from _names(inner)
