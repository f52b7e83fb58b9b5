"""The dates of a standing: through which day a tier is secured, and through which day grace lasts."""

from __future__ import annotations

from datetime import date

from vip_rules.localdays import day_date, day_number
from vip_rules.program.duration import Duration
from vip_rules.program.status import CycleGrace, Term
from vip_rules.standing import FOREVER


def secured_through(term: Term, day: int, secured_until: int | None = None) -> int | None:
    """Through which day a tier is secured that is qualified for or kept on a day, and was secured until another before.

    What is secured already never becomes shorter.
    """
    match term.kind:
        case "lifetime":
            return FOREVER
        case "calendar year":
            end = day_number(date(day_date(day).year + 1, 12, 31))
            return end if secured_until is None else max(end, secured_until)
        case "months" if secured_until is None or day > secured_until:
            return Duration(term.months, "month").after(day)
        case _:
            return secured_until


def next_year(day: int) -> int:
    """The 1st of January after a day."""
    return day_number(date(day_date(day).year + 1, 1, 1))


def grace_through(grace: Duration | CycleGrace, day: int, cycle: int | None) -> int:
    """Through which day grace lasts that begins on a day; `cycle` are the customer's days between orders then."""
    if isinstance(grace, Duration):
        return grace.after(day)
    own = 0 if cycle is None else grace.cycles * cycle
    return min(max(day + own, grace.at_least.after(day)), FOREVER)
