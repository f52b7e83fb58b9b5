"""Checks that a schema can't make: what the parts of a program say to each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vip_rules.program.implication import bare, follows
from vip_rules.program.inspection import Inspection
from vip_rules.program.ladder import Rung
from vip_rules.program.status import SoftLanding
from vip_rules.program.wording import quoted


def check_tier_ids(inspection: Inspection, ladder: Sequence[Rung]) -> dict[str, str]:
    """Two tiers can't share an id, present or former. Gives for each id the present one of its tier."""
    check_ids(inspection, ((f"{rung.pointer}/id", rung.id) for rung in ladder), "tier")
    present = {rung.id.casefold(): rung for rung in reversed(ladder) if rung.id}
    former: dict[str, str] = {}
    for rung in ladder:
        for n, text in enumerate(rung.was):
            place = f"{rung.pointer}/was/{n}"
            if text.casefold() in present:
                where = present[text.casefold()].pointer
                inspection.problem(
                    place, f"{quoted(text)} is the id of the tier {where}; a former id can't be in use"
                )
            elif text.casefold() in former:
                inspection.problem(
                    place, f"{quoted(text)} is listed as a former id more than once; keep it in one tier"
                )
            former.setdefault(text.casefold(), text)
    known = {text: rung.id for rung in ladder for text in rung.was if rung.id}
    return known | {rung.id: rung.id for rung in ladder if rung.id}


def check_ids(inspection: Inspection, ids: Iterable[tuple[str, str]], what: str) -> None:
    """Two things of a kind can't share an id, nor have ids that differ by capitals only. `ids` are places with ids."""
    seen: dict[str, tuple[str, str]] = {}
    for place, text in ids:
        if text and text.casefold() in seen:
            where, other = seen[text.casefold()]
            how = "is also" if text == other else f"differs by capitals only from {quoted(other)},"
            inspection.problem(
                place,
                f"{quoted(text)} {how} the id of the {what} {where.removesuffix('/id')}; choose another",
            )
        seen.setdefault(text.casefold(), (place, text))


def check_ladder(inspection: Inspection, ladder: Sequence[Rung]) -> None:
    """A tier that nobody can be in, because whoever qualifies for it also qualifies for a higher one."""
    singles = [(rung, bare(rung.qualify)) for rung in ladder]
    for n, (rung, lower) in enumerate(singles):
        for higher_rung, higher in singles[n + 1 :]:
            if lower and higher and follows(higher, lower):
                inspection.problem(
                    f"{rung.pointer}/qualify",
                    f"nobody can be in this tier: whoever qualifies for it qualifies for the higher one, "
                    f"{higher_rung.pointer}, too; list tiers from lowest to highest, each harder to reach",
                )
                break


def check_benefits(inspection: Inspection, rung: Rung) -> None:
    """Two benefits of one tier that contradict each other."""
    first: dict[tuple[str, str], str] = {}
    for benefit in rung.benefits:
        identity = benefit.identity
        if identity in first:
            kind = "" if identity[1] == "the same type" else f" {identity[1]}"
            one = f"a tier has one {quoted(benefit.type.name)}{kind}"
            inspection.problem(benefit.pointer, f"contradicts {first[identity]}; {one}, keep one of them")
        elif identity is not None:
            first[identity] = benefit.pointer


def check_landing(inspection: Inspection, landing: SoftLanding, ladder: Sequence[Rung]) -> None:
    """A soft landing can't keep what no tier has."""
    # A benefit that couldn't be read might be the one that is kept.
    if not all(inspection.sound(f"{rung.pointer}/benefits") for rung in ladder):
        return
    carried = {benefit.type.name for rung in ladder for benefit in rung.benefits}
    for n, name in enumerate(landing.keep):
        if name not in carried:
            inspection.problem(
                f"/status/soft_landing/keep/{n}", f"no tier has the benefit {quoted(name)}; take it out"
            )
